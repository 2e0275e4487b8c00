import { describe, expect, it } from 'vitest';
import { createEgress } from '../../src/egress/egress.ts';
import {
  type AskOptions,
  ask,
  egressSettings,
  generous,
  openExit,
  siteAt,
  startOrigin,
  stoppedClock,
} from './support.ts';

const script: AskOptions = { headers: { 'sec-fetch-dest': 'script', 'accept-encoding': 'gzip' } };
const url = 'https://www.example.com/app.js';

describe('the assets kept for all tabs', () => {
  it('are served without the origin while they are fresh, to every tab', async () => {
    const clock = stoppedClock();
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60', 'content-type': 'text/javascript' }).end('run()'),
    );
    const egress = await createEgress(egressSettings({ clock }));
    const tabs = [await egress.openTab(), await egress.openTab()];
    const books = tabs.map((tab) => tab.begin({ site: siteAt(origin.url), ...generous }));
    for (const tab of tabs) expect((await ask(tab, url, script)).body).toBe('run()');
    expect(origin.seen).toHaveLength(1);
    const [first, second] = books.map((traffic) => traffic.end());
    expect(first).toMatchObject([{ verdict: 'allowed', type: 'script' }]);
    expect(second).toMatchObject([{ verdict: 'cached', status: 200, bodyHash: first?.[0]?.bodyHash, bytes: 5 }]);
    await egress.close();
  });

  it('say how old they are, and are asked about when they are stale', async () => {
    const clock = stoppedClock();
    const origin = await startOrigin((request, response) => {
      response.setHeader('cache-control', 'max-age=60');
      response.setHeader('etag', '"v1"');
      response.setHeader('x-turn', String(origin.seen.length));
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.end('run()');
    });
    const { exit, begin } = await openExit(siteAt(origin.url), { clock });
    const traffic = begin();
    await ask(exit, url, script);
    clock.advance(30_000);
    expect((await ask(exit, url, script)).headers.age).toBe('30');
    clock.advance(31_000);
    const renewed = await ask(exit, url, script);
    expect([renewed.status, renewed.body, renewed.headers['x-turn']]).toEqual([200, 'run()', '2']);
    expect(origin.seen).toHaveLength(2);
    clock.advance(30_000);
    await ask(exit, url, script);
    expect(origin.seen).toHaveLength(2);
    expect(traffic.end().map(({ verdict }) => verdict)).toEqual(['allowed', 'cached', 'cached', 'cached']);
  });

  it('are replaced when the origin has a new version', async () => {
    let version = 1;
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'no-cache', etag: `"v${version}"` }).end(`run(${version})`),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, url, script);
    version = 2;
    expect((await ask(exit, url, script)).body).toBe('run(2)');
    expect(origin.seen[1]?.headers['if-none-match']).toBe('"v1"');
  });

  it('answer 304 to a browser that has them', async () => {
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60', etag: '"v1"' }).end('run()'),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, url, script);
    const answer = await ask(exit, url, { headers: { ...script.headers, 'if-none-match': '"v1"' } });
    expect([answer.status, answer.body]).toEqual([304, '']);
    expect(origin.seen).toHaveLength(1);
  });

  it('are not mistaken for what a browser asks about itself', async () => {
    const clock = stoppedClock();
    const origin = await startOrigin((request, response) => {
      response.setHeader('cache-control', 'max-age=60');
      if (request.headers['if-none-match'] === '"other"') response.writeHead(304).end();
      else response.end('run()');
    });
    const { exit, begin } = await openExit(siteAt(origin.url), { clock });
    begin();
    await ask(exit, url, script);
    clock.advance(61_000);
    const answer = await ask(exit, url, { headers: { ...script.headers, 'if-none-match': '"other"' } });
    expect(answer.status).toBe(304);
  });

  it('are renewed by a 304 whose tag was weakened on its way', async () => {
    const origin = await startOrigin((request, response) => {
      response.setHeader('cache-control', 'no-cache');
      if (request.headers['if-none-match'] !== undefined) response.writeHead(304, { etag: 'W/"v1"' }).end();
      else response.writeHead(200, { etag: '"v1"' }).end('run()');
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, url, script);
    const answer = await ask(exit, url, script);
    expect([answer.status, answer.body]).toEqual([200, 'run()']);
    expect(origin.seen).toHaveLength(2);
  });

  it('may be forgotten while the origin is asked about them', async () => {
    const egress = await createEgress(egressSettings());
    const origin = await startOrigin((request, response) => {
      response.setHeader('cache-control', 'no-cache');
      response.setHeader('etag', '"v1"');
      if (request.headers['if-none-match'] === undefined) return response.end('run()');
      egress.forgetAssets();
      return response.writeHead(304).end();
    });
    const tab = await egress.openTab();
    tab.begin({ site: siteAt(origin.url), ...generous });
    await ask(tab, url, script);
    const answer = await ask(tab, url, script);
    expect([answer.status, answer.body]).toEqual([200, 'run()']);
    await egress.close();
  });

  it('are asked for anew when a 304 means another version', async () => {
    const origin = await startOrigin((request, response) => {
      response.setHeader('cache-control', 'no-cache');
      if (request.headers['if-none-match'] !== undefined) response.writeHead(304, { etag: '"v2"' }).end();
      else response.writeHead(200, { etag: '"v1"' }).end(`run(${origin.seen.length})`);
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, url, script);
    const answer = await ask(exit, url, script);
    expect([answer.status, answer.body]).toEqual([200, 'run(3)']);
  });

  it('fail, and are not empty, where an origin says 304 to no question', async () => {
    const origin = await startOrigin((_request, response) => response.writeHead(304).end());
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    await expect(ask(exit, url, script)).rejects.toThrow();
    expect(traffic.end()).toMatchObject([{ verdict: 'failed', because: 'unreachable' }]);
  });

  it('are not used for a reload, a part, or another origin', async () => {
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60' }).end('run()'),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const variants = [{}, { 'cache-control': 'no-cache' }, { range: 'bytes=0-1' }, { origin: 'https://a.example' }];
    for (const more of variants) await ask(exit, url, { headers: { ...script.headers, ...more } });
    expect(origin.seen).toHaveLength(4);
  });

  it.each([
    ['documents', 'document', 'text/html'],
    ['frames', 'iframe', 'text/html'],
    ['data', 'empty', 'application/json'],
  ])('are never %s', async (_, destination, type) => {
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60', 'content-type': type }).end('{}'),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    for (let turn = 0; turn < 2; turn++) await ask(exit, url, { headers: { 'sec-fetch-dest': destination } });
    expect(origin.seen).toHaveLength(2);
  });

  it('are forgotten on request', async () => {
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60' }).end('run()'),
    );
    const egress = await createEgress(egressSettings());
    const tab = await egress.openTab();
    tab.begin({ site: siteAt(origin.url), ...generous });
    await ask(tab, url, script);
    egress.forgetAssets();
    await ask(tab, url, script);
    expect(origin.seen).toHaveLength(2);
    await egress.close();
  });

  it('stay within their bytes; what was used last stays', async () => {
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60' }).end('x'.repeat(20_000)),
    );
    const { exit, begin } = await openExit(siteAt(origin.url), { assetCacheBytes: 100_000 });
    begin();
    const askFor = (name: string) => ask(exit, `https://www.example.com/${name}.js`, script);
    for (const name of ['a', 'b', 'c', 'd', 'a', 'e']) await askFor(name);
    expect(origin.seen.map(({ url: path }) => path)).toEqual(['/a.js', '/b.js', '/c.js', '/d.js', '/e.js']);
    await askFor('a');
    await askFor('b');
    expect(origin.seen.map(({ url: path }) => path).slice(5)).toEqual(['/b.js']);
  });
});
