/** Where a value was set. */
export type Source =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'flag'; readonly name: string }
  /** Follows from another setting, or from the command. */
  | { readonly from: 'derived'; readonly reason: string };

export type Path = readonly PropertyKey[];

/** One value for one path, with the place it comes from. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: Source;
}

export type Raw = Record<string, unknown>;

/** A copy of `base` in which each assignment has been made in turn; a later one wins. A path through a value that is no group is left alone. */
export function withAssignments(base: Raw, assignments: readonly Assignment[]): Raw {
  const result = structuredClone(base);
  for (const { path, value } of assignments) assign(result, path, structuredClone(value));
  return result;
}

function assign(target: Raw, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  target[name] ??= {};
  const next = target[name];
  if (isGroup(next)) assign(next, rest, value);
}

export function isGroup(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[name];
  }
  return value;
}

/** The assignment that a value at this path comes from: the last one made to the path itself or to something around it. */
export function assignmentFor(path: Path, assignments: readonly Assignment[]): Assignment | undefined {
  return assignments.findLast(
    (made) => made.path.length <= path.length && made.path.every((name, index) => name === path[index]),
  );
}

/** `listen.port`, `sites[0].origin`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, name) => {
    if (typeof name === 'number') return `${text}[${name}]`;
    return text === '' ? String(name) : `${text}.${String(name)}`;
  }, '');
}

/** How a problem's line begins: where to go and mend it. */
export function placeText(source: Source): string {
  switch (source.from) {
    case 'file':
      return `${source.file}:${source.line}:${source.column}`;
    case 'environment':
    case 'flag':
      return source.name;
    case 'derived':
      return source.reason;
    case 'default':
      return 'default';
  }
}
