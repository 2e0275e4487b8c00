// Addresses are `URL` objects everywhere in Preface; what goes from thread to thread is cloned, and a clone of a `URL` is empty.

const mark = '$url';

/** The same data with every `URL` in it written down. */
export function plain(value: unknown): unknown {
  return value instanceof URL ? { [mark]: value.href } : mapped(value, plain);
}

/** What `plain` was given. */
export function revived(value: unknown): unknown {
  if (isWritten(value)) return new URL(value[mark]);
  return mapped(value, revived);
}

function isWritten(value: unknown): value is { readonly [mark]: string } {
  return typeof value === 'object' && value !== null && mark in value;
}

function mapped(value: unknown, map: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}
