import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import type { PageKey } from '../page/page-target.ts';
import { type Breaker, unavailable } from './breaker.ts';
import type { WriteClaim } from './cache-store.ts';
import type { PurgeMarks } from './purge-marks.ts';
import type { RedisBus } from './redis-bus.ts';
import { type RedisConnection, redisScript } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import { redisLease } from './redis-leases.ts';
import type { RenderLock, Turn, TurnEnd } from './render-lock.ts';

export interface RenderLockSettings {
  /** After the death of a replica its pages can be rendered by others once this has passed. */
  readonly ttlMs: number;
  /** How often to look whether a lock is free; its holder also calls it out. */
  readonly pollMs: number;
  /** A waiter that heard nothing for this long renders by itself. */
  readonly maxWaitMs: number;
}

export interface RenderLockParts {
  readonly connection: RedisConnection;
  readonly keys: RedisKeys;
  readonly marks: PurgeMarks;
  readonly bus: RedisBus;
  readonly breaker: Breaker;
  readonly clock: Clock;
}

// The fence is the server's time, but always above the page's last writer (redis-store.ts): 16 digits after the mark.
const lockScript = redisScript(`
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
local time = redis.call('TIME')
local last = redis.pcall('GETRANGE', KEYS[2], 16, 31)
if type(last) ~= 'string' then last = 0 end
return string.format('%.0f', math.max(time[1] * 1000000 + time[2], (tonumber(last) or 0) + 1))
`);

/**
 * One lock for each page, held while it is rendered and extended meanwhile. It saves work and is not what keeps pages right: a holder that was
 * paused past its time is stopped by the fence when it writes.
 */
export function createRedisRenderLock(
  { ttlMs, pollMs, maxWaitMs }: RenderLockSettings,
  { connection, keys, marks, bus, breaker, clock }: RenderLockParts,
): RenderLock {
  /** The fence, or null while another replica holds the lock. */
  async function take(key: PageKey, token: string): Promise<WriteClaim | null> {
    const names = [keys.lock(key), keys.page(key)];
    const [fence, since] = await Promise.all([connection.run(lockScript, names, [token, ttlMs]), marks.latest()]);
    return fence === null ? null : { fence: Number(String(fence)), since };
  }

  function hold(key: PageKey, token: string): (how: TurnEnd) => void {
    const lease = redisLease(connection, keys.lock(key), token, ttlMs);
    const extend = () => {
      cancel = clock.after(ttlMs / 3, extend);
      void lease.extend().catch(() => {});
    };
    let cancel = clock.after(ttlMs / 3, extend);
    return (how) => {
      cancel();
      lease
        .release()
        .catch(() => {})
        .finally(() => bus.send({ kind: 'ended', key, how }));
    };
  }

  async function enter(key: PageKey, signal: AbortSignal): Promise<Turn> {
    const token = randomUUID();
    const waiter = createWaiter(key, bus, clock, signal);
    const giveUpAt = clock.now() + maxWaitMs;
    try {
      for (let round = 0; ; round += 1) {
        let taking: Promise<WriteClaim | null> | undefined;
        const claim = await breaker.ask('lock', () => {
          taking = take(key, token);
          return taking;
        });
        if (claim === unavailable) {
          // An answer that comes too late may still say that the lock is ours.
          taking?.then((late) => late && hold(key, token)({ kind: 'left' })).catch(() => {});
          return alone();
        }
        if (claim !== null) {
          const end = hold(key, token);
          if (!signal.aborted) return { kind: 'mine', claim, end };
          end({ kind: 'left' });
        }
        const heard = await waiter.next(pollMs * Math.min(2 ** round, 8));
        if (heard?.kind === 'stored') return { kind: 'stored', claim: lateClaim() };
        if (heard?.kind === 'failed') return heard;
        if (heard?.kind === 'unshared' || clock.now() >= giveUpAt) return alone();
      }
    } finally {
      waiter.close();
    }
  }

  /** From the last time that the server was heard: at worst the page is taken for one from before a purge that it came after. */
  function lateClaim(): WriteClaim {
    return { since: marks.known(), fence: 0 };
  }

  /** Renders without a lock. */
  function alone(): Turn {
    return { kind: 'mine', claim: lateClaim(), end: () => {} };
  }

  return { enter };
}

/** Hears how others' turns for a page end, from the moment it is made: also what was called out just before it is asked. */
function createWaiter(key: PageKey, bus: RedisBus, clock: Clock, signal: AbortSignal) {
  let heard: TurnEnd | undefined;
  let wake = () => {};
  const stopListening = bus.listen((message) => {
    if (message.kind === 'purged' || message.key !== key) return;
    // The store calls out what it has, before the lock is let go.
    heard = message.kind === 'stored' ? { kind: 'stored' } : message.how;
    wake();
  });
  const leave = () => wake();
  signal.addEventListener('abort', leave);
  return {
    /** What was heard since the last time, waiting for it for at most `maxMs`. */
    async next(maxMs: number): Promise<TurnEnd | undefined> {
      if (heard === undefined && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(maxMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      if (signal.aborted) throw new RenderError('aborted', 'nobody waits for this page any more');
      const last = heard;
      heard = undefined;
      return last;
    },
    close() {
      stopListening();
      signal.removeEventListener('abort', leave);
    },
  };
}
