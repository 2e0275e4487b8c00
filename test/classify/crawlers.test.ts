import { describe, expect, it } from 'vitest';
import trackingParameters from '../../config/tracking-parameters.json' with { type: 'json' };
import { crawlers } from '../../src/classify/crawlers.ts';
import { readerOf } from '../../src/classify/readers.ts';
import { readerClasses } from '../../src/page/reader.ts';

describe('config/crawlers.json', () => {
  it('has at least 150 entries, with every class but person among them', () => {
    expect(crawlers.length).toBeGreaterThanOrEqual(150);
    const classes = new Set(crawlers.map((crawler) => crawler.class));
    expect([...classes].toSorted()).toEqual(readerClasses.filter((name) => name !== 'person').toSorted());
  });

  it('names each crawler once', () => {
    const names = crawlers.map(({ name }) => name.toLowerCase());
    expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  });

  it('keeps the entries of a class together, sorted by name', () => {
    const classes = crawlers.map((crawler) => crawler.class).filter((name, n, all) => name !== all[n - 1]);
    expect(new Set(classes).size).toBe(classes.length);
    for (const kind of classes) {
      const names = crawlers.filter((crawler) => crawler.class === kind).map(({ name }) => name.toLowerCase());
      expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
    }
  });

  it.each(crawlers.map((crawler) => [crawler.name, crawler] as const))('%s knows its own example', (_, crawler) => {
    expect(crawler.example).toMatch(new RegExp(crawler.pattern, 'i'));
    expect(readerOf(crawler.example)).toEqual({ class: crawler.class, name: crawler.name });
    expect(Object.keys(crawler)).toEqual(['name', 'pattern', 'class', 'verify', 'runsJavaScript', 'example']);
    expect(typeof crawler.runsJavaScript).toBe('boolean');
  });

  it('has only patterns that are matched in linear time and have no groups of their own', () => {
    for (const { pattern } of crawlers) {
      const bare = pattern.replace(/\\./g, '').replace(/\[[^\]]*\]/g, 'c');
      expect(bare, pattern).not.toMatch(/[*+{]/);
      expect(bare, pattern).not.toMatch(/\((?!\?)/);
    }
  });

  it('says for each how a claim can be checked', () => {
    for (const { name, verify } of crawlers) {
      if (verify.method === 'ranges') expect(verify.url, name).toMatch(/^https:\/\//);
      if (verify.method === 'dns') expect(verify.suffixes.length, name).toBeGreaterThan(0);
      const suffixes = verify.method === 'none' ? [] : (verify.suffixes ?? []);
      // Compared on a label boundary by whoever verifies; a leading dot would be compared twice.
      for (const suffix of suffixes) expect(suffix, name).toMatch(/^[a-z\d-]+(?:\.[a-z\d-]+)+$/);
      expect(['ranges', 'dns', 'none']).toContain(verify.method);
    }
  });
});

describe('config/tracking-parameters.json', () => {
  it('is a sorted list of lower-case names, some ending with a star', () => {
    expect(trackingParameters).toEqual([...new Set(trackingParameters)].toSorted());
    for (const name of trackingParameters) expect(name).toMatch(/^[a-z\d_]{2,}\*?$/);
  });
});
