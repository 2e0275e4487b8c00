import { configJsonSchema, type JsonSchema } from './json-schema.ts';

export type Kind = 'string' | 'number' | 'boolean' | 'array' | 'object';

/** A setting or a group of settings, as the schema knows it. */
export interface Field {
  readonly path: readonly string[];
  readonly description: string;
  /** As people write it; undefined for groups. */
  readonly byDefault: unknown;
  /** What it may be. */
  readonly kinds: ReadonlySet<Kind>;
  readonly isSecret: boolean;
  /** The settings of a group; empty for a setting. */
  readonly children: readonly Field[];
  /** The settings of each item of a list of groups; empty elsewhere. */
  readonly items: readonly Field[];
}

let known: readonly Field[] | undefined;

/** The top level, in the schema's order. */
export function fields(): readonly Field[] {
  known ??= childrenOf(configJsonSchema(), []);
  return known;
}

/** Every group and every setting, groups before what is in them, in the schema's order. */
export function allFields(from: readonly Field[] = fields()): readonly Field[] {
  return from.flatMap((field) => [field, ...allFields(field.children)]);
}

/** Every setting, without the groups. */
export function settings(): readonly Field[] {
  return allFields().filter(({ children }) => children.length === 0);
}

/** The setting or group at a path (`['sites', 0, 'cache']`), or undefined. */
export function fieldAt(path: readonly PropertyKey[]): Field | undefined {
  let level = fields();
  let found: Field | undefined;
  for (const name of path) {
    if (typeof name === 'number') {
      level = found?.items ?? [];
      continue;
    }
    found = level.find((field) => field.path.at(-1) === name);
    level = found?.children ?? [];
  }
  return found;
}

/** What may stand in the group at a path. */
export function fieldsIn(path: readonly PropertyKey[]): readonly Field[] {
  if (path.length === 0) return fields();
  const field = fieldAt(path);
  return (typeof path.at(-1) === 'number' ? field?.items : field?.children) ?? [];
}

/** Whether a value at this path, or a part of one, must not be shown. */
export function isSecret(path: readonly PropertyKey[]): boolean {
  return path.some((_, index) => fieldAt(path.slice(0, index + 1))?.isSecret === true);
}

function childrenOf(node: JsonSchema, parent: readonly string[]): readonly Field[] {
  return Object.entries(node.properties ?? {}).map(([name, property]) => {
    const path = [...parent, name];
    const children = childrenOf(property, path);
    return {
      path,
      description: property.description ?? '',
      byDefault: children.length > 0 ? undefined : property.default,
      kinds: kindsOf(property),
      isSecret: property.writeOnly === true,
      children,
      items: property.items === undefined ? [] : childrenOf(property.items, path),
    };
  });
}

function kindsOf(node: JsonSchema): ReadonlySet<Kind> {
  const branches = node.anyOf ?? [node];
  return new Set(branches.map(({ type }) => (type === 'integer' ? 'number' : (type as Kind))));
}
