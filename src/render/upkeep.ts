import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { BrowserKeeper } from './browser.ts';
import { browserDue } from './browser-lifetime.ts';
import { probePage } from './probe-page.ts';
import type { GroupUsage } from './process-group.ts';
import type { Tabs } from './tabs.ts';

/** Looks after what renders: whether it works, how much it has become, and when it is to be replaced. */
export interface Upkeep {
  /** What Chromium was last seen to use. */
  readonly usage: GroupUsage;
  readonly lastProbeFailed: boolean;
  /** Begins the rounds; more calls do nothing. */
  start(): void;
  /** A page was rendered: that is better than any probe. */
  pageRendered(): void;
  /** Renders a tiny page of its own; rejects when that does not work. */
  probe(): Promise<void>;
  measure(): Promise<void>;
  stop(): void;
}

export interface UpkeepParts {
  readonly browser: BrowserKeeper;
  readonly tabs: Tabs;
  /** Whether every tab is in use: then a probe would only be one more that waits. */
  readonly isBusy: () => boolean;
  readonly clock: Clock;
  readonly report: Report;
}

const everyMs = 10_000;
const probeEveryMs = 30_000;
const probeMs = 10_000;
const noUsage: GroupUsage = { processes: 0, rssBytes: 0 };

export function createUpkeep(tabLimit: number, { browser, tabs, isBusy, clock, report }: UpkeepParts): Upkeep {
  let usage = noUsage;
  let wellAt = Number.NEGATIVE_INFINITY;
  let lastProbeFailed = false;
  let running = false;
  let stopped = false;

  function pageRendered(): void {
    wellAt = clock.now();
    lastProbeFailed = false;
  }

  async function probe(): Promise<void> {
    try {
      await probePage(tabs, clock, probeMs);
      pageRendered();
    } catch (cause) {
      lastProbeFailed = true;
      throw cause;
    }
  }

  async function measure(): Promise<void> {
    usage = (await browser.inUse?.usage().catch(() => noUsage)) ?? noUsage;
  }

  async function round(): Promise<void> {
    await measure();
    const chromium = browser.inUse;
    if (chromium !== undefined) {
      const due = browserDue({ ageMs: clock.now() - chromium.startedAt, ...usage }, tabLimit);
      if (due !== undefined) await browser.rotate();
      tabs.refresh();
    }
    const isDue = chromium === undefined || clock.now() - wellAt >= probeEveryMs;
    if (isDue && !isBusy()) await probe();
  }

  function goOn(): void {
    clock.after(everyMs, () => {
      if (stopped) return;
      round()
        .catch((cause) => report({ type: 'warning', message: `the renderer does not work: ${messageOf(cause)}` }))
        .finally(goOn);
    });
  }

  return {
    get usage() {
      return browser.inUse === undefined ? noUsage : usage;
    },
    get lastProbeFailed() {
      return lastProbeFailed;
    },
    start() {
      if (!running) goOn();
      running = true;
    },
    pageRendered,
    probe,
    measure,
    stop() {
      stopped = true;
    },
  };
}
