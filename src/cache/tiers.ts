import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { PageKey } from '../page/page-target.ts';
import { type Breaker, type Unavailable, unavailable } from './breaker.ts';
import type { CacheStore, MaybePromise } from './cache-store.ts';
import { createChangeListeners } from './change-listeners.ts';
import type { MemoryStore } from './memory-store.ts';
import type { StoredEntry } from './stored-entry.ts';
import { createUnsaidPurges } from './unsaid-purges.ts';

export interface TierParts {
  readonly memory: MemoryStore;
  /** Slower, larger, or shared. */
  readonly lower: CacheStore;
  readonly breaker: Breaker;
  /** How long memory answers for a shared store before that is asked again: messages of its changes may be lost. */
  readonly maxUncheckedMs?: number;
  readonly clock: Clock;
  readonly report: Report;
}

interface Lookup {
  readonly near: StoredEntry | undefined;
  answer?: Promise<StoredEntry | undefined>;
}

/** Nobody waits for a write; a purge is worth waiting for. */
const writeWaitMs = 1000;
/** An operator waits longer than a reader. */
const listWaitMs = 5_000;

/**
 * Memory before another store. While that is slow or gone, pages are served from memory, whatever is not there is rendered, and purges are
 * kept to be told later. Never throws and never rejects.
 */
export function createTiers({ memory, lower, breaker, maxUncheckedMs, clock, report }: TierParts): CacheStore {
  const isShared = maxUncheckedMs !== undefined;
  /** When an entry in memory was last known to be what the shared store has. */
  let checkedAt = new WeakMap<StoredEntry, number>();
  /** The latest lookup of each page. One that is no longer here may have read what was there before a change: it is answered, but not kept. */
  const lookups = new Map<PageKey, Lookup>();
  const unsaid = createUnsaidPurges();
  const listeners = createChangeListeners();
  const stopListening = lower.onChange?.((change) => {
    if (change.kind === 'stored') {
      doubt(change.key);
    } else {
      lookups.clear();
      if (change.kind === 'purged') memory.purge(change.selector, change.mode);
      else checkedAt = new WeakMap();
    }
    listeners.tell(change);
  });
  let cancelRetry = () => {};

  function doubt(key: PageKey): void {
    lookups.delete(key);
    const near = memory.get(key);
    if (near !== undefined) checkedAt.delete(near);
  }

  function keep(entry: StoredEntry): void {
    memory.set(entry);
    if (isShared) checkedAt.set(entry, clock.now());
  }

  function isTrusted(near: StoredEntry): boolean {
    return !isShared || clock.now() - (checkedAt.get(near) ?? Number.NEGATIVE_INFINITY) < maxUncheckedMs;
  }

  function ask<T>(operation: string, work: () => MaybePromise<T>, waitMs?: number): MaybePromise<T | Unavailable> {
    if (unsaid.size === 0) return breaker.ask(operation, work, waitMs);
    return breaker.ask(
      operation,
      async () => {
        await unsaid.say(({ selector, mode }) => lower.purge(selector, mode));
        return work();
      },
      waitMs,
    );
  }

  async function sayUnsaid(): Promise<void> {
    await ask('purge', () => {}, writeWaitMs);
    if (unsaid.size > 0) sayUnsaidLater();
  }

  function sayUnsaidLater(): void {
    cancelRetry();
    cancelRetry = clock.after(breaker.restMs, () => void sayUnsaid());
  }

  function lookUp(key: PageKey): MaybePromise<StoredEntry | undefined> {
    const lookup: Lookup = { near: memory.get(key) };
    lookups.set(key, lookup);
    const found = ask('get', () => lower.get(key));
    if (!(found instanceof Promise)) return settle(key, lookup, found);
    lookup.answer = found.then((far) => settle(key, lookup, far));
    return lookup.answer;
  }

  function settle(key: PageKey, lookup: Lookup, far: StoredEntry | undefined | Unavailable): StoredEntry | undefined {
    const isLatest = lookups.get(key) === lookup;
    if (isLatest) lookups.delete(key);
    if (far === unavailable) return memory.get(key);
    report({ type: 'cache.lookup', tier: breaker.name, result: far === undefined ? 'miss' : 'hit' });
    if (isLatest && memory.get(key) === lookup.near) {
      if (far === undefined) memory.delete(key);
      else keep(far);
    }
    return far;
  }

  return {
    get(key) {
      const near = memory.get(key);
      if (near !== undefined && isTrusted(near)) return near;
      return lookups.get(key)?.answer ?? lookUp(key);
    },
    latest: lookUp,
    async set(entry, claim) {
      keep(entry);
      await ask('set', () => lower.set(entry, claim), writeWaitMs);
    },
    async delete(key) {
      lookups.delete(key);
      const near = memory.delete(key);
      return (await ask('delete', () => lower.delete(key), writeWaitMs)) === true || near;
    },
    async purge(selector, mode) {
      lookups.clear();
      const near = memory.purge(selector, mode);
      const far = await ask('purge', () => lower.purge(selector, mode), writeWaitMs);
      if (far === unavailable) {
        unsaid.add({ selector, mode });
        sayUnsaidLater();
        return near;
      }
      // A lookup may have brought back the old page before the store knew.
      lookups.clear();
      memory.purge(selector, mode);
      return Math.max(near, far);
    },
    async list(query) {
      const far = await ask('list', () => lower.list(query), listWaitMs);
      return far === unavailable ? { ...memory.list(query), isPartial: true } : far;
    },
    onChange: listeners.add,
    async close() {
      cancelRetry();
      stopListening?.();
      memory.close();
      await ask('close', () => lower.close(), writeWaitMs);
    },
  };
}
