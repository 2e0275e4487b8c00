import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ask, openExit, siteAt } from './support.ts';

const block = ['analytics', 'ads', 'fonts', 'media', 'images'] as const;
const nowhere = siteAt(new URL('http://127.0.0.1:1'));

describe('a blocked request', () => {
  it.each([
    ['script', 'https://www.google-analytics.com/analytics.js', 200, 'text/javascript'],
    ['empty', 'https://www.google-analytics.com/g/collect', 204, undefined],
    ['iframe', 'https://ad.doubleclick.net/frame', 204, undefined],
    ['image', 'https://www.example.com/photo.jpg', 200, 'image/gif'],
    ['video', 'https://www.example.com/clip.mp4', 200, 'audio/wav'],
    ['track', 'https://www.example.com/clip.vtt', 200, 'text/vtt'],
    ['font', 'https://www.example.com/font.woff2', 200, 'font/ttf'],
  ])('for %s is answered at once, from nothing', async (destination, url, status, type) => {
    const { exit, begin } = await openExit(nowhere, { block });
    const traffic = begin();
    const answer = await ask(exit, url, {
      headers: { 'sec-fetch-dest': destination, origin: 'https://www.example.com' },
    });
    expect([answer.status, answer.headers['content-type']]).toEqual([status, type]);
    expect(answer.headers['access-control-allow-origin']).toBe('https://www.example.com');
    expect(traffic.end()).toMatchObject([{ url, status, verdict: 'blocked' }]);
  });

  it('is permitted across origins, preflight included', async () => {
    const { exit, begin } = await openExit(nowhere, { block });
    begin();
    const answer = await ask(exit, 'https://api.segment.io/v1/t', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://www.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
    });
  });
});

describe('a request for the next page', () => {
  it('is declined, so that nothing is fetched or kept for it', async () => {
    const { exit, begin } = await openExit(nowhere);
    const traffic = begin();
    const answer = await ask(exit, 'https://www.example.com/next.js', {
      headers: { 'sec-fetch-dest': 'empty', 'sec-purpose': 'prefetch;prerender' },
    });
    expect([answer.status, answer.headers['cache-control']]).toEqual([503, 'no-store']);
    expect(traffic.end()).toMatchObject([{ verdict: 'blocked' }]);
  });
});

describe('a blocked script', () => {
  /** Runs what the egress answers for it in a page's place, after what the page has said itself. */
  async function inPage(url: string, before: string, after: string): Promise<unknown> {
    const { exit, begin } = await openExit(nowhere, { block: [...block, 'tag-managers'] });
    begin();
    const { body } = await ask(exit, url, { headers: { 'sec-fetch-dest': 'script' } });
    const page = createContext({ setTimeout, Promise });
    runInContext(before, page);
    runInContext(body, page);
    return runInContext(after, page);
  }

  it.each([
    [
      'https://cdn.amplitude.com/libs/amplitude.js',
      "amplitude.getInstance().init('key', null, { x: 1 }).setUserId('me')",
    ],
    [
      'https://cdn.mxpnl.com/libs/mixpanel-2.js',
      "mixpanel.init('key'); mixpanel.people.set({ a: 1 }); new mixpanel.Thing().go()",
    ],
    ['https://www.googletagmanager.com/gtag/js?id=G-1', "gtag('config', 'G-1'); gtag('get') + ''"],
    ['https://connect.facebook.net/en_US/fbevents.js', "fbq('track', 'PageView'); fbq.queue = []"],
  ])('leaves what applications call: %s', async (url, use) => {
    await expect(inPage(url, '', use)).resolves.toBeDefined();
  });

  it('leaves alone what the page has made of the name itself', async () => {
    const queue = 'globalThis.ga = (...told) => { (ga.q ??= []).push(told) }; ga(1)';
    expect(await inPage('https://www.google-analytics.com/analytics.js', queue, 'ga(2); ga.q.length')).toBe(2);
  });

  it('is nothing that an await would hang at', async () => {
    expect(
      await inPage('https://cdn.segment.com/analytics.js', '', 'Promise.resolve(analytics.ready()).then(() => 1)'),
    ).toBe(1);
  });

  it.each([
    [
      'queued before',
      "globalThis.dataLayer = []; globalThis.gtag = function () { dataLayer.push(arguments) }; gtag('event', 'buy', { event_callback: sent })",
      '',
    ],
    ['queued after', 'globalThis.dataLayer = []', "dataLayer.push({ event: 'buy', eventCallback: sent })"],
    ['called after', '', "gtag('event', 'buy', { event_callback: sent })"],
  ])('says that an event was sent to a page that waits for it: %s', async (_when, before, after) => {
    const waiting = 'globalThis.done = new Promise((resolve) => { globalThis.sent = () => resolve("sent") });';
    expect(await inPage('https://www.googletagmanager.com/gtm.js', waiting + before, `${after}; done`)).toBe('sent');
  });

  it('of a host of which nothing is known is empty', async () => {
    const { exit, begin } = await openExit(nowhere, { block });
    begin();
    const answer = await ask(exit, 'https://cdn.taboola.com.example.adnxs.com/x.js', {
      headers: { 'sec-fetch-dest': 'script' },
    });
    expect(answer).toMatchObject({ status: 200, body: '' });
  });
});
