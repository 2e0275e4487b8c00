import { describe, expect, it } from 'vitest';
import { createTargets } from '../src/classify/targets.ts';
import { publicPrefixes, publicUrls } from '../src/public-addresses.ts';

function siteOf(publicUrl: string, ...hosts: string[]) {
  const url = new URL(publicUrl);
  const site = { publicUrl: url, originUrl: new URL('http://127.0.0.1:3000'), hosts: [url.host, ...hosts] };
  const paths = [{ match: '/list', query: { keep: ['page'] } }];
  return { site, targets: createTargets({ site, paths, ignoreQuery: ['ref'], device: 'auto' }) };
}

const shop = siteOf('https://shop.example', 'www.shop.example');
const blog = siteOf('https://blog.example:8443');

describe('an address that somebody writes', () => {
  it.each([
    ['/lamps/7'],
    ['  /lamps/7 '],
    ['/lamps/7?utm_source=mail&fbclid=x&ref=1'],
    ['/lamps/./7#reviews'],
    ['/l%61mps/7'],
    ['https://shop.example/lamps/7'],
    ['http://shop.example/lamps/7'],
    ['HTTPS://Shop.Example:443/lamps/7?gclid=1'],
    ['https://www.shop.example/lamps/7'],
    ['https://me@shop.example/lamps/7'],
  ])('is a page by its public URL, once for all devices: %s', (text) => {
    expect(publicUrls([shop], text)).toEqual(['https://shop.example/lamps/7']);
  });

  it('keeps what is part of the page', () => {
    expect(publicUrls([shop], '/list?sort=up&page=2&utm_id=1')).toEqual(['https://shop.example/list?page=2']);
    expect(publicUrls([shop], '/#!about')).toEqual(['https://shop.example/#!about']);
    expect(publicUrls([shop], 'https://shop.example')).toEqual(['https://shop.example/']);
    expect(publicUrls([shop], 'https://shop.example?b=1&a=2')).toEqual(['https://shop.example/?a=2&b=1']);
  });

  it.each([
    'https://evil.example/a',
    'https://shop.example.evil/a',
    'shop.example/a',
    'ftp://shop.example/',
    '',
    'tag-7',
  ])('is no page when it is on none of the sites: %j', (text) => {
    expect(publicUrls([shop, blog], text)).toEqual([]);
  });

  it('means every site when it is a path, or the one that the host names', () => {
    const everywhere = ['https://shop.example/a', 'https://blog.example:8443/a'];
    expect(publicUrls([shop, blog], '/a')).toEqual(everywhere);
    expect(publicUrls([shop, blog], '/a', '127.0.0.1:9090')).toEqual(everywhere);
    expect(publicUrls([shop, blog], '/a', 'www.shop.example')).toEqual(['https://shop.example/a']);
    expect(publicUrls([shop, blog], '//evil.example/a', 'blog.example:8443')).toEqual([
      'https://blog.example:8443/evil.example/a',
    ]);
  });

  it.each([
    ['/blog/', ['https://shop.example/blog/']],
    ['https://www.shop.example/blog', ['https://shop.example/blog']],
    ['shop.example/blog/', ['https://shop.example/blog/']],
    ['shop.example', ['https://shop.example/']],
    ['/caf\u00e9/', ['https://shop.example/caf%C3%A9/']],
    ['/search?q=a', ['https://shop.example/search?q=a']],
    ['evil.example/', []],
  ])('is the beginning of pages: %s', (text, expected) => {
    expect(publicPrefixes([shop], text)).toEqual(expected);
  });
});
