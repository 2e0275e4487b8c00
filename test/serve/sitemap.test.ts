import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readSitemap, type SitemapPage, sitemapsIn } from '../../src/serve/sitemap.ts';

/** Bodies in pieces of 100 bytes, as a network would bring them. */
const files = (bodies: Record<string, string | Buffer>) => async (url: string) => {
  const body = bodies[url];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body);
  return (async function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
  })();
};

async function read(
  bodies: Record<string, string | Buffer>,
  limits?: Parameters<typeof readSitemap>[2],
): Promise<SitemapPage[]> {
  return Array.fromAsync(readSitemap('https://shop.example/sitemap.xml', files(bodies), limits));
}

const urlset = (entries: string) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries}</urlset>`;
const page = (url: string) => `<url><loc>${url}</loc></url>`;
const main = 'https://shop.example/sitemap.xml';

describe('a sitemap', () => {
  it('gives its pages with the time of their last change', async () => {
    const found = await read({
      [main]: urlset(
        `<url><loc> https://shop.example/a?x=1&amp;y=2 </loc><lastmod>2026-11-01</lastmod><priority>0.5</priority></url>${page('/b')}`,
      ),
    });
    expect(found).toEqual([
      { url: 'https://shop.example/a?x=1&y=2', lastModified: Date.UTC(2026, 10, 1) },
      { url: 'https://shop.example/b' },
    ]);
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

  it('is found in robots.txt', () => {
    expect(
      sitemapsIn(
        'User-agent: *\nSitemap: https://shop.example/a.xml\n sitemap:https://shop.example/b.xml # x\nDisallow: /sitemap: no',
      ),
    ).toEqual(['https://shop.example/a.xml', 'https://shop.example/b.xml']);
  });
});
