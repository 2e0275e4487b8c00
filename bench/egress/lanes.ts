import type { CDPSession, Page } from 'puppeteer';
import type { Egress, TabExit } from '../../src/egress/exit.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Site } from '../../src/page/site.ts';
import type { ChromiumProcess } from '../../src/render/chromium-process.ts';
import { signInToExit } from '../../src/render/exit-sign-in.ts';
import type { Renderer } from '../../src/render/renderer.ts';

/** One page to load. */
export interface Load {
  /** Where the application answers. */
  readonly originUrl: URL;
  /** Its public name: each application has its own, since a browser's cache knows them by it. */
  readonly host: string;
  readonly path: string;
  /** Resolves when the page is complete; rejects when it never is. */
  readonly completed: (page: Page) => Promise<void>;
}

/** A way to load pages: one tab. */
export interface Lane {
  readonly name: string;
  load(load: Load): Promise<void>;
}

const direct = 'direct://';
/** Chromium goes around a proxy for loopback unless it is told not to. */
const proxyBypassList = ['<-loopback>'];

export async function directly({ browser }: ChromiumProcess): Promise<Lane> {
  const context = await browser.createBrowserContext({ proxyServer: direct, proxyBypassList });
  const page = await context.newPage();
  const session = await page.createCDPSession();
  return { name: 'without', load: (load) => loaded(page, session, load.originUrl.origin, load) };
}

export async function throughEgress(
  { browser }: ChromiumProcess,
  egress: Egress,
  scheme: 'http' | 'https',
): Promise<Lane> {
  const exit = await egress.openTab();
  const context = await browser.createBrowserContext({ proxyServer: exit.proxyServer, proxyBypassList });
  const page = await context.newPage();
  const session = await page.createCDPSession();
  await session.send('Page.enable');
  await session.send('Network.enable');
  await signInToExit(session, exit);
  await session.send('Network.disable');
  return {
    name: `through the egress, ${scheme}`,
    load(load) {
      const site = siteOf(load, scheme);
      return inTraffic(exit, site, () => loaded(page, session, site.publicUrl.origin, load));
    },
  };
}

export function asRender(renderer: Renderer): Lane {
  return {
    name: 'a whole render, https',
    async load(load) {
      const target = pageTarget(siteOf(load, 'https'), load.path, 'desktop', () => true);
      if (target === undefined) throw new Error(`not a path: ${load.path}`);
      await renderer.render({ target, priority: 'interactive', client: '' }, new AbortController().signal);
    },
  };
}

async function inTraffic(exit: TabExit, site: Site, load: () => Promise<void>): Promise<void> {
  const traffic = exit.begin({ site, documentUrl: site.publicUrl.href, maxBytes: 50_000_000, maxRequests: 1_000 });
  await load();
  traffic.end();
}

/** What a render does with a page, without what does not depend on where its bytes come from. */
async function loaded(page: Page, session: CDPSession, base: string, { path, completed }: Load): Promise<void> {
  await page.goto(base + path, { waitUntil: 'load' });
  await completed(page);
  // Some applications never rest; one that is left to itself would be at work in the next lane's time, or navigate in the midst of the next load.
  await page.goto('about:blank');
  await session.send('Storage.clearDataForOrigin', { origin: base, storageTypes: 'all' });
}

function siteOf({ host, originUrl }: Load, scheme: 'http' | 'https'): Site {
  const publicUrl = new URL(`${scheme}://${host}`);
  return { publicUrl, originUrl, hosts: [publicUrl.host] };
}
