import { createHash } from 'node:crypto';
import type { Device, PageKey, PageTarget } from './page-target.ts';
import { type QueryRule, splitQuery } from './query.ts';
import type { Site } from './site.ts';
import { normalFragment, normalPath } from './url-form.ts';

/** Longer URLs are hashed in the key (a key is stored in several places, a URL in one). */
const maxReadableKey = 2048;

/** A request target taken apart. */
export interface TargetParts {
  /** Normalised: what path rules are held against, so that no spelling slips by them. */
  readonly path: string;
  /** The query and the fragment as they came, without their marks. */
  readonly query: string;
  readonly fragment: string;
}

/** Undefined for a target that is not an origin-form path. Never throws, whatever the target. */
export function targetParts(target: string): TargetParts | undefined {
  if (!target.startsWith('/')) return undefined;
  const hash = target.indexOf('#');
  const whole = hash < 0 ? target : target.slice(0, hash);
  const mark = whole.indexOf('?');
  return {
    path: normalPath(mark < 0 ? whole : whole.slice(0, mark)),
    query: mark < 0 ? '' : whole.slice(mark + 1),
    fragment: hash < 0 ? '' : target.slice(hash + 1),
  };
}

/**
 * The page that a request target means: the path with needless escapes undone and dot segments resolved, the query without
 * ignored parameters and sorted by name, the fragment gone unless it is a hashbang. Equal pages get equal keys, different pages
 * different ones; the target of the resulting URL is that same page again.
 * Undefined for a target that has more parameters than a page can sensibly depend on.
 */
export function pageAt(site: Site, parts: TargetParts, device: Device, query: QueryRule): PageTarget | undefined {
  const asked = splitQuery(parts.query, query);
  if (asked === undefined) return undefined;
  const url = site.publicUrl.origin + parts.path + asked.search + normalFragment(parts.fragment, asked.escapedFragment);
  return { key: keyOf(url, device), site, url, device };
}

/** `targetParts` and `pageAt` in one. */
export function pageTarget(site: Site, target: string, device: Device, query: QueryRule): PageTarget | undefined {
  const parts = targetParts(target);
  return parts && pageAt(site, parts, device, query);
}

/** The key of a public URL that is already normalised. */
export function keyOf(url: string, device: Device): PageKey {
  const readable = `${device} ${url}`;
  if (readable.length <= maxReadableKey) return readable as PageKey;
  return `${device} sha256:${createHash('sha256').update(url).digest('base64url')}` as PageKey;
}
