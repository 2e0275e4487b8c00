import crawlerData from '../../config/crawlers.json' with { type: 'json' };
import type { ReaderClass } from '../page/reader.ts';

/** How a claim to be this crawler can be checked against the address it comes from. */
export type Verification =
  /** Addresses published as JSON; `suffixes` of reverse DNS names where the operator gives those as well. */
  | { readonly method: 'ranges'; readonly url: string; readonly suffixes?: readonly string[] }
  /** Reverse DNS under one of the suffixes, confirmed by a forward lookup. */
  | { readonly method: 'dns'; readonly suffixes: readonly string[] }
  /** Nothing is published that can be relied on. */
  | { readonly method: 'none' };

/** One entry of `config/crawlers.json`. */
export interface Crawler {
  readonly name: string;
  /** Source of a regular expression without capturing groups, matched at the beginning of a word; case does not matter. */
  readonly pattern: string;
  readonly class: ReaderClass;
  readonly verify: Verification;
  /** Known to run the JavaScript of the pages that it reads. */
  readonly runsJavaScript: boolean;
  /** A user agent that this entry recognises. */
  readonly example: string;
}

export const crawlers = crawlerData as readonly Crawler[];

type Recogniser = (userAgent: string) => Crawler | undefined;

/** The crawler that a user agent names. */
export const namedCrawler = recogniser(crawlers.filter((crawler) => crawler.class !== 'library'));

/** The HTTP client or headless browser that a user agent names; robots often name beside themselves the one that they are made with. */
export const namedLibrary = recogniser(crawlers.filter((crawler) => crawler.class === 'library'));

/**
 * One alternation for all entries. The name that comes first in the user agent wins, and of two that begin at the same place
 * the one with the longer pattern (`facebookexternalhit/1.1 Facebot Twitterbot`, which is iMessage, before `facebookexternalhit`).
 */
function recogniser(entries: readonly Crawler[]): Recogniser {
  const byLength = entries.toSorted((a, b) => b.pattern.length - a.pattern.length);
  // Only where a word begins: an unknown `AcmeGooglebot` has not the name of a known one.
  const any = new RegExp(`(?<![a-z\\d])(?:${byLength.map(({ pattern }) => `(${pattern})`).join('|')})`, 'i');
  return (userAgent) => {
    const match = any.exec(userAgent);
    return match === null ? undefined : byLength[match.findIndex((group, n) => n > 0 && group !== undefined) - 1];
  };
}
