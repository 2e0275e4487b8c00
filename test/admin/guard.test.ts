import { afterEach, describe, expect, it } from 'vitest';
import { ask, closeAdmins, setUp } from './admin.ts';

afterEach(closeAdmins);

const token = 'a-token-of-sufficient-length';

describe('the admin listener with a token', () => {
  it.each([
    ['none', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a beginning of it', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['more than it', { authorization: `Bearer ${token}x` }],
    ['another of its length', { authorization: `Bearer ${'x'.repeat(token.length)}` }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['other letters', { authorization: `Bearer ${token.toUpperCase()}` }],
    ['it in the wrong place', { 'x-admin-token': token, cookie: `token=${token}` }],
  ])('lets nobody in who shows %s', async (_, headers) => {
    const { url, purges } = await setUp({ token });
    for (const [method, target] of [
      ['GET', '/api/status'],
      ['GET', '/metrics'],
      ['GET', '/nothing'],
      ['GET', `/api/status?token=${token}`],
      ['POST', '/api/purge'],
      ['POST', '/api/warm'],
      ['GET', '/api/events'],
      ['PURGE', '/healthz'],
      ['OPTIONS', '*'],
    ] as const) {
      expect((await ask(url, method, target, headers)).status, `${method} ${target}`).toBe(401);
    }
    expect(purges).toEqual([]);
  });

  it('is reached under any name, since no website can show the token', async () => {
    const { url } = await setUp({ token });
    const headers = { host: 'admin.example', authorization: `Bearer ${token}` };
    expect((await ask(url, 'GET', '/api/status', headers)).status).toBe(200);
  });

  it('answers the probes to everybody, in one spelling only', async () => {
    const { url } = await setUp({ token });
    for (const path of ['/healthz', '/readyz', '/healthz?x=1']) expect((await ask(url, 'GET', path)).status).toBe(200);
    for (const path of ['/healthz/', '//healthz', '/%68ealthz', '/healthz/../metrics', '/metrics#/healthz']) {
      expect((await ask(url, 'GET', path)).status, path).toBe(401);
    }
  });
});

describe('the admin listener without a token', () => {
  it.each([
    ['a form of another website', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
    ['a page on another port of this machine', { origin: 'http://localhost:3000' }],
    ['a sandboxed page', { origin: 'null' }],
    ['a website whose name leads here', { host: 'evil.example:9090', origin: 'http://evil.example:9090' }],
    ['a picture of another website', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a form that opens its answer', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' }],
  ])('does not obey %s', async (_, headers) => {
    const { url, post, purges } = await setUp();
    const fields = { host: new URL(url).host, ...headers };
    expect((await ask(url, 'POST', '/api/purge', fields)).status).toBe(403);
    expect((await ask(url, 'PURGE', '/a', fields)).status).toBe(403);
    expect(purges).toEqual([]);
    expect((await post('/api/purge', { everything: true })).status).toBe(200);
  });

  it('shows nothing to a website whose name leads here', async () => {
    const { url } = await setUp();
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.evil']) {
      expect((await ask(url, 'GET', '/api/status', { host })).status, host).toBe(403);
    }
    for (const host of ['localhost', 'LocalHost:9090', '127.0.0.1:9090', '[::1]:9090']) {
      expect((await ask(url, 'GET', '/api/status', { host })).status, host).toBe(200);
    }
  });

  it('may be opened by a link, and talks to its own pages', async () => {
    const { url } = await setUp();
    const { host, origin } = new URL(url);
    const visit = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask(url, 'GET', '/api/status', visit)).status).toBe(200);
    expect((await ask(url, 'GET', '/api/status', { host, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const own = { host, origin, 'sec-fetch-site': 'same-origin' };
    // Let in, and told that it named no pages.
    expect((await ask(url, 'POST', '/api/purge', own)).status).toBe(400);
  });

  it('lets PURGE name its site in Host', async () => {
    const { url, purges } = await setUp();
    expect((await ask(url, 'PURGE', '/a', { host: 'shop.example' })).status).toBe(200);
    expect(purges).toMatchObject([{ selector: { urls: ['https://shop.example/a'] } }]);
  });
});

describe('a path of the admin listener', () => {
  it.each([
    '/api%2fstatus',
    '//api/status',
    '/API/status',
    '/api/status/',
    '/%61pi/status',
    '/x/../api/status',
    '/api/./status',
    '/api\\status',
    '/api/status;x=1',
    '/api/status%00',
    'http://127.0.0.1/api/status',
  ])('has no second spelling: %s', async (path) => {
    const { url } = await setUp();
    expect((await ask(url, 'GET', path)).status).toBe(404);
  });

  it.each(['//evil.example/a', '//[', '/%', '/a b'])(
    'that PURGE names is taken as it is written: %s',
    async (target) => {
      const { url, purges } = await setUp();
      if (target.includes(' ')) {
        await expect(ask(url, 'PURGE', target)).rejects.toThrow();
        return;
      }
      expect((await ask(url, 'PURGE', target)).status).toBe(200);
      expect(purges).toMatchObject([{ selector: { urls: [`https://shop.example${target}`] } }]);
    },
  );

  it.each([
    ['__proto__', 404],
    ['constructor', 404],
    ['hasOwnProperty', 404],
  ])('is not found among what every object has: %s', async (name, status) => {
    const { url } = await setUp();
    expect((await ask(url, 'GET', name.startsWith('/') ? name : `/${name}`)).status).toBe(status);
    expect((await ask(url, 'GET', `/api/${name}`)).status).toBe(status);
  });
});

describe('a body for the admin listener', () => {
  it('does not reach into what every object has', async () => {
    const { post } = await setUp();
    for (const body of [
      '{"__proto__":{"everything":true}}',
      '{"constructor":{"prototype":{"mode":"hard"}}}',
      '[]',
      '1',
      '"x"',
    ]) {
      expect((await post('/api/purge', body)).status, body).toBe(400);
    }
    expect(Object.hasOwn(Object.prototype, 'everything')).toBe(false);
  });

  it('may have 1 MB and not a byte more, whether or not it says so beforehand', async () => {
    const { url, post } = await setUp();
    expect((await post('/api/purge', ' '.repeat(1_048_576))).status).toBe(400);
    expect((await post('/api/purge', ' '.repeat(1_048_577))).status).toBe(413);
    let left = 1_100;
    const body = new ReadableStream({
      pull: (to) => (left-- > 0 ? to.enqueue(new Uint8Array(1024)) : to.close()),
    });
    const streamed = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await fetch(`${url}/api/purge`, streamed)).status).toBe(413);
  });
});
