import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CacheStore } from '../../src/cache/cache-store.ts';
import type { ListQuery } from '../../src/cache/entry-list.ts';
import { entrySchema, type StoredEntry } from '../../src/cache/stored-entry.ts';
import { keyOf } from '../../src/page/page-key.ts';

export function entryOf(path: string, rest: Partial<StoredEntry> = {}): StoredEntry {
  const url = `https://shop.example${path}`;
  return {
    schema: entrySchema,
    key: keyOf(url, 'desktop'),
    url,
    status: 200,
    headers: [['content-type', 'text/html; charset=utf-8']],
    body: Buffer.from(`<p>${path}</p>`),
    etag: 'etag',
    tags: [],
    renderedAt: 1000,
    validatedAt: 1000,
    lifetimes: { freshMs: 1000, staleWhileRevalidateMs: 1000, staleIfErrorMs: 2000 },
    revalidations: { count: 0, misses: 0 },
    freshUntil: 2000,
    staleUntil: 3000,
    usableUntil: 4000,
    inputs: [],
    ...rest,
  };
}

/** What every cache store does, whatever it is made of. `counts: false`: it cannot tell how many pages a purge hit. */
export function describeCacheStore(
  name: string,
  open: () => Promise<CacheStore> | CacheStore,
  { counts = true } = {},
): void {
  describe(`${name} as a cache store`, () => {
    let store: CacheStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const get = async (path: string) => store.get(entryOf(path).key);
    const purged = (count: number) => (counts ? count : 0);

    it('gives back the whole entry that was set', async () => {
      const entry = entryOf('/a', {
        status: 410,
        tags: ['x', 'ü'],
        headers: [
          ['link', '</a>; rel=canonical'],
          ['link', '</b>; rel=next'],
        ],
        body: Buffer.from('größer ☃'),
        inputs: [
          {
            method: 'GET',
            url: 'https://shop.example/api',
            status: 200,
            type: 'fetch',
            etag: '"1"',
            bytes: 5,
            startedMs: 1,
            durationMs: 2,
            verdict: 'allowed',
          },
        ],
      });
      await store.set(entry);
      const found = await get('/a');
      expect({ ...found, body: Buffer.from(found?.body ?? []).toString() }).toEqual({ ...entry, body: 'größer ☃' });
    });

    it('knows nothing of what was never set', async () => {
      expect(await get('/nothing')).toBeUndefined();
    });

    it('replaces an entry of the same key, with its tags', async () => {
      await store.set(entryOf('/a', { tags: ['before'] }));
      await store.set(entryOf('/a', { tags: ['after'], etag: 'second' }));
      expect((await get('/a'))?.etag).toBe('second');
      expect(await store.purge({ tags: ['before'] }, 'hard')).toBe(0);
      expect(await get('/a')).toBeDefined();
    });

    it('deletes one entry and says whether it was there', async () => {
      await store.set(entryOf('/a'));
      await store.set(entryOf('/b'));
      expect(await store.delete(entryOf('/a').key)).toBe(true);
      expect(await store.delete(entryOf('/a').key)).toBe(false);
      expect(await get('/a')).toBeUndefined();
      expect(await get('/b')).toBeDefined();
    });

    it.each([
      ['a URL', { urls: ['https://shop.example/a'] }, ['/a']],
      ['a prefix', { prefixes: ['https://shop.example/blog/'] }, ['/blog/1', '/blog/2']],
      ['a tag', { tags: ['red'] }, ['/a', '/blog/1']],
      ['everything', { everything: true }, ['/a', '/b', '/blog/1', '/blog/2']],
      ['two things that overlap', { urls: ['https://shop.example/a'], tags: ['red'] }, ['/a', '/blog/1']],
      ['something that is not there', { urls: ['https://shop.example/zzz'], tags: ['none'] }, []],
    ])('hard-purges by %s exactly the pages that it means', async (_, selector, gone) => {
      const paths = ['/a', '/b', '/blog/1', '/blog/2'];
      for (const path of paths)
        await store.set(entryOf(path, { tags: path === '/a' || path === '/blog/1' ? ['red'] : ['blue'] }));
      expect(await store.purge(selector, 'hard')).toBe(purged(gone.length));
      const left = await Promise.all(paths.map(async (path) => ((await get(path)) === undefined ? path : '')));
      expect(left.filter(Boolean)).toEqual(gone);
    });

    it('marks as stale in a soft purge, and keeps the page usable', async () => {
      await store.set(entryOf('/a', { tags: ['red'] }));
      expect(await store.purge({ tags: ['red'] }, 'soft')).toBe(purged(1));
      const found = await get('/a');
      expect(found?.freshUntil).toBeLessThanOrEqual(1500);
      expect(found?.usableUntil).toBe(4000);
    });

    it('leaves pages alone that are set after a purge', async () => {
      await store.set(entryOf('/a', { tags: ['red'] }));
      await store.purge({ tags: ['red'], everything: true }, 'soft');
      await store.set(entryOf('/a', { tags: ['red'], renderedAt: 1600, freshUntil: 2600 }));
      expect((await get('/a'))?.freshUntil).toBe(2600);
    });

    async function listed(query: Partial<ListQuery>): Promise<string[]> {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const part = await store.list({ cursor, limit: 2, prefix: '', tag: undefined, ...query });
        found.push(...part.entries.map(({ url, key }) => `${key.split(' ')[0]} ${new URL(url).pathname}`));
        cursor = part.cursor;
      } while (cursor !== undefined);
      return found.sort();
    }

    it('lists every page once, in parts, by prefix and by tag', async () => {
      for (const path of ['/a', '/b/1', '/b/2', '/b/3', '/c'])
        await store.set(entryOf(path, { tags: [path.slice(-1)] }));
      await store.set(entryOf('/a', { key: keyOf('https://shop.example/a', 'mobile') }));
      expect(await listed({})).toEqual([
        'desktop /a',
        'desktop /b/1',
        'desktop /b/2',
        'desktop /b/3',
        'desktop /c',
        'mobile /a',
      ]);
      expect(await listed({ prefix: 'https://shop.example/b/' })).toEqual([
        'desktop /b/1',
        'desktop /b/2',
        'desktop /b/3',
      ]);
      expect(await listed({ tag: '3' })).toEqual(['desktop /b/3']);
      expect(await listed({ tag: '3', prefix: 'https://shop.example/c' })).toEqual([]);
    });

    it('lists pages as purges have left them', async () => {
      for (const path of ['/a', '/b']) await store.set(entryOf(path));
      await store.purge({ urls: ['https://shop.example/a'] }, 'hard');
      await store.purge({ urls: ['https://shop.example/b'] }, 'soft');
      const { entries } = await store.list({ cursor: undefined, limit: 1_000, prefix: '', tag: undefined });
      expect(entries.map(({ url, freshUntil }) => [url, freshUntil < 1_000])).toEqual([
        ['https://shop.example/b', true],
      ]);
    });

    it('purges every device of a URL', async () => {
      await store.set(entryOf('/a'));
      await store.set(entryOf('/a', { key: keyOf('https://shop.example/a', 'mobile') }));
      expect(await store.purge({ urls: ['https://shop.example/a'] }, 'hard')).toBe(purged(2));
    });
  });
}
