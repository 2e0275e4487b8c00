import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SaxesParser } from 'saxes';

export interface SitemapPage {
  readonly url: string;
  /** Epoch milliseconds of the page's last change, if the sitemap says so. */
  readonly lastModified?: number;
}

/** A body by its URL; undefined when it is not to be had. */
export type FetchBody = (url: string) => Promise<AsyncIterable<Uint8Array> | undefined>;

export interface SitemapLimits {
  readonly maxPages: number;
  readonly maxFiles: number;
  /** Of one file, unpacked (sitemaps.org: 50 MB). */
  readonly maxFileBytes: number;
}

export const sitemapLimits: SitemapLimits = { maxPages: 1_000_000, maxFiles: 1_000, maxFileBytes: 50 * 1024 * 1024 };

/**
 * The pages of a sitemap (https://www.sitemaps.org/protocol.html): plain or gzip, an index of sitemaps or one with pages, read as it comes, so that fifty
 * thousand pages take no more memory than ten. A file that is missing or broken ends where it breaks; the others are read all the same.
 */
export async function* readSitemap(
  url: string,
  fetchBody: FetchBody,
  limits = sitemapLimits,
): AsyncGenerator<SitemapPage> {
  const waiting = [url];
  const seen = new Set(waiting);
  let pages = 0;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    for await (const found of readFile(file, fetchBody, limits.maxFileBytes)) {
      if (found.kind === 'sitemap') {
        if (seen.size < limits.maxFiles && !seen.has(found.url)) {
          seen.add(found.url);
          waiting.push(found.url);
        }
        continue;
      }
      pages += 1;
      if (pages > limits.maxPages) return;
      yield { url: found.url, ...(found.lastModified === undefined ? {} : { lastModified: found.lastModified }) };
    }
  }
}

/** The sitemaps that a robots.txt names. */
export function sitemapsIn(robots: string): string[] {
  return [...robots.matchAll(/^\s*sitemap\s*:\s*(\S+)/gim)].map(([, url = '']) => url);
}

interface Found {
  readonly kind: 'sitemap' | 'page';
  readonly url: string;
  readonly lastModified: number | undefined;
}

async function* readFile(url: string, fetchBody: FetchBody, maxBytes: number): AsyncGenerator<Found> {
  const body = await fetchBody(url);
  if (body === undefined) return;
  const found: Found[] = [];
  const parser = createParser(url, (item) => found.push(item));
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of unpacked(body)) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return;
      parser.write(decoder.decode(chunk, { stream: true }));
      yield* found.splice(0);
    }
  } catch {
    // What came before the break is still worth reading.
    yield* found.splice(0);
  }
}

function createParser(base: string, tell: (found: Found) => void): SaxesParser {
  const parser = new SaxesParser();
  let item: { kind: Found['kind']; location: string; lastModified: string } | undefined;
  let text = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    text = '';
    if (name === 'url' || name === 'sitemap')
      item = { kind: name === 'url' ? 'page' : 'sitemap', location: '', lastModified: '' };
  });
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.on('cdata', (piece) => {
    text += piece;
  });
  parser.on('closetag', ({ name }) => {
    if (item === undefined) return;
    if (name === 'loc') item.location ||= text.trim();
    else if (name === 'lastmod') item.lastModified ||= text.trim();
    else if (name === 'url' || name === 'sitemap') {
      const url = URL.parse(item.location, base)?.href;
      const lastModified = Date.parse(item.lastModified);
      if (url !== undefined)
        tell({ kind: item.kind, url, lastModified: Number.isNaN(lastModified) ? undefined : lastModified });
      item = undefined;
    }
  });
  return parser;
}

/** Unpacks what begins like gzip, whatever it is called. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const rest = { [Symbol.asyncIterator]: () => chunks };
  async function* whole() {
    yield first.value as Uint8Array;
    yield* rest;
  }
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  yield* isGzip ? (Readable.from(whole()).pipe(createGunzip()) as AsyncIterable<Uint8Array>) : whole();
}
