import { afterEach, describe, expect, it } from 'vitest';
import type { ListQuery } from '../../src/cache/entry-list.ts';
import { entryOf } from '../contract/cache-store.ts';
import { closeAdmins, setUp } from './admin.ts';

afterEach(closeAdmins);

describe('the admin listener', () => {
  it('tells that it is alive, and ready or why not', async () => {
    const { url } = await setUp();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
    const other = await setUp({ notReady: () => ['no browser'] });
    const notReady = await fetch(`${other.url}/readyz`);
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toEqual({ ready: false, reasons: ['no browser'] });
  });

  it('asks for the token everywhere but at the probes', async () => {
    const token = 'a-token-of-sufficient-length';
    const { url } = await setUp({ token });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    expect((await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('purges softly unless told otherwise', async () => {
    const { post, purges } = await setUp();
    const answer = await post('/api/purge', { urls: ['/a'], tags: ['red'] });
    expect(await answer.json()).toEqual({ purged: 1, mode: 'soft' });
    await post('/api/purge', { everything: true, mode: 'hard' });
    expect(purges).toMatchObject([
      { selector: { urls: ['https://shop.example/a'], tags: ['red'] }, mode: 'soft' },
      { selector: { everything: true }, mode: 'hard' },
    ]);
  });

  it("takes Cloudflare's body too", async () => {
    const { post, purges } = await setUp();
    await post('/api/purge', { files: ['https://shop.example/a', { url: '/b' }] });
    await post('/api/purge', { hosts: ['shop.example'] });
    await post('/api/purge', { purge_everything: true });
    expect(purges).toMatchObject([
      { selector: { urls: ['https://shop.example/a', 'https://shop.example/b'] } },
      { selector: { prefixes: ['https://shop.example/'] } },
      { selector: { everything: true } },
    ]);
  });

  it.each([
    ['nothing at all', {}, 400],
    ['an unknown key', { everythin: true }, 400],
    ['a host that is a path', { hosts: ['/'] }, 400],
    ['what is not JSON', '{', 400],
    ['a body that is too large', { urls: ['x'.repeat(1_100_000)] }, 413],
    ['a prototype', '{"__proto__":{"everything":true}}', 400],
  ])('refuses a purge of %s', async (_, body, status) => {
    const { post, purges } = await setUp();
    expect((await post('/api/purge', body)).status).toBe(status);
    expect(purges).toEqual([]);
  });

  it('purges what the addresses mean, and names those that mean nothing here', async () => {
    const { post, purges } = await setUp();
    const answer = await post('/api/purge', { urls: ['/a', 'https://evil.example/'], prefixes: ['/blog/', 'x'] });
    expect(await answer.json()).toEqual({ purged: 1, mode: 'soft', unknown: ['https://evil.example/', 'x'] });
    expect(purges).toMatchObject([
      { selector: { urls: ['https://shop.example/a'], prefixes: ['https://shop.example/blog/'] } },
    ]);
  });

  it('takes the method PURGE with the URL of the page', async () => {
    const { url, purges } = await setUp();
    const answer = await fetch(`${url}/blog/1?x=1`, { method: 'PURGE' });
    expect(answer.status).toBe(200);
    expect(purges).toMatchObject([{ selector: { urls: ['https://shop.example/blog/1?x=1'] }, mode: 'soft' }]);
  });

  it('lists stored pages a part at a time', async () => {
    const { url } = await setUp();
    const list = async (query: string) => (await fetch(`${url}/api/pages?${query}`)).json();
    const first = await list('limit=3');
    expect(first.pages).toHaveLength(3);
    const second = await list(`limit=3&cursor=${encodeURIComponent(first.cursor)}`);
    expect([...first.pages, ...second.pages].map((page) => new URL(page.url).pathname)).toEqual([
      '/a',
      '/b',
      '/blog/1',
      '/blog/2',
    ]);
    expect(second.cursor).toBeUndefined();
    expect((await list('prefix=https://shop.example/blog/')).pages).toHaveLength(2);
    expect((await list('tag=red')).pages).toHaveLength(1);
    expect((await list('state=stale')).pages).toHaveLength(0);
  });

  it('says that a list is of the pages in memory alone', async () => {
    const list = async () => ({ entries: [entryOf('/a')], cursor: undefined, isPartial: true }) as const;
    const { url } = await setUp({ list });
    expect(await (await fetch(`${url}/api/pages`)).json()).toMatchObject({ pages: [{ status: 200 }], partial: true });
  });

  it('looks through many pages for the few that fit, with turns for others between', async () => {
    const limits: number[] = [];
    const list = async ({ limit, cursor = '0' }: ListQuery) => {
      limits.push(limit);
      return { entries: [entryOf(`/${cursor}`)], cursor: String(Number(cursor) + 1) };
    };
    const { url } = await setUp({ list });
    const answer = await (await fetch(`${url}/api/pages?state=spent&limit=1000`)).json();
    expect(answer.pages).toEqual([]);
    expect(answer.cursor).toBe(String(limits.length));
    expect(Math.max(...limits)).toBe(50);
  });

  it('takes a purge of a thousand long addresses', async () => {
    const { post } = await setUp();
    const urls = Array.from({ length: 1000 }, (_, n) => `/a?n=${n}&${'x'.repeat(900)}`);
    expect((await post('/api/purge', { urls })).status).toBe(200);
  });

  it('shows one stored page with its inputs', async () => {
    const { url } = await setUp();
    const found = await (await fetch(`${url}/api/pages/entry?url=/a`)).json();
    expect(found.pages[0]).toMatchObject({
      url: 'https://shop.example/a',
      inputs: [],
      history: { revalidations: 0, needlessRenders: 0, validatedAt: expect.stringMatching(/^1970-01-01T00:00:0/) },
    });
    expect((await fetch(`${url}/api/pages/entry?url=/none`)).status).toBe(404);
  });

  it.each(['/api%2fstatus', '//api/status', '/API/status', '/api/status/', '/%61pi/status'])(
    'knows no second spelling: %s',
    async (path) => {
      const { url } = await setUp();
      expect((await fetch(url + path)).status).toBe(404);
    },
  );

  it('names the method that a path wants', async () => {
    const { url } = await setUp();
    const answer = await fetch(`${url}/api/purge`);
    expect(answer.status).toBe(405);
    expect((await answer.json()).error).toContain('POST');
  });
});
