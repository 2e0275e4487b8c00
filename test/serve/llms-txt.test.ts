import { describe, expect, it } from 'vitest';
import { createLlmsTxt } from '../../src/serve/llms-txt.ts';
import type { SiteFile } from '../../src/serve/site-files.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const site = { publicUrl: new URL('https://shop.example'), originUrl: new URL('http://127.0.0.1:1'), hosts: [] };
const sitemapOf = (...urls: string[]) =>
  `<urlset>${urls.map((url) => `<url><loc>${url}</loc></url>`).join('')}</urlset>`;

interface Setting {
  readonly files: Readonly<Record<string, string>>;
  readonly sitemap?: string;
  readonly robots?: boolean;
  readonly titles?: Readonly<Record<string, string>>;
}

function setUp({ files, sitemap, robots = false, titles = {} }: Setting) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const fetchFile = async (url: string): Promise<SiteFile> => {
    const path = new URL(url).pathname;
    asked.push(path);
    const text = files[path];
    if (text === undefined) return { kind: 'none', status: 404, because: 'answered 404' };
    if (text === 'forbidden') return { kind: 'none', status: 403, because: 'answered 403' };
    if (text === 'down') return { kind: 'failed', because: 'ECONNREFUSED' };
    return {
      kind: 'found',
      body: (async function* () {
        yield Buffer.from(text);
      })(),
    };
  };
  const llmsTxt = createLlmsTxt({ site, sitemap, robots }, { fetchFile, titleOf: (url) => titles[url], clock });
  return { llmsTxt, clock, asked };
}

describe('/llms.txt', () => {
  it('lists the pages of the sitemap with the titles that are known', async () => {
    const { llmsTxt } = setUp({
      files: {
        '/sitemap.xml': sitemapOf(
          'https://shop.example/',
          'https://shop.example/p/1',
          'https://other.example/x',
          'https://shop.example/p/1',
        ),
      },
      titles: { 'https://shop.example/': 'The shop', 'https://shop.example/p/1': 'One [new]' },
    });
    expect(await llmsTxt()).toBe(
      '# shop.example\n\n> The shop\n\n## Pages\n\n- [The shop](https://shop.example/)\n- [One \\[new\\]](https://shop.example/p/1)\n',
    );
  });

  it('goes by the configured sitemap, by what robots.txt names, and leaves out what that disallows', async () => {
    const files = {
      '/robots.txt': 'User-agent: *\nDisallow: /private\nSitemap: https://shop.example/all.xml\n',
      '/all.xml': sitemapOf('https://shop.example/a', 'https://shop.example/private/b'),
      '/other.xml': sitemapOf('https://shop.example/c', 'https://shop.example/private/d'),
    };
    expect(await setUp({ files, robots: true }).llmsTxt()).toMatch(
      /## Pages\n\n- \[\/a\]\(https:\/\/shop\.example\/a\)\n$/,
    );
    expect(await setUp({ files, sitemap: '/other.xml' }).llmsTxt()).toContain('- [/private/d](');
  });

  it('is the application’s own where it has one, but its shell is none', async () => {
    const sitemap = { '/sitemap.xml': sitemapOf('https://shop.example/a') };
    expect(await setUp({ files: { ...sitemap, '/llms.txt': '# Ours\n' } }).llmsTxt()).toBeUndefined();
    expect(await setUp({ files: { ...sitemap, '/llms.txt': '\n<!doctype html>' } }).llmsTxt()).toContain('/a');
  });

  it('is left to an application that refuses it', async () => {
    const files = { '/llms.txt': 'forbidden', '/sitemap.xml': sitemapOf('https://shop.example/a') };
    expect(await setUp({ files }).llmsTxt()).toBeUndefined();
  });

  it('is left to the application when there is nothing to list, or nobody to ask', async () => {
    expect(await setUp({ files: {} }).llmsTxt()).toBeUndefined();
    expect(await setUp({ files: { '/sitemap.xml': '<html>' } }).llmsTxt()).toBeUndefined();
    expect(
      await setUp({ files: { '/llms.txt': 'down', '/sitemap.xml': sitemapOf('https://shop.example/a') } }).llmsTxt(),
    ).toBeUndefined();
  });

  it('is made once, for all who ask, and anew after ten minutes, or after one when there was nothing', async () => {
    const { llmsTxt, clock, asked } = setUp({ files: { '/sitemap.xml': sitemapOf('https://shop.example/a') } });
    await Promise.all([llmsTxt(), llmsTxt()]);
    const once = asked.length;
    clock.advance(599_000);
    await llmsTxt();
    expect(asked.length).toBe(once);
    clock.advance(2_000);
    await llmsTxt();
    expect(asked.length).toBe(2 * once);

    const nothing = setUp({ files: {} });
    await nothing.llmsTxt();
    const before = nothing.asked.length;
    nothing.clock.advance(61_000);
    await nothing.llmsTxt();
    expect(nothing.asked.length).toBe(2 * before);
  });
});
