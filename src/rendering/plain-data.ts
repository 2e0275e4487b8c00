// Addresses are `URL` objects everywhere in Preface; what goes from thread to thread is cloned, and a clone of a `URL` is empty.
// They are written down as maps, which nothing else here is.

/** The same data with every `URL` in it written down. */
export function plain(value: unknown): unknown {
  return value instanceof URL ? new Map([['url', value.href]]) : mapped(value, plain);
}

/** What `plain` was given. */
export function revived(value: unknown): unknown {
  return value instanceof Map ? new URL(value.get('url')) : mapped(value, revived);
}

function mapped(value: unknown, map: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}
