import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { configFrom } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { siteConfigs } from '../../src/config/sites.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Rendering, RenderingParts } from '../../src/rendering/rendering.ts';

type Build = (config: Config, version: string, parts: RenderingParts) => Promise<Rendering>;

const noRequest = new AbortController().signal;

/** What every `Rendering` does, wherever it does it. */
export function describeRendering(name: string, build: Build): void {
  describe(name, () => {
    const ends: (() => unknown)[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });

    async function listening(answer: RequestListener): Promise<number> {
      const server = createServer(answer).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      ends.push(() => server.close().closeAllConnections());
      return (server.address() as AddressInfo).port;
    }

    /** In front of an application whose pages say what this returns. */
    async function rendering(script: (path: string) => string = () => '') {
      const port = await listening((request, response) => {
        response.setHeader('content-type', 'text/html').setHeader('etag', `"${request.url}"`);
        const isKnown = request.headers['if-none-match'] === `"${request.url}"`;
        if (isKnown) response.writeHead(304).end();
        else response.end(`<!doctype html><p>page</p><script type="module">${script(request.url ?? '')}</script>`);
      });
      const config = configFrom({
        origin: `http://127.0.0.1:${port}`,
        publicUrl: 'https://shop.example',
        render: { tabs: 1, timeout: '10s' },
        egress: { privateNetworks: ['127.0.0.0/8'] },
      });
      const [{ site }] = siteConfigs(config) as [ReturnType<typeof siteConfigs>[number]];
      const events: PrefaceEvent[] = [];
      const built = await build(config, '1', { clock: systemClock, report: (event) => void events.push(event) });
      ends.push(() => built.close());
      const render = (path: string, signal = noRequest) => {
        const target = pageTarget(site, path, 'desktop', () => true);
        if (target === undefined) throw new Error(path);
        return built.renderer.render({ target, priority: 'interactive', client: '' }, signal);
      };
      return { built, site, events, render };
    }

    it('is ready once it is warm, says so, and tells of its browser', async () => {
      const { built, events } = await rendering();
      expect(built.state().notReady).toEqual(['no browser']);
      await built.warm();
      expect(built.state()).toMatchObject({ notReady: [], tabs: 1, chromium: { pid: expect.any(Number) } });
      expect(events.map(({ type }) => type)).toContain('browser.started');
    });

    it('renders a page of the public address, with what it was made from', async () => {
      const { render } = await rendering(() => 'document.querySelector("p").textContent = location.href');
      const { status, html, inputs } = await render('/lamps?n=1');
      expect(status).toBe(200);
      expect(html).toContain('https://shop.example/lamps?n=1');
      expect(inputs).toMatchObject([{ type: 'document', url: 'https://shop.example/lamps?n=1', etag: '"/lamps?n=1"' }]);
    });

    it('knows whether an input of a page has changed', async () => {
      const { built, site, render } = await rendering();
      const [document] = (await render('/')).inputs;
      if (document === undefined) throw new Error('the page has no inputs');
      expect(await built.recheck(document, site, noRequest)).toBe('unchanged');
      const { etag: _, ...another } = document;
      expect(await built.recheck({ ...another, bodyHash: 'another' }, site, noRequest)).toBe('changed');
      await built.forgetAssets();
    });

    it('gives a render up when nobody waits for it any more', async () => {
      const { render } = await rendering(() => 'await new Promise(() => setInterval(() => fetch("/"), 100))');
      const leaving = new AbortController();
      const given = expect(render('/', leaving.signal)).rejects.toMatchObject({
        name: 'RenderError',
        code: 'aborted',
      });
      leaving.abort();
      await given;
      await expect(render('/', AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    });

    it('lets no page get to a port that it is to be kept from', async () => {
      const asked: string[] = [];
      const port = await listening((request, response) => {
        asked.push(request.url ?? '');
        response.setHeader('access-control-allow-origin', '*').end('secret');
      });
      const { built, render } = await rendering(
        (path) =>
          `document.querySelector("p").textContent = await fetch("http://127.0.0.1:${port}${path}").then((a) => a.text(), () => "kept away")`,
      );
      expect((await render('/before')).html).toContain('secret');
      built.keepFrom(port);
      expect((await render('/after')).html).toContain('kept away');
      expect(asked).toEqual(['/before']);
    });
  });
}
