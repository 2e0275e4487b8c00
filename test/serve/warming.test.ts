import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { createTargets } from '../../src/classify/targets.ts';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { PageAnswer } from '../../src/serve/page-source.ts';
import { createSiteFiles } from '../../src/serve/site-files.ts';
import { entryFrom } from '../../src/serve/storage-rules.ts';
import { createWarming, type Warming, type WarmOrder, type WarmSite } from '../../src/serve/warming.ts';
import { snapshotOf } from '../fakes/pages.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const urlset = (...urls: string[]) =>
  `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`;
const index = (...urls: string[]) =>
  `<sitemapindex>${urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('')}</sitemapindex>`;

async function originWith(files: Record<string, string | Buffer>): Promise<TestOrigin> {
  const origin = await startOrigin(({ url = '' }, response) => {
    const body = files[url];
    if (body === undefined) response.statusCode = url === '/down.xml' ? 503 : 404;
    response.end(body);
  });
  closers.push(() => origin.close());
  return origin;
}

function siteFor(publicUrl: string, origin: TestOrigin, rest: Partial<WarmSite> = {}) {
  const url = new URL(publicUrl);
  const site = { publicUrl: url, originUrl: new URL(origin.url), hosts: [url.host, `www.${url.host}`] };
  const targets = createTargets({ site, paths: [], ignoreQuery: [], device: 'desktop' });
  const rendered: string[] = [];
  const warm: WarmSite = {
    site,
    sitemap: undefined,
    robots: false,
    everyMs: undefined,
    afterPurge: false,
    afterDeploy: false,
    perSecond: 1000,
    fetchFile: createSiteFiles({ site, hostHeader: 'public', userAgent: 'Preface', waitMs: 2000, limitMs: 5000 }),
    pagesAt: (target) => (target.endsWith('.pdf') ? [] : targets.pages(target)),
    async render(target) {
      rendered.push(target.url);
      return { kind: 'page' } as PageAnswer;
    },
    ...rest,
  };
  return { warm, rendered, targets };
}

function setUp(sites: readonly WarmSite[]) {
  const events: PrefaceEvent[] = [];
  const store = createMemoryStore({ maxBytes: 1e6 });
  const parts = { store, atOnce: () => 2, clock: systemClock, report: (event: PrefaceEvent) => events.push(event) };
  const warming = createWarming({ ...parts, sites: () => sites });
  closers.push(() => warming.close());
  return { warming, store, events };
}

/** Waits for the end of a job that an order begins. */
async function warmed(warming: Warming, order: WarmOrder) {
  const answer = warming.order(order);
  if (answer.kind !== 'begun') throw new Error(JSON.stringify(answer));
  return ended(warming, answer.id);
}

async function ended(warming: Warming, id: string | undefined) {
  while (warming.progress(id ?? '')?.state === 'running') await new Promise((resolve) => setImmediate(resolve));
  return warming.progress(id ?? '');
}

describe('warming', () => {
  it('prepares the pages that are named, by URL or by path', async () => {
    const { warm, rendered } = siteFor('https://shop.example', await originWith({}));
    const { warming } = setUp([warm]);
    await warmed(warming, { urls: ['/a?utm_source=x', 'http://www.shop.example/b', '/price.pdf'] });
    expect(rendered.sort()).toEqual(['https://shop.example/a', 'https://shop.example/b']);
  });

  it('reads sitemaps from the origin: an index, packed ones, and no other host', async () => {
    const elsewhere = await originWith({ '/sitemap.xml': urlset('https://shop.example/stolen') });
    const origin = await originWith({
      '/sitemap.xml': index('https://shop.example/one.xml.gz', '/two.xml', `${elsewhere.url}/sitemap.xml`, '/down.xml'),
      '/one.xml.gz': gzipSync(urlset('https://shop.example/1', 'https://evil.example/x')),
      '/two.xml': urlset('https://shop.example/2'),
    });
    const { warm, rendered } = siteFor('https://shop.example', origin);
    const { warming } = setUp([warm]);
    const progress = await warmed(warming, { sitemap: 'https://shop.example/sitemap.xml' });
    expect(rendered).toEqual(['https://shop.example/1', 'https://shop.example/2']);
    expect(progress).toMatchObject({
      found: 3,
      foreign: 1,
      unread: [
        { url: `${elsewhere.url}/sitemap.xml`, because: 'is on another host' },
        { url: 'https://shop.example/down.xml', because: 'answered 503' },
      ],
    });
    expect(elsewhere.requests).toEqual([]);
  });

  it('finds sitemaps in robots.txt, and leaves out what that disallows', async () => {
    const origin = await originWith({
      '/robots.txt': 'User-agent: *\nDisallow: /cart\n\nSitemap: https://shop.example/pages.xml\n',
      '/pages.xml': urlset('https://shop.example/a', 'https://shop.example/cart?x=1'),
    });
    const { warm, rendered } = siteFor('https://shop.example', origin, { robots: true });
    const { warming } = setUp([warm]);
    expect(await warmed(warming, {})).toMatchObject({ found: 2, rendered: 1, disallowed: 1, unread: [] });
    expect(rendered).toEqual(['https://shop.example/a']);
    expect(origin.requests.filter((line) => line === 'GET /robots.txt')).toHaveLength(1);
  });

  it('takes a robots.txt that cannot be had for one that disallows everything, and a missing one for none', async () => {
    const files = { '/s.xml': urlset('https://shop.example/a') };
    const missing = siteFor('https://shop.example', await originWith(files), { robots: true });
    expect(await warmed(setUp([missing.warm]).warming, { sitemap: '/s.xml' })).toMatchObject({
      rendered: 1,
      unread: [],
    });
    const broken = siteFor('https://shop.example', await originWith(files), { robots: true });
    const fetchFile = broken.warm.fetchFile;
    const failing: WarmSite = {
      ...broken.warm,
      fetchFile: (url, signal) => fetchFile(url.replace('robots.txt', 'down.xml'), signal),
    };
    expect(await warmed(setUp([failing]).warming, {})).toMatchObject({
      rendered: 0,
      unread: [{ because: 'answered 503' }],
    });
  });

  it('leaves alone what is fresh, unless the sitemap says that it has changed since', async () => {
    const now = Date.now();
    const changed = (ms: number) => `<lastmod>${new Date(now + ms).toISOString()}</lastmod>`;
    const entry = (path: string, lastmod = '') => `<url><loc>https://shop.example${path}</loc>${lastmod}</url>`;
    const origin = await originWith({
      '/s.xml': `<urlset>${entry('/fresh')}${entry('/older', changed(-60_000))}${entry('/newer', changed(-1))}${entry('/future', changed(1e7))}</urlset>`,
    });
    const { warm, rendered, targets } = siteFor('https://shop.example', origin);
    const { warming, store } = setUp([warm]);
    const lifetimes = {
      freshMs: 3_600_000,
      staleWhileRevalidateMs: 0,
      staleIfErrorMs: 0,
      negativeFreshMs: 0,
      followOrigin: false,
    };
    for (const path of ['/fresh', '/older', '/newer', '/future']) {
      const renderedAt = path === '/future' ? now + 60_000 : now - 30_000;
      for (const target of targets.pages(path)) store.set(entryFrom(target, snapshotOf('x', renderedAt), lifetimes));
    }
    expect(await warmed(warming, { sitemap: '/s.xml' })).toMatchObject({ found: 4, fresh: 3, rendered: 1 });
    expect(rendered).toEqual(['https://shop.example/newer']);
  });

  it('keeps to the rate of each site, over all jobs', async () => {
    const origin = await originWith({});
    const slow = siteFor('https://slow.example', origin, { perSecond: 20 });
    const { warming } = setUp([slow.warm]);
    const began = performance.now();
    const urls = (letter: string) => Array.from({ length: 5 }, (_, n) => `/${letter}${n}`);
    await Promise.all([warmed(warming, { urls: urls('a') }), warmed(warming, { urls: urls('b') })]);
    expect(slow.rendered).toHaveLength(10);
    // Nine spaces of 50 ms between ten pages.
    expect(performance.now() - began).toBeGreaterThan(440);
  });

  it('refuses what is on none of the sites, and a list that nobody configured', async () => {
    const { warm } = siteFor('https://shop.example', await originWith({}));
    const { warming } = setUp([warm]);
    for (const order of [{ urls: ['/a', 'https://evil.example/'] }, { sitemap: 'https://evil.example/' }]) {
      expect(warming.order(order)).toEqual({
        kind: 'refused',
        because: 'https://evil.example/ is on none of the sites',
      });
    }
    expect(warming.order({})).toMatchObject({ kind: 'refused', because: expect.stringContaining('warm.sitemap') });
    expect(warming.jobs()).toEqual([]);
  });

  it('takes a path for that path on every site, and a shared sitemap once', async () => {
    const origin = await originWith({ '/s.xml': urlset('/x'), '/all.xml': urlset('https://a.example/1') });
    const sitemap = 'https://a.example/all.xml';
    const a = siteFor('https://a.example', origin, { sitemap });
    const b = siteFor('https://b.example', origin, { sitemap });
    const { warming } = setUp([a.warm, b.warm]);
    await warmed(warming, { sitemap: '/s.xml' });
    expect([...a.rendered, ...b.rendered]).toEqual(['https://a.example/x', 'https://b.example/x']);
    await warmed(warming, {});
    expect(origin.requests.filter((line) => line === 'GET /all.xml')).toHaveLength(1);
  });

  it('begins by itself after the start and after a purge of everything, and tells of trouble', async () => {
    const origin = await originWith({ '/s.xml': urlset('/a') });
    const shop = siteFor('https://shop.example', origin, { sitemap: '/s.xml', everyMs: 60_000, afterPurge: true });
    const bad = siteFor('https://bad.example', origin, { sitemap: '/none.xml', everyMs: 60_000 });
    const { warming, events } = setUp([shop.warm, bad.warm]);
    warming.follow(true);
    for (const { id } of warming.jobs()) await ended(warming, id);
    expect(shop.rendered).toEqual(['https://shop.example/a']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual([
      {
        type: 'warning',
        message: 'warm-up of https://bad.example/none.xml: could not read https://bad.example/none.xml: answered 404',
      },
    ]);
    warming.purgedEverything();
    for (const { id } of warming.jobs()) await ended(warming, id);
    expect(shop.rendered).toHaveLength(2);
    expect(warming.jobs()).toHaveLength(3);
  });
});
