import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import { createBreaker } from './breaker.ts';
import type { CacheStore } from './cache-store.ts';
import type { Leases } from './leases.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { createPurgeMarks } from './purge-marks.ts';
import { createRedisBus } from './redis-bus.ts';
import { connectRedis } from './redis-connection.ts';
import { redisKeys } from './redis-keys.ts';
import { createRedisLeases } from './redis-leases.ts';
import { createRedisRenderLock } from './redis-render-lock.ts';
import { createRedisStore } from './redis-store.ts';
import type { RenderLock } from './render-lock.ts';
import { createSqliteStore, type SqliteStore } from './sqlite-store.ts';
import { createTiers } from './tiers.ts';

export interface CacheSettings {
  /** Bound of the pages in memory. */
  readonly maxBytes: number;
  readonly beside:
    | { readonly kind: 'nothing' }
    | { readonly kind: 'sqlite'; readonly directory: string; readonly maxBytes: number }
    | { readonly kind: 'redis'; readonly url: string };
  /** The longest that a render may take, waiting included. */
  readonly longestRenderMs: number;
  /** How long an answer may wait for the store beside memory. */
  readonly waitMs?: number;
  /** How long memory answers without asking a shared store whether it still may. */
  readonly maxUncheckedMs?: number;
}

export interface TierSize {
  readonly tier: string;
  readonly entries: number;
  readonly bytes: number;
}

export interface Cache {
  readonly store: CacheStore;
  /** The nearest tier: what can be listed at once. */
  readonly memory: MemoryStore;
  /** Where pages are shared with other replicas. */
  readonly shared: { readonly lock: RenderLock; readonly leases: Leases } | undefined;
  sizes(): readonly TierSize[];
}

interface Parts {
  readonly clock: Clock;
  readonly report: Report;
}

const waitMs = 50;
const restMs = 2_000;
const maxUncheckedMs = 60_000;

/** The tiers that the settings ask for. A store that is not there (yet) costs an event, never the start; wrong settings throw `ConfigError`. */
export async function openCache(settings: CacheSettings, parts: Parts): Promise<Cache> {
  const memory = createMemoryStore(settings);
  const { beside } = settings;
  if (beside.kind === 'redis') return besideRedis(memory, beside.url, settings, parts);
  const disk = beside.kind === 'sqlite' ? openDisk(beside, parts) : undefined;
  if (disk === undefined) {
    return { store: memory, memory, shared: undefined, sizes: () => [{ tier: 'memory', ...memory.size() }] };
  }
  const breaker = createBreaker({ name: 'sqlite', waitMs, restMs }, parts);
  return {
    store: createTiers({ memory, lower: disk, breaker, ...parts }),
    memory,
    shared: undefined,
    sizes: () => [
      { tier: 'memory', ...memory.size() },
      { tier: 'sqlite', ...disk.size() },
    ],
  };
}

function openDisk(
  settings: { readonly directory: string; readonly maxBytes: number },
  parts: Parts,
): SqliteStore | undefined {
  try {
    return createSqliteStore(settings, parts);
  } catch (cause) {
    const message = `pages are kept in memory only: ${messageOf(cause)}`;
    parts.report({ type: 'cache.failed', tier: 'sqlite', operation: 'open', message });
    return undefined;
  }
}

async function besideRedis(memory: MemoryStore, url: string, settings: CacheSettings, parts: Parts): Promise<Cache> {
  const keys = redisKeys();
  const connection = await connectRedis({ url, channel: keys.channel, ...parts });
  const marks = createPurgeMarks(connection, keys);
  const bus = createRedisBus(connection);
  const breaker = createBreaker({ name: 'redis', waitMs: settings.waitMs ?? waitMs, restMs }, parts);
  const lower = createRedisStore({ connection, keys, marks, bus, ...parts });
  return {
    store: createTiers({ memory, lower, breaker, maxUncheckedMs: settings.maxUncheckedMs ?? maxUncheckedMs, ...parts }),
    memory,
    shared: {
      lock: createRedisRenderLock(
        { ttlMs: 5_000, pollMs: 250, maxWaitMs: settings.longestRenderMs },
        { connection, keys, marks, bus, breaker, clock: parts.clock },
      ),
      leases: createRedisLeases(connection, keys),
    },
    sizes: () => [
      { tier: 'memory', ...memory.size() },
      { tier: 'redis', ...connection.size() },
    ],
  };
}
