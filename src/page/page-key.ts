import { createHash } from 'node:crypto';
import type { Device, PageKey, PageTarget } from './page-target.ts';
import type { Site } from './site.ts';

/** Which query parameters are part of a page. */
export interface QueryRule {
  /** Lower-case names that never count; `name*` stands for every name with that beginning. */
  readonly ignore: readonly string[];
  /** When given, only these count. */
  readonly keep?: readonly string[];
}

/** Longer URLs are hashed in the key (a key is stored in several places, a URL in one). */
const maxReadableKey = 2048;

/**
 * The page that a request target means: the path with needless escapes undone and dot segments resolved, the query without
 * ignored parameters and sorted by name, the fragment gone. Equal pages get equal keys, different pages different ones.
 * Undefined for a target that is not an origin-form path.
 */
export function pageTarget(site: Site, target: string, device: Device, query: QueryRule): PageTarget | undefined {
  if (!target.startsWith('/')) return undefined;
  const hash = target.indexOf('#');
  const whole = hash < 0 ? target : target.slice(0, hash);
  const mark = whole.indexOf('?');
  const path = normalPath(mark < 0 ? whole : whole.slice(0, mark));
  const search = mark < 0 ? '' : normalQuery(whole.slice(mark + 1), query);
  const url = site.publicUrl.origin + path + search;
  return { key: keyOf(url, device), site, url, device };
}

/** The key of a public URL that is already normalised. */
export function keyOf(url: string, device: Device): PageKey {
  const readable = `${device} ${url}`;
  if (readable.length <= maxReadableKey) return readable as PageKey;
  return `${device} sha256:${createHash('sha256').update(url).digest('base64url')}` as PageKey;
}

const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))[\w!$&'()*+,;=:@~.-]*)*$/;

function normalPath(path: string): string {
  // Nearly every path is plain already; this keeps the URL parser off the way of a cache hit.
  if (plainPath.test(path) && !path.startsWith('//')) return path;
  const segments = new URL(`http://p${path.replace(/^\/+/, '/').replaceAll('\\', '%5C')}`).pathname;
  return segments.replace(/%[0-9a-f]{2}/gi, plainEscape);
}

/** Undoes an escape of an unreserved character and writes others in upper case (RFC 3986 §6.2.2). */
function plainEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
}

function normalQuery(text: string, rule: QueryRule): string {
  if (text === '') return '';
  const counted = text
    .split('&')
    .filter((pair) => pair !== '' && counts(nameOf(pair), rule))
    .map((pair) =>
      encodeURI(pair)
        .replace(/%25([0-9A-F]{2})/gi, '%$1')
        .replace(/%[0-9a-f]{2}/gi, plainEscape),
    );
  if (counted.length === 0) return '';
  // A stable sort: parameters of one name keep their order, since it can mean something.
  return `?${counted.sort((a, b) => compare(rawName(a), rawName(b))).join('&')}`;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const rawName = (pair: string) => pair.split('=', 1)[0] ?? '';

function nameOf(pair: string): string {
  const name = rawName(pair);
  if (!name.includes('%') && !name.includes('+')) return name.toLowerCase();
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

function counts(name: string, { ignore, keep }: QueryRule): boolean {
  if (keep !== undefined) return keep.some((pattern) => nameFits(name, pattern));
  return !ignore.some((pattern) => nameFits(name, pattern));
}

function nameFits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
