import type { MaybePromise } from '../cache/cache-store.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import { messageOf, type RenderFailure } from '../errors.ts';
import { freshness } from '../page/freshness.ts';
import type { PageKey, PageTarget } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { RenderReport } from '../page/snapshot.ts';
import type { Variant } from '../page/variant.ts';
import type { RenderJob, RenderPriority } from '../render/renderer.ts';
import { createFailureMemory, originKey } from './failure-memory.ts';
import { createPageMaker, type MadePage, type MakeOptions, type PageMakerParts } from './page-maker.ts';
import { createPurgeGuard, type PurgeGuard } from './purge-guard.ts';
import { type RisingJob, risingJob } from './rising-job.ts';
import { createSingleFlight } from './single-flight.ts';
import { toldRenderer } from './told-renderer.ts';
import { createVariantSource, failed } from './variant-source.ts';

export type PageAnswer =
  | {
      readonly kind: 'page';
      /** `revalidated`: stale, and shown to be unchanged just now. */
      readonly from: 'hit' | 'stale' | 'revalidated' | 'render';
      readonly entry: StoredEntry;
      /** Rendered just now: whether it was stored, whether another request's render was joined, and what it cost. */
      readonly rendered?: {
        readonly stored: boolean;
        readonly joined: boolean;
        /** A part of it could not be had. */
        readonly incomplete: boolean;
        /** It is not what readers get, and the cache has no part in it. */
        readonly variant?: boolean;
        readonly report: RenderReport;
      };
    }
  | { readonly kind: 'failed'; readonly code: RenderFailure };

/** Who waits for a page. Both are asked only when there is something to wait for: most answers are hits. */
export interface Asker {
  /** In whose name the render queue counts it: a client network (IPv4 /24, IPv6 /64) or a verified reader. */
  client(): string;
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
  /** The page rendered now, whatever is stored; a stored page is answered only where that fails. Never rejects. */
  answerAnew(target: PageTarget, asker: Asker): Promise<PageAnswer>;
  /**
   * The page rendered otherwise. Nothing that is stored is answered then, and nothing of it is stored; only who asks for exactly the same at the same time
   * shares it. Never rejects.
   */
  renderVariant(target: PageTarget, variant: Variant, asker: Asker): Promise<PageAnswer>;
  /** Resolves to the number of pages that it hit. A render under way that began before is not stored. */
  purge(selector: PurgeSelector, mode: PurgeMode): Promise<number>;
  /** Ends the renewals that go on behind answers. */
  close(): void;
}

export interface PageSourceParts extends Omit<PageMakerParts, 'failures' | 'purges'> {
  /** Shared where page sources follow one another on the same store: a render of the old one must hear of a purge at the new one. */
  readonly purges?: PurgeGuard;
  /** The longest that a render may take, waiting included. */
  readonly longestRenderMs: number;
}

/** The making of a page, as others may join it. */
interface PageFlight {
  readonly job: RisingJob;
  /** Of the purges when it began. */
  readonly generation: number;
  /** It renders in any case. */
  readonly anew: boolean;
}

export function createPageSource(parts: PageSourceParts): PageSource {
  const { store, clock, report } = parts;
  const renderer = toldRenderer(parts.renderer, report);
  const flights = createSingleFlight<MadePage, PageFlight>();
  const failures = createFailureMemory();
  const purges = parts.purges ?? createPurgeGuard(2 * parts.longestRenderMs);
  const maker = createPageMaker({ ...parts, renderer, failures, purges });
  const renderVariant = createVariantSource({ renderer, failures, clock });
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
    if (entry === undefined || state === 'missing') return fetchNow(target, undefined, asker);
    if (state === 'fresh') return { kind: 'page', from: 'hit', entry };

    // Where there is a page, nobody waits for an origin that another page could not reach a moment ago.
    const resting = failures.isResting(target.key, now) || failures.isResting(originKey(target.site), now);
    if (state === 'stale' || resting) {
      if (!resting)
        void fly({ target, priority: 'renew', client: '' }, closing.signal, { mayReuse: true, before: entry });
      return { kind: 'page', from: 'stale', entry };
    }
    return fetchNow(target, entry, asker).then((fetched) =>
      isWorseThan(entry, fetched) ? { kind: 'page', from: 'stale', entry } : fetched,
    );
  }

  async function fetchNow(target: PageTarget, before: StoredEntry | undefined, asker: Asker): Promise<PageAnswer> {
    if (failures.isResting(target.key, clock.now())) return { kind: 'failed', code: 'recently-failed' };
    const job: RenderJob = { target, priority: 'interactive', client: asker.client() };
    return fly(job, asker.gone(), { mayReuse: true, before });
  }

  async function answerAnew(target: PageTarget, asker: Asker): Promise<PageAnswer> {
    const entry = await read(target.key);
    const job: RenderJob = { target, priority: 'interactive', client: asker.client() };
    const options = { mayReuse: false, before: undefined };
    const fetched = await fly(job, asker.gone(), options, ({ anew }) => anew);
    const state = freshness(entry, clock.now());
    if (entry === undefined || state === 'missing' || !isWorseThan(entry, fetched)) return fetched;
    return { kind: 'page', from: state === 'fresh' ? 'hit' : 'stale', entry };
  }

  async function fly(
    job: RenderJob,
    signal: AbortSignal,
    options: MakeOptions,
    mayJoin: (flight: PageFlight) => boolean = () => true,
  ): Promise<PageAnswer> {
    try {
      const { key, url } = job.target;
      const rising = risingJob(job);
      const anew = !options.mayReuse && options.before === undefined;
      const { result, joined } = flights.join(
        key,
        { job: rising, generation: purges.generation(), anew },
        signal,
        (whileWanted) => maker.make(rising, whileWanted, options),
        // What began before a purge has, or may have, what the purge has called outdated.
        (flight) => mayJoin(flight) && !purges.mayMeanSince(flight.generation, url),
      );
      joined?.job.join(job);
      const { entry, stored, by, incomplete, report } = await result;
      if (report !== undefined)
        return {
          kind: 'page',
          from: 'render',
          entry,
          rendered: { stored, joined: joined !== undefined, incomplete, report },
        };
      return { kind: 'page', from: by === 'revalidation' ? 'revalidated' : 'hit', entry };
    } catch (cause) {
      return failed(cause);
    }
  }

  function read(key: PageKey): MaybePromise<StoredEntry | undefined> {
    try {
      const found = store.get(key);
      return found instanceof Promise ? found.catch(noEntry) : found;
    } catch (cause) {
      return noEntry(cause);
    }
  }

  /** A broken cache costs a render and an event, never an answer. */
  function noEntry(cause: unknown): undefined {
    report({ type: 'cache.failed', tier: 'store', operation: 'get', message: messageOf(cause) });
  }

  return {
    answer,
    answerAnew,
    renew: (target, priority, signal) =>
      fly({ target, priority, client: '' }, signal, { mayReuse: false, before: undefined }),
    renderVariant,
    async purge(selector, mode) {
      purges.purged(selector, clock.now());
      return store.purge(selector, mode);
    },
    close() {
      stopListening?.();
      closing.abort();
    },
  };
}

/** An old good page is better than a new failure. */
function isWorseThan(entry: StoredEntry, fetched: PageAnswer): boolean {
  return (
    fetched.kind === 'failed' ||
    fetched.rendered?.incomplete === true ||
    (fetched.entry.status >= 500 && entry.status < 500)
  );
}
