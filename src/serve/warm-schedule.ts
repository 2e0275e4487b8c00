import type { Clock } from '../clock.ts';

/** A site that is prepared again and again. */
export interface Scheduled {
  readonly name: string;
  /** Between two beginnings; undefined: only on request. */
  readonly everyMs: number | undefined;
  readonly afterPurge: boolean;
  readonly afterDeploy: boolean;
  /** Prepares it; resolves when that has ended. Never rejects. */
  warm(): Promise<void>;
}

export interface WarmSchedule {
  /** Goes by these sites from now on; `atOnce` begins with those that are due regularly. */
  follow(sites: readonly Scheduled[], atOnce: boolean): void;
  /** All pages have been purged. */
  purgedEverything(): void;
  /** This site's application was replaced. */
  deployed(name: string): void;
}

const leastEveryMs = 1_000;
/** Node fires a timer at once that should wait for longer than 2^31 - 1 ms. */
const longestTimerMs = 2_147_483_647;

/** No site is begun with while its last job is under way: a list that takes longer than its period must not pile up. */
export function createWarmSchedule(clock: Clock): WarmSchedule {
  const underWay = new Set<string>();
  /** Purged or deployed while they were under way. */
  const again = new Set<string>();
  let sites: readonly Scheduled[] = [];
  let cancels: (() => void)[] = [];

  function begin(site: Scheduled): void {
    if (underWay.has(site.name)) return;
    underWay.add(site.name);
    void site.warm().finally(() => {
      underWay.delete(site.name);
      const isWanted = again.delete(site.name);
      for (const next of sites) if (isWanted && next.name === site.name) begin(next);
    });
  }

  function beginOrRepeat(site: Scheduled): void {
    if (underWay.has(site.name)) again.add(site.name);
    else begin(site);
  }

  function repeat(site: Scheduled, everyMs: number, slot: number): void {
    wait(Math.max(everyMs, leastEveryMs), slot, () => {
      begin(site);
      repeat(site, everyMs, slot);
    });
  }

  function wait(ms: number, slot: number, call: () => void): void {
    const more = ms - longestTimerMs;
    cancels[slot] = clock.after(Math.min(ms, longestTimerMs), () => (more > 0 ? wait(more, slot, call) : call()));
  }

  return {
    follow(next, atOnce) {
      for (const cancel of cancels) cancel();
      cancels = [];
      sites = next;
      const regular = sites.flatMap((site) => (site.everyMs === undefined ? [] : { site, everyMs: site.everyMs }));
      for (const [slot, { site, everyMs }] of regular.entries()) {
        if (atOnce) begin(site);
        repeat(site, everyMs, slot);
      }
    },
    purgedEverything() {
      for (const site of sites) if (site.afterPurge) beginOrRepeat(site);
    },
    deployed(name) {
      for (const site of sites) if (site.afterDeploy && site.name === name) beginOrRepeat(site);
    },
  };
}
