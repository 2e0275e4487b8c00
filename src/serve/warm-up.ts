import { WarmJob, type WarmParts } from './warm-job.ts';
import type { PageList } from './warm-list.ts';
import type { WarmProgress } from './warm-progress.ts';

export interface WarmUps {
  /** Begins to prepare pages and returns the job's id at once; undefined when too many jobs are running, or after `close`. */
  start(what: string, list: PageList): string | undefined;
  /** What runs and what ran lately, the newest first. */
  jobs(): readonly WarmProgress[];
  progress(id: string): WarmProgress | undefined;
  /** Resolves with the last word about a job when it has ended. */
  ended(id: string): Promise<WarmProgress | undefined>;
  /** These three say whether it made a difference. */
  pause(id: string): boolean;
  resume(id: string): boolean;
  stop(id: string): boolean;
  /** Stops all; resolves when none is under way. */
  close(): Promise<void>;
}

const maxRunning = 10;
const keptJobs = 20;

/** Prepares pages before anybody asks: at a polite rate, behind live readers, leaving alone what is fresh. */
export function createWarmUps(parts: WarmParts): WarmUps {
  const jobs = new Map<string, WarmJob>();
  let closed = false;

  function forgetOldest(): void {
    for (const [id, { isOver }] of jobs) if (jobs.size > keptJobs && isOver) jobs.delete(id);
  }

  return {
    start(what, list) {
      if (closed || [...jobs.values()].filter(({ isOver }) => !isOver).length >= maxRunning) return undefined;
      const job = new WarmJob(what, list, parts);
      jobs.set(job.id, job);
      forgetOldest();
      return job.id;
    },
    jobs: () => [...jobs.values()].map((job) => job.progress()).reverse(),
    progress: (id) => jobs.get(id)?.progress(),
    async ended(id) {
      const job = jobs.get(id);
      await job?.ended;
      return job?.progress();
    },
    pause: (id) => jobs.get(id)?.pause() ?? false,
    resume: (id) => jobs.get(id)?.resume() ?? false,
    stop: (id) => jobs.get(id)?.stop() ?? false,
    async close() {
      closed = true;
      for (const job of jobs.values()) job.stop();
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}
