import { type Browser, launch, type Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../demo/server.ts';
import { buildDemoOnce } from '../demo/built-demo.ts';

let demo: Demo;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  await buildDemoOnce();
  demo = await startDemo();
  browser = await launch({
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/lib/chromium/chromium-headless-shell',
    headless: 'shell',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
});

afterAll(async () => {
  await browser.close();
  await demo.close();
});

beforeEach(async () => {
  problems = [];
  page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
});

afterEach(() => page.close());

async function open(path: string): Promise<void> {
  await page.goto(demo.url + path);
  await page.waitForSelector('h1');
}

/** The attribute of the only element that matches. */
function only(selector: string, attribute: string): Promise<string | null> {
  return page.$$eval(
    selector,
    (elements, name) => {
      if (elements.length !== 1) throw new Error(`${elements.length} elements instead of one`);
      return elements[0]?.getAttribute(name) ?? null;
    },
    attribute,
  );
}

describe('a product page in a browser', () => {
  it('shows the lantern, its price and its picture', async () => {
    await open('/lanterns/paper-moon');
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('Paper Moon');
    expect(await page.$eval('.price', (price) => price.textContent)).toBe('€46');
    expect(await only('svg.picture', 'aria-label')).toBe('Paper Moon');
    expect(problems).toEqual([]);
  });

  it('tells link previews what it is, once each', async () => {
    await open('/lanterns/paper-moon?utm_source=mail');
    const address = `${demo.url}/lanterns/paper-moon`;
    expect(await page.title()).toBe('Paper Moon, €46 · Nightjar lanterns');
    expect(await only('link[rel=canonical]', 'href')).toBe(address);
    expect(await only('meta[property="og:url"]', 'content')).toBe(address);
    expect(await only('meta[property="og:title"]', 'content')).toBe('Paper Moon, €46 · Nightjar lanterns');
    expect(await only('meta[name="twitter:card"]', 'content')).toBe('summary_large_image');
    expect(await only('meta[name="description"]', 'content')).toMatch(/mulberry paper/);
    const image = (await only('meta[property="og:image"]', 'content')) ?? '';
    expect((await fetch(image)).headers.get('content-type')).toBe('image/png');
  });

  it('describes the lantern in JSON-LD', async () => {
    await open('/lanterns/starfall-tin');
    const text = await page.$eval('script[type="application/ld+json"]', (script) => script.textContent);
    expect(JSON.parse(text ?? '')).toMatchObject({
      '@type': 'Product',
      name: 'Starfall Tin',
      offers: { price: '64.00', priceCurrency: 'EUR', availability: 'https://schema.org/OutOfStock' },
    });
  });

  it('lets a person blow the light out and put a lantern into the basket', async () => {
    await open('/lanterns/paper-moon');
    await page.click('.switch');
    expect(await page.$eval('svg.picture', (picture) => picture.classList.contains('is-out'))).toBe(true);
    await page.click('.buy');
    expect(await page.$eval('.basket b', (count) => count.textContent)).toBe('1');
  });
});

describe('the shop in a browser', () => {
  it('changes what previews read when a person goes on to another page', async () => {
    await open('/');
    expect(await page.$$eval('.tile', (tiles) => tiles.length)).toBeGreaterThanOrEqual(6);
    await page.click('a[href="/lanterns/six-pane-lantern"]');
    await page.waitForSelector('.product');
    expect(await page.title()).toMatch(/^Six-Pane Lantern/);
    expect(await only('link[rel=canonical]', 'href')).toBe(`${demo.url}/lanterns/six-pane-lantern`);
    expect(await only('meta[name="description"]', 'content')).toMatch(/cathedral glass/);
  });

  it('fetches the workshop page when it is visited', async () => {
    await open('/workshop');
    expect(await page.title()).toMatch(/^The workshop/);
    expect(problems).toEqual([]);
  });

  it.each(['/lanterns/no-such-lantern', '/no/such/page'])('says that %s is 404', async (path) => {
    await open(path);
    expect(await only('head meta[name="prerender-status-code"]', 'content')).toBe('404');
    expect(await only('head meta[name="robots"]', 'content')).toBe('noindex');
    expect(await page.$('link[rel=canonical]')).toBeNull();
  });

  it('says 503 when its data cannot be had', async () => {
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      if (request.url().includes('/api/')) void request.respond({ status: 500, body: 'no' });
      else void request.continue();
    });
    await open('/');
    expect(await only('head meta[name="prerender-status-code"]', 'content')).toBe('503');
  });
});
