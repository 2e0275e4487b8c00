import type { CacheStore, MaybePromise } from '../cache/cache-store.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Clock } from '../clock.ts';
import { messageOf, RenderError, type RenderFailure } from '../errors.ts';
import type { Report } from '../events.ts';
import { freshness } from '../page/freshness.ts';
import type { PageKey, PageTarget } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { RenderReport } from '../page/snapshot.ts';
import type { Renderer, RenderPriority } from '../render/renderer.ts';
import { createFailureMemory } from './failure-memory.ts';
import { createPurgeGuard } from './purge-guard.ts';
import { createSingleFlight } from './single-flight.ts';
import { entryFrom, isStorable, type StorageSettings } from './storage-rules.ts';

export type PageAnswer =
  | {
      readonly kind: 'page';
      readonly from: 'hit' | 'stale' | 'render';
      readonly entry: StoredEntry;
      /** Rendered just now: whether it was stored, whether another request's render was joined, and what it cost. */
      readonly rendered?: { readonly stored: boolean; readonly joined: boolean; readonly report: RenderReport };
    }
  | { readonly kind: 'failed'; readonly code: RenderFailure };

/** Who waits for a page. Both are asked only when there is something to wait for: most answers are hits. */
export interface Asker {
  /** The client network (IPv4 /24, IPv6 /64), for fairness in the queue. */
  network(): string;
  /** Aborted when the asker is gone. */
  gone(): AbortSignal;
}

export interface PageSource {
  /**
   * The page for a reader: from the cache when it is good enough, else rendered. Without a promise when memory has it.
   * Never rejects: what goes wrong is an answer of kind `failed`.
   */
  answer(target: PageTarget, asker: Asker): MaybePromise<PageAnswer>;
  /** Renders a page for the cache, whatever is stored. Never rejects. */
  renew(target: PageTarget, priority: RenderPriority, signal: AbortSignal): Promise<PageAnswer>;
  /** Resolves to the number of pages that it hit. A render under way that began before is not stored. */
  purge(selector: PurgeSelector, mode: PurgeMode): Promise<number>;
  /** Ends the renewals that go on behind answers. */
  close(): void;
}

export interface PageSourceParts {
  readonly store: CacheStore;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly report: Report;
  readonly storageFor: (target: PageTarget) => StorageSettings;
  /** The longest that a render may take, waiting included. */
  readonly longestRenderMs: number;
}

interface Kept {
  readonly entry: StoredEntry;
  readonly stored: boolean;
  readonly report: RenderReport;
}

export function createPageSource(parts: PageSourceParts): PageSource {
  const { store, renderer, clock, report, storageFor } = parts;
  const flights = createSingleFlight<Kept>();
  const failures = createFailureMemory();
  const purges = createPurgeGuard(2 * parts.longestRenderMs);
  const closing = new AbortController();

  function answer(target: PageTarget, asker: Asker): MaybePromise<PageAnswer> {
    const found = read(target.key);
    return found instanceof Promise
      ? found.then((entry) => answerFrom(entry, target, asker))
      : answerFrom(found, target, asker);
  }

  function answerFrom(entry: StoredEntry | undefined, target: PageTarget, asker: Asker): MaybePromise<PageAnswer> {
    const now = clock.now();
    const state = freshness(entry, now);
    if (entry === undefined || state === 'missing') return fetchNow(target, asker);
    if (state === 'fresh') return { kind: 'page', from: 'hit', entry };

    const resting = failures.isResting(target.key, now);
    if (state === 'stale' || resting) {
      if (!resting) void renew(target, 'renew', closing.signal);
      return { kind: 'page', from: 'stale', entry };
    }
    return fetchNow(target, asker).then((fetched) =>
      isWorseThan(entry, fetched) ? { kind: 'page', from: 'stale', entry } : fetched,
    );
  }

  async function fetchNow(target: PageTarget, asker: Asker): Promise<PageAnswer> {
    if (failures.isResting(target.key, clock.now())) return { kind: 'failed', code: 'recently-failed' };
    return fly(target, 'interactive', asker.network(), asker.gone());
  }

  function renew(target: PageTarget, priority: RenderPriority, signal: AbortSignal): Promise<PageAnswer> {
    return fly(target, priority, '', signal);
  }

  async function fly(
    target: PageTarget,
    priority: RenderPriority,
    client: string,
    signal: AbortSignal,
  ): Promise<PageAnswer> {
    try {
      const { result, joined } = flights.join(target.key, signal, (whileWanted) =>
        renderAndKeep(target, priority, client, whileWanted),
      );
      const { entry, stored, report } = await result;
      return { kind: 'page', from: 'render', entry, rendered: { stored, joined, report } };
    } catch (cause) {
      return { kind: 'failed', code: cause instanceof RenderError ? cause.code : 'crash' };
    }
  }

  async function renderAndKeep(
    target: PageTarget,
    priority: RenderPriority,
    client: string,
    signal: AbortSignal,
  ): Promise<Kept> {
    try {
      const snapshot = await renderer.render({ target, priority, client }, signal);
      report({ type: 'render.done', url: target.url, report: snapshot.report });
      const entry = entryFrom(target, snapshot, storageFor(target));
      if (snapshot.status >= 500) failures.failed(target.key, clock.now());
      else failures.succeeded(target.key);
      const stored = isStorable(snapshot) && !purges.wasPurgedSince(snapshot.renderedAt, entry);
      if (stored) await write(entry);
      return { entry, stored, report: snapshot.report };
    } catch (cause) {
      const code = cause instanceof RenderError ? cause.code : 'crash';
      if (isThePagesFault(code)) failures.failed(target.key, clock.now());
      if (code !== 'aborted') report({ type: 'render.failed', url: target.url, code, message: messageOf(cause) });
      throw cause;
    }
  }

  function read(key: PageKey): MaybePromise<StoredEntry | undefined> {
    try {
      const found = store.get(key);
      return found instanceof Promise ? found.catch((cause) => noEntry('get', cause)) : found;
    } catch (cause) {
      return noEntry('get', cause);
    }
  }

  /** A broken cache costs a render and an event, never an answer. */
  function noEntry(operation: string, cause: unknown): undefined {
    report({ type: 'cache.failed', tier: 'store', operation, message: messageOf(cause) });
  }

  async function write(entry: StoredEntry): Promise<void> {
    try {
      await store.set(entry);
    } catch (cause) {
      noEntry('set', cause);
    }
  }

  return {
    answer,
    renew,
    async purge(selector, mode) {
      purges.purged(selector, clock.now());
      return store.purge(selector, mode, clock.now());
    },
    close: () => closing.abort(),
  };
}

/** An old good page is better than a new failure. */
function isWorseThan(entry: StoredEntry, fetched: PageAnswer): boolean {
  return fetched.kind === 'failed' || (fetched.entry.status >= 500 && entry.status < 500);
}

/** Being overloaded, left alone or without a browser says nothing about the page. */
function isThePagesFault(code: RenderFailure): boolean {
  return code !== 'overloaded' && code !== 'aborted' && code !== 'no-browser' && code !== 'recently-failed';
}
