import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { PageAnswer } from './page-source.ts';
import type { SitemapPage } from './sitemap.ts';

/** One page to be prepared: what to render, and whether it is needed. */
export interface WarmTask {
  readonly target: PageTarget;
  readonly lastModified: number | undefined;
}

export interface WarmUpParts {
  /** The pages of our sites that an address means: one a device; none for a foreign address. */
  readonly targetsOf: (page: SitemapPage) => readonly WarmTask[];
  /** Whether the stored page is still fresh and not older than its last change. */
  readonly isFresh: (task: WarmTask) => Promise<boolean>;
  readonly render: (target: PageTarget, signal: AbortSignal) => Promise<PageAnswer>;
  readonly clock: Clock;
  readonly report: Report;
  /** Pages a second at most. */
  readonly perSecond: number;
  /** Renders under way at once; the gate lets live readers go first. */
  readonly atOnce: number;
}

export type WarmState = 'running' | 'paused' | 'done' | 'stopped';

export interface WarmProgress {
  readonly id: string;
  readonly state: WarmState;
  readonly found: number;
  readonly rendered: number;
  /** Left alone, since they were fresh. */
  readonly fresh: number;
  readonly foreign: number;
  readonly failed: number;
  /** The last failures, at most ten. */
  readonly failures: readonly { readonly url: string; readonly because: string }[];
  readonly elapsedMs: number;
  /** Pages a second so far. */
  readonly perSecond: number;
}

export interface WarmUps {
  /** Begins to prepare pages; returns at once with the job's id. */
  start(pages: AsyncIterable<SitemapPage> | Iterable<SitemapPage>): string;
  progress(id: string): WarmProgress | undefined;
  pause(id: string): boolean;
  resume(id: string): boolean;
  stop(id: string): boolean;
  /** Stops all; resolves when none is under way. */
  close(): Promise<void>;
}

const keptJobs = 20;

/** Prepares pages before anybody asks: at a polite rate, behind live readers, leaving alone what is fresh. */
export function createWarmUps(parts: WarmUpParts): WarmUps {
  const jobs = new Map<string, WarmJob>();
  return {
    start(pages) {
      const job = new WarmJob(parts);
      jobs.set(job.id, job);
      for (const [id, { state }] of jobs)
        if (jobs.size > keptJobs && state !== 'running' && state !== 'paused') jobs.delete(id);
      job.run(pages);
      return job.id;
    },
    progress: (id) => jobs.get(id)?.progress(),
    pause: (id) => jobs.get(id)?.pause() ?? false,
    resume: (id) => jobs.get(id)?.resume() ?? false,
    stop: (id) => jobs.get(id)?.stop() ?? false,
    async close() {
      for (const job of jobs.values()) job.stop();
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}

class WarmJob {
  readonly id = randomUUID();
  readonly #parts: WarmUpParts;
  readonly #stopping = new AbortController();
  readonly #beganAt: number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: { url: string; because: string }[] = [];
  #counts = { found: 0, rendered: 0, fresh: 0, foreign: 0, failed: 0 };
  #state: WarmState = 'running';
  #resumed: PromiseWithResolvers<void> | undefined;
  #endedAt: number | undefined;
  ended: Promise<void> = Promise.resolve();

  constructor(parts: WarmUpParts) {
    this.#parts = parts;
    this.#beganAt = parts.clock.now();
  }

  get state(): WarmState {
    return this.#state;
  }

  run(pages: AsyncIterable<SitemapPage> | Iterable<SitemapPage>): void {
    this.ended = this.#walk(pages)
      .catch((cause: unknown) => {
        if (!this.#stopping.signal.aborted)
          this.#parts.report({ type: 'warning', message: `warm-up ended early: ${messageOf(cause)}` });
      })
      .finally(() => {
        this.#endedAt = this.#parts.clock.now();
        this.#state = this.#stopping.signal.aborted ? 'stopped' : 'done';
      });
  }

  pause(): boolean {
    if (this.#state !== 'running') return false;
    this.#state = 'paused';
    this.#resumed = Promise.withResolvers();
    return true;
  }

  resume(): boolean {
    if (this.#state !== 'paused') return false;
    this.#state = 'running';
    this.#resumed?.resolve();
    return true;
  }

  stop(): boolean {
    if (this.#endedAt !== undefined) return false;
    this.#stopping.abort();
    this.#resumed?.resolve();
    return true;
  }

  progress(): WarmProgress {
    const elapsedMs = (this.#endedAt ?? this.#parts.clock.now()) - this.#beganAt;
    const perSecond = elapsedMs > 0 ? Math.round((this.#counts.rendered / elapsedMs) * 10_000) / 10 : 0;
    return { id: this.id, state: this.#state, ...this.#counts, failures: this.#failures, elapsedMs, perSecond };
  }

  async #walk(pages: AsyncIterable<SitemapPage> | Iterable<SitemapPage>): Promise<void> {
    const { targetsOf, isFresh, clock, perSecond, atOnce } = this.#parts;
    const { signal } = this.#stopping;
    let nextAt = clock.now();
    for await (const page of pages) {
      const tasks = targetsOf(page);
      this.#counts.found += 1;
      if (tasks.length === 0) this.#counts.foreign += 1;
      for (const task of tasks) {
        await this.#resumed?.promise;
        if (signal.aborted) return;
        if (await isFresh(task)) {
          this.#counts.fresh += 1;
          continue;
        }
        const wait = nextAt - clock.now();
        if (wait > 0) await clock.sleep(wait, signal);
        nextAt = Math.max(clock.now(), nextAt) + 1000 / perSecond;
        while (this.#underWay.size >= atOnce) await Promise.race(this.#underWay);
        this.#begin(task);
      }
    }
    await Promise.all(this.#underWay);
  }

  #begin({ target }: WarmTask): void {
    const work = this.#parts.render(target, this.#stopping.signal).then((answer) => {
      if (answer.kind === 'page') {
        this.#counts.rendered += 1;
        return;
      }
      this.#counts.failed += 1;
      this.#failures.push({ url: target.url, because: answer.code });
      if (this.#failures.length > 10) this.#failures.shift();
    });
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }
}
