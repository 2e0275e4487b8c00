import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../src/config/schema.ts';
import { startPreface } from '../fixtures/preface.ts';
import { spaHandler, spaShell, startOrigin } from '../fixtures/spa.ts';

const publicUrl = 'https://shop.example';
const paths = ['/p/1', '/p/2', '/p/3'];
const sitemap = `<urlset>${paths.map((path) => `<url><loc>${publicUrl}${path}</loc></url>`).join('')}</urlset>`;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Preface in front of an application whose shell names its version in the address of its script, and in every page. */
async function setUp(settings: ConfigInput = {}) {
  let version = 1;
  const origin = await startOrigin((request, response) => {
    if (request.url === '/sitemap.xml') return void response.end(sitemap);
    if (request.url?.startsWith('/app.js') || request.url?.startsWith('/api/')) return spaHandler(request, response);
    const shell = spaShell
      .replace('/app.js', `/app.js?v=${version}`)
      .replace('<div id="root">', `<footer>version ${version}</footer><div id="root">`);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(shell);
  });
  closers.push(() => origin.close());
  const preface = await startPreface({ origin: origin.url, publicUrl, ...settings });
  closers.push(() => preface.close());
  const { adminUrl } = preface;

  async function read(path: string) {
    const { headers, body } = await preface.ask(path, { 'user-agent': 'Twitterbot/1.0', host: 'shop.example' });
    return { cache: String(headers['cache-status']), version: Number(/version (\d)/.exec(body.toString())?.[1]) };
  }

  async function states(): Promise<Record<string, string>> {
    const { pages } = await (await fetch(`${adminUrl}/api/pages`)).json();
    return Object.fromEntries(
      pages.map(({ url, state }: Record<string, string>) => [new URL(`${url}`).pathname, state]),
    );
  }

  /** Events of the proxy from now on, as they come. */
  async function listen() {
    const events = await preface.events();
    closers.push(async () => events.stop());
    return async (pattern: RegExp) => {
      while (!pattern.test(events.text)) await events.more();
    };
  }

  /** Marks one page as stale and has a reader ask for it: what a page does of itself when its time is over. */
  async function letBeRenewed(path: string) {
    await fetch(`${adminUrl}/api/purge`, { method: 'POST', body: JSON.stringify({ urls: [path] }) });
    await read(path);
  }

  return { read, states, listen, letBeRenewed, deploy: () => (version += 1) };
}

describe('a deploy of the application', () => {
  it('makes every page of before stale as soon as one page shows it, and each is renewed as it is asked for', async () => {
    const { read, states, listen, letBeRenewed, deploy } = await setUp();
    for (const path of paths) await read(path);
    const happened = await listen();
    deploy();
    expect((await read('/p/2')).cache).toMatch(/^Preface; hit; ttl=/);

    await letBeRenewed('/p/1');
    await happened(/^event: cache\.purged\ndata: .*"deploy"/m);
    expect(await states()).toEqual({ '/p/1': 'fresh', '/p/2': 'stale', '/p/3': 'stale' });

    expect(await read('/p/2')).toEqual({ cache: expect.stringContaining('fwd=stale'), version: 1 });
    await happened(/^event: render\.done\ndata: .*\/p\/2\b/m);
    expect(await read('/p/2')).toEqual({ cache: expect.stringMatching(/^Preface; hit; ttl=/), version: 2 });
    expect(await states()).toMatchObject({ '/p/3': 'stale' });
  });

  it('is followed by a warm-up where that is wanted: nobody gets a page of before', async () => {
    const { read, listen, letBeRenewed, deploy } = await setUp({
      warm: { sitemap: '/sitemap.xml', rate: 50, afterDeploy: true },
    });
    for (const path of paths) await read(path);
    const happened = await listen();
    deploy();
    await letBeRenewed('/p/1');
    for (const path of ['/p/2', '/p/3']) await happened(new RegExp(`^event: render\\.done\\ndata: .*${path}\\b`, 'm'));
    for (const path of paths) expect(await read(path)).toMatchObject({ version: 2 });
  });

  it('is not what a change of the data is: the other pages stay fresh', async () => {
    const { read, states, listen, letBeRenewed } = await setUp();
    for (const path of paths) await read(path);
    const happened = await listen();
    await letBeRenewed('/p/1');
    await happened(/^event: render\.done\ndata: .*\/p\/1\b/m);
    expect((await read('/p/1')).cache).toMatch(/^Preface; hit/);
    expect(await states()).toEqual({ '/p/1': 'fresh', '/p/2': 'fresh', '/p/3': 'fresh' });
  });
});
