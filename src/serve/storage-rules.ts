import { createHash } from 'node:crypto';
import { entrySchema, type StoredEntry } from '../cache/stored-entry.ts';
import { type Lifetimes, momentsFrom } from '../page/freshness.ts';
import { whyIncomplete } from '../page/incomplete.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { documentTags } from './deploys.ts';

export interface StorageSettings extends Lifetimes {
  /** For answers that are not the page itself: 404, 410 and redirects. */
  readonly negativeFreshMs: number;
  /** Take `s-maxage` or `max-age` of the origin's document for the fresh time. */
  readonly followOrigin: boolean;
}

/** Statuses that are kept (RFC 9111 §3 allows more; an error is never worth keeping: cached once, it denies the page to all). */
const storableStatuses = new Set([200, 203, 301, 302, 307, 308, 404, 410]);
const pageStatuses = new Set([200, 203]);

/** Whether a finished page may be stored at all. */
export function isStorable(snapshot: Snapshot, site: Site): boolean {
  if (whyIncomplete(snapshot.inputs, site) !== undefined) return false;
  return storableStatuses.has(snapshot.status) && !isPrivate(snapshot);
}

/** Whether the origin says that the page is for nobody's cache (RFC 9111 §5.2.2.5, §5.2.2.7). */
export function isPrivate({ originCacheControl }: Snapshot): boolean {
  return directives(originCacheControl).some(forbidsStoring);
}

const forbidsStoring = ([name]: Directive) => name === 'no-store' || name === 'private';

/** How long the answer is good for; no time at all when it may not be stored. */
export function lifetimesOf(snapshot: Snapshot, site: Site, settings: StorageSettings): Lifetimes {
  if (!isStorable(snapshot, site)) return { freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
  if (!pageStatuses.has(snapshot.status)) {
    return { ...settings, freshMs: Math.min(settings.freshMs, settings.negativeFreshMs) };
  }
  const originMs = settings.followOrigin ? maxAgeMs(snapshot.originCacheControl) : undefined;
  return originMs === undefined ? settings : { ...settings, freshMs: originMs };
}

/** The entry that keeps a snapshot. Its validator depends on the bytes alone, so an unchanged page keeps it over renders. */
export function entryFrom(target: PageTarget, snapshot: Snapshot, settings: StorageSettings): StoredEntry {
  const body = Buffer.from(snapshot.html, 'utf8');
  const lifetimes = lifetimesOf(snapshot, target.site, settings);
  return {
    schema: entrySchema,
    key: target.key,
    url: target.url,
    status: snapshot.status,
    headers: snapshot.headers,
    body,
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    tags: [...snapshot.tags, ...documentTags(snapshot.inputs)],
    renderedAt: snapshot.renderedAt,
    validatedAt: snapshot.renderedAt,
    lifetimes,
    revalidations: { count: 0, misses: 0 },
    ...momentsFrom(snapshot.renderedAt, lifetimes),
    inputs: snapshot.inputs,
  };
}

type Directive = readonly [name: string, value: string | undefined];

/** `Cache-Control` as name and value pairs (RFC 9111 §5.2); names in lower case, quotes taken off. */
function directives(field: string | undefined): Directive[] {
  if (field === undefined) return [];
  return field.split(',').map((part) => {
    const [name = '', value] = part.split('=', 2);
    return [name.trim().toLowerCase(), value?.trim().replace(/^"(.*)"$/, '$1')];
  });
}

function maxAgeMs(field: string | undefined): number | undefined {
  const found = directives(field);
  if (found.some(([name]) => name === 'no-cache')) return 0;
  // A shared cache prefers s-maxage (RFC 9111 §5.2.2.10).
  for (const wanted of ['s-maxage', 'max-age']) {
    const seconds = Number(found.find(([name]) => name === wanted)?.[1] ?? Number.NaN);
    if (Number.isInteger(seconds) && seconds >= 0) return seconds * 1000;
  }
  return undefined;
}
