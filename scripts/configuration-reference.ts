/**
 * Writes what follows from the configuration's schema: `config/schema.json`, `config/default.yaml` and the README's table.
 * Run it with `npm run generate` after a change of the schema; a test fails when one of them is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Field, fields, settings } from '../src/config/fields.ts';
import { flowYaml } from '../src/config/flow-yaml.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';

const begin = '<!-- configuration:begin -->';
const end = '<!-- configuration:end -->';

export function schemaFile(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** Every setting with its default and its explanation, as a configuration file that changes nothing. */
export function defaultFile(): string {
  const head = [
    '# yaml-language-server: $schema=./schema.json',
    '# Every setting with its default. Copy what you want to change into preface.config.yaml.',
    '# This file is written by `npm run generate`.',
  ];
  return `${[...head, ...fields().flatMap((field) => yamlOf(field, ''))].join('\n')}\n`;
}

function yamlOf(field: Field, indent: string): readonly string[] {
  const name = `${indent}${field.path.at(-1)}:`;
  const comment = [...(indent === '' ? [''] : []), `${indent}# ${field.description}`];
  if (field.children.length === 0) return [...comment, `${name} ${flowYaml(field.byDefault)}`];
  return [...comment, name, ...field.children.flatMap((child) => yamlOf(child, `${indent}  `))];
}

/** Name, default and meaning of every setting. */
export function readmeTable(): string {
  const rows = settings().map(({ path, byDefault, description }) => {
    return `| \`${path.join('.')}\` | \`${flowYaml(byDefault)}\` | ${description.replaceAll('|', '\\|')} |`;
  });
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The README with a current table; unchanged when it has no place for one. */
export function withReadmeTable(readme: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) return readme;
  return `${readme.slice(0, from + begin.length)}\n${readmeTable()}\n${readme.slice(to)}`;
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, '..');
  writeFileSync(join(root, 'config/schema.json'), schemaFile());
  writeFileSync(join(root, 'config/default.yaml'), defaultFile());
  const readme = join(root, 'README.md');
  if (existsSync(readme)) writeFileSync(readme, withReadmeTable(readFileSync(readme, 'utf8')));
}
