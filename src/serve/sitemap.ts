import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { messageOf } from '../errors.ts';

export interface SitemapPage {
  readonly url: string;
  /** Epoch milliseconds of the page's last change, if the sitemap says so. */
  readonly lastModified?: number;
  /** Among the pages of its site, 0 to 1, if the sitemap says so. */
  readonly priority?: number;
}

/** Where the sitemap does not say (sitemaps.org/protocol.html). */
export const defaultPriority = 0.5;

/** A body by its URL. Rejects with the reason when it is not to be had. */
export type FetchBody = (url: string) => Promise<AsyncIterable<Uint8Array>>;

/** Hears which file, or which part of it, could not be read. */
export type TellUnread = (url: string, because: string) => void;

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
  unread: TellUnread = () => {},
): AsyncGenerator<SitemapPage> {
  const waiting = [url];
  const seen = new Set(waiting);
  let pages = 0;
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    for await (const found of readFile(file, fetchBody, limits.maxFileBytes, unread)) {
      if (found.kind === 'sitemap') {
        const { url } = found.page;
        if (seen.has(url)) continue;
        if (seen.size >= limits.maxFiles) {
          unread(url, `is beyond the first ${limits.maxFiles} files`);
          continue;
        }
        seen.add(url);
        waiting.push(url);
        continue;
      }
      pages += 1;
      if (pages > limits.maxPages) return unread(file, `has more than ${limits.maxPages} pages`);
      yield found.page;
    }
  }
}

/** The sitemaps that a robots.txt names. */
export function sitemapsIn(robots: string): string[] {
  return [...robots.matchAll(/^\s*sitemap\s*:\s*(\S+)/gim)].map(([, url = '']) => url);
}

/** What a file names, in the same words whether it is a page or another file. */
interface Found {
  readonly kind: 'sitemap' | 'page';
  readonly page: SitemapPage;
}

async function* readFile(
  url: string,
  fetchBody: FetchBody,
  maxBytes: number,
  unread: TellUnread,
): AsyncGenerator<Found> {
  const found: Found[] = [];
  const parser = createParser(url, (item) => found.push(item));
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of unpacked(await fetchBody(url))) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return unread(url, `is larger than ${maxBytes} bytes`);
      parser.write(decoder.decode(chunk, { stream: true }));
      yield* found.splice(0);
    }
    parser.close();
  } catch (cause) {
    unread(url, messageOf(cause));
    // What came before the break is still worth reading.
    yield* found.splice(0);
  }
}

const noSitemap = 'is no sitemap';

function createParser(base: string, tell: (found: Found) => void): SaxesParser {
  const parser = new SaxesParser();
  let item: { kind: Found['kind']; loc: string; lastmod: string; priority: string } | undefined;
  let text = '';
  let isSitemap = false;
  parser.on('error', (error) => {
    throw isSitemap ? error : new Error(noSitemap);
  });
  parser.on('opentag', ({ name }) => {
    text = '';
    // A single-page application answers its shell to whatever it does not know.
    if (!isSitemap && name !== 'urlset' && name !== 'sitemapindex') throw new Error(noSitemap);
    isSitemap = true;
    if (name === 'url' || name === 'sitemap')
      item = { kind: name === 'url' ? 'page' : 'sitemap', loc: '', lastmod: '', priority: '' };
  });
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.on('cdata', (piece) => {
    text += piece;
  });
  parser.on('closetag', ({ name }) => {
    if (item === undefined) return;
    if (name === 'loc' || name === 'lastmod' || name === 'priority') {
      item[name] ||= text.trim();
    } else if (name === 'url' || name === 'sitemap') {
      const url = URL.parse(item.loc, base)?.href;
      const lastModified = Date.parse(item.lastmod);
      const priority = item.priority === '' ? Number.NaN : Number(item.priority);
      const page = {
        ...(!Number.isNaN(lastModified) && { lastModified }),
        ...(priority >= 0 && priority <= 1 && { priority }),
      };
      if (url !== undefined) tell({ kind: item.kind, page: { url, ...page } });
      item = undefined;
    }
  });
  return parser;
}

/** Unpacks what begins like gzip, whatever it is called. Lets go of the body when nobody reads on. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done) return;
    const whole = (async function* () {
      yield first.value;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    })();
    const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
    yield* isGzip ? gunzipped(whole) : whole;
  } finally {
    await chunks.return?.();
  }
}

/** `pipeline` carries an error of the source to whoever reads, and not to the process. */
function gunzipped(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(packed), createGunzip(), () => {});
}
