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
    ['font', 'https://www.example.com/font.woff2', 404, undefined],
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
