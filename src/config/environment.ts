import { readFileSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { coerce } from './coerce.ts';
import { allFields, type Field } from './fields.ts';
import type { Assignment } from './layers.ts';
import { nearest } from './suggest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that other programs share. `PREFACE_…` goes before them. */
const sharedNames: Readonly<Record<string, string>> = {
  PORT: 'PREFACE_LISTEN__PORT',
  HOST: 'PREFACE_LISTEN__HOST',
  LOG_LEVEL: 'PREFACE_LOG__LEVEL',
  REDIS_URL: 'PREFACE_CACHE__REDIS_URL',
  PUPPETEER_EXECUTABLE_PATH: 'PREFACE_RENDER__BROWSER_PATH',
};

/** Other spellings. */
const aliases: Readonly<Record<string, string>> = { PREFACE_ADMIN_TOKEN: 'PREFACE_ADMIN__TOKEN' };

export interface EnvironmentReading {
  /** In the order of their strength: a later one wins. */
  readonly assignments: readonly Assignment[];
  readonly problems: readonly string[];
}

/** The settings that the environment gives. An empty variable counts as not set. */
export function readEnvironment(environment: Environment): EnvironmentReading {
  const assignments: Assignment[] = [];
  const problems: string[] = [];
  for (const [name, field, text] of namedSettings(environment, problems)) {
    try {
      assignments.push({ path: field.path, value: coerce(text, field), source: { from: 'environment', name } });
    } catch (cause) {
      problems.push(`${name}: ${field.path.join('.')} ${messageOf(cause)}`);
    }
  }
  return { assignments, problems };
}

type NamedSetting = readonly [name: string, field: Field, text: string];

function namedSettings(environment: Environment, problems: string[]): readonly NamedSetting[] {
  const known = knownVariables();
  const shared: NamedSetting[] = [];
  const own: NamedSetting[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || text === '') continue;
    const shares = known.get(canonical(sharedNames[name] ?? ''));
    if (shares !== undefined) shared.push([name, shares, text]);
    if (!name.startsWith('PREFACE_') || isServiceLink(name, text, environment)) continue;
    const found = resolveName(name, text, known, problems);
    if (found !== undefined) own.push([name, ...found]);
  }
  // A group given as a whole goes before its single settings.
  own.sort(([, a], [, b]) => a.path.length - b.path.length);
  return [...shared, ...own];
}

function resolveName(
  name: string,
  text: string,
  known: ReadonlyMap<string, Field>,
  problems: string[],
): readonly [Field, string] | undefined {
  const spelled = aliases[name] ?? name;
  const field = known.get(canonical(spelled));
  if (field !== undefined) return [field, text];

  const secret = spelled.endsWith('_FILE') ? known.get(canonical(spelled.slice(0, -5))) : undefined;
  if (secret?.isSecret !== true) {
    problems.push(`${name}: unknown variable${suggestion(name, known)}`);
    return undefined;
  }
  try {
    return [secret, readFileSync(text, 'utf8').trim()];
  } catch (cause) {
    problems.push(`${name}: cannot be read: ${messageOf(cause)}`);
    return undefined;
  }
}

function suggestion(name: string, known: ReadonlyMap<string, Field>): string {
  const names = [...known.values()].map(({ path }) => variableFor(path));
  const meant = nearest(name, names);
  if (meant === undefined) return '; `preface config` lists the settings';
  const onlyLevels = meant.replaceAll('_', '') === name.replaceAll('_', '');
  return `; did you mean ${meant}?${onlyLevels ? ' (two underscores between levels)' : ''}`;
}

/** `cache.redisUrl` is `PREFACE_CACHE__REDIS_URL`. */
export function variableFor(path: readonly string[]): string {
  return `PREFACE_${path.map((name) => name.replace(/[A-Z]/g, '_$&').toUpperCase()).join('__')}`;
}

function knownVariables(): ReadonlyMap<string, Field> {
  return new Map(allFields().map((field) => [canonical(variableFor(field.path)), field]));
}

/** Underscores between words are for reading: `REDISURL` is `REDIS_URL`. Those between levels count. */
function canonical(name: string): string {
  const levels = name.replace(/^PREFACE_/, '').split('__');
  return levels.map((level) => level.replaceAll('_', '')).join('__');
}

/** Kubernetes gives every pod variables about a Service named `preface`; they are not meant for us. */
function isServiceLink(name: string, text: string, environment: Environment): boolean {
  if (/^(tcp|udp|sctp):\/\//.test(text) && /^PREFACE_PORT/.test(name)) return true;
  if (environment.KUBERNETES_SERVICE_HOST === undefined) return false;
  return /^PREFACE_(SERVICE_(HOST|PORT)(_[A-Z\d_]+)?|PORT_\d+_[A-Z\d_]+)$/.test(name) && !name.includes('__');
}
