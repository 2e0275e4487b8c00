import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer, { type Page } from 'puppeteer';
import { afterAll, beforeAll } from 'vitest';
import { findChromium } from '../../src/render/find-chromium.ts';
import { installSerialiseHooks } from '../../src/render/in-page/serialise-hooks.ts';
import type { SerialisedPage, SerialiseOptions } from '../../src/render/page-signs.ts';
import { serialise } from '../../src/render/serialise.ts';

/** A browser with a page that runs scripts, one that does not, and a server that gives them what a test says. */
export interface Serialising extends AsyncDisposable {
  /** The page that runs scripts. */
  readonly live: Page;
  /** Loads a document into it and runs the page's code there. */
  load(html: string, script?: () => unknown): Promise<void>;
  /** Writes down what is loaded. */
  write(options?: Partial<SerialiseOptions>): Promise<SerialisedPage>;
  /** Parses HTML as a reader without scripts would, at the same address. */
  read(html: string): Promise<Page>;
  /** Paths asked for since the document was loaded. */
  readonly requests: string[];
}

/** The same for all tests of a file, with what most of them write. */
export function serialisingTests() {
  let on: Serialising;
  beforeAll(async () => {
    on = await startSerialising();
  });
  afterAll(() => on[Symbol.asyncDispose]());
  return {
    on: () => on,
    page: (body: string, head = '') => `<!DOCTYPE html><html><head>${head}</head><body>${body}</body></html>`,
    /** The HTML as it is written down. */
    async html(document: string, script?: () => unknown): Promise<string> {
      await on.load(document, script);
      return (await on.write()).html;
    },
  };
}

export async function startSerialising(): Promise<Serialising> {
  let document = '';
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const isDocument = request.url === '/shop/page';
    response.writeHead(isDocument ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(isDocument ? document : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop/page`;

  const found = await findChromium({ env: process.env });
  if (found === undefined) throw new Error('no Chromium was found');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await puppeteer.launch({ executablePath: found.path, args });
  const live = await browser.newPage();
  const session = await live.createCDPSession();
  await live.evaluateOnNewDocument(installSerialiseHooks);
  const reader = await browser.newPage();
  await reader.setJavaScriptEnabled(false);

  return {
    live,
    requests,
    async load(html, script) {
      document = html;
      await live.goto(url);
      if (script) await live.evaluate(script);
      requests.length = 0;
    },
    async write(options) {
      const { frameTree } = await session.send('Page.getFrameTree');
      return serialise(session, frameTree.frame.id, { maxHtmlBytes: 1_000_000, shadowDom: 'declarative', ...options });
    },
    async read(html) {
      document = html;
      await reader.goto(url);
      return reader;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a reader of the page gets to see: its text, where its links lead, and how the marked elements look. */
export function seen(page: Page) {
  return page.evaluate(() => ({
    mode: document.compatMode,
    title: document.title,
    // biome-ignore lint/performance/useDomNodeTextContent: text that is not shown is not seen
    text: document.body.innerText,
    links: Array.from(document.links, (link) => link.href),
    looks: Array.from(document.querySelectorAll('[data-probe]'), (element) => {
      const { color, backgroundColor, fontWeight, display, paddingLeft } = getComputedStyle(element);
      return { color, backgroundColor, fontWeight, display, paddingLeft };
    }),
  }));
}
