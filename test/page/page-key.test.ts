import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf, pageTarget, targetParts } from '../../src/page/page-key.ts';
import type { Device } from '../../src/page/page-target.ts';
import { queryRule } from '../../src/page/query.ts';
import type { Site } from '../../src/page/site.ts';

const origin = 'https://www.example.com';
const site: Site = {
  publicUrl: new URL(origin),
  originUrl: new URL('http://127.0.0.1:3000'),
  hosts: ['www.example.com'],
};
const everything = queryRule({ ignore: [] });

function url(target: string, rule = everything): string | undefined {
  return pageTarget(site, target, 'desktop', rule)?.url.slice(origin.length);
}
const key = (target: string, device: Device = 'desktop') => pageTarget(site, target, device, everything)?.key;

interface Page {
  readonly device: Device;
  readonly segments: readonly string[];
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly hashbang: string;
}

/** Pages that differ in one thing only: what random pairs hardly ever do. */
const base: Page = { device: 'desktop', segments: ['a'], parameters: [['b', 'c']], hashbang: '' };
const neighbours: [Page, Page][] = [
  [base, { ...base }],
  [base, { ...base, segments: ['a', 'b'] }],
  [base, { ...base, segments: ['a?b=c'], parameters: [] }],
  [base, { ...base, parameters: [['b', 'c&']] }],
  [base, { ...base, parameters: [['b=c', '']] }],
  [
    { ...base, segments: ['a/b'] },
    { ...base, segments: ['a', 'b'] },
  ],
  [
    { ...base, segments: ['%41'] },
    { ...base, segments: ['A'] },
  ],
  [
    { ...base, hashbang: 'x' },
    { ...base, segments: ['a#!x'] },
  ],
  [{ ...base, hashbang: 'x' }, base],
];

describe('the path of a page', () => {
  it.each([
    ['/', '/'],
    ['/blog/post', '/blog/post'],
    ['/a//b', '/a//b'],
    ['/a/', '/a/'],
    ['/@x', '/@x'],
    ['//x', '/x'],
    ['///evil.example/x', '/evil.example/x'],
    ['/\\evil.example/x', '/%5Cevil.example/x'],
    ['/.//evil.example', '/evil.example'],
    ['/a/..//evil.example', '/evil.example'],
    ['/%2e%2e//evil.example', '/evil.example'],
    ['/a/./b/../c', '/a/c'],
    ['/a/%2e%2E/c', '/c'],
    ['/a/.%2e/c', '/c'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/a/b/..', '/a/'],
    ['/a/b/.', '/a/b/'],
    ['/..', '/'],
    ['/a/...', '/a/...'],
    ['/a%2fb', '/a%2Fb'],
    ['/%7euser/%41', '/~user/A'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/café', '/caf%C3%A9'],
    ['/100%', '/100%25'],
    ['/%zz', '/%25zz'],
    ['/%%34%31', '/%2541'],
    ['/a b', '/a%20b'],
    ['/a\tb', '/a%09b'],
    ['/x;v=1', '/x;v=1'],
  ])('%s is the page %s', (target, page) => {
    expect(url(target)).toBe(page);
    expect(targetParts(target)?.path).toBe(page);
  });

  it.each(['', '*', 'x', 'http://other.example/', 'example.com:443', '?a=1', '\\x'])('%j is no page', (target) => {
    expect(url(target)).toBeUndefined();
  });
});

describe('the query of a page', () => {
  it.each([
    ['/x?', '/x'],
    ['/x?&&', '/x'],
    ['/x?b=2&a=1', '/x?a=1&b=2'],
    ['/x?a=2&b=0&a=1', '/x?a=2&a=1&b=0'],
    ['/x?a', '/x?a'],
    ['/x?a=', '/x?a='],
    ['/x?a=1?b=2', '/x?a=1?b=2'],
    ['/x?q=%41%c3%a9', '/x?q=A%C3%A9'],
    ['/x?f[0]=1', '/x?f%5B0%5D=1'],
    ['/x?q=100%', '/x?q=100%25'],
    ['/x?q=a+b', '/x?q=a+b'],
    ['/x?u=http://y/%2F', '/x?u=http://y/%2F'],
    ['/x#part', '/x'],
    ['/x?a=1#part', '/x?a=1'],
  ])('%s is the page %s', (target, page) => {
    expect(url(target)).toBe(page);
  });

  it('leaves out ignored parameters, however their names are written', () => {
    const rule = queryRule({ ignore: ['fbclid', 'UTM_*'] });
    expect(url('/x?utm_source=a&FBCLID=b&%75tm_x=c&q=1', rule)).toBe('/x?q=1');
    expect(url('/x?myfbclid=b', rule)).toBe('/x?myfbclid=b');
  });

  it('keeps only what is listed when a list is given', () => {
    const rule = queryRule({ ignore: ['ref'], keep: ['page', 'ref'] });
    expect(url('/x?page=2&ref=a&sort=up', rule)).toBe('/x?page=2&ref=a');
  });

  it('takes no page to depend on more than 20 parameters', () => {
    const parameters = (count: number) => Array.from({ length: count }, (_, n) => `p${n}=1`).join('&');
    expect(url(`/x?${parameters(20)}`)).toBeDefined();
    expect(url(`/x?${parameters(21)}`)).toBeUndefined();
    const trackers = Array.from({ length: 60 }, (_, n) => `utm_${n}=1`).join('&');
    expect(url(`/x?${trackers}&q=1`, queryRule({ ignore: ['utm_*'] }))).toBe('/x?q=1');
  });
});

describe('a hashbang page', () => {
  it.each([
    ['/?_escaped_fragment_=', '/'],
    ['/?_escaped_fragment_', '/'],
    ['/?&_escaped_fragment_=', '/'],
    ['/?_escaped_fragment_=/user/1', '/#!/user/1'],
    ['/?_escaped_fragment_=%2Fuser%2F1', '/#!/user/1'],
    ['/x?b=2&_escaped_fragment_=k%3Dv%26c&a=1', '/x?a=1&b=2#!k=v&c'],
    ['/?_escaped_fragment_=caf%C3%A9', '/#!caf%C3%A9'],
    ['/?_escaped_fragment_=caf%25C3%25A9', '/#!caf%C3%A9'],
    ['/?_escaped_fragment_=%E9', '/#!%E9'],
    ['/#!/user/1', '/#!/user/1'],
    ['/#!', '/'],
  ])('%s is the page %s', (target, page) => {
    expect(url(target)).toBe(page);
  });
});

describe('the key of a page', () => {
  it('tells devices apart', () => {
    expect(key('/x', 'mobile')).not.toBe(key('/x', 'desktop'));
  });

  it('stays small for a long URL, and still tells pages apart', () => {
    const long = `/${'a'.repeat(5000)}`;
    expect(key(long)?.length).toBeLessThan(100);
    expect(key(long)).not.toBe(key(`${long}b`));
    expect(key(long)).not.toBe(key(long, 'mobile'));
    expect(pageTarget(site, long, 'desktop', everything)?.url).toBe(origin + long);
  });

  it('is the same for the URL it was made from', () => {
    const target = pageTarget(site, '/x?b=2&a=1', 'mobile', everything);
    expect(target?.key).toBe(keyOf(`${origin}/x?a=1&b=2`, 'mobile'));
  });
});

describe('for any target', () => {
  const nasty = fc.constantFrom(
    '/',
    '//',
    '.',
    '..',
    '%2e',
    '%2E',
    '%',
    '%25',
    '%4',
    '%41',
    '1',
    '\\',
    '?',
    '&',
    '=',
    '#',
    '#!',
    '@',
    '\t',
    '\n',
    ' ',
    '\u00e9',
    '\ud800',
    '\udc00',
    '\u0000',
    '_escaped_fragment_=',
    'a',
    'b',
    '+',
    '[',
    '|',
  );
  const targets = fc.oneof(
    fc.array(nasty, { maxLength: 24 }).map((parts) => `/${parts.join('')}`),
    fc.string({ unit: 'binary' }).map((text) => `/${text}`),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => `/${Buffer.from(bytes).toString('latin1')}`),
  );

  it('the page of the resulting URL is the same page', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const page = pageTarget(site, target, 'desktop', everything);
        if (page === undefined) return;
        const again = pageTarget(site, page.url.slice(origin.length), 'desktop', everything);
        expect(again?.url).toBe(page.url);
        expect(again?.key).toBe(page.key);
      }),
      { numRuns: 5000 },
    );
  });

  it('the URL is one that a browser leaves as it is, on our own host', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const page = pageTarget(site, target, 'desktop', everything);
        if (page === undefined) return;
        const seen = new URL(page.url);
        expect(seen.origin).toBe(origin);
        expect(seen.pathname.startsWith('//')).toBe(false);
        // A single quote is the one character that browsers escape in queries and RFC 3986 does not.
        expect(seen.href.replaceAll('%27', "'")).toBe(page.url.replaceAll('%27', "'"));
      }),
      { numRuns: 5000 },
    );
  });

  it('dot segments mean what they mean to a browser', () => {
    const segments = fc.array(fc.constantFrom('.', '..', '%2e', '.%2E', 'a', 'b', '', '...'), { maxLength: 8 });
    fc.assert(
      fc.property(segments, (parts) => {
        const path = `/x/${parts.join('/')}`;
        const seen = new URL(path, origin).pathname;
        expect(targetParts(path)?.path).toBe(seen.replace(/^\/+/, '/'));
      }),
      { numRuns: 2000 },
    );
  });

  it('different pages have different keys', () => {
    const word = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 6 })
      .filter((text) => !/^\.{1,2}$/.test(text) && text.isWellFormed());
    const name = word.filter((text) => text.toLowerCase() !== '_escaped_fragment_');
    const page: fc.Arbitrary<Page> = fc.record({
      device: fc.constantFrom<Device>('desktop', 'mobile'),
      segments: fc.array(word, { maxLength: 4 }),
      parameters: fc.uniqueArray(fc.tuple(name, word), { maxLength: 4, selector: ([name]) => name }),
      hashbang: fc.option(word, { nil: '' }),
    });
    const whole = ({ device, segments, parameters, hashbang }: Page) =>
      JSON.stringify([device, segments, parameters.toSorted(([a], [b]) => (a < b ? -1 : 1)), hashbang]);
    const written = ({ segments, parameters, hashbang }: Page) => {
      const query = [...parameters, ['_escaped_fragment_', encodeURIComponent(hashbang)] as const];
      const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      return `/${segments.map(encodeURIComponent).join('/')}?${pairs.join('&')}`;
    };
    fc.assert(
      fc.property(page, page, (one, other) => {
        const same = whole(one) === whole(other);
        expect(key(written(one), one.device) === key(written(other), other.device)).toBe(same);
      }),
      { numRuns: 3000, examples: neighbours },
    );
  });
});
