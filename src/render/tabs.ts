import type { Clock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import type { BrowserKeeper } from './browser.ts';
import type { ChromiumProcess } from './chromium-process.ts';
import { DeadlineError, unless } from './deadline.ts';
import { createFreeTabs } from './free-tabs.ts';
import type { Tab } from './tab.ts';
import type { Wanted } from './tab-choice.ts';
import { type Lifetime, retireReason } from './tab-lifetime.ts';

export interface TabsSettings {
  readonly size: number;
  readonly lifetime: Lifetime;
}

export interface TabsParts {
  readonly browser: BrowserKeeper;
  readonly open: (chromium: ChromiumProcess) => Promise<Tab>;
  readonly clock: Clock;
  readonly report: Report;
}

export interface Lease {
  readonly tab: Tab;
  /** Gives the tab back; it is wiped behind. With an anomaly it is closed and another one takes its place. */
  release(anomaly?: string): void;
}

export interface Tabs {
  /** A clean tab that nobody else has. Waits while all are taken, until the signal is aborted. */
  lease(wanted: Wanted, signal: AbortSignal): Promise<Lease>;
  /** Opens tabs until all are there. */
  warm(): Promise<void>;
  /** Replaces idle tabs that have lived long enough, or whose browser is no longer the one in use. */
  refresh(): void;
  /** Empties the HTTP caches of all tabs. */
  forgetCaches(): Promise<void>;
  state(): { readonly open: number; readonly busy: number };
  close(): Promise<void>;
}

/** A tab that is too busy to forget has no say in how long a purge takes. */
const forgetLimitMs = 1_000;

export function createTabs(settings: TabsSettings, parts: TabsParts): Tabs {
  const { browser, clock, report } = parts;
  const free = createFreeTabs<Tab>();
  const all = new Set<Tab>();
  /** Tabs whose successor is on its way. */
  const leaving = new Set<Tab>();
  /** Did not open a tab in time. The tabs that it has may work on. */
  let barren: ChromiumProcess | undefined;
  let opening = 0;
  let closed = false;

  async function open(): Promise<Tab> {
    opening += 1;
    let chromium: ChromiumProcess | undefined;
    try {
      chromium = await browserForOpening();
      const tab = await parts.open(chromium);
      if (closed) {
        await tab.close();
        throw new RenderError('no-browser', 'shutting down');
      }
      all.add(tab);
      tab.dead.addEventListener('abort', () => lose(tab), { once: true });
      if (tab.dead.aborted) lose(tab);
      return tab;
    } catch (cause) {
      if (cause instanceof RenderError) throw cause;
      if (chromium !== undefined && cause instanceof DeadlineError) notOpenedIn(chromium);
      throw new RenderError('crash', `no tab could be opened: ${messageOf(cause)}`, { cause });
    } finally {
      opening -= 1;
    }
  }

  /**
   * A Chromium can go on answering and yet never open a page again; then nothing but a new one helps. Or the machine is merely
   * busy: so what is at work in it is left alone.
   */
  function notOpenedIn(chromium: ChromiumProcess): void {
    if (isUsed(chromium)) barren = chromium;
    else void browser.discard(chromium, 'hung');
  }

  async function browserForOpening(): Promise<ChromiumProcess> {
    const chromium = await browser.current();
    if (chromium !== barren) return chromium;
    await browser.rotate();
    discardUnused(chromium);
    return browser.current();
  }

  /** Opens one, where there is room, for whoever waits or for the next who comes. */
  async function fill(): Promise<void> {
    if (closed || all.size + opening >= settings.size) return;
    try {
      free.offer(await open());
    } catch (cause) {
      // While there are others, one of them will be free; else those who wait would wait for nothing, and the next to come tries again.
      if (all.size + opening === 0) free.refuse(cause);
      throw cause;
    }
  }

  const refill = () => void fill().catch(() => {});

  function forget(tab: Tab): void {
    all.delete(tab);
    leaving.delete(tab);
    free.remove(tab);
    void tab.close().then(() => discardUnused(tab.chromium));
  }

  /** With a browser all its tabs go; whoever comes next is not to wait for the start of another. */
  function lose(tab: Tab): void {
    forget(tab);
    if (tab.chromium.gone.aborted) refill();
  }

  const isUsed = (chromium: ChromiumProcess) => [...all].some((tab) => tab.chromium === chromium);

  function discardUnused(chromium: ChromiumProcess): void {
    if (!isUsed(chromium) && browser.inUse !== chromium) void browser.discard(chromium, 'replaced');
  }

  function retire(tab: Tab, reason: string): void {
    report({ type: 'tab.retired', reason });
    forget(tab);
    refill();
  }

  async function giveBack(tab: Tab, anomaly: string | undefined): Promise<void> {
    if (closed) return;
    if (anomaly === undefined) browser.worked(tab.chromium);
    if (!all.has(tab)) return refill();
    if (anomaly !== undefined) return retire(tab, anomaly);
    const due = dueReason(tab);
    // Its successor is there already, or it would be wiped for nobody.
    if (due !== undefined && (all.size > settings.size || settings.lifetime.maxRenders <= 1)) return retire(tab, due);
    try {
      await tab.wipe();
    } catch (cause) {
      if (closed) return;
      return retire(tab, `not clean: ${messageOf(cause)}`);
    }
    if (!all.has(tab)) return refill();
    free.offer(tab);
    if (due !== undefined) void succeed(tab, due);
  }

  const dueReason = (tab: Tab) => retireReason(tab, settings.lifetime, clock.now(), browser.inUse);

  /** The successor is there, warm, before its predecessor goes. */
  async function succeed(tab: Tab, reason: string): Promise<void> {
    if (leaving.has(tab)) return;
    leaving.add(tab);
    const next = await open().catch(() => undefined);
    leaving.delete(tab);
    if (next === undefined) return;
    free.offer(next);
    // If it is at work again it goes when it comes back.
    if (free.find((one) => one === tab)) retire(tab, reason);
  }

  return {
    async lease(wanted, signal) {
      if (closed) throw new RenderError('no-browser', 'shutting down');
      if (signal.aborted) throw signal.reason;
      const tab = free.take(wanted) ?? (await nextFree(signal));
      tab.renders += 1;
      tab.lastSite = wanted.site;
      let released = false;
      return {
        tab,
        release(anomaly) {
          if (released) return;
          released = true;
          void giveBack(tab, anomaly);
        },
      };
    },
    async warm() {
      await Promise.all(Array.from({ length: settings.size }, fill));
    },
    refresh() {
      // One at a time: each has its successor beside it for a while.
      if (leaving.size > 0) return;
      const tab = free.find((one) => dueReason(one) !== undefined);
      const due = tab && dueReason(tab);
      if (tab !== undefined && due !== undefined) void succeed(tab, due);
    },
    async forgetCaches() {
      const limit = AbortSignal.timeout(forgetLimitMs);
      const cleared = (tab: Tab) =>
        unless(AbortSignal.any([tab.dead, limit]), tab.session.send('Network.clearBrowserCache'));
      await Promise.allSettled([...all].map(cleared));
    },
    state: () => ({ open: all.size, busy: all.size - free.size }),
    async close() {
      closed = true;
      free.refuse(new RenderError('no-browser', 'shutting down'));
      await Promise.all([...all].map((tab) => tab.close()));
    },
  };

  function nextFree(signal: AbortSignal): Promise<Tab> {
    const next = free.next(signal);
    refill();
    return next;
  }
}
