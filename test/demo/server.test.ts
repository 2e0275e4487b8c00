import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../demo/server.ts';
import { linesToTry } from '../../src/cli/demo.ts';
import { buildDemoOnce } from './built-demo.ts';

let demo: Demo;

beforeAll(async () => {
  await buildDemoOnce();
  demo = await startDemo();
});

afterAll(() => demo.close());

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(demo.url + path, init);

/** `fetch` resolves dot segments before it asks; this sends the path as it is. */
function getRaw(path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(demo.url, { path }, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

async function hashedScript(): Promise<string> {
  const path = /src="(\/assets\/[^"]+\.js)"/.exec(await (await get('/')).text())?.[1];
  if (path === undefined) throw new Error('the shell names no script');
  return path;
}

describe('the pages', () => {
  it('are all the same shell, with nothing in it for somebody who runs no script', async () => {
    const home = await get('/');
    const shell = await home.text();
    expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(shell).toContain('<div id="root"></div>');
    expect(shell).not.toMatch(/lantern/i);
    for (const path of ['/lanterns/paper-moon?from=mail', '/workshop', '/no/such/page']) {
      const page = await get(path);
      expect([page.status, await page.text()]).toEqual([200, shell]);
    }
  });

  it('are checked again at every visit', async () => {
    const first = await get('/');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const again = await get('/', { headers: { 'if-none-match': `"other", W/${first.headers.get('etag')}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

describe('files', () => {
  it('with a hash in their name may be kept for ever', async () => {
    const script = await get(await hashedScript());
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('etag')).toMatch(/^"[\w-]{22}"$/);
  });

  it('that do not exist are 404, and not the shell', async () => {
    const missing = await get('/assets/index-00000000.js');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/plain; charset=utf-8']);
  });

  it('outside of the build cannot be named', async () => {
    for (const path of ['/../server.ts', '/..%2fserver.ts', '/assets/../../server.ts', '//etc/passwd']) {
      const { body } = await getRaw(path);
      expect(body).not.toContain('createServer');
      expect(body).not.toContain('root:');
    }
  });

  it('are described to HEAD as to GET, without their body', async () => {
    const [got, headed] = await Promise.all([get('/favicon.svg'), get('/favicon.svg', { method: 'HEAD' })]);
    for (const name of ['content-type', 'content-length', 'etag']) {
      expect(headed.headers.get(name)).toBe(got.headers.get(name));
    }
    expect(await headed.text()).toBe('');
  });
});

describe('the data', () => {
  it('lists the lanterns, each with a page of its own', async () => {
    const list = (await (await get('/api/products')).json()) as { id: string; name: string }[];
    expect(list.length).toBeGreaterThanOrEqual(6);
    for (const { id, name } of list) {
      expect(await (await get(`/api/products/${id}`)).json()).toMatchObject({ id, name });
    }
  });

  it('takes a moment', async () => {
    const begin = performance.now();
    await get('/api/products');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(35);
  });

  it('that nobody has is 404, in JSON', async () => {
    for (const path of ['/api/products/no-such', '/api/products/paper-moon/x', '/api', '/api/orders']) {
      const answer = await get(path);
      expect([answer.status, await answer.json()]).toEqual([404, { error: 'not-found', path }]);
    }
  });

  it('can be asked whether it has changed', async () => {
    const first = await get('/api/products/paper-moon');
    const again = await get('/api/products/paper-moon', {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });
});

describe('the server', () => {
  it('refuses what is not a question', async () => {
    const answer = await get('/api/products', { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('names every page in the sitemap, under the host that was asked', async () => {
    const text = await (await get('/sitemap.xml', { headers: { 'x-forwarded-host': 'shop.example' } })).text();
    expect(text).toContain('<loc>http://shop.example/</loc>');
    expect(text).toContain('<loc>http://shop.example/lanterns/paper-moon</loc>');
  });

  it('has every page that the command line suggests to try', async () => {
    const text = await (await get('/sitemap.xml')).text();
    const suggested = [...linesToTry(demo.url, demo.url).matchAll(/curl.* (http\S+)/g)].map(([, url]) => url);
    expect(suggested.length).toBeGreaterThan(0);
    for (const url of suggested) expect(text).toContain(`<loc>${url}</loc>`);
  });

  it('says that a port is taken', async () => {
    await expect(startDemo(Number(new URL(demo.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is gone when it is closed, open connections or not', async () => {
    const other = await startDemo();
    await (await fetch(other.url)).text();
    await other.close();
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

describe('the pictures for link previews', () => {
  it('are there for every lantern, as PNG of 1200 by 630 and less than 60 kB', async () => {
    const list = (await (await get('/api/products')).json()) as { id: string }[];
    const directory = join(import.meta.dirname, '../../demo/public/cards');
    const names = await readdir(directory);
    expect(names.toSorted()).toEqual([...list.map(({ id }) => `${id}.png`), 'nightjar.png'].toSorted());
    for (const name of names) {
      const png = await readFile(join(directory, name));
      expect(png.toString('latin1', 1, 4)).toBe('PNG');
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
      expect(png.byteLength).toBeLessThan(60_000);
    }
  });
});
