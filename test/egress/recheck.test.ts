import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/egress/egress.ts';
import type { Egress } from '../../src/egress/exit.ts';
import type { RenderInput } from '../../src/page/snapshot.ts';
import { ask, egressSettings, generous, siteAt, startOrigin } from './support.ts';

const never = new AbortController().signal;

async function start(changes: Parameters<typeof egressSettings>[0] = {}): Promise<Egress> {
  const egress = await createEgress(egressSettings(changes));
  onTestFinished(() => egress.close());
  return egress;
}

/** What a render of these paths writes down. */
async function inputsOf(
  egress: Egress,
  origin: URL,
  paths: readonly string[],
  headers: Record<string, string> = {},
  limits: Partial<typeof generous> = {},
): Promise<readonly RenderInput[]> {
  const tab = await egress.openTab();
  const traffic = tab.begin({ site: siteAt(origin), ...generous, ...limits });
  for (const path of paths)
    await ask(tab, `https://www.example.com${path}`, { headers: { 'accept-encoding': 'gzip', ...headers } }).catch(
      () => {},
    );
  const inputs = traffic.end();
  await tab.close();
  return inputs;
}

describe('an input asked for again', () => {
  it('is unchanged when the origin says 304, and a render is not needed to know', async () => {
    const origin = await startOrigin((request, response) => {
      response.setHeader('etag', '"v1"');
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.end('data');
    });
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, ['/api']);
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unchanged');
    expect(origin.seen[1]?.headers).toMatchObject({ host: 'www.example.com', 'x-prerender': '1' });
  });

  it("is asked for with the operator's fields, as the render did", async () => {
    const origin = await startOrigin((_request, response) => response.setHeader('etag', '"v1"').end('data'));
    const egress = await start({ headers: { 'X-Stage-Key': 'k' } });
    const [input] = await inputsOf(egress, origin.url, ['/api']);
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unchanged');
    expect(origin.seen.map(({ headers }) => headers['x-stage-key'])).toEqual(['k', 'k']);
  });

  it('is compared by what it says, however it is packed, and by its status', async () => {
    let [body, level, status] = ['{"price":10}', 1, 200];
    const origin = await startOrigin((_request, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(gzipSync(body, { level })),
    );
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, ['/api']);
    const state = () => input && egress.recheck(input, siteAt(origin.url), never);
    level = 9;
    expect(await state()).toBe('unchanged');
    body = '{"price":11}';
    expect(await state()).toBe('changed');
    [body, status] = ['{"price":10}', 404];
    expect(await state()).toBe('changed');
  });

  it('is unknown where asking again tells nothing', async () => {
    const origin = await startOrigin((_request, response) => response.end('data'));
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, ['/api']);
    if (input === undefined) throw new Error('nothing was recorded');
    const state = (changes: Partial<RenderInput>) =>
      egress.recheck({ ...input, ...changes }, siteAt(origin.url), never);
    const { bodyHash: _, ...unseen } = input;
    expect(await state({ method: 'POST' })).toBe('unknown');
    expect(await state({ verdict: 'failed' })).toBe('unknown');
    expect(await egress.recheck(unseen, siteAt(origin.url), never)).toBe('unknown');
    expect(await state({ url: 'http://127.0.0.1:1/api' })).toBe('unknown');
    expect(await egress.recheck(input, siteAt(new URL('http://127.0.0.1:1')), never)).toBe('unknown');
    expect(await egress.recheck(input, siteAt(origin.url), AbortSignal.abort())).toBe('unknown');
    expect(await state({ verdict: 'blocked' })).toBe('unchanged');
    expect(origin.seen).toHaveLength(1);
  });

  it.each(['x-robots-tag', 'cache-control', 'surrogate-key', 'link'])(
    'has changed when a document has another %s, though the origin would say 304',
    async (name) => {
      let value = 'one';
      const origin = await startOrigin((request, response) => {
        response.setHeader('etag', '"v1"').setHeader(name, value);
        if (request.headers['if-none-match'] !== undefined) response.writeHead(304).end();
        else response.end('<p>text');
      });
      const egress = await start();
      const [input] = await inputsOf(egress, origin.url, ['/'], { 'sec-fetch-dest': 'document' });
      const state = () => input && egress.recheck(input, siteAt(origin.url), never);
      expect(await state()).toBe('unchanged');
      value = 'two';
      expect(await state()).toBe('changed');
    },
  );

  it('is unknown when it led elsewhere: only its body was seen', async () => {
    const origin = await startOrigin((_request, response) => response.writeHead(302, { location: '/b' }).end('moved'));
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, ['/a']);
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unknown');
  });

  it('is unknown when a limit kept it out, and not unchanged', async () => {
    const origin = await startOrigin((_request, response) => response.end('data'));
    const egress = await start();
    const inputs = await inputsOf(egress, origin.url, ['/a', '/b'], {}, { maxRequests: 1 });
    expect(inputs[1]).toMatchObject({ verdict: 'refused', because: 'request-limit' });
    expect(inputs[1] && (await egress.recheck(inputs[1], siteAt(origin.url), never))).toBe('unknown');
  });

  it('is sent again with its body when it is a short POST to the site, and is never a longer one', async () => {
    let price = 10;
    const origin = await startOrigin(async (request, response) => {
      let query = '';
      for await (const piece of request) query += piece;
      response.end(`${request.headers['content-type']} ${query.length > 20 ? 'long' : query} ${price}`);
    });
    const egress = await start();
    const tab = await egress.openTab();
    const traffic = tab.begin({ site: siteAt(origin.url), ...generous });
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{"q":"price"}', 'x'.repeat(17_000), Buffer.from([0xff, 0xfe])])
      await ask(tab, 'https://www.example.com/graphql', { method: 'POST', headers, body });
    const inputs = traffic.end();
    const states = () => Promise.all(inputs.map((input) => egress.recheck(input, siteAt(origin.url), never)));
    expect(await states()).toEqual(['unchanged', 'unknown', 'unknown']);
    price = 11;
    expect(await states()).toEqual(['changed', 'unknown', 'unknown']);
    expect(inputs.map(({ requestBody }) => requestBody)).toEqual(['{"q":"price"}', undefined, undefined]);
  });

  it('is compared whole when it is large, packed or not', async () => {
    const body = 'all the products of a shop '.repeat(100_000);
    const origin = await startOrigin((request, response) =>
      request.url === '/packed'
        ? response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body))
        : response.end(body),
    );
    const egress = await start();
    const inputs = await inputsOf(egress, origin.url, ['/packed', '/plain']);
    const states = inputs.map((input) => egress.recheck(input, siteAt(origin.url), never));
    expect(await Promise.all(states)).toEqual(['unchanged', 'unchanged']);
  });

  it('does not unfold a bomb', async () => {
    let body = Buffer.from('data');
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body)),
    );
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, ['/api']);
    body = Buffer.alloc(20_000_000);
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unknown');
  });
});
