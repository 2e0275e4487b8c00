import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/clock.ts';
import { createEgress } from '../../src/egress/egress.ts';
import type { Egress } from '../../src/egress/exit.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Device } from '../../src/page/page-target.ts';
import type { Site } from '../../src/page/site.ts';
import { createRenderEngine, type RenderEngine, type RenderEngineSettings } from '../../src/render/render-engine.ts';
import { createRenderRoom, type RenderRoom } from '../../src/render/render-room.ts';
import type { RenderJob } from '../../src/render/renderer.ts';
import type { AttachSettler } from '../../src/render/settling.ts';
import { closedEgress } from '../fixtures/egress-settings.ts';

export type Pages = (request: IncomingMessage, response: ServerResponse) => void;

export interface RenderFixture extends AsyncDisposable {
  readonly engine: RenderEngine;
  readonly room: RenderRoom;
  readonly egress: Egress;
  readonly events: PrefaceEvent[];
  readonly site: Site;
  job(path: string, device?: Device): RenderJob;
  /** Renders with the gate; `limitMs` is the caller's own patience. */
  render(path: string, device?: Device): ReturnType<RenderRoom['renderer']['render']>;
}

/** How many renders may wait for a tab. */
const maxWaiting = 50;

export const engineSettings: RenderEngineSettings = {
  tabs: 2,
  isolation: 'wiped',
  sandbox: 'auto',
  niceness: 0,
  chromiumPath: undefined,
  device: {
    viewports: { desktop: { width: 1280, height: 4000 }, mobile: { width: 412, height: 4000 } },
    version: '9.9.9',
  },
  settle: { horizonMs: 5000, longRequestMs: 2000, quietMs: 0 },
  timeoutMs: 10_000,
  maxBytes: 10_000_000,
  maxRequests: 200,
  maxHtmlBytes: 1_000_000,
  minText: 1,
  shadowDom: 'declarative',
};

/** A render room in front of an origin of the test's own, under the public name `https://shop.example`. */
export async function renderFixture(
  pages: Pages,
  settings: Partial<RenderEngineSettings & { readonly maxWaiting: number }> = {},
  settler?: AttachSettler,
): Promise<RenderFixture> {
  const origin = await listen(createServer(pages));
  const { port } = origin.address() as AddressInfo;
  const site: Site = {
    publicUrl: new URL('https://shop.example'),
    originUrl: new URL(`http://127.0.0.1:${port}`),
    hosts: ['shop.example', 'frame.example'],
  };
  const events: PrefaceEvent[] = [];
  const report = (event: PrefaceEvent) => void events.push(event);
  const egress = await createEgress(closedEgress({ assetCacheBytes: 1_000_000, report }));
  const all = { ...engineSettings, maxWaiting, ...settings };
  const parts = { egress, clock: systemClock, report, ...(settler && { attachSettler: settler }) };
  const engine = createRenderEngine(all, parts);
  const room = createRenderRoom(engine, { ...all, limit: all.tabs, maxWaitMs: all.timeoutMs }, systemClock);
  const job = (path: string, device: Device = 'desktop'): RenderJob => {
    const target = pageTarget(site, path, device, () => true);
    if (target === undefined) throw new Error(`not a path: ${path}`);
    return { target, priority: 'interactive', client: '' };
  };
  return {
    engine,
    room,
    egress,
    events,
    site,
    job,
    render: (path, device) => room.renderer.render(job(path, device), new AbortController().signal),
    async [Symbol.asyncDispose]() {
      await engine.close();
      await egress.close();
      origin.closeAllConnections();
      origin.close();
    },
  };
}

async function listen(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A whole HTML document with this body. */
export function html(body: string, head = '<title>page</title>'): string {
  return `<!doctype html><html><head>${head}</head><body>${body}</body></html>`;
}
