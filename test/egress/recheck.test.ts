import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEgress } from '../../src/egress/egress.ts';
import type { Egress } from '../../src/egress/exit.ts';
import type { RenderInput } from '../../src/page/snapshot.ts';
import { ask, egressSettings, generous, siteAt, startOrigin } from './support.ts';

const never = new AbortController().signal;

async function start(): Promise<Egress> {
  const egress = await createEgress(egressSettings());
  onTestFinished(() => egress.close());
  return egress;
}

/** What a render of these paths writes down. */
async function inputsOf(egress: Egress, origin: URL, ...paths: string[]): Promise<readonly RenderInput[]> {
  const tab = await egress.openTab();
  const traffic = tab.begin({ site: siteAt(origin), ...generous });
  for (const path of paths)
    await ask(tab, `https://www.example.com${path}`, { headers: { 'accept-encoding': 'gzip' } });
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
    const [input] = await inputsOf(egress, origin.url, '/api');
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unchanged');
    expect(origin.seen[1]?.headers).toMatchObject({ host: 'www.example.com', 'x-prerender': '1' });
  });

  it('is compared by what it says, however it is packed, and by its status', async () => {
    let [body, level, status] = ['{"price":10}', 1, 200];
    const origin = await startOrigin((_request, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(gzipSync(body, { level })),
    );
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, '/api');
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
    const [input] = await inputsOf(egress, origin.url, '/api');
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

  it('does not unfold a bomb', async () => {
    let body = Buffer.from('data');
    const origin = await startOrigin((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body)),
    );
    const egress = await start();
    const [input] = await inputsOf(egress, origin.url, '/api');
    body = Buffer.alloc(20_000_000);
    expect(input && (await egress.recheck(input, siteAt(origin.url), never))).toBe('unknown');
  });
});
