import { type Field, fields } from './fields.ts';
import { flowYaml } from './flow-yaml.ts';
import { placeText, valueAt } from './layers.ts';
import type { LoadedConfig } from './load.ts';
import { masked } from './mask.ts';

/** The whole configuration as YAML, secrets masked, with a comment at each value that says where it came from. */
export function effectiveConfig(loaded: LoadedConfig): string {
  const lines = fields().flatMap((field) => linesOf(field, loaded, ''));
  const width = Math.max(...lines.filter(({ text }) => text.length <= 60).map(({ text }) => text.length));
  return lines.map(({ text, from }) => (from === '' ? text : `${text.padEnd(width)}  # ${from}`)).join('\n');
}

interface Line {
  readonly text: string;
  readonly from: string;
}

function linesOf(field: Field, loaded: LoadedConfig, indent: string): readonly Line[] {
  const name = `${indent}${field.path.at(-1)}:`;
  if (field.children.length > 0) {
    return [{ text: name, from: '' }, ...field.children.flatMap((child) => linesOf(child, loaded, `${indent}  `))];
  }
  const value = withoutSecrets(valueAt(loaded.raw, field.path) ?? field.byDefault, field);
  return [{ text: `${name} ${flowYaml(value)}`, from: placeText(loaded.sourceOf(field.path)) }];
}

/** Lists of groups may hold secrets of their own (`sites[].render.headers`). */
function withoutSecrets(value: unknown, field: Field): unknown {
  if (field.items.length === 0) return masked(value, field.isSecret);
  return (value as readonly object[]).map((item) => groupWithoutSecrets(item, field.items));
}

function groupWithoutSecrets(value: object, known: readonly Field[]): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const field = known.find((one) => one.path.at(-1) === name);
      const isGroup = field !== undefined && field.children.length > 0;
      return [name, isGroup ? groupWithoutSecrets(part, field.children) : masked(part, field?.isSecret === true)];
    }),
  );
}
