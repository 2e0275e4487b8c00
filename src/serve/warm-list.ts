import { messageOf } from '../errors.ts';
import type { Site } from '../page/site.ts';
import { targetOn } from '../page/site-url.ts';
import { allowAll, allowNone, type RobotsRules, robotsRules } from './robots.ts';
import type { FetchSiteFile } from './site-files.ts';
import { readSitemap, type SitemapPage, sitemapLimits, sitemapsIn } from './sitemap.ts';

/** A site whose sitemaps are read. */
export interface ListedSite {
  readonly site: Site;
  /** Leave out what robots.txt disallows, and find sitemaps in it. */
  readonly robots: boolean;
  readonly fetchFile: FetchSiteFile;
}

/** What the reading of a list has to tell. */
export interface ListNotes {
  readonly signal: AbortSignal;
  unread(url: string, because: string): void;
  /** A page that robots.txt asks robots to leave alone. */
  disallowed(url: string): void;
}

/** The pages of a job, read once. */
export type PageList = (notes: ListNotes) => AsyncIterable<SitemapPage> | Iterable<SitemapPage>;

/** A hundred thousand addresses are held in memory while their job runs. */
const limits = { ...sitemapLimits, maxPages: 100_000 };
/** More of a robots.txt need not be read (RFC 9309 §2.5). */
const maxRobotsBytes = 500 * 1024;

/** The pages of sitemaps named by their public URLs, and of those that the robots.txt of some sites name. */
export function pagesOfSitemaps(
  sitemaps: readonly string[],
  inRobotsOf: readonly ListedSite[],
  siteOf: (url: string) => ListedSite | undefined,
): PageList {
  return async function* (notes) {
    const robots = new Map<string, Promise<Robots>>();

    function robotsFor(listed: ListedSite): Promise<Robots> {
      const url = robotsUrl(listed);
      const asked = robots.get(url) ?? readRobots(url, listed.fetchFile, notes);
      robots.set(url, asked);
      return asked;
    }

    async function fetchBody(url: string): Promise<AsyncIterable<Uint8Array>> {
      const file = await (siteOf(url)?.fetchFile(url, notes.signal) ?? foreign);
      if (file.kind === 'found') return file.body;
      throw new Error(file.because);
    }

    async function isDisallowed(url: string): Promise<boolean> {
      const listed = siteOf(url);
      if (listed === undefined || !listed.robots) return false;
      const { rules } = await robotsFor(listed);
      return !rules.allows(targetOn(listed.site, url) ?? '/');
    }

    async function sitemapsInRobots(listed: ListedSite): Promise<readonly string[]> {
      const { rules, sitemaps } = await robotsFor(listed);
      if (sitemaps.length === 0 && rules !== allowNone) notes.unread(robotsUrl(listed), 'names no sitemap');
      return sitemaps;
    }

    const named = await Promise.all(inRobotsOf.map(sitemapsInRobots));
    for (const sitemap of new Set([...sitemaps, ...named.flat()])) {
      for await (const page of readSitemap(sitemap, fetchBody, limits, notes.unread)) {
        if (await isDisallowed(page.url)) notes.disallowed(page.url);
        else yield page;
      }
    }
  };
}

const robotsUrl = ({ site }: ListedSite) => `${site.publicUrl.origin}/robots.txt`;

const foreign = { kind: 'failed', because: 'is on another host' } as const;

interface Robots {
  readonly rules: RobotsRules;
  readonly sitemaps: readonly string[];
}

async function readRobots(url: string, fetchFile: FetchSiteFile, { signal, unread }: ListNotes): Promise<Robots> {
  const file = await fetchFile(url, signal);
  if (file.kind === 'none') return { rules: allowAll, sitemaps: [] };
  try {
    if (file.kind === 'failed') throw new Error(file.because);
    const text = await textOf(file.body);
    const sitemaps = sitemapsIn(text).flatMap((named) => URL.parse(named, url)?.href ?? []);
    return { rules: robotsRules(text, 'preface'), sitemaps };
  } catch (cause) {
    unread(url, messageOf(cause));
    return { rules: allowNone, sitemaps: [] };
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > maxRobotsBytes) break;
  }
  return text;
}
