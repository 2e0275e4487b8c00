import { createHash } from 'node:crypto';
import { entrySchema, type StoredEntry } from '../cache/stored-entry.ts';
import { cacheControl, deltaSecondsMs } from '../page/cache-control.ts';
import { type Lifetimes, momentsFrom } from '../page/freshness.ts';
import { whyIncomplete } from '../page/incomplete.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { documentTags } from './deploys.ts';

export interface StorageSettings extends Lifetimes {
  /** For answers that are not the page itself: 404, 410 and redirects. */
  readonly negativeFreshMs: number;
  /** Take the times from the `Cache-Control` of the origin's document. */
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
  const control = cacheControl(originCacheControl);
  return control.has('no-store') || control.has('private');
}

/** How long the answer is good for; no time at all when it may not be stored. */
export function lifetimesOf(snapshot: Snapshot, site: Site, settings: StorageSettings): Lifetimes {
  if (!isStorable(snapshot, site)) return { freshMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
  const times = settings.followOrigin ? asOriginSays(snapshot, settings) : settings;
  if (pageStatuses.has(snapshot.status)) return times;
  return { ...times, freshMs: Math.min(times.freshMs, settings.negativeFreshMs) };
}

/**
 * The times that the origin names instead of the configured ones (RFC 9111 §4.2.1 for a shared cache, RFC 5861 §3 and §4). Where it wants to be asked
 * first, nothing outdated is answered before it was; what a failing renewal falls back to stays the operator's say unless the origin names it.
 */
function asOriginSays({ originCacheControl }: Snapshot, settings: Lifetimes): Lifetimes {
  const control = cacheControl(originCacheControl);
  // A time that cannot be read is none at all (RFC 9111 §4.2.1).
  const time = (name: string) => (control.has(name) ? (deltaSecondsMs(control.get(name)) ?? 0) : undefined);
  const lifetimeMs = control.has('no-cache') ? 0 : (time('s-maxage') ?? time('max-age'));
  const asksFirst = ['no-cache', 'must-revalidate', 'proxy-revalidate'].some((name) => control.has(name));
  return {
    freshMs: lifetimeMs ?? settings.freshMs,
    staleWhileRevalidateMs: asksFirst ? 0 : (time('stale-while-revalidate') ?? settings.staleWhileRevalidateMs),
    staleIfErrorMs: time('stale-if-error') ?? settings.staleIfErrorMs,
  };
}

/** The entry that keeps a snapshot. Its validator depends on the bytes alone, so an unchanged page keeps it over renders. */
export function entryFrom(target: PageTarget, snapshot: Snapshot, settings: StorageSettings): StoredEntry {
  const body = Buffer.from(snapshot.html, 'utf8');
  const lifetimes = lifetimesOf(snapshot, target.site, settings);
  // What the document has spent in caches before is gone; when it has been asked for again, that is over.
  const spentMs = settings.followOrigin ? (snapshot.originAgeMs ?? 0) : 0;
  return {
    schema: entrySchema,
    key: target.key,
    url: target.url,
    status: snapshot.status,
    headers: snapshot.headers,
    body,
    etag: validatorOf(body),
    tags: [...snapshot.tags, ...documentTags(snapshot.inputs)],
    renderedAt: snapshot.renderedAt,
    validatedAt: snapshot.renderedAt,
    lifetimes,
    revalidations: { count: 0, misses: 0 },
    ...momentsFrom(snapshot.renderedAt, { ...lifetimes, freshMs: Math.max(0, lifetimes.freshMs - spentMs) }),
    inputs: snapshot.inputs,
  };
}

/** Without quotes. */
export function validatorOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64url').slice(0, 22);
}
