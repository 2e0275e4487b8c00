import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { CacheStore, MaybePromise } from './cache-store.ts';
import type { MemoryStore } from './memory-store.ts';
import type { StoredEntry } from './stored-entry.ts';

export interface TierSettings {
  /** The lower tier's name in events and metrics. */
  readonly name: string;
  /** How long a lookup may wait for the lower tier. */
  readonly waitMs: number;
  /** After a failure the lower tier is left alone for this long. */
  readonly restMs: number;
}

/**
 * Memory before a store that is slower, larger, or shared. A lower tier that fails or is slow costs `waitMs` once and then nothing until its
 * rest is over; pages are served from memory and rendered meanwhile. Never throws and never rejects.
 */
export function createTiers(
  memory: MemoryStore,
  lower: CacheStore,
  settings: TierSettings,
  { clock, report }: { readonly clock: Clock; readonly report: Report },
): CacheStore {
  const { name, waitMs, restMs } = settings;
  let restUntil = 0;

  function failed(operation: string, cause: unknown): undefined {
    restUntil = clock.now() + restMs;
    report({ type: 'cache.failed', tier: name, operation, message: messageOf(cause) });
  }

  /** The result of the lower tier, or undefined when it has none to give. */
  function ask<T>(operation: string, work: () => MaybePromise<T>): MaybePromise<T | undefined> {
    if (clock.now() < restUntil) return undefined;
    try {
      const result = work();
      return result instanceof Promise ? inTime(result).catch((cause) => failed(operation, cause)) : result;
    } catch (cause) {
      return failed(operation, cause);
    }
  }

  function inTime<T>(result: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(waitMs, () => reject(new Error(`no answer within ${waitMs} ms`)));
      result.then(resolve, reject).finally(cancel);
    });
  }

  function found(entry: StoredEntry | undefined): StoredEntry | undefined {
    report({ type: 'cache.lookup', tier: name, result: entry === undefined ? 'miss' : 'hit' });
    if (entry !== undefined) memory.set(entry);
    return entry;
  }

  return {
    get(key) {
      const near = memory.get(key);
      if (near !== undefined) return near;
      const far = ask('get', () => lower.get(key));
      return far instanceof Promise ? far.then(found) : found(far);
    },
    async set(entry) {
      memory.set(entry);
      await ask('set', () => lower.set(entry));
    },
    async delete(key) {
      const near = memory.delete(key);
      return (await ask('delete', () => lower.delete(key))) === true || near;
    },
    async purge(selector, mode, now) {
      const near = memory.purge(selector, mode, now);
      return Math.max(near, (await ask('purge', () => lower.purge(selector, mode, now))) ?? 0);
    },
    async close() {
      memory.close();
      await ask('close', () => lower.close());
    },
  };
}
