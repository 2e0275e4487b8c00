import type { EntryList, ListQuery } from '../cache/entry-list.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import { listPages, summaryOf } from './page-list.ts';
import { parsePurge } from './purge-body.ts';
import type { AdminAnswer, AdminRoutes, AdminStream } from './routes.ts';
import { type WarmControl, warmRoutes } from './warm-routes.ts';

/** What the operator's API can see and do. */
export interface AdminParts {
  /** Why readers would not be served now; empty when all is well. */
  readonly notReady: () => readonly string[];
  readonly metrics: () => Promise<string>;
  readonly metricsContentType: string;
  /** The object behind `GET /api/status`. */
  readonly status: () => object;
  /** A part of the list of stored pages, of the tier that has them all. */
  readonly list: (query: ListQuery) => Promise<EntryList>;
  /** Finds every stored page of an absolute public URL (one per device). */
  readonly entriesOf: (url: string) => Promise<readonly StoredEntry[]>;
  readonly purge: (selector: PurgeSelector, mode: PurgeMode) => Promise<number>;
  /** The normalised public URLs that a URL or path means; none when it is not of our sites. Without a host a path means every site. */
  readonly publicUrls: (urlOrPath: string, host?: string) => readonly string[];
  /** The same for the beginnings of URLs. */
  readonly publicPrefixes: (prefix: string) => readonly string[];
  readonly warm: WarmControl;
  /** Events as they happen. */
  readonly events: () => AdminStream;
  readonly now: () => number;
}

/** The routes of the admin listener. */
export function adminRoutes(parts: AdminParts): AdminRoutes {
  async function purge(
    selector: PurgeSelector,
    mode: PurgeMode,
    unknown: readonly string[] = [],
  ): Promise<AdminAnswer> {
    const purged = await parts.purge(selector, mode);
    return { status: 200, body: { purged, mode, ...(unknown.length === 0 ? {} : { unknown }) } };
  }

  /** Addresses as people write them in the form that stored pages have, and those that are on none of the sites. */
  function meant(given: readonly string[] = [], find: (text: string) => readonly string[]) {
    const found = given.map((text) => ({ text, urls: find(text) }));
    return {
      urls: found.flatMap(({ urls }) => urls),
      unknown: found.flatMap(({ text, urls }) => (urls.length === 0 ? [text] : [])),
    };
  }

  return {
    'GET /healthz': () => ({ status: 200, body: 'ok\n' }),
    'GET /readyz': () => {
      const reasons = parts.notReady();
      return reasons.length === 0
        ? { status: 200, body: { ready: true } }
        : { status: 503, body: { ready: false, reasons } };
    },
    'GET /metrics': async () => ({ status: 200, contentType: parts.metricsContentType, body: await parts.metrics() }),
    'GET /api/status': () => ({ status: 200, body: parts.status() }),
    'GET /api/pages': async ({ url }) => ({
      status: 200,
      body: await listPages(parts.list, url.searchParams, parts.now()),
    }),
    'GET /api/pages/entry': async ({ url }) => {
      const urls = parts.publicUrls(url.searchParams.get('url') ?? '');
      const found = (await Promise.all(urls.map(parts.entriesOf))).flat();
      if (found.length === 0) return { status: 404, body: { error: 'This page is not stored' } };
      return {
        status: 200,
        body: {
          pages: found.map((entry) => ({
            ...summaryOf(entry, parts.now()),
            headers: entry.headers,
            history: historyOf(entry),
            inputs: entry.inputs,
          })),
        },
      };
    },
    'POST /api/purge': ({ body }) => {
      const order = parsePurge(body);
      if ('error' in order) return { status: 400, body: order };
      const { urls, prefixes } = order.selector;
      const pages = meant(urls, (url) => parts.publicUrls(url));
      const beginnings = meant(prefixes, parts.publicPrefixes);
      const selector = { ...order.selector, urls: pages.urls, prefixes: beginnings.urls };
      return purge(selector, order.mode, [...pages.unknown, ...beginnings.unknown]);
    },
    'PURGE *': ({ target, headers }) => {
      const urls = parts.publicUrls(target, headers.host);
      if (urls.length === 0) return { status: 404, body: { error: 'This URL belongs to none of the sites' } };
      return purge({ urls }, headers['x-purge-mode'] === 'hard' ? 'hard' : 'soft');
    },
    'GET /api/events': () => parts.events(),
    ...warmRoutes(parts.warm),
  };
}

/** How the page came to be what it is now. */
function historyOf({ renderedAt, validatedAt, revalidations }: StoredEntry): object {
  return {
    renderedAt: new Date(renderedAt).toISOString(),
    validatedAt: new Date(validatedAt).toISOString(),
    /** Renewals without a render since then, and how often a changed input led to the same page, in a row. */
    revalidations: revalidations.count,
    needlessRenders: revalidations.misses,
  };
}
