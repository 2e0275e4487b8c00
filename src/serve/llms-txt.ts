import type { Clock } from '../clock.ts';
import type { Site } from '../page/site.ts';
import { targetOn } from '../page/site-url.ts';
import type { FetchSiteFile } from './site-files.ts';
import { type ListedSite, pagesOfSitemaps } from './warm-list.ts';

export interface LlmsTxtSettings {
  readonly site: Site;
  /** A URL or a path; `/sitemap.xml`, and what robots.txt names, when undefined. */
  readonly sitemap: string | undefined;
  /** Leave out what robots.txt disallows. */
  readonly robots: boolean;
}

export interface LlmsTxtParts {
  readonly fetchFile: FetchSiteFile;
  /** The title of a page by its URL, where a stored copy is at hand. */
  readonly titleOf: (url: string) => string | undefined;
  readonly clock: Clock;
}

/** The text of a site's `/llms.txt`; undefined when the origin has one of its own, or when there is nothing to list. Never rejects. */
export type LlmsTxt = () => Promise<string | undefined>;

/** A list that takes longer to read is given without the rest. */
const readMs = 15_000;
const keptMs = 10 * 60_000;
/** The origin may only have been away. */
const nothingKeptMs = 60_000;
const maxPages = 2_000;

/** A table of contents for language models (https://llmstxt.org), from the sitemap. Made at the first request, and anew every ten minutes. */
export function createLlmsTxt(settings: LlmsTxtSettings, parts: LlmsTxtParts): LlmsTxt {
  let kept: Promise<string | undefined> | undefined;
  return () => {
    kept ??= makeText(settings, parts)
      .catch(() => undefined)
      .then((text) => {
        parts.clock.after(text === undefined ? nothingKeptMs : keptMs, () => {
          kept = undefined;
        });
        return text;
      });
    return kept;
  };
}

async function makeText(settings: LlmsTxtSettings, { fetchFile, titleOf, clock }: LlmsTxtParts) {
  const { site } = settings;
  const late = new AbortController();
  const stopClock = clock.after(readMs, () => late.abort());
  try {
    if (await hasItsOwn(site, fetchFile, late.signal)) return undefined;
    const pages: string[] = [];
    for await (const { url } of listedPages(settings, fetchFile, late.signal)) {
      if (targetOn(site, url) === undefined) continue;
      pages.push(url);
      if (pages.length >= maxPages || late.signal.aborted) break;
    }
    return pages.length === 0 ? undefined : textOf(site, pages, titleOf);
  } finally {
    stopClock();
  }
}

function listedPages({ site, sitemap, robots }: LlmsTxtSettings, fetchFile: FetchSiteFile, signal: AbortSignal) {
  const listed: ListedSite = { site, robots, fetchFile };
  const url = URL.parse(sitemap ?? '/sitemap.xml', site.publicUrl)?.href;
  const siteOf = (asked: string) => (targetOn(site, asked) === undefined ? undefined : listed);
  const list = pagesOfSitemaps(url === undefined ? [] : [url], sitemap === undefined ? [listed] : [], siteOf);
  return list({ signal, unread: () => {}, disallowed: () => {} });
}

/** A single-page application answers its shell to whatever it does not know: a file that begins like HTML is none. */
async function hasItsOwn(site: Site, fetchFile: FetchSiteFile, signal: AbortSignal): Promise<boolean> {
  const file = await fetchFile(`${site.publicUrl.origin}/llms.txt`, signal);
  // A refusal (401, 403, 429) is an answer of the application's; only where there is nothing is there room for ours.
  if (file.kind === 'none') return file.status !== 404 && file.status !== 410;
  if (file.kind === 'failed') return true;
  for await (const chunk of file.body) {
    const beginning = new TextDecoder().decode(chunk).trimStart();
    if (beginning !== '') return !beginning.startsWith('<');
  }
  return true;
}

function textOf({ publicUrl }: Site, pages: readonly string[], titleOf: LlmsTxtParts['titleOf']): string {
  const lines = [...new Set(pages)].map((url) => `- [${linkText(titleOf(url) ?? pathOf(url))}](${url})`);
  const home = titleOf(publicUrl.href);
  const summary = home === undefined ? '' : `\n> ${home}\n`;
  return `# ${publicUrl.host}\n${summary}\n## Pages\n\n${lines.join('\n')}\n`;
}

const linkText = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\[\]]/g, '\\$&');
const pathOf = (url: string): string => URL.parse(url)?.pathname ?? url;
