import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSitemap, type SitemapPage, sitemapsIn } from '../../src/serve/sitemap.ts';

/** Bodies in pieces of 100 bytes, as a network would bring them. */
const files = (bodies: Record<string, string | Buffer>) => async (url: string) => {
  const body = bodies[url];
  if (body === undefined) throw new Error('answered 404');
  const bytes = Buffer.from(body);
  return (async function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  })();
};

async function read(
  bodies: Record<string, string | Buffer>,
  limits?: Parameters<typeof readSitemap>[2],
  unread?: Parameters<typeof readSitemap>[3],
): Promise<SitemapPage[]> {
  return Array.fromAsync(readSitemap('https://shop.example/sitemap.xml', files(bodies), limits, unread));
}

async function troubles(bodies: Record<string, string | Buffer>, limits?: Parameters<typeof readSitemap>[2]) {
  const told: string[] = [];
  await read(bodies, limits, (url, because) => told.push(`${new URL(url).pathname} ${because}`));
  return told;
}

const urlset = (entries: string) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries}</urlset>`;
const page = (url: string) => `<url><loc>${url}</loc></url>`;
const main = 'https://shop.example/sitemap.xml';

describe('a sitemap', () => {
  it('gives its pages with the time of their last change and their priority', async () => {
    const found = await read({
      [main]: urlset(
        `<url><loc> https://shop.example/a?x=1&amp;y=2 </loc><lastmod>2026-11-01</lastmod><priority>0.5</priority></url>${page('/b')}`,
      ),
    });
    expect(found).toEqual([
      { url: 'https://shop.example/a?x=1&y=2', lastModified: Date.UTC(2026, 10, 1), priority: 0.5 },
      { url: 'https://shop.example/b' },
    ]);
  });

  it.each(['high', '', '-1', '2', 'NaN'])('passes over the priority %j', async (priority) => {
    const entry = `<url><loc>https://shop.example/a</loc><priority>${priority}</priority></url>`;
    expect(await read({ [main]: urlset(entry) })).toEqual([{ url: 'https://shop.example/a' }]);
  });

  it('does not take the address of a picture for that of the page', async () => {
    const image =
      '<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://shop.example/a.png</image:loc></image:image>';
    expect(await read({ [main]: urlset(`<url><loc>https://shop.example/a</loc>${image}</url>`) })).toEqual([
      { url: 'https://shop.example/a' },
    ]);
  });

  it('follows an index, once for each file, packed or not', async () => {
    const index = `<sitemapindex><sitemap><loc>/one.xml.gz</loc></sitemap><sitemap><loc>/two.xml</loc></sitemap><sitemap><loc>/missing.xml</loc></sitemap><sitemap><loc>/sitemap.xml</loc></sitemap></sitemapindex>`;
    const found = await read({
      [main]: index,
      'https://shop.example/one.xml.gz': gzipSync(urlset(page('/1'))),
      'https://shop.example/two.xml': urlset(page('/2')),
    });
    expect(found.map(({ url }) => url)).toEqual(['https://shop.example/1', 'https://shop.example/2']);
  });

  it('gives what comes before the place where it is broken', async () => {
    const broken = `${urlset(page('/a') + page('/b')).replace('</urlset>', '')}<url><loc>/c</broken>${page('/d')}`;
    expect((await read({ [main]: broken })).map(({ url }) => url)).toEqual([
      'https://shop.example/a',
      'https://shop.example/b',
    ]);
  });

  it('reads fifty thousand pages, and no more than it may', async () => {
    const many = urlset(Array.from({ length: 50_000 }, (_, n) => page(`/p/${n}`)).join(''));
    expect(await read({ [main]: many })).toHaveLength(50_000);
    expect(await read({ [main]: many }, { maxPages: 100, maxFiles: 10, maxFileBytes: 1e9 })).toHaveLength(100);
    expect((await read({ [main]: many }, { maxPages: 1e6, maxFiles: 10, maxFileBytes: 10_000 })).length).toBeLessThan(
      1000,
    );
  });

  it('tells what could not be read, and why', async () => {
    const index = '<sitemapindex><sitemap><loc>/gone.xml</loc></sitemap></sitemapindex>';
    expect(await troubles({ [main]: index })).toEqual(['/gone.xml answered 404']);
    expect(await troubles({ [main]: urlset(page('/a')) })).toEqual([]);
    expect(await troubles({ [main]: urlset(page('/a')).replace('</urlset>', '') })).toEqual([
      expect.stringContaining('unclosed tag'),
    ]);
    expect(await troubles({ [main]: gzipSync(urlset(page('/a'))).subarray(0, 60) })).toEqual([
      '/sitemap.xml unexpected end of file',
    ]);
    const few = { maxPages: 1, maxFiles: 10, maxFileBytes: 1e6 };
    expect(await troubles({ [main]: urlset(page('/a') + page('/b')) }, few)).toEqual([
      '/sitemap.xml has more than 1 pages',
    ]);
  });

  it("is not mistaken for an application's shell, which answers every path", async () => {
    const shell = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head></html>';
    expect(await troubles({ [main]: shell })).toEqual(['/sitemap.xml is no sitemap']);
    expect(await troubles({ [main]: '<html><body/></html>' })).toEqual(['/sitemap.xml is no sitemap']);
  });

  it('lets go of a body that it does not read to its end', async () => {
    let released = false;
    async function* body() {
      try {
        for (;;) yield Buffer.from('<html>');
      } finally {
        released = true;
      }
    }
    expect(await Array.fromAsync(readSitemap(main, async () => body()))).toEqual([]);
    expect(released).toBe(true);
  });

  it('ends where the connection breaks, packed or not', async () => {
    const packed = gzipSync(Buffer.from(urlset(page('/a'))));
    for (const bytes of [packed, Buffer.from(urlset(''))]) {
      const told: string[] = [];
      async function* broken() {
        yield bytes.subarray(0, 30);
        throw new Error('the connection broke');
      }
      await Array.fromAsync(
        readSitemap(
          main,
          async () => broken(),
          undefined,
          (_, because) => told.push(because),
        ),
      );
      expect(told).toEqual(['the connection broke']);
    }
  });

  it('is found in robots.txt', () => {
    expect(
      sitemapsIn(
        'User-agent: *\nSitemap: https://shop.example/a.xml\n sitemap:https://shop.example/b.xml # x\nDisallow: /sitemap: no',
      ),
    ).toEqual(['https://shop.example/a.xml', 'https://shop.example/b.xml']);
  });
});
