import { readFileSync } from 'node:fs';
import crawlerUserAgents from 'crawler-user-agents';
import { describe, expect, it } from 'vitest';
import { readerOf } from '../../src/classify/readers.ts';
import { inAppBrowsers } from './in-app-user-agents.ts';

/** Of the package user-agents: as seen on the web, one entry a visit. */
const browserData = JSON.parse(
  readFileSync(new URL('user-agents.json', import.meta.resolve('user-agents')), 'utf8'),
) as {
  userAgent: string;
}[];

describe('people', () => {
  it('are never taken for a reader, in ten thousand user agents as browsers send them', () => {
    const userAgents = new Set(browserData.map(({ userAgent }) => userAgent));
    expect(browserData.length).toBeGreaterThan(5000);
    expect([...userAgents].filter((userAgent) => readerOf(userAgent).class !== 'person')).toEqual([]);
  });

  it.each(inAppBrowsers)('are known inside of %s', (_, userAgent) => {
    expect(readerOf(userAgent)).toEqual({ class: 'person' });
  });

  it.each([
    [
      'a Cubot phone',
      'Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
    ],
    [
      'a phone named Bot',
      'Mozilla/5.0 (Linux; Android 12; CUBOT KING KONG 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36',
    ],
    [
      'Yandex Browser',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 YaBrowser/24.4.0.0 Safari/537.36',
    ],
    [
      'Petal Browser',
      'Mozilla/5.0 (Linux; Android 12; NOH-NX9; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/14.0.5.302 Mobile Safari/537.36',
    ],
    ['Opera Mini', 'Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16'],
    [
      'Samsung Internet',
      'Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36',
    ],
    ['Internet Explorer 11', 'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko'],
    [
      'a television',
      'Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36',
    ],
    [
      'a console',
      'Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15',
    ],
  ])('are known on %s', (_, userAgent) => {
    expect(readerOf(userAgent)).toEqual({ class: 'person' });
  });
});

describe('robots', () => {
  it('are taken for people in less than half a percent of the user agents collected from them', () => {
    const userAgents = crawlerUserAgents.flatMap(({ instances }) => instances);
    const mistaken = userAgents.filter((userAgent) => readerOf(userAgent).class === 'person');
    expect(userAgents.length).toBeGreaterThan(2000);
    expect(mistaken.length / userAgents.length, mistaken.join('\n')).toBeLessThanOrEqual(0.005);
  });

  it.each([
    ['ExampleBot/1.0 (+https://bot.example/about)', 'search'],
    ['Mozilla/5.0 (compatible; NobodyKnowsMe/2.1; +https://nobody.example)', 'search'],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36 (compatible; SomeCrawler/1.0)',
      'search',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 (compatible; SomeCrawler/1.0)',
      'search',
    ],
    ['Mozilla/5.0 (compatible; NobodyBot/1.0; +https://seo.example/archive/preview)', 'search'],
    ['AcmeLinkUnfurler/1.0', 'preview'],
    ['Acme Link Preview v2', 'preview'],
    ['acme-seo-audit-bot/3', 'seo'],
    ['AcmeArchiveBot/3 (+https://acme.example)', 'archive'],
    ['Acme AI Bot/3', 'ai'],
    ['AcmeUptimeBot/3', 'monitor'],
    ['AcmeScanner/1.0 (+https://acme.example/bot)', 'library'],
    ['AcmeFeedReader/1.0 (12 subscribers; https://acme.example)', 'library'],
    ['acme/0.1', 'library'],
  ] as const)('of no name go by their own words: %s is %s', (userAgent, kind) => {
    expect(readerOf(userAgent)).toEqual({ class: kind });
  });

  it('made with a library are what they call themselves', () => {
    expect(readerOf('AcmeBot/1.0 (+https://acme.example) python-requests/2.32.3')).toEqual({ class: 'search' });
    expect(readerOf('Twitterbot/1.0 curl/8.7.1').name).toBe('Twitterbot');
    expect(readerOf('node-fetch/1.0 (+https://github.com/bitinn/node-fetch)').name).toBe('node-fetch');
  });

  it('that drive a browser run the application, whatever they call themselves', () => {
    const reader = readerOf(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/138.0.0.0 Safari/537.36 AcmeBot/1.0',
    );
    expect(reader).toEqual({ class: 'library', name: 'HeadlessChrome' });
  });

  it('are named by what comes first when several names are there', () => {
    expect(readerOf('TelegramBot (like TwitterBot)').name).toBe('TelegramBot');
    expect(readerOf('facebookexternalhit/1.1 Facebot Twitterbot/1.0').name).toBe('iMessage');
    expect(readerOf('facebookexternalhit/1.1;line-poker/1.0').name).toBe('Line');
  });

  it('without a user agent are no people, and not rendered for', () => {
    expect(readerOf('')).toEqual({ class: 'library' });
    expect(readerOf('  ')).toEqual({ class: 'library' });
  });
});
