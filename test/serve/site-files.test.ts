import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSiteFiles } from '../../src/serve/site-files.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function siteWith(answer: RequestListener, { limitMs = 5000, hostHeader = 'public' as const } = {}) {
  const originUrl = new URL(await listen(answer));
  const site = { publicUrl: new URL('https://shop.example'), originUrl, hosts: ['shop.example', 'www.shop.example'] };
  const fetchFile = createSiteFiles({ site, hostHeader, userAgent: 'Preface', waitMs: 2000, limitMs });
  return (url: string, signal = new AbortController().signal) => fetchFile(url, signal);
}

const textOf = async (body: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(body)).toString();

describe('a file of a site', () => {
  it('is asked from the origin, which sees the public host', async () => {
    const seen: object[] = [];
    const fetchFile = await siteWith(({ url, headers }, response) => {
      seen.push({ url, host: headers.host, proto: headers['x-forwarded-proto'], agent: headers['user-agent'] });
      response.end('text');
    });
    const file = await fetchFile('https://www.shop.example/robots.txt?x=1#part');
    expect(file.kind === 'found' && (await textOf(file.body))).toBe('text');
    expect(seen).toEqual([{ url: '/robots.txt?x=1', host: 'shop.example', proto: 'https', agent: 'Preface' }]);
  });

  it('follows redirects on the site, not without end and never to another host', async () => {
    const canary: string[] = [];
    const elsewhere = await listen(({ url }, response) => {
      canary.push(url ?? '');
      response.end();
    });
    const fetchFile = await siteWith(({ url = '' }, response) => {
      const to: Record<string, string> = {
        '/sitemap.xml': 'https://shop.example/sitemap_index.xml',
        '/away': `${elsewhere}/secret`,
        '/round': '/round',
      };
      if (to[url]) response.writeHead(302, { location: to[url] }).end();
      else response.end(`this is ${url}`);
    });
    const file = await fetchFile('https://shop.example/sitemap.xml');
    expect(file.kind === 'found' && (await textOf(file.body))).toBe('this is /sitemap_index.xml');
    expect(await fetchFile('https://shop.example/away')).toEqual({
      kind: 'failed',
      because: `leads to another host: ${elsewhere}/secret`,
    });
    expect(await fetchFile('https://shop.example/round')).toEqual({ kind: 'failed', because: 'redirects without end' });
    expect(canary).toEqual([]);
  });

  it.each([
    'https://evil.example/sitemap.xml',
    'https://shop.example@evil.example/',
    'https://shop.example.evil.example/',
    'https://shop.example\\@evil.example/',
    'file:///etc/passwd',
    '//shop.example/',
  ])('is not asked for when it is %s', async (url) => {
    let asked = 0;
    const fetchFile = await siteWith((_, response) => {
      asked += 1;
      response.end();
    });
    expect((await fetchFile(url)).kind).toBe('failed');
    expect(asked).toBe(0);
  });

  it('tells that there is none from that it cannot be had', async () => {
    const fetchFile = await siteWith(({ url }, response) => response.writeHead(url === '/none' ? 404 : 503).end());
    expect(await fetchFile('https://shop.example/none')).toEqual({
      kind: 'none',
      status: 404,
      because: 'answered 404',
    });
    expect(await fetchFile('https://shop.example/busy')).toEqual({ kind: 'failed', because: 'answered 503' });
  });

  it('is given up when it takes too long, and when nobody wants it any more', async () => {
    const fetchFile = await siteWith(() => {}, { limitMs: 50 });
    expect(await fetchFile('https://shop.example/slow')).toMatchObject({ kind: 'failed' });
    const stop = new AbortController();
    const patient = await siteWith(() => stop.abort());
    expect(await patient('https://shop.example/slow', stop.signal)).toEqual({ kind: 'failed', because: 'was stopped' });
  });
});
