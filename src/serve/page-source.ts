import type { CacheStore, MaybePromise, WriteClaim } from '../cache/cache-store.ts';
import type { RenderLock } from '../cache/render-lock.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Clock } from '../clock.ts';
import { messageOf, RenderError, type RenderFailure } from '../errors.ts';
import type { Report } from '../events.ts';
import { freshness } from '../page/freshness.ts';
import type { PageKey, PageTarget } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { RenderReport, Snapshot } from '../page/snapshot.ts';
import type { Renderer, RenderJob, RenderPriority } from '../render/renderer.ts';
import { createFailureMemory } from './failure-memory.ts';
import { createPurgeGuard } from './purge-guard.ts';
import { inTurn, isThePagesFault, type Turned } from './render-turn.ts';
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
  /** Where other replicas render the same pages. */
  readonly lock?: RenderLock | undefined;
}

interface Kept {
  readonly entry: StoredEntry;
  readonly stored: boolean;
  /** Undefined for a page that another replica has rendered. */
  readonly report: RenderReport | undefined;
}

export function createPageSource(parts: PageSourceParts): PageSource {
  const { store, renderer, clock, report, storageFor, lock } = parts;
  const flights = createSingleFlight<Kept>();
  const failures = createFailureMemory();
  const purges = createPurgeGuard(2 * parts.longestRenderMs);
  const closing = new AbortController();
  const stopListening = store.onChange?.((change) => {
    if (change.kind === 'purged') purges.purged(change.selector, clock.now());
  });

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
      if (!resting) void fly(target, 'renew', '', closing.signal, true);
      return { kind: 'page', from: 'stale', entry };
    }
    return fetchNow(target, asker).then((fetched) =>
      isWorseThan(entry, fetched) ? { kind: 'page', from: 'stale', entry } : fetched,
    );
  }

  async function fetchNow(target: PageTarget, asker: Asker): Promise<PageAnswer> {
    if (failures.isResting(target.key, clock.now())) return { kind: 'failed', code: 'recently-failed' };
    return fly(target, 'interactive', asker.network(), asker.gone(), true);
  }

  function renew(target: PageTarget, priority: RenderPriority, signal: AbortSignal): Promise<PageAnswer> {
    return fly(target, priority, '', signal, false);
  }

  /** `mayReuse`: a fresh page from another replica will do. */
  async function fly(
    target: PageTarget,
    priority: RenderPriority,
    client: string,
    signal: AbortSignal,
    mayReuse: boolean,
  ): Promise<PageAnswer> {
    try {
      const { result, joined } = flights.join(target.key, signal, (whileWanted) =>
        produce({ target, priority, client }, whileWanted, mayReuse),
      );
      const { entry, stored, report } = await result;
      if (report === undefined) return { kind: 'page', from: 'hit', entry };
      return { kind: 'page', from: 'render', entry, rendered: { stored, joined, report } };
    } catch (cause) {
      return { kind: 'failed', code: cause instanceof RenderError ? cause.code : 'crash' };
    }
  }

  async function produce(job: RenderJob, signal: AbortSignal, mayReuse: boolean): Promise<Kept> {
    const { key } = job.target;
    try {
      if (lock === undefined) return (await renderAndKeep(job, signal)).result;
      const made = await inTurn({ lock, store, clock }, key, mayReuse, signal, (claim) =>
        renderAndKeep(job, signal, claim),
      );
      return 'entry' in made ? made : { entry: made, stored: true, report: undefined };
    } catch (cause) {
      const failure = cause instanceof RenderError ? cause : new RenderError('crash', messageOf(cause), { cause });
      if (isThePagesFault(failure)) failures.failed(key, clock.now());
      throw failure;
    }
  }

  /** The page is not kept waiting for its being written: what is beside memory may be slow. */
  async function renderAndKeep(job: RenderJob, signal: AbortSignal, claim?: WriteClaim): Promise<Turned<Kept>> {
    const { target } = job;
    const snapshot = await render(job, signal);
    const entry = entryFrom(target, snapshot, storageFor(target));
    if (snapshot.status >= 500) failures.failed(target.key, clock.now());
    else failures.succeeded(target.key);
    const stored = isStorable(snapshot) && !purges.wasPurgedSince(snapshot.renderedAt, entry);
    const written = stored ? write(entry, claim) : undefined;
    return {
      result: { entry, stored, report: snapshot.report },
      end: Promise.resolve(written).then(() => ({ kind: stored ? 'stored' : 'unshared' })),
    };
  }

  async function render(job: RenderJob, signal: AbortSignal): Promise<Snapshot> {
    const { url } = job.target;
    try {
      const snapshot = await renderer.render(job, signal);
      report({ type: 'render.done', url, report: snapshot.report });
      return snapshot;
    } catch (cause) {
      const code = cause instanceof RenderError ? cause.code : 'crash';
      if (code !== 'aborted') report({ type: 'render.failed', url, code, message: messageOf(cause) });
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

  async function write(entry: StoredEntry, claim: WriteClaim | undefined): Promise<void> {
    try {
      await store.set(entry, claim);
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
    close() {
      stopListening?.();
      closing.abort();
    },
  };
}

/** An old good page is better than a new failure. */
function isWorseThan(entry: StoredEntry, fetched: PageAnswer): boolean {
  return fetched.kind === 'failed' || (fetched.entry.status >= 500 && entry.status < 500);
}
