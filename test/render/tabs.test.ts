import { describe, expect, it } from 'vitest';
import { RenderError } from '../../src/errors.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Device } from '../../src/page/page-target.ts';
import type { BrowserKeeper } from '../../src/render/browser.ts';
import type { ChromiumProcess } from '../../src/render/chromium-process.ts';
import { DeadlineError } from '../../src/render/deadline.ts';
import type { Tab } from '../../src/render/tab.ts';
import { createTabs, type TabsSettings } from '../../src/render/tabs.ts';
import { createFakeChromium, type FakeChromium } from '../fakes/fake-chromium.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

type FakeTab = Tab & { readonly name: number; readonly closed: boolean; wipes: number; die(): void };

const turn = () => new Promise(setImmediate);
const never = new AbortController().signal;

function tabsOf({ size = 2, lifetime = { maxRenders: 100, maxAgeMs: 1e9 } }: Partial<TabsSettings> = {}) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  const opened: FakeTab[] = [];
  const discarded: ChromiumProcess[] = [];
  const worked: ChromiumProcess[] = [];
  const faults: { open: false | 'fails' | 'never'; wipe: boolean } = { open: false, wipe: false };
  let inUse = createFakeChromium('one', clock.now());
  const browser: Pick<BrowserKeeper, 'current' | 'discard' | 'inUse' | 'rotate' | 'worked'> = {
    current: async () => inUse,
    rotate: async () => switchBrowser(),
    worked: (chromium) => void worked.push(chromium),
    discard: async (chromium) => void discarded.push(chromium),
    get inUse() {
      return inUse;
    },
  };
  function switchBrowser(): void {
    inUse = createFakeChromium('two', clock.now());
  }
  function open(chromium: ChromiumProcess): FakeTab {
    const death = new AbortController();
    let device: Device | undefined;
    let closed = false;
    const tab = {
      name: opened.length + 1,
      chromium,
      dead: death.signal,
      openedAt: clock.now(),
      renders: 0,
      lastSite: '',
      get device() {
        return device;
      },
      emulate: async (wanted: Device) => {
        device = wanted;
      },
      wipes: 0,
      wipe: async () => {
        if (faults.wipe) throw new Error('it will not go');
        tab.wipes += 1;
      },
      get closed() {
        return closed;
      },
      die: () => death.abort(new RenderError('crash', 'dead')),
      close: async () => {
        closed = true;
        tab.die();
      },
    };
    opened.push(tab as unknown as FakeTab);
    return tab as unknown as FakeTab;
  }
  const tabs = createTabs(
    { size, lifetime },
    {
      browser: browser as BrowserKeeper,
      open: async (chromium) => {
        if (faults.open === 'never') throw new DeadlineError('no answer');
        if (faults.open === 'fails') throw new Error('it will not open');
        return open(chromium);
      },
      clock,
      report: (event) => void events.push(event),
    },
  );
  const lease = async (site = 'a', signal = never) => {
    const { tab, release } = await tabs.lease({ device: 'desktop', site }, signal);
    return { tab: tab as FakeTab, name: (tab as FakeTab).name, release };
  };
  const leaseOnce = async (site?: string) => {
    const { name, release } = await lease(site);
    release();
    await turn();
    return name;
  };
  const reasons = () => events.flatMap((event) => (event.type === 'tab.retired' ? [event.reason] : []));
  return { tabs, lease, leaseOnce, opened, clock, faults, reasons, discarded, worked, switchBrowser };
}

describe('tabs', () => {
  it('are opened as they are needed, and no more than there may be', async () => {
    const { lease, opened } = tabsOf({ size: 2 });
    await lease();
    expect(opened).toHaveLength(1);
    await lease();
    const third = lease();
    await turn();
    expect(opened).toHaveLength(2);
    expect(await Promise.race([third, 'waits'])).toBe('waits');
  });

  it('are wiped before the next one gets them', async () => {
    const { lease } = tabsOf({ size: 1 });
    const first = await lease();
    const second = lease();
    first.release();
    expect((await second).name).toBe(1);
    expect(first.tab.wipes).toBe(1);
  });

  it('are chosen by the site that they have in their caches, else the last one used', async () => {
    const { lease, leaseOnce } = tabsOf({ size: 2 });
    const [first, second] = [await lease('a'), await lease('b')];
    first.release();
    await turn();
    second.release();
    await turn();
    expect(await leaseOnce('a')).toBe(1);
    expect(await leaseOnce('b')).toBe(2);
    expect(await leaseOnce('c')).toBe(2);
  });

  it('are closed and replaced after an anomaly', async () => {
    const { lease, reasons } = tabsOf({ size: 1 });
    const first = await lease();
    const second = lease();
    first.release('timeout');
    expect((await second).name).toBe(2);
    expect(first.tab.closed).toBe(true);
    expect(first.tab.wipes).toBe(0);
    expect(reasons()).toEqual(['timeout']);
  });

  it('speak for their browser when they come back from their work, and not after an anomaly', async () => {
    const { lease, worked } = tabsOf({ size: 1 });
    const first = await lease();
    expect(worked).toEqual([]);
    first.release('crash');
    expect(worked).toEqual([]);
    const second = await lease();
    second.release();
    expect(new Set(worked)).toEqual(new Set([second.tab.chromium]));
  });

  it('are never used again when they could not be wiped', async () => {
    const { lease, faults, reasons } = tabsOf({ size: 1 });
    const first = await lease();
    faults.wipe = true;
    first.release();
    expect((await lease()).name).toBe(2);
    expect(first.tab.closed).toBe(true);
    expect(reasons()).toEqual(['not clean: it will not go']);
  });

  it('have their successor ready before they go', async () => {
    const { lease, leaseOnce, opened, reasons, tabs } = tabsOf({ size: 1, lifetime: { maxRenders: 2, maxAgeMs: 1e9 } });
    expect([await leaseOnce(), await leaseOnce()]).toEqual([1, 1]);
    expect(opened).toHaveLength(2);
    expect(opened[0]?.closed).toBe(true);
    expect((await lease()).name).toBe(2);
    expect(reasons()).toEqual(['renders']);
    expect(tabs.state()).toEqual({ open: 1, busy: 1 });
  });

  it('go after one render when every render has a context of its own', async () => {
    const { leaseOnce, opened } = tabsOf({ size: 1, lifetime: { maxRenders: 1, maxAgeMs: 1e9 } });
    expect([await leaseOnce(), await leaseOnce(), await leaseOnce()]).toEqual([1, 2, 3]);
    expect(opened.slice(0, 3).map(({ closed, wipes }) => ({ closed, wipes }))).toEqual(
      Array(3).fill({ closed: true, wipes: 0 }),
    );
  });

  it('go when they are old, even if nobody uses them', async () => {
    const { leaseOnce, tabs, clock, opened, reasons } = tabsOf({
      size: 1,
      lifetime: { maxRenders: 100, maxAgeMs: 60_000 },
    });
    await leaseOnce();
    clock.advance(60_000);
    tabs.refresh();
    await turn();
    expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
    expect(reasons()).toEqual(['age']);
  });

  it('move to the new browser, and the old one is discarded with its last tab', async () => {
    const { lease, tabs, opened, discarded, switchBrowser } = tabsOf({ size: 2 });
    const [busy, free] = [await lease(), await lease()];
    free.release();
    await turn();
    switchBrowser();
    tabs.refresh();
    await turn();
    expect(free.tab.closed).toBe(true);
    expect(discarded).toEqual([]);
    busy.release();
    await turn();
    expect(busy.tab.closed).toBe(true);
    expect(new Set(discarded)).toEqual(new Set([busy.tab.chromium]));
    expect(opened.filter(({ closed }) => !closed).map(({ chromium }) => chromium.version)).toEqual(['two', 'two']);
  });

  it('that die while idle are not given to anybody', async () => {
    const { lease, leaseOnce, opened } = tabsOf({ size: 1 });
    await leaseOnce();
    opened[0]?.die();
    await turn();
    expect((await lease()).name).toBe(2);
  });

  it('are opened again when their browser has died, before anybody asks for one', async () => {
    const { tabs, opened, switchBrowser } = tabsOf({ size: 2 });
    await tabs.warm();
    const first = opened[0]?.chromium as FakeChromium | undefined;
    first?.die();
    switchBrowser();
    for (const tab of opened.slice(0, 2)) tab.die();
    await turn();
    expect(tabs.state()).toEqual({ open: 2, busy: 0 });
    expect(opened.slice(2).map(({ chromium }) => chromium.version)).toEqual(['two', 'two']);
  });

  it('can be waited for no longer than the caller wishes, and are not lost thereby', async () => {
    const { lease } = tabsOf({ size: 1 });
    const first = await lease();
    const leaver = new AbortController();
    const gone = lease('a', leaver.signal);
    const stays = lease();
    leaver.abort(new RenderError('aborted', ''));
    await expect(gone).rejects.toMatchObject({ code: 'aborted' });
    first.release();
    expect((await stays).name).toBe(1);
  });

  it('that cannot be opened are told to all who wait, and tried again for the next', async () => {
    const { lease, faults } = tabsOf({ size: 1 });
    faults.open = 'fails';
    const answers = await Promise.allSettled([lease(), lease()]);
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.code)).toEqual(['crash', 'crash']);
    faults.open = false;
    expect((await lease()).name).toBe(1);
  });

  it('that cannot be opened send nobody away who may get the tab of another', async () => {
    const { lease, faults } = tabsOf({ size: 2 });
    const first = await lease();
    faults.open = 'fails';
    const second = lease();
    await turn();
    first.release();
    expect((await second).name).toBe(1);
  });

  it('that take too long to open cost no other its browser, and the next ones are opened in a new one', async () => {
    const { lease, faults, discarded } = tabsOf({ size: 2 });
    const first = await lease();
    faults.open = 'never';
    const second = lease();
    await turn();
    expect(discarded).toEqual([]);
    faults.open = false;
    const third = lease();
    expect((await second).tab.chromium.version).toBe('two');
    expect(first.tab.closed).toBe(false);
    first.release();
    (await third).release();
    await turn();
    expect(new Set(discarded)).toEqual(new Set([first.tab.chromium]));
  });

  it('that are never done opening are the end of their browser', async () => {
    const { lease, faults, discarded } = tabsOf({ size: 1 });
    faults.open = 'never';
    await expect(lease()).rejects.toMatchObject({ code: 'crash' });
    expect(discarded).toHaveLength(1);
  });

  it('are all closed at the end', async () => {
    const { lease, tabs, opened } = tabsOf({ size: 2 });
    await tabs.warm();
    await lease();
    await tabs.close();
    expect(opened.map(({ closed }) => closed)).toEqual([true, true]);
    await expect(lease()).rejects.toMatchObject({ code: 'no-browser' });
  });
});
