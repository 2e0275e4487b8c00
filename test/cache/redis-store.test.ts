import { describe, expect, it } from 'vitest';
import type { CacheChange } from '../../src/cache/cache-store.ts';
import type { PurgeMarksSettings } from '../../src/cache/purge-marks.ts';
import { redisKeys } from '../../src/cache/redis-keys.ts';
import { describeCacheStore, entryOf } from '../contract/cache-store.ts';
import { connectCache } from './connect-cache.ts';
import { redisIsMissing } from './start-redis.ts';
import { withRedis } from './with-redis.ts';

const keys = redisKeys();
const hour = 3_600_000;

/** An entry that outlives the test: times to live are counted by the server. */
const longLived = { freshUntil: hour, staleUntil: 2 * hour, usableUntil: 3 * hour };

describe.skipIf(redisIsMissing !== undefined)(`Redis${redisIsMissing ? ` (skipped: ${redisIsMissing})` : ''}`, () => {
  const redis = withRedis();
  const { cleanUps } = redis;

  async function replica(limits: Partial<PurgeMarksSettings> = {}) {
    const connected = await connectCache(redis.url, { limits });
    cleanUps.push(() => connected.store.close());
    await connected.subscribed;
    const heard = async (kind: CacheChange['kind']) => {
      await expect.poll(() => connected.changes.map((change) => change.kind)).toContain(kind);
      return connected.changes.find((change) => change.kind === kind);
    };
    return { ...connected, heard };
  }

  describeCacheStore('the Redis store', async () => (await connectCache(redis.url)).store, { counts: false });

  it('shows what one replica stores or purges to the others', async () => {
    const [one, two] = [await replica(), await replica()];
    await one.store.set(entryOf('/a', { tags: ['red'] }));
    expect(await two.heard('stored')).toEqual({ kind: 'stored', key: entryOf('/a').key });
    expect(await two.store.get(entryOf('/a').key)).toMatchObject({ tags: ['red'] });
    await one.store.purge({ tags: ['red'] }, 'hard');
    expect(await two.heard('purged')).toEqual({ kind: 'purged', selector: { tags: ['red'] }, mode: 'hard' });
    expect(await two.store.get(entryOf('/a').key)).toBeUndefined();
  });

  it('takes nothing for a page that was made before a purge, however late it is written', async () => {
    const [one, two] = [await replica(), await replica()];
    const since = await one.marks.latest();
    await two.store.purge({ prefixes: ['https://shop.example/'] }, 'hard');
    await one.store.set(entryOf('/late'), { since, fence: 0 });
    expect(await one.store.get(entryOf('/late').key)).toBeUndefined();
    await one.store.set(entryOf('/new'), { since: await one.marks.latest(), fence: 0 });
    expect(await one.store.get(entryOf('/new').key)).toBeDefined();
  });

  it('does not let a late writer replace the page of its successor', async () => {
    const { store, marks } = await replica();
    const since = await marks.latest();
    await store.set(entryOf('/a', { etag: 'second' }), { since, fence: 8 });
    await store.set(entryOf('/a', { etag: 'first' }), { since, fence: 7 });
    expect(await store.get(entryOf('/a').key)).toMatchObject({ etag: 'second' });
  });

  it('keeps a page for as long as it is usable, and a minute for clocks that differ', async () => {
    const { store, clock } = await replica();
    await store.set(entryOf('/a', { usableUntil: clock.now() + 10_000 }));
    const ttlMs = Number(redis.command('PTTL', keys.page(entryOf('/a').key)));
    expect(ttlMs).toBeGreaterThan(60_000);
    expect(ttlMs).toBeLessThanOrEqual(70_000);
    await store.set(entryOf('/useless', { usableUntil: clock.now() }));
    expect(redis.command('EXISTS', keys.page(entryOf('/useless').key))).toBe('0');
  });

  it('forgets the oldest purges beyond its bounds, and then purges too much, never too little', async () => {
    const { store, marks } = await replica({ maxMarks: 10, maxPrefixes: 3 });
    const stored = async (page: string) => (await store.get(entryOf(page).key)) !== undefined;
    await store.set(entryOf('/old', { tags: ['kept'], ...longLived }));
    await store.purge({ tags: ['first'] }, 'hard');
    await store.set(entryOf('/middle', { tags: ['kept'], ...longLived }));
    for (let n = 0; n < 8; n += 1) await store.purge({ tags: [`tag ${n}`] }, 'hard');
    expect([await stored('/old'), await stored('/middle')]).toEqual([false, true]);
    expect(Number(redis.command('ZCARD', `${keys.namespace}:{purge}:marks`))).toBe(10);
    for (let n = 0; n < 5; n += 1) await store.purge({ prefixes: [`https://shop.example/${n}/`] }, 'hard');
    expect(Number(redis.command('ZCARD', `${keys.namespace}:{purge}:prefixes`))).toBe(3);
    expect(await stored('/middle')).toBe(false);
    await store.set(entryOf('/new', longLived), { since: await marks.latest(), fence: 0 });
    expect(await stored('/new')).toBe(true);
  });

  it.each(['marks', 'prefixes'])('answers nothing from before when the record of %s was lost', async (record) => {
    const { store } = await replica();
    await store.set(entryOf('/a', longLived));
    await store.purge({ prefixes: ['https://shop.example/a'], tags: ['other'] }, 'hard');
    redis.command('DEL', `${keys.namespace}:{purge}:${record}`);
    const { store: other } = await replica();
    expect(await other.get(entryOf('/a').key)).toBeUndefined();
    await other.set(entryOf('/new', longLived));
    expect(await other.get(entryOf('/new').key)).toBeDefined();
  });

  it('gives later purges later marks, also when the clock of the server goes back', async () => {
    const { store, marks } = await replica();
    const future = Date.now() * 1000 + 3600e6;
    await store.purge({ tags: ['a'] }, 'soft');
    redis.command('ZADD', `${keys.namespace}:{purge}:marks`, String(future), 'last');
    await store.purge({ tags: ['b'] }, 'soft');
    expect(await marks.latest()).toBe(future + 1);
  });

  it.each([
    ['garbage', ['SET', 'garbage '.repeat(50)]],
    ['a value of another type', ['SADD', 'x']],
    ['nearly nothing', ['SET', 'x']],
  ])('takes %s under its key for no page, and writes over it', async (_, [command = '', value = '']) => {
    const { store } = await replica();
    redis.command(command, keys.page(entryOf('/a').key), value);
    expect(await store.get(entryOf('/a').key)).toBeUndefined();
    await store.set(entryOf('/a'), { since: 9e15, fence: 5 });
    expect(await store.get(entryOf('/a').key)).toBeDefined();
  });

  it('does not listen to messages that are none', async () => {
    const { store, heard } = await replica();
    const changes: CacheChange[] = [];
    store.onChange?.((change) => changes.push(change));
    for (const text of ['', 'null', '[]', '{"from":"x","kind":"purged","selector":{"tags":[1]},"mode":"hard"}'])
      redis.command('PUBLISH', `${keys.channel}:0`, text);
    redis.command('PUBLISH', `${keys.channel}:0`, '{"from":"x","kind":"stored","key":"desktop https://shop.example/"}');
    await heard('stored');
    expect(changes).toHaveLength(1);
  });

  it('costs a purge the same number of commands however many pages it hits', async () => {
    const { store } = await replica();
    const commands = () => Number(/total_commands_processed:(\d+)/.exec(redis.command('INFO', 'stats'))?.[1]);
    for (let n = 0; n < 100; n += 1) await store.set(entryOf(`/${n}`, { tags: ['all'], ...longLived }));
    const before = commands();
    await store.purge({ tags: ['all'] }, 'soft');
    expect(commands() - before).toBeLessThan(15);
    const found = await Promise.all(Array.from({ length: 100 }, (_, n) => store.get(entryOf(`/${n}`).key)));
    expect(found.every((entry) => entry !== undefined && entry.freshUntil <= 1500)).toBe(true);
  });
});
