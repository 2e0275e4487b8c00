import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../src/cache/breaker.ts';
import type { CacheChange, CacheStore } from '../../src/cache/cache-store.ts';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import type { StoredEntry } from '../../src/cache/stored-entry.ts';
import { createTiers } from '../../src/cache/tiers.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { PurgeSelector } from '../../src/page/purge.ts';
import { describeCacheStore, entryOf } from '../contract/cache-store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const memory = () => createMemoryStore({ maxBytes: 1e6 });
const settings = { name: 'disk', waitMs: 50, restMs: 5000 };

describeCacheStore('memory before another store', () => setUp(memory()).tiers);
describeCacheStore('memory before a shared store', () => setUp(memory(), { maxUncheckedMs: 60_000 }).tiers);

function setUp(lower: CacheStore, rest: { maxUncheckedMs?: number } = {}) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  const near = memory();
  const report = (event: PrefaceEvent) => void events.push(event);
  const breaker = createBreaker(settings, { clock, report });
  const tiers = createTiers({ memory: near, lower, breaker, clock, report, ...rest });
  const failures = () => events.filter((event) => event.type === 'cache.failed').map(({ operation }) => operation);
  return { clock, near, tiers, failures };
}

describe('memory before another store', () => {
  it('answers from memory without a promise, and takes up what the lower tier has', async () => {
    const lower = memory();
    lower.set(entryOf('/a'));
    const { near, tiers } = setUp(lower);
    expect(await tiers.get(entryOf('/a').key)).toBeDefined();
    expect(near.get(entryOf('/a').key)).toBeDefined();
    expect(tiers.get(entryOf('/a').key)).not.toBeInstanceOf(Promise);
  });

  it('does not wait longer than its time for a lower tier that says nothing', async () => {
    const never = () => new Promise<never>(() => {});
    const { clock, tiers, failures } = setUp({
      get: never,
      set: never,
      delete: never,
      purge: never,
      list: never,
      close: () => {},
    });
    const asked = tiers.get(entryOf('/a').key);
    clock.advance(50);
    expect(await asked).toBeUndefined();
    expect(failures()).toEqual(['get']);
  });

  it('lists what is in memory, and says so, when the lower tier cannot', async () => {
    const lower = memory();
    const { tiers } = setUp({
      ...lower,
      list() {
        throw new Error('disk I/O error');
      },
    });
    await tiers.set(entryOf('/a'));
    const list = await tiers.list({ cursor: undefined, limit: 10, prefix: '', tag: undefined });
    expect(list).toMatchObject({ entries: [{ url: 'https://shop.example/a' }], isPartial: true });
  });

  it('leaves a failing lower tier alone for a while, and then tries it again', async () => {
    let calls = 0;
    const failing = () => {
      calls += 1;
      throw new Error('no space left on device');
    };
    const { clock, near, tiers, failures } = setUp({
      get: failing,
      set: failing,
      list: failing,
      delete: failing,
      purge: failing,
      close: () => {},
    });
    await tiers.set(entryOf('/a'));
    await tiers.set(entryOf('/b'));
    expect(await tiers.get(entryOf('/c').key)).toBeUndefined();
    expect(calls).toBe(1);
    expect(near.get(entryOf('/b').key)).toBeDefined();
    clock.advance(5000);
    await tiers.get(entryOf('/c').key);
    expect(calls).toBe(2);
    expect(failures()).toEqual(['set', 'get']);
  });

  it('lets one try again when the rest is over, and the others only when that worked', async () => {
    const asked: ((entry: StoredEntry | undefined) => void)[] = [];
    const lower: CacheStore = { ...memory(), get: () => new Promise((resolve) => asked.push(resolve)) };
    const { clock, tiers } = setUp(lower);
    const slow = tiers.get(entryOf('/a').key);
    clock.advance(50);
    await slow;
    clock.advance(5000);
    const trial = tiers.get(entryOf('/b').key);
    expect(tiers.get(entryOf('/c').key)).toBeUndefined();
    asked[1]?.(entryOf('/b'));
    expect(await trial).toBeDefined();
    void tiers.get(entryOf('/d').key);
    expect(asked).toHaveLength(3);
  });

  it('asks the lower tier once for a page, however many want it', async () => {
    const asked: ((entry: StoredEntry | undefined) => void)[] = [];
    const lower: CacheStore = { ...memory(), get: () => new Promise((resolve) => asked.push(resolve)) };
    const { tiers } = setUp(lower);
    const wanted = Array.from({ length: 10 }, () => tiers.get(entryOf('/a').key));
    asked[0]?.(entryOf('/a'));
    expect((await Promise.all(wanted)).every((entry) => entry !== undefined)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('tells the lower tier of a purge later, when it cannot be told now, and before it is asked for a page', async () => {
    const store = memory();
    store.set(entryOf('/a', { tags: ['red'] }));
    let isDown = true;
    const lower: CacheStore = {
      ...store,
      purge: (...purge) => {
        if (isDown) throw new Error('gone');
        return store.purge(...purge);
      },
    };
    const { clock, tiers } = setUp(lower);
    await tiers.purge({ tags: ['red'] }, 'hard');
    isDown = false;
    expect(await tiers.get(entryOf('/a').key)).toBeUndefined();
    expect(store.get(entryOf('/a').key)).toBeDefined();
    clock.advance(5000);
    await expect.poll(() => store.get(entryOf('/a').key)).toBeUndefined();
    expect(await tiers.get(entryOf('/a').key)).toBeUndefined();
  });

  it('does not keep what a lookup under way brings from before a purge', async () => {
    const asked: ((entry: StoredEntry | undefined) => void)[] = [];
    const lower: CacheStore = { ...memory(), get: () => new Promise((resolve) => asked.push(resolve)) };
    const { near, tiers } = setUp(lower);
    const under = tiers.get(entryOf('/a').key);
    await tiers.purge({ everything: true }, 'hard');
    asked[0]?.(entryOf('/a'));
    await under;
    expect(near.get(entryOf('/a').key)).toBeUndefined();
  });
});

/** A lower tier that others use, too; `others` is what they do. */
function shared() {
  const store = memory();
  let tell: (change: CacheChange) => void = () => {};
  let isDown = false;
  const lower: CacheStore = {
    ...store,
    get: async (key) => {
      if (isDown) throw new Error('gone');
      return store.get(key);
    },
    onChange: (listener) => {
      tell = listener;
      return () => {};
    },
  };
  const others = {
    store: (entry: StoredEntry, { heard = true } = {}) => {
      store.set(entry);
      if (heard) tell({ kind: 'stored', key: entry.key });
    },
    purge: (selector: PurgeSelector, { heard = true } = {}) => {
      store.purge(selector, 'hard');
      if (heard) tell({ kind: 'purged', selector, mode: 'hard' });
    },
    missed: () => tell({ kind: 'unsure' }),
    down: () => {
      isDown = true;
    },
  };
  return { ...setUp(lower, { maxUncheckedMs: 60_000 }), others };
}

describe('memory before a store that is shared', () => {
  const { key } = entryOf('/a');

  it('has what others store, and loses what they purge, as soon as it hears of it', async () => {
    const { tiers, others } = shared();
    await tiers.set(entryOf('/a', { tags: ['red'] }));
    others.store(entryOf('/a', { tags: ['red'], etag: 'new' }));
    expect(await tiers.get(key)).toMatchObject({ etag: 'new' });
    others.purge({ tags: ['red'] });
    expect(await tiers.get(key)).toBeUndefined();
  });

  it('has it after a minute when it heard nothing, and meanwhile answers without a promise', async () => {
    const { clock, tiers, others } = shared();
    await tiers.set(entryOf('/a'));
    others.purge({ everything: true }, { heard: false });
    clock.advance(59_999);
    expect(tiers.get(key)).toMatchObject({ key });
    clock.advance(1);
    expect(await tiers.get(key)).toBeUndefined();
  });

  it('asks again for everything when it may have missed something', async () => {
    const { tiers, others } = shared();
    await tiers.set(entryOf('/a'));
    others.store(entryOf('/a', { etag: 'new' }), { heard: false });
    expect(await tiers.get(key)).toMatchObject({ etag: 'etag' });
    others.missed();
    expect(await tiers.get(key)).toMatchObject({ etag: 'new' });
    expect(tiers.get(key)).not.toBeInstanceOf(Promise);
  });

  it('goes on answering from memory while the shared store is gone', async () => {
    const { clock, tiers, others, failures } = shared();
    await tiers.set(entryOf('/a'));
    others.down();
    clock.advance(3_600_000);
    expect(await tiers.get(key)).toBeDefined();
    expect(failures()).toEqual(['get']);
    expect(tiers.get(key)).toMatchObject({ key });
  });

  it('can be asked for the shared page of this moment', async () => {
    const { tiers, others } = shared();
    await tiers.set(entryOf('/a'));
    others.store(entryOf('/a', { etag: 'new' }), { heard: false });
    expect(await tiers.latest?.(key)).toMatchObject({ etag: 'new' });
    expect(await tiers.get(key)).toMatchObject({ etag: 'new' });
  });

  it('passes on what others do', () => {
    const { tiers, others } = shared();
    const heard: CacheChange[] = [];
    tiers.onChange?.((change) => heard.push(change));
    others.purge({ tags: ['red'] });
    expect(heard).toEqual([{ kind: 'purged', selector: { tags: ['red'] }, mode: 'hard' }]);
  });
});
