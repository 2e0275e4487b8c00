import { networkInterfaces } from 'node:os';
import { ConfigError } from '../errors.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { explain, type Problem } from './explain.ts';
import { type ConfigFile, readConfigFile } from './file.ts';
import {
  type Assignment,
  assignmentFor,
  type Path,
  pathText,
  placeText,
  type Raw,
  type Source,
  valueAt,
  withAssignments,
} from './layers.ts';
import { contradictions } from './rules.ts';
import { type Config, type ConfigInput, schema } from './schema.ts';

export interface ConfigSources {
  /** From `--config`; else the first of the usual names in `cwd`, if any is there. */
  readonly file?: string | undefined;
  readonly environment?: Environment;
  /** The strongest. */
  readonly flags?: readonly Assignment[];
  readonly cwd?: string;
}

/** A checked configuration and where each of its values came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** As it was written, all sources together, without the defaults. */
  readonly raw: Raw;
  sourceOf(path: Path): Source;
}

/** Reads and checks everything. Throws a `ConfigError` with every problem at once. */
export function loadConfig({ file, environment = {}, flags = [], cwd = process.cwd() }: ConfigSources): LoadedConfig {
  const read = readConfigFile(file, cwd);
  const fromEnvironment = readEnvironment(environment);
  const given = [...fromEnvironment.assignments, ...flags];
  const written = withAssignments(read?.raw ?? {}, given);
  const assignments = [...given, ...derived(written)];
  const raw = withAssignments(written, assignments.slice(given.length));
  const places: Places = { file: read, assignments };

  const { config, problems } = check(raw);
  const lines = [...(read?.problems ?? []), ...fromEnvironment.problems, ...linesOf(problems, places)];
  if (config === undefined || lines.length > 0) throw new ConfigError(lines);
  return { config: frozen(config), raw, sourceOf: (path) => sourceOf(path, 'value', places) };
}

/** A configuration from plain settings, checked like a file: for tests and for use as a library. */
export function configFrom(input: ConfigInput): Config {
  const { config, problems } = check(withAssignments(input, derived(input)));
  if (config === undefined || problems.length > 0) {
    throw new ConfigError(problems.map(({ path, message }) => `${pathText(path)} ${message}`));
  }
  return frozen(config);
}

/** What follows from other settings where it is not said. */
function derived(raw: Raw): readonly Assignment[] {
  if (valueAt(raw, ['cache', 'store']) !== undefined) return [];
  const isSet = (name: string) => Boolean(valueAt(raw, ['cache', name]));
  const store = (value: string, name: string): readonly Assignment[] => [
    { path: ['cache', 'store'], value, source: { from: 'derived', reason: `cache.${name} is set` } },
  ];
  if (isSet('redisUrl')) return store('redis', 'redisUrl');
  return isSet('directory') ? store('sqlite', 'directory') : [];
}

/** Contradictions are looked for even when single values are wrong, with defaults in their place: one round of mending, not two. */
function check(raw: Raw): { config: Config | undefined; problems: readonly Problem[] } {
  const parsed = schema.safeParse(raw);
  const found = parsed.success ? [] : explain(parsed.error.issues, raw);
  const whole = parsed.success ? parsed : schema.safeParse(without(raw, found));
  if (!whole.success) return { config: undefined, problems: found };
  const further = contradictions(whole.data, ownAddresses()).filter(
    ({ follows }) => !follows.some((path) => isTouched(path, found)),
  );
  return { config: whole.data, problems: [...found, ...further] };
}

function isTouched(path: Path, problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.path.every((name, depth) => depth >= path.length || name === path[depth]));
}

function without(raw: Raw, problems: readonly Problem[]): Raw {
  const rest = structuredClone(raw);
  for (const { path } of problems) {
    const parent = valueAt(rest, path.slice(0, -1));
    if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
  return rest;
}

interface Places {
  readonly file: ConfigFile | undefined;
  readonly assignments: readonly Assignment[];
}

/** One line a problem: those of the file in its order, the others before them. */
function linesOf(problems: readonly Problem[], places: Places): readonly string[] {
  return problems
    .map(({ path, what, message }) => ({ source: placeOf(path, what, places), text: `${pathText(path)} ${message}` }))
    .sort((a, b) => order(a.source) - order(b.source))
    .map(({ source, text }) => (source.from === 'default' ? text : `${placeText(source)}: ${text}`));
}

function order(source: Source): number {
  return source.from === 'file' ? source.line * 1e4 + source.column : 0;
}

/** Where to mend it; what is missing is mended where its surroundings stand. */
function placeOf(path: Path, what: Problem['what'], places: Places): Source {
  const source = sourceOf(path, what, places);
  return source.from === 'default' && path.length > 1 ? placeOf(path.slice(0, -1), 'key', places) : source;
}

function sourceOf(path: Path, what: Problem['what'], { file, assignments }: Places): Source {
  const made = assignmentFor(path, assignments);
  if (made !== undefined) return made.source;
  if (file === undefined || valueAt(file.raw, path) === undefined) return { from: 'default' };
  return file.position(path, what);
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
