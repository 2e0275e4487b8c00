import { decoded, normalParameter } from './url-form.ts';

/** Which query parameters are part of a page: asked with a parameter's name in lower case. */
export type QueryRule = (name: string) => boolean;

export interface QueryLists {
  /** Names that never count; `name*` stands for every name with that beginning. Case does not matter. */
  readonly ignore: readonly string[];
  /** When given, only these count, and they count even when ignored elsewhere. */
  readonly keep?: readonly string[] | undefined;
}

export function queryRule({ ignore, keep }: QueryLists): QueryRule {
  if (keep !== undefined) return nameList(keep);
  const ignored = nameList(ignore);
  return (name) => !ignored(name);
}

function nameList(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  const names = new Set(lower.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = lower.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (name) => names.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}

export interface AskedQuery {
  /** The normalised query with its question mark, or an empty string. */
  readonly search: string;
  /** The value of `_escaped_fragment_`, as it came. */
  readonly escapedFragment?: string;
}

/** A page that depends on more parameters than this is not a page but somebody filling a cache. */
const maxCounted = 20;
/** How many are looked at, ignored ones included. */
const maxLookedAt = 100;

const nothing: AskedQuery = { search: '' };

/** The query of a page, without the parameters that do not count and sorted by name; undefined when it has too many of them. */
export function splitQuery(text: string, counts: QueryRule): AskedQuery | undefined {
  if (text === '') return nothing;
  const pairs = text.split('&', maxLookedAt + 1);
  if (pairs.length > maxLookedAt) return undefined;

  const counted: string[] = [];
  let escapedFragment: string | undefined;
  for (const pair of pairs) {
    if (pair === '') continue;
    const name = nameOf(pair);
    if (name === '_escaped_fragment_') escapedFragment ??= rawValue(pair);
    else if (counts(name)) counted.push(normalParameter(pair));
  }
  if (counted.length > maxCounted) return undefined;
  // A stable sort: parameters of one name keep their order, since it can mean something.
  if (counted.length > 1) counted.sort((a, b) => compare(rawName(a), rawName(b)));
  const search = counted.length === 0 ? '' : `?${counted.join('&')}`;
  return escapedFragment === undefined ? { search } : { search, escapedFragment };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function rawName(pair: string): string {
  const equals = pair.indexOf('=');
  return equals < 0 ? pair : pair.slice(0, equals);
}

function rawValue(pair: string): string {
  const equals = pair.indexOf('=');
  return equals < 0 ? '' : pair.slice(equals + 1);
}

/** The name as the application reads it, in lower case. */
function nameOf(pair: string): string {
  const name = rawName(pair);
  return /^[\w.-]*$/.test(name) ? name.toLowerCase() : decoded(name.replaceAll('+', ' ')).toLowerCase();
}
