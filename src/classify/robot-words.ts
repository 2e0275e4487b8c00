import type { ReaderClass } from '../page/reader.ts';

/** What an unknown robot says of its own trade. The first line that fits counts. */
const trades: readonly (readonly [words: RegExp, trade: ReaderClass])[] = [
  // Browsers under remote control run the application themselves; scanners and feed readers do not read pages.
  [/headless|phantomjs|selenium|puppeteer|playwright|webdriver|scan|inspect|nmap|nikto|sqlmap|exploit/i, 'library'],
  [/feed(?!back)|\brss|podcast|webhook/i, 'library'],
  [/monitor|uptime|health.?check|\bprobe|page.?speed|lighthouse|synthetic|validator/i, 'monitor'],
  [/preview|unfurl|embed|onebox|open.?graph|link.?expand|metadata/i, 'preview'],
  [/archiv|wayback|heritrix/i, 'archive'],
  [/seo\b|\bseo|backlink|site.?audit|\brank/i, 'seo'],
  [/\bai\b|gpt\b|\bllm/i, 'ai'],
  [/bots?\b|bot[_\d]|crawl|spider|slurp|indexer|harvest/i, 'search'],
];

/** The class of a robot that nobody has named, by the words in its user agent; those in addresses are somebody else's. */
export function statedTrade(userAgent: string): ReaderClass | undefined {
  const own = userAgent.replace(/https?:\/\/[^\s;)]*/gi, '');
  return trades.find(([words]) => words.test(own))?.[1];
}

/** Gives an address to write to or to read at, as crawlers do and HTTP clients do not. */
export function givesContact(userAgent: string): boolean {
  return /https?:\/\/|@[a-z][\w-]*\./i.test(userAgent);
}
