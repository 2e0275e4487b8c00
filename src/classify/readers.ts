import { isbot } from 'isbot';
import type { Reader } from '../page/reader.ts';
import { namedCrawler, namedLibrary } from './crawlers.ts';
import { isInAppBrowser, isPlainWebView } from './in-app-browsers.ts';
import { givesContact, statedTrade } from './robot-words.ts';

export const person: Reader = { class: 'person' };

/** The reader by its user agent alone. Whoever is doubtful is passed through: a person must never get a page without its scripts. */
export function readerOf(userAgent: string): Reader {
  if (userAgent.trim() === '') return { class: 'library' };
  if (isPlainWebView(userAgent)) return person;
  const crawler = namedCrawler(userAgent);
  if (crawler !== undefined) return { class: crawler.class, name: crawler.name };
  const library = namedLibrary(userAgent);
  // A browser under remote control runs the application itself, whatever else it says.
  if (library?.runsJavaScript) return { class: 'library', name: library.name };
  if (library === undefined && (isInAppBrowser(userAgent) || !isbot(userAgent))) return person;

  // A robot's own word goes before the name of the HTTP client that it is made with.
  const trade = statedTrade(userAgent);
  if (trade !== undefined && trade !== 'library') return { class: trade };
  if (library !== undefined) return { class: 'library', name: library.name };
  return { class: trade ?? (givesContact(userAgent) ? 'search' : 'library') };
}
