import { describe, expect, it } from 'vitest';
import rangeData from '../../config/ip-ranges.json' with { type: 'json' };
import { crawlers } from '../../src/classify/crawlers.ts';
import { specialNetworks } from '../../src/egress/addresses.ts';
import { publicInternet, readPrefix } from '../../src/verify/networks.ts';
import { checkedRanges, publishedRanges } from '../../src/verify/published-ranges.ts';

const internet = publicInternet(specialNetworks);

const listOf = (...entries: readonly object[]) => JSON.stringify({ creationTime: '2026-11-01', prefixes: entries });

describe('published ranges', () => {
  it('are read in the form that operators publish them in', () => {
    const text = listOf({ ipv4Prefix: '66.249.64.0/27' }, { ipv6Prefix: '2001:4860:4801:10::/64' });
    expect(publishedRanges(text, internet)).toEqual([
      { address: '66.249.64.0', length: 27, family: 'ipv4' },
      { address: '2001:4860:4801:10::', length: 64, family: 'ipv6' },
    ]);
  });

  it.each([
    ['too large', { ipv4Prefix: '66.0.0.0/7' }],
    ['everything', { ipv4Prefix: '0.0.0.0/0' }],
    ['too large', { ipv6Prefix: '2001:4000::/18' }],
    ['private', { ipv4Prefix: '10.1.2.0/24' }],
    ['loopback', { ipv4Prefix: '127.0.0.0/8' }],
    ['a public network around a private one', { ipv4Prefix: '172.0.0.0/8' }],
    ['around the metadata service', { ipv4Prefix: '168.0.0.0/8' }],
    ['private', { ipv6Prefix: 'fd00::/64' }],
    ['an IPv4 address inside', { ipv6Prefix: '::ffff:66.249.64.0/123' }],
    ['no network', { ipv4Prefix: '66.249.64.0' }],
    ['no network', { ipv4Prefix: '66.249.64.0/33' }],
    ['no network', { ipv4Prefix: 'crawler.example/24' }],
    ['another form', { prefix: '66.249.64.0/27' }],
  ])('are refused altogether with an entry that is %s', (_, entry) => {
    expect(() => publishedRanges(listOf({ ipv4Prefix: '66.249.64.0/27' }, entry), internet)).toThrow();
  });

  it.each(['[]', '{}', listOf(), 'null', '<html>'])('are refused in the form of %s', (text) => {
    expect(() => publishedRanges(text, internet)).toThrow();
  });

  it.each(rangeData.map(({ url, asOf, prefixes }) => [url, asOf, prefixes] as const))(
    'of %s come along as of %s and are what they should be',
    (url, asOf, prefixes) => {
      expect(checkedRanges(prefixes, internet)).toHaveLength(prefixes.length);
      expect(asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(Date.parse(asOf)).toBeLessThan(Date.now());
      expect(crawlers.some(({ verify }) => verify.method === 'ranges' && verify.url === url)).toBe(true);
    },
  );
});

describe('the public internet', () => {
  it.each(['66.249.66.1', '8.8.8.8', '2001:4860:4801:10::1'])('has %s', (address) => {
    expect(internet.hasAddress(address)).toBe(true);
  });

  it.each(['127.0.0.1', '10.0.0.1', '172.17.0.1', '169.254.169.254', '::1', 'fe80::1', 'fd00::1', '', 'unknown'])(
    'has not %j',
    (address) => {
      expect(internet.hasAddress(address)).toBe(false);
    },
  );

  it.each(['66.249.64.0/27/1', '66.249.64.0/', '66.249.64.0/-1', '/27', '::/129'])('%j is no network', (text) => {
    expect(readPrefix(text)).toBeUndefined();
  });
});
