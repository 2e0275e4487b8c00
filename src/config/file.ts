import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { isCollection, isMap, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { messageOf } from '../errors.ts';
import { isGroup, type Path, placeText, type Raw, type Source } from './layers.ts';

export const fileNames = ['preface.config.yaml', 'preface.config.yml', 'preface.config.json'] as const;

/** A configuration file that was read; `raw` is empty where it could not be. */
export interface ConfigFile {
  readonly raw: Raw;
  readonly problems: readonly string[];
  /** Where a value stands; where an unknown key stands when `key` is asked for. */
  position(path: Path, what: 'key' | 'value'): Source;
}

/** The file that was asked for, or the one that is there, or undefined. */
export function readConfigFile(asked: string | undefined, cwd: string): ConfigFile | undefined {
  for (const name of asked === undefined ? fileNames : [asked]) {
    const path = resolve(cwd, name);
    try {
      return parseConfigFile(readFileSync(path, 'utf8'), shortest(path, cwd));
    } catch (cause) {
      const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      if (asked === undefined && isMissing) continue;
      const why = isMissing ? 'there is no such file' : `cannot be read: ${messageOf(cause)}`;
      return { raw: {}, problems: [`${shortest(path, cwd)}: ${why}`], position: () => ({ from: 'default' }) };
    }
  }
  return undefined;
}

/** Reads YAML, and JSON, which is YAML too. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  function at(offset: number): Source {
    const { line, col } = lines.linePos(offset);
    return { from: 'file', file, line, column: col };
  }
  function unusable(problems: readonly string[]): ConfigFile {
    return { raw: {}, problems, position: () => at(0) };
  }

  if (document.errors.length > 0) {
    return unusable(document.errors.map(({ pos, message }) => `${placeText(at(pos[0]))}: ${lowerFirst(message)}`));
  }
  const raw: unknown = document.toJS() ?? {};
  if (!isGroup(raw))
    return unusable([`${placeText(at(0))}: must be settings, such as "origin: http://127.0.0.1:3000"`]);
  // Editors find the schema of a JSON file by this key; it is no setting.
  const { $schema: _, ...settings } = raw;
  return { raw: settings, problems: [], position: (path, what) => at(offsetOf(document.contents, path, what)) };
}

/** Goes down as far as the path leads; what is missing stands where its surroundings begin. */
function offsetOf(top: ParsedNode | null, path: Path, what: 'key' | 'value'): number {
  let node: unknown = top;
  let offset = top?.range[0] ?? 0;
  for (const [depth, name] of path.entries()) {
    const isLast = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === name) : undefined;
    if (isLast && what === 'key' && pair !== undefined) return startOf(pair.key) ?? offset;
    node = pair?.value ?? (isCollection(node) ? node.get(name, true) : undefined);
    offset = startOf(node) ?? startOf(pair?.key) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as ParsedNode | undefined)?.range?.[0];
}

function shortest(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  return inside.startsWith('..') ? path : inside;
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
