import { createHash } from 'node:crypto';
import type { Device, PageKey, PageTarget } from './page-target.ts';
import { type QueryRule, splitQuery } from './query.ts';
import type { Site } from './site.ts';
import { normalFragment, normalPath } from './url-form.ts';

/** Longer URLs are hashed in the key (a key is stored in several places, a URL in one). */
const maxReadableKey = 2048;

/** The parts of a request target, still as they came. */
interface TargetParts {
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/**
 * The page that a request target means: the path with needless escapes undone and dot segments resolved, the query without
 * ignored parameters and sorted by name, the fragment gone unless it is a hashbang. Equal pages get equal keys, different pages
 * different ones; the target of the resulting URL is that same page again.
 * Undefined for a target that is not an origin-form path, or that has more parameters than a page can sensibly depend on.
 * Never throws, whatever the target.
 */
export function pageTarget(site: Site, target: string, device: Device, query: QueryRule): PageTarget | undefined {
  if (!target.startsWith('/')) return undefined;
  const parts = partsOf(target);
  const asked = splitQuery(parts.query, query);
  if (asked === undefined) return undefined;
  const fragment = normalFragment(parts.fragment, asked.escapedFragment);
  const url = site.publicUrl.origin + normalPath(parts.path) + asked.search + fragment;
  return { key: keyOf(url, device), site, url, device };
}

/** The normalised path of an origin-form target: what path rules are held against, so that no spelling slips by them. */
export function pathOf(target: string): string {
  return normalPath(partsOf(target).path);
}

/** The key of a public URL that is already normalised. */
export function keyOf(url: string, device: Device): PageKey {
  const readable = `${device} ${url}`;
  if (readable.length <= maxReadableKey) return readable as PageKey;
  return `${device} sha256:${createHash('sha256').update(url).digest('base64url')}` as PageKey;
}

function partsOf(target: string): TargetParts {
  const hash = target.indexOf('#');
  const whole = hash < 0 ? target : target.slice(0, hash);
  const mark = whole.indexOf('?');
  return {
    path: mark < 0 ? whole : whole.slice(0, mark),
    query: mark < 0 ? '' : whole.slice(mark + 1),
    fragment: hash < 0 ? '' : target.slice(hash + 1),
  };
}
