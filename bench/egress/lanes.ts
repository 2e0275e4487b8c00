import type { CDPSession, Page } from 'puppeteer';
import type { Egress, TabExit } from '../../src/egress/exit.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Site } from '../../src/page/site.ts';
import type { ChromiumProcess } from '../../src/render/chromium-process.ts';
import { signInToExit } from '../../src/render/exit-sign-in.ts';
import type { Renderer } from '../../src/render/renderer.ts';
import { holds } from '../../test/fixtures/corpus.ts';

/** One page to load. */
export interface Load {
  /** Where the application answers. */
  readonly originUrl: URL;
  /** Its public name: each application has its own, since a browser's cache knows them by it. */
  readonly host: string;
  readonly path: string;
  /** Texts of the complete page. */
  readonly mustContain: readonly string[];
  /** When it is looked for them: at each change of the document, or every so many milliseconds, for what changes in shadow trees. */
  readonly polling: 'mutation' | number;
}

/** A way to load pages: one tab. */
export interface Lane {
  readonly name: string;
  load(load: Load): Promise<void>;
}

/** Chromium goes around a proxy for loopback unless it is told not to. */
const proxyBypassList = ['<-loopback>'];

export async function directly({ browser }: ChromiumProcess): Promise<Lane> {
  const context = await browser.createBrowserContext({ proxyServer: 'direct://', proxyBypassList });
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
      const job = { target, priority: 'interactive', client: '' } as const;
      const { html } = await renderer.render(job, new AbortController().signal);
      const missing = load.mustContain.find((text) => !holds(html, text));
      if (missing !== undefined) throw new Error(`${load.host}${load.path} lacks ${missing}`);
    },
  };
}

async function inTraffic(exit: TabExit, site: Site, load: () => Promise<void>): Promise<void> {
  const traffic = exit.begin({ site, documentUrl: site.publicUrl.href, maxBytes: 50_000_000, maxRequests: 1_000 });
  await load();
  traffic.end();
}

/** What a render does with a page, without what does not depend on where its bytes come from. */
async function loaded(page: Page, session: CDPSession, base: string, load: Load): Promise<void> {
  await page.goto(base + load.path, { waitUntil: 'load' });
  const { mustContain, polling } = load;
  await page.waitForFunction(contains, { polling, timeout: 5_000 }, mustContain);
  // Some applications never rest; one that is left to itself would be at work in the next lane's time, or navigate in the midst of the next load.
  await page.goto('about:blank');
  await session.send('Storage.clearDataForOrigin', { origin: base, storageTypes: 'all' });
}

/** Runs inside the page: whether all the texts are in its document or its open shadow trees, as HTML. */
function contains(texts: readonly string[]): boolean {
  const written = (root: Element | ShadowRoot): string => {
    const shadows = Array.from(root.querySelectorAll('*'), ({ shadowRoot }) => shadowRoot && written(shadowRoot));
    return root.innerHTML + shadows.join('');
  };
  const html = written(document.documentElement);
  return texts.every((text) => html.includes(text) || html.includes(text.replaceAll('"', '&quot;')));
}

function siteOf({ host, originUrl }: Load, scheme: 'http' | 'https'): Site {
  const publicUrl = new URL(`${scheme}://${host}`);
  return { publicUrl, originUrl, hosts: [publicUrl.host] };
}
