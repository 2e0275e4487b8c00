import type { Clock } from '../clock.ts';
import { messageOf, RenderError } from '../errors.ts';
import type { Report } from '../events.ts';
import type { BrowserKeeper } from './browser.ts';
import type { ChromiumProcess } from './chromium-process.ts';
import { DeadlineError, unless } from './deadline.ts';
import type { Tab } from './tab.ts';
import { mostAlike, type Wanted } from './tab-choice.ts';
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

interface Waiter {
  readonly resolve: (tab: Tab) => void;
  readonly reject: (cause: unknown) => void;
}

/** A tab that is too busy to forget has no say in how long a purge takes. */
const forgetLimitMs = 1_000;

export function createTabs(settings: TabsSettings, parts: TabsParts): Tabs {
  const { browser, clock, report } = parts;
  /** The last one used is the last one here. */
  const idle: Tab[] = [];
  const all = new Set<Tab>();
  const waiting: Waiter[] = [];
  /** Tabs whose successor is on its way. */
  const leaving = new Set<Tab>();
  let opening = 0;
  let closed = false;

  async function open(): Promise<Tab> {
    opening += 1;
    let chromium: ChromiumProcess | undefined;
    try {
      chromium = await browser.current();
      const tab = await parts.open(chromium);
      if (closed) {
        await tab.close();
        throw new RenderError('no-browser', 'shutting down');
      }
      all.add(tab);
      tab.dead.addEventListener('abort', () => forget(tab), { once: true });
      if (tab.dead.aborted) forget(tab);
      return tab;
    } catch (cause) {
      if (cause instanceof RenderError) throw cause;
      // A Chromium can go on answering and yet never open a page again; nothing but a new one helps.
      if (chromium !== undefined && cause instanceof DeadlineError) void browser.discard(chromium, 'hung');
      throw new RenderError('crash', `no tab could be opened: ${messageOf(cause)}`, { cause });
    } finally {
      opening -= 1;
    }
  }

  /** Opens one, where there is room, for whoever waits or for the next who comes. */
  async function fill(): Promise<void> {
    if (closed || all.size + opening >= settings.size) return;
    try {
      offer(await open());
    } catch (cause) {
      // Those who wait would wait for nothing; the next to come tries again.
      for (const waiter of waiting.splice(0)) waiter.reject(cause);
      throw cause;
    }
  }

  const refill = () => void fill().catch(() => {});

  function offer(tab: Tab): void {
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(tab);
    else idle.push(tab);
  }

  function takeIdle(wanted: Wanted): Tab | undefined {
    const found = mostAlike(idle, wanted);
    if (found !== undefined) idle.splice(idle.indexOf(found), 1);
    return found;
  }

  function forget(tab: Tab): void {
    all.delete(tab);
    leaving.delete(tab);
    const at = idle.indexOf(tab);
    if (at >= 0) idle.splice(at, 1);
    void tab.close().then(() => discardUnused(tab.chromium));
  }

  function discardUnused(chromium: ChromiumProcess): void {
    const used = [...all].some((tab) => tab.chromium === chromium);
    if (!used && browser.inUse !== chromium) void browser.discard(chromium, 'replaced');
  }

  function retire(tab: Tab, reason: string): void {
    report({ type: 'tab.retired', reason });
    forget(tab);
    refill();
  }

  async function giveBack(tab: Tab, anomaly: string | undefined): Promise<void> {
    if (closed) return;
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
    offer(tab);
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
    offer(next);
    // If it is at work again it goes when it comes back.
    if (idle.includes(tab)) retire(tab, reason);
  }

  return {
    async lease(wanted, signal) {
      if (closed) throw new RenderError('no-browser', 'shutting down');
      if (signal.aborted) throw signal.reason;
      const tab = takeIdle(wanted) ?? (await nextFree(signal));
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
      const tab = idle.find((one) => dueReason(one) !== undefined);
      const due = tab && dueReason(tab);
      if (tab !== undefined && due !== undefined) void succeed(tab, due);
    },
    async forgetCaches() {
      const limit = AbortSignal.timeout(forgetLimitMs);
      const cleared = (tab: Tab) =>
        unless(AbortSignal.any([tab.dead, limit]), tab.session.send('Network.clearBrowserCache'));
      await Promise.allSettled([...all].map(cleared));
    },
    state: () => ({ open: all.size, busy: all.size - idle.length }),
    async close() {
      closed = true;
      for (const waiter of waiting.splice(0)) waiter.reject(new RenderError('no-browser', 'shutting down'));
      await Promise.all([...all].map((tab) => tab.close()));
    },
  };

  async function nextFree(signal: AbortSignal): Promise<Tab> {
    const { promise, resolve, reject } = Promise.withResolvers<Tab>();
    const waiter = { resolve, reject };
    waiting.push(waiter);
    refill();
    try {
      return await unless(signal, promise);
    } catch (cause) {
      const at = waiting.indexOf(waiter);
      if (at >= 0) waiting.splice(at, 1);
      else promise.then(offer, () => {}); // it was given one in the same moment
      throw cause;
    }
  }
}
