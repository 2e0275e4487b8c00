import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ask, openExit, siteAt, startOrigin } from './support.ts';

const echo = () => startOrigin((_request, response) => response.end('ok'));

describe('the site', () => {
  it('is asked under its public name, with the marks of a render', async () => {
    const origin = await echo();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, 'https://www.example.com/a%20b//c?x=%41', {
      headers: { 'x-prerender': 'page says', 'x-forwarded-host': 'page.says', 'cdn-loop': 'page' },
    });
    expect(origin.seen).toMatchObject([
      {
        url: '/a%20b//c?x=%41',
        headers: {
          host: 'www.example.com',
          'x-prerender': '1',
          'cdn-loop': 'preface',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'www.example.com',
        },
      },
    ]);
  });

  it('is asked under its own name where the settings say so', async () => {
    const origin = await echo();
    const { exit, begin } = await openExit(siteAt(origin.url), { hostHeader: 'origin' });
    begin();
    await ask(exit, 'https://www.example.com/');
    expect(origin.seen[0]?.headers).toMatchObject({ host: origin.url.host, 'x-forwarded-host': 'www.example.com' });
  });

  it('is known by each of its hosts', async () => {
    const origin = await echo();
    const { exit, begin } = await openExit({ ...siteAt(origin.url), hosts: ['www.example.com', 'm.example.com:8080'] });
    begin();
    await ask(exit, 'http://m.example.com:8080/');
    await ask(exit, 'http://www.example.com/');
    expect(origin.seen.map(({ headers }) => headers['x-forwarded-proto'])).toEqual(['http', 'http']);
    await expect(ask(exit, 'https://m.example.com/')).rejects.toThrow();
    expect(origin.seen).toHaveLength(2);
  });

  it('keeps its marks from third parties', async () => {
    const other = await echo();
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), { allowHosts: ['api.example'] });
    begin();
    await ask(exit, `http://api.example:${other.port}/`);
    const headers = other.seen[0]?.headers ?? {};
    expect(headers.host).toBe(`api.example:${other.port}`);
    for (const name of ['x-prerender', 'cdn-loop', 'x-forwarded-proto', 'x-forwarded-host', 'proxy-authorization']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it("gets the operator's fields in place of the page's own, and third parties never do", async () => {
    const [origin, other] = [await echo(), await echo()];
    const { exit, begin } = await openExit(siteAt(origin.url), {
      allowHosts: ['api.example'],
      headers: { 'X-Stage-Key': 'ours' },
    });
    begin();
    await ask(exit, 'https://www.example.com/', { headers: { 'x-stage-key': 'page says' } });
    await ask(exit, `http://api.example:${other.port}/`);
    expect(origin.seen[0]?.headers['x-stage-key']).toBe('ours');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-stage-key');
  });

  it('gets no hop-by-hop fields, nor those that Connection names', async () => {
    const origin = await echo();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, 'https://www.example.com/', {
      headers: { connection: 'keep-alive, x-secret', 'x-secret': '1', te: 'trailers', 'x-kept': '2' },
    });
    const headers = origin.seen[0]?.headers ?? {};
    expect(headers).not.toHaveProperty('x-secret');
    expect(headers).not.toHaveProperty('te');
    expect(headers).toMatchObject({ 'x-kept': '2' });
  });

  it('gets the body of a request', async () => {
    let body = '';
    const origin = await startOrigin(async (request, response) => {
      for await (const piece of request) body += piece;
      response.end();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, 'https://www.example.com/api', { method: 'PUT', body: 'x'.repeat(100_000) });
    expect(body).toHaveLength(100_000);
  });
});

describe('an answer', () => {
  it('comes through with its status, its fields and every cookie, without what concerns one connection', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(404, 'Nothing Here', [
        'Content-Type',
        'text/html',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Own',
        'yes',
        'Connection',
        'X-Hop',
        'X-Hop',
        'no',
        'Strict-Transport-Security',
        'max-age=1000',
        'Alt-Svc',
        'h3=":443"',
      ]);
      response.end('gone');
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const { status, headers, body } = await ask(exit, 'https://www.example.com/');
    expect([status, body]).toEqual([404, 'gone']);
    expect(headers).toMatchObject({ 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] });
    for (const name of ['x-hop', 'strict-transport-security', 'alt-svc']) expect(headers).not.toHaveProperty(name);
  });

  it('is decoded, and hashed as what it says rather than as it was packed', async () => {
    const text = 'hello '.repeat(50_000);
    const origin = await startOrigin((request, response) => {
      if (request.url === '/plain') return void response.end(text);
      const packed = gzipSync(text, { level: request.url === '/best' ? 9 : 1 });
      response.setHeader('content-encoding', 'gzip');
      if (request.url === '/best') return void response.end(packed);
      for (let at = 0; at < packed.length; at += 100) response.write(packed.subarray(at, at + 100));
      response.end();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    for (const path of ['plain', 'best', 'fast']) {
      const answer = await ask(exit, `https://www.example.com/${path}`, { headers: { 'accept-encoding': 'gzip, br' } });
      expect(answer.body === text).toBe(true);
      expect(answer.headers['content-encoding']).toBeUndefined();
    }
    expect(origin.seen[0]?.headers['accept-encoding']).toBe('gzip, br, zstd');
    expect(new Set(traffic.end().map(({ bodyHash }) => bodyHash)).size).toBe(1);
  });

  it('to HEAD has no body', async () => {
    const origin = await startOrigin((_request, response) => response.writeHead(200, { 'content-length': '5' }).end());
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const answer = await ask(exit, 'https://www.example.com/', { method: 'HEAD' });
    expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([200, '', '5']);
  });
});
