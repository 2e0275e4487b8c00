import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../src/cache/breaker.ts';
import type { CacheStore } from '../../src/cache/cache-store.ts';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { createTiers } from '../../src/cache/tiers.ts';
import type { PrefaceEvent } from '../../src/events.ts';
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
    const { clock, tiers, failures } = setUp({ get: never, set: never, delete: never, purge: never, close: () => {} });
    const asked = tiers.get(entryOf('/a').key);
    clock.advance(50);
    expect(await asked).toBeUndefined();
    expect(failures()).toEqual(['get']);
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
});
