import type { CacheStore, WriteClaim } from '../cache/cache-store.ts';
import type { RenderLock } from '../cache/render-lock.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Clock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import { whyIncomplete } from '../page/incomplete.ts';
import type { PageKey, PageTarget } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import type { RenderReport } from '../page/snapshot.ts';
import type { Renderer, RenderJob } from '../render/renderer.ts';
import { createDeployWatch } from './deploys.ts';
import { type FailureMemory, longestOriginRestMs, originKey } from './failure-memory.ts';
import type { PurgeGuard } from './purge-guard.ts';
import { inTurn, isThePagesFault, type Turned } from './render-turn.ts';
import { maxMisses, rerendered, revalidated } from './revalidate.ts';
import { entryFrom, isPrivate, isStorable, type StorageSettings } from './storage-rules.ts';

/** A page that was made, or found to be there. */
export interface MadePage {
  readonly entry: StoredEntry;
  readonly stored: boolean;
  /** How: by Chromium, by asking its inputs, or by another replica meanwhile. */
  readonly by: 'render' | 'revalidation' | 'replica';
  /** A part of it could not be had; it is not stored. */
  readonly incomplete: boolean;
  /** What the render cost, where there was one. */
  readonly report: RenderReport | undefined;
}

export interface MakeOptions {
  /** A fresh page from another replica will do. */
  readonly mayReuse: boolean;
  /** The stale page: when nothing that it was made from has changed, it is the new one. */
  readonly before: StoredEntry | undefined;
}

export interface PageMaker {
  /** Makes a page and has it stored. Rejects with a `RenderError`. */
  make(job: RenderJob, signal: AbortSignal, options: MakeOptions): Promise<MadePage>;
}

export interface PageMakerParts {
  readonly store: CacheStore;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly report: Report;
  readonly storageFor: (target: PageTarget) => StorageSettings;
  readonly failures: FailureMemory;
  readonly purges: PurgeGuard;
  /** Where other replicas render the same pages. */
  readonly lock?: RenderLock | undefined;
  readonly revalidate?: Revalidate | undefined;
  /** A deploy was noticed; the pages of before are stale by now. */
  readonly onDeploy?: (site: Site) => void;
}

/** Whether a stale page is unchanged, without rendering it; undefined when only a render can tell, and trying is no use. Never rejects. */
export type Revalidate = (
  entry: StoredEntry,
  target: PageTarget,
  signal: AbortSignal,
) => Promise<'unchanged' | 'changed' | 'unknown' | undefined>;

/** Makes pages: in this replica's turn, without a browser where that is enough, and else by a render. */
export function createPageMaker(parts: PageMakerParts): PageMaker {
  const { store, renderer, clock, report, storageFor, lock, failures, purges, revalidate, onDeploy } = parts;
  const deploys = createDeployWatch();

  async function make(job: RenderJob, signal: AbortSignal, { mayReuse, before }: MakeOptions): Promise<MadePage> {
    const { key } = job.target;
    try {
      if (lock === undefined) return (await renewOrRender(job, before, signal)).result;
      const made = await inTurn({ lock, store, clock }, key, mayReuse, signal, (claim, stored) =>
        renewOrRender(job, before && stored, signal, claim),
      );
      return 'by' in made ? made : { entry: made, stored: true, by: 'replica', report: undefined, incomplete: false };
    } catch (cause) {
      const failure = cause instanceof RenderError ? cause : new RenderError('crash', messageOf(cause), { cause });
      if (isThePagesFault(failure)) failures.failed(key, clock.now());
      if (failure.code === 'unreachable') originFailed(job.target.site);
      throw failure;
    }
  }

  async function renewOrRender(
    job: RenderJob,
    before: StoredEntry | undefined,
    signal: AbortSignal,
    claim?: WriteClaim,
  ): Promise<Turned<MadePage>> {
    const askedAt = clock.now();
    const generation = purges.generation();
    const state = before && revalidate ? await revalidate(before, job.target, signal) : undefined;
    if (before !== undefined && state === 'unchanged') {
      report({ type: 'revalidated', url: before.url, result: 'unchanged' });
      succeeded(job.target);
      return keep(
        revalidated(before, askedAt),
        true,
        { by: 'revalidation', report: undefined, incomplete: false },
        generation,
        claim,
      );
    }
    const snapshot = await renderer.render(job, signal);
    const rendered = entryFrom(job.target, snapshot, storageFor(job.target));
    const entry = before === undefined ? rendered : rerendered(rendered, before, state === 'changed');
    if (state !== undefined) {
      const pointless = entry.revalidations.misses >= maxMisses;
      report({
        type: 'revalidated',
        url: entry.url,
        result: pointless ? 'gave-up' : state === 'changed' ? 'changed' : 'failed',
      });
    }
    const incomplete = whyIncomplete(snapshot.inputs, job.target.site);
    if (incomplete !== undefined) report({ type: 'render.incomplete', url: entry.url, because: incomplete });
    if (snapshot.status >= 500 || incomplete !== undefined) failures.failed(job.target.key, clock.now());
    else {
      succeeded(job.target);
      noticeDeploy(before, entry, job.target.site);
      if (isPrivate(snapshot)) void forget(entry.key);
    }
    const how = { by: 'render', report: snapshot.report, incomplete: incomplete !== undefined } as const;
    return keep(entry, isStorable(snapshot, job.target.site), how, generation, claim);
  }

  /** A render that was under way when another failed says nothing new. */
  function originFailed(site: Site): void {
    const now = clock.now();
    if (!failures.isResting(originKey(site), now)) failures.failed(originKey(site), now, longestOriginRestMs);
  }

  function succeeded({ key, site }: PageTarget): void {
    failures.succeeded(key);
    failures.succeeded(originKey(site));
  }

  /** After a deploy every page of the old shell is stale at once: answered while it is renewed, and renewed as it is asked for. */
  function noticeDeploy(before: StoredEntry | undefined, entry: StoredEntry, site: Site): void {
    if (before === undefined) return deploys.saw(entry);
    const outdated = deploys.outdatedBy(before, entry);
    if (outdated === undefined) return;
    report({ type: 'deploy', url: entry.url });
    const selector = { tags: [outdated] };
    purges.purged(selector, clock.now());
    const purge = async () => {
      const count = await store.purge(selector, 'soft');
      report({ type: 'cache.purged', count, mode: 'soft', what: 'deploy' });
    };
    void attempt('purge', purge).then(() => onDeploy?.(site));
  }

  /** A page that must not be stored any more. */
  const forget = (key: PageKey) => attempt('delete', () => store.delete(key));

  /** The page is not kept waiting for its being written: what is beside memory may be slow. */
  function keep(
    entry: StoredEntry,
    storable: boolean,
    how: Pick<MadePage, 'by' | 'report' | 'incomplete'>,
    generation: number,
    claim: WriteClaim | undefined,
  ): Turned<MadePage> {
    const stored = storable && !purges.wasPurgedSince(generation, entry.validatedAt, entry);
    const written = stored ? attempt('set', () => store.set(entry, claim)) : undefined;
    return {
      result: { entry, stored, ...how },
      end: Promise.resolve(written).then(() => ({ kind: stored ? 'stored' : 'unshared' })),
    };
  }

  async function attempt(operation: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (cause) {
      report({ type: 'cache.failed', tier: 'store', operation, message: messageOf(cause) });
    }
  }

  return { make };
}
