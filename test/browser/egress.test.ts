import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generous, siteAt } from '../egress/support.ts';
import { startCanary } from './canary.ts';
import { type EgressBrowser, startEgressBrowser, startSite } from './egress-browser.ts';
import { disguisedHosts, wayOutSite } from './ways-out.ts';

let chromium: EgressBrowser;

beforeAll(async () => {
  chromium = await startEgressBrowser({ block: ['analytics', 'ads', 'fonts', 'media', 'images'] });
});
afterAll(() => chromium.close());

/** Loads the site's page as a render would, and asks it something. */
async function load<T>(handle: RequestListener, inPage: () => T | Promise<T>, publicUrl = 'https://www.example.com') {
  const origin = await startSite(handle);
  // It is another application each time, under one name.
  chromium.egress.forgetAssets();
  const { context, page, exit } = await chromium.openTab();
  try {
    const traffic = exit.begin({ site: siteAt(origin.url, publicUrl), ...generous });
    const response = await page.goto(`${publicUrl}/page?x=1`);
    const answer = (await page.evaluate(inPage)) as Awaited<T>;
    return { status: response?.status(), answer, inputs: traffic.end() };
  } finally {
    await context.close();
    await exit.close();
    await origin.close();
  }
}

const page =
  (body: string): RequestListener =>
  (request, response) => {
    const isPage = request.url?.startsWith('/page');
    response.writeHead(isPage ? 200 : 404, { 'content-type': 'text/html' }).end(isPage ? `<!doctype html>${body}` : '');
  };

/** A page of which every other file is there, or none; pictures are 640 pixels wide and 480 high. */
const pageWithFiles =
  (body: string, areThere: boolean): RequestListener =>
  (request, response) => {
    if (request.url?.startsWith('/page')) return page(body)(request, response);
    if (!areThere) return void response.writeHead(404, { 'content-type': 'text/html' }).end('not here');
    const isPicture = request.headers['sec-fetch-dest'] === 'image';
    response.writeHead(200, { 'content-type': isPicture ? 'image/svg+xml' : 'application/octet-stream' });
    response.end('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"></svg>');
  };

describe('a page behind the egress', () => {
  it('lives under its public https address, in a secure context, while its origin is plain HTTP', async () => {
    const { status, answer, inputs } = await load(page('<link rel=canonical href="/c">'), async () => ({
      location: location.href,
      canonical: document.querySelector('link')?.href,
      secure: isSecureContext,
      digest: (await crypto.subtle.digest('SHA-256', new Uint8Array())).byteLength,
      workers: 'serviceWorker' in navigator,
      data: await fetch('/page').then((response) => response.status),
    }));
    expect(status).toBe(200);
    expect(answer).toEqual({
      location: 'https://www.example.com/page?x=1',
      canonical: 'https://www.example.com/c',
      secure: true,
      digest: 32,
      workers: true,
      data: 200,
    });
    expect(inputs).toMatchObject([{ type: 'document', status: 200 }, { type: 'fetch' }]);
  });

  it('lives under a public http address too', async () => {
    const { answer } = await load(page(''), () => [location.href, isSecureContext], 'http://plain.example');
    expect(answer).toEqual(['http://plain.example/page?x=1', false]);
  });

  const brand = '<style>@font-face{font-family:brand;src:url(/brand.woff2) format("woff2")}</style>';

  /** How the files of the page turned out, one of each kind. */
  async function filesSeen(): Promise<readonly (string | undefined)[]> {
    const settled = (tag: string, fields: Record<string, string>, good: string) =>
      new Promise<string>((resolve) => {
        const element = document.createElement(tag);
        element.addEventListener(good, () => resolve(good));
        element.addEventListener('error', () => resolve('error'));
        for (const [name, value] of Object.entries(fields)) element.setAttribute(name, value);
        document.body.append(element);
      });
    return Promise.all([
      settled('img', { src: '/photo.jpg' }, 'load'),
      settled('img', { src: '/lazy.jpg', loading: 'lazy' }, 'load'),
      settled('video', { src: '/clip.mp4', preload: 'auto' }, 'canplay'),
      settled('audio', { src: '/sound.mp3', preload: 'auto' }, 'canplay'),
      new FontFace('x', 'url(/font.woff2)').load().then(
        () => 'load',
        () => 'error',
      ),
      document.fonts.load('16px brand').then(
        ([font]) => font?.status,
        () => 'error',
      ),
    ]);
  }

  it('sees its pictures, clips and fonts load that were never fetched', async () => {
    const { answer, inputs } = await load(pageWithFiles(brand, true), filesSeen);
    expect(answer).toEqual(['load', 'load', 'canplay', 'canplay', 'load', 'loaded']);
    expect(inputs.filter(({ verdict }) => verdict !== 'blocked').map(({ type }) => type)).toEqual(['document']);
  });

  it('sees them fail that are missing, for what it does about that', async () => {
    const { answer } = await load(pageWithFiles(brand, false), filesSeen);
    expect(answer).toEqual(Array.from({ length: 6 }, () => 'error'));
  });

  it('sees the true size of a picture', async () => {
    const { answer } = await load(pageWithFiles('<img src="/photo.jpg">', true), async () => {
      const [picture] = document.images;
      await picture?.decode();
      const { width, height } = picture?.getBoundingClientRect() ?? {};
      return [picture?.naturalWidth, picture?.naturalHeight, width, height];
    });
    expect(answer).toEqual([640, 480, 640, 480]);
  });

  it('sees the true size of a picture that came too late for the page before', async () => {
    const late: (() => void)[] = [];
    const origin = await startSite((request, response) => {
      if (request.url?.startsWith('/page')) return page('<img src="/photo.jpg">')(request, response);
      late.push(() => pageWithFiles('', true)(request, response));
    });
    chromium.egress.forgetAssets();
    const tab = await chromium.openTab();
    const sizeSeen = async () => {
      const traffic = tab.exit.begin({ site: siteAt(origin.url), ...generous });
      await tab.page.goto('https://www.example.com/page');
      const width = await tab.page.evaluate(() => document.images[0]?.naturalWidth);
      traffic.end();
      return width;
    };
    try {
      expect(await sizeSeen()).toBe(1);
      for (const answer of late) answer();
      expect(await sizeSeen()).toBe(640);
    } finally {
      await tab.context.close();
      await tab.exit.close();
      await origin.close();
    }
  });

  it('sees pictures of others and trackers load that were never fetched', async () => {
    const { answer, inputs } = await load(page(''), async () => {
      const settled = (tag: string, fields: Record<string, string>) =>
        new Promise<string>((resolve) => {
          const element = document.createElement(tag);
          element.addEventListener('load', () => resolve('load'));
          element.addEventListener('error', () => resolve('error'));
          for (const [name, value] of Object.entries(fields)) element.setAttribute(name, value);
          document.body.append(element);
        });
      return Promise.all([
        settled('img', { src: 'https://cdn.example.net/photo.jpg', crossorigin: 'use-credentials' }),
        settled('script', { src: 'https://www.google-analytics.com/analytics.js', crossorigin: '' }),
        fetch('https://region1.google-analytics.com/g/collect', { method: 'POST', body: '{}' }).then(
          (r) => `${r.status}`,
        ),
      ]);
    });
    expect(answer).toEqual(['load', 'load', '204']);
    expect(inputs.filter(({ verdict }) => verdict !== 'blocked').map(({ type }) => type)).toEqual(['document']);
  });

  it('goes on where it calls a tracker whose script was left out', async () => {
    const { answer } = await load(
      page(`<script src="https://cdn.amplitude.com/libs/amplitude.js"></script>
        <script>amplitude.getInstance().init('key'); document.title = 'went on'</script>`),
      () => document.title,
    );
    expect(answer).toBe('went on');
  });

  it('is done loading although it frames an advertisement', async () => {
    const { answer } = await load(page('<iframe src="https://ad.doubleclick.net/x"></iframe><p>text'), () =>
      document.readyState === 'complete'
        ? 'load'
        : new Promise<string>((done) => {
            addEventListener('load', () => done('load'));
          }),
    );
    expect(answer).toBe('load');
  });

  it('sees what it may not reach as unreachable, at once', async () => {
    const { answer } = await load(page(''), async () => {
      const began = performance.now();
      const failed = (url: string) => fetch(url).then(String, (error: Error) => error.name);
      const names = await Promise.all([
        failed('http://127.0.0.1:1234/'),
        failed('https://10.0.0.1/'),
        failed('https://printer.local/'),
      ]);
      return { names, fast: performance.now() - began < 2_000 };
    });
    expect(answer).toEqual({ names: ['TypeError', 'TypeError', 'TypeError'], fast: true });
  });

  it('fails to load as a document when its origin is down', async () => {
    const { context, page: tab, exit } = await chromium.openTab();
    exit.begin({ site: siteAt(new URL('http://127.0.0.1:1')), ...generous });
    await expect(tab.goto('https://www.example.com/')).rejects.toThrow('net::ERR_');
    await context.close();
  });
});

describe('a page that tries every way out', () => {
  it('reaches nothing, and still completes', async () => {
    const canary = await startCanary();
    const origin = await startSite(wayOutSite({ port: canary.port, hosts: disguisedHosts.slice(0, 12) }));
    const { context, page: tab, exit } = await chromium.openTab();
    const traffic = exit.begin({ site: siteAt(origin.url), ...generous });
    await tab.goto('https://www.example.com/page', { waitUntil: 'domcontentloaded' });
    await tab.waitForFunction('window.tried', { timeout: 20_000, polling: 100 });
    expect(await tab.title()).toBe('tried everything');
    const refused = traffic.end().filter(({ verdict }) => verdict === 'refused');
    expect(refused.length).toBeGreaterThan(30);
    expect(canary.hits).toEqual([]);
    await context.close();
    await origin.close();
    await canary.close();
  });
});
