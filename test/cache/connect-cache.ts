import { createBreaker } from '../../src/cache/breaker.ts';
import type { CacheChange } from '../../src/cache/cache-store.ts';
import { createPurgeMarks, type PurgeMarksSettings } from '../../src/cache/purge-marks.ts';
import { createRedisBus } from '../../src/cache/redis-bus.ts';
import { connectRedis } from '../../src/cache/redis-connection.ts';
import { redisKeys } from '../../src/cache/redis-keys.ts';
import { createRedisRenderLock, type RenderLockSettings } from '../../src/cache/redis-render-lock.ts';
import { createRedisStore } from '../../src/cache/redis-store.ts';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

/**
 * What one replica has of Redis, on connections of its own. The store's clock stands at the time of the contract's entries; all else goes by the
 * machine's. Patient with slow answers (they are the subject of other tests, and a test machine gives them), and without polling unless asked for.
 */
export async function connectCache(
  url: string,
  { limits = {}, lock = {} }: { limits?: Partial<PurgeMarksSettings>; lock?: Partial<RenderLockSettings> } = {},
) {
  const events: PrefaceEvent[] = [];
  const changes: CacheChange[] = [];
  const keys = redisKeys();
  const clock = createFakeClock(1500);
  const report = (event: PrefaceEvent) => void events.push(event);
  const connection = await connectRedis({ url, channel: keys.channel, clock: systemClock, report });
  const subscribed = new Promise<void>((resolve) => connection.onSubscribed(resolve));
  const marks = createPurgeMarks(connection, { ...keys, ...limits });
  const bus = createRedisBus(connection);
  const breaker = createBreaker({ name: 'redis', waitMs: 5_000, restMs: 5_000 }, { clock: systemClock, report });
  const store = createRedisStore({ connection, keys, marks, bus, clock, report });
  store.onChange?.((change) => changes.push(change));
  const renderLock = createRedisRenderLock(
    { ttlMs: 60_000, pollMs: 60_000, maxWaitMs: 60_000, ...lock },
    { connection, keys, marks, bus, breaker, clock: systemClock },
  );
  return { connection, keys, marks, bus, store, clock, events, changes, subscribed, lock: renderLock };
}
