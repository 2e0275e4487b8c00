import { describe, expect, it } from 'vitest';
import type { PrefaceEvent } from '../../src/events.ts';
import { type BrowserSettings, createBrowserKeeper, restartDelayMs } from '../../src/render/browser.ts';
import type { LaunchSettings } from '../../src/render/chromium-process.ts';
import { createFakeChromium, type FakeChromium } from '../fakes/fake-chromium.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const settings: BrowserSettings = {
  sandbox: 'auto',
  launchMs: 10_000,
  niceness: 0,
  pingEveryMs: 1500,
  pingLimitMs: 3000,
};

interface Setup {
  readonly sandbox?: BrowserSettings['sandbox'];
  readonly uid?: number;
  readonly installed?: boolean;
  /** Which starts work. */
  readonly starts?: (attempt: number, launch: LaunchSettings) => boolean;
}

function keeperOf({ sandbox = 'auto', uid = 1000, installed = true, starts = () => true }: Setup = {}) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  const launches: LaunchSettings[] = [];
  const running: FakeChromium[] = [];
  const keeper = createBrowserKeeper(
    { ...settings, sandbox },
    {
      find: async () => (installed ? { path: '/opt/chromium', from: 'system' } : undefined),
      spki: 'key',
      clock,
      report: (event) => void events.push(event),
      uid,
      launch: async (launch) => {
        launches.push(launch);
        if (!starts(launches.length, launch)) throw new Error('it does not start');
        const chromium = createFakeChromium(`Chromium/${launches.length}`, clock.now());
        running.push(chromium);
        return chromium;
      },
    },
  );
  const types = () => events.map(({ type }) => type);
  const current = async () => (await keeper.current()).version;
  return { keeper, clock, events, types, launches, running, current };
}

const turn = () => new Promise(setImmediate);

describe('the browser keeper', () => {
  it('starts nothing before somebody needs it, and one for all who do', async () => {
    const { keeper, launches, types, current } = keeperOf();
    expect(keeper.inUse).toBeUndefined();
    expect(launches).toHaveLength(0);
    expect(await Promise.all([current(), current(), current()])).toEqual(['Chromium/1', 'Chromium/1', 'Chromium/1']);
    expect(types()).toEqual(['browser.started']);
  });

  it('starts another one at once after a crash', async () => {
    const { running, current, events, keeper } = keeperOf();
    await current();
    running[0]?.die();
    await turn();
    expect(keeper.inUse).toBeUndefined();
    expect(events.at(-1)).toEqual({ type: 'browser.stopped', reason: 'crash' });
    expect(running[0]?.ended).toBe(true);
    expect(await current()).toBe('Chromium/2');
  });

  it('waits a moment before the next start after several that failed, for all who need it', async () => {
    const { current, clock, launches } = keeperOf({ sandbox: 'required', starts: (attempt) => attempt > 2 });
    await expect(current()).rejects.toMatchObject({ code: 'no-browser' });
    await expect(current()).rejects.toMatchObject({ code: 'no-browser' });
    const waiting = Promise.all([current(), current()]);
    clock.advance(499);
    await turn();
    expect(launches).toHaveLength(2);
    clock.advance(1);
    expect(await waiting).toEqual(['Chromium/3', 'Chromium/3']);
  });

  it('says no at once when the next start is far away', async () => {
    const { current, clock, launches } = keeperOf({ sandbox: 'required', starts: (attempt) => attempt > 5 });
    for (const waitMs of [0, 0, 500, 1000, 2000]) {
      const failing = expect(current()).rejects.toMatchObject({ code: 'no-browser' });
      clock.advance(waitMs);
      await failing;
    }
    await expect(current()).rejects.toMatchObject({
      message: 'Chromium failed 5 times in a row; the next try is in 4000 ms',
    });
    expect(launches).toHaveLength(5);
    clock.advance(2000);
    const waiting = current();
    clock.advance(2000);
    expect(await waiting).toBe('Chromium/6');
  });

  it('puts no start off for the death of one that has worked, however young and however often', async () => {
    const { keeper, current, clock, launches, running } = keeperOf();
    for (let deaths = 0; deaths < 20; deaths += 1) {
      keeper.worked(await keeper.current());
      clock.advance(1_000);
      running.at(-1)?.die();
      await turn();
    }
    expect(await current()).toBe('Chromium/21');
    expect(launches).toHaveLength(21);
  });

  it('starts a second apart where each one dies of its first page, and has those wait who need one', async () => {
    const { keeper, current, clock, launches, running } = keeperOf();
    for (let deaths = 0; deaths < 20; deaths += 1) {
      const waiting = keeper.current();
      if (deaths > 0) {
        clock.advance(899);
        await turn();
        expect(launches).toHaveLength(deaths);
        clock.advance(1);
      }
      keeper.worked(await waiting);
      clock.advance(100);
      running.at(-1)?.die();
      await turn();
    }
    const waiting = current();
    clock.advance(900);
    expect(await waiting).toBe('Chromium/21');
  });

  it('waits longer and longer where each one dies without having worked', async () => {
    const { current, clock, running } = keeperOf();
    for (const waitMs of [0, 0, 500, 1000, 2000]) {
      const waiting = current();
      clock.advance(waitMs);
      await waiting;
      running.at(-1)?.die();
      await turn();
    }
    await expect(current()).rejects.toMatchObject({ message: /5 times in a row; the next try is in 4000 ms/ });
  });

  it('forgets old failures once a browser has worked', async () => {
    const { keeper, current, clock, running } = keeperOf({ sandbox: 'required', starts: (attempt) => attempt > 2 });
    await expect(current()).rejects.toThrow();
    await expect(current()).rejects.toThrow();
    clock.advance(500);
    keeper.worked(await keeper.current());
    clock.advance(1_000);
    running[0]?.die();
    await turn();
    expect(await current()).toBe('Chromium/4');
  });

  it('gives up one that does not answer any more', async () => {
    const { current, clock, running, events } = keeperOf();
    await current();
    running[0]?.hang();
    clock.advance(1500);
    await turn();
    expect(running[0]?.ended).toBe(true);
    expect(events.at(-1)).toEqual({ type: 'browser.stopped', reason: 'hung' });
    expect(await current()).toBe('Chromium/2');
  });

  it('goes on asking one that answers', async () => {
    const { current, clock, running, keeper } = keeperOf();
    await current();
    for (let asked = 0; asked < 5; asked += 1) {
      clock.advance(1500);
      await turn();
    }
    expect(keeper.inUse).toBe(running[0]);
    running[0]?.hang();
    clock.advance(1500);
    await turn();
    expect(keeper.inUse).toBeUndefined();
  });

  it('uses the next one after a rotation and lets the old one go on until it is discarded', async () => {
    const { keeper, current, running, types } = keeperOf();
    const old = await keeper.current();
    await keeper.rotate();
    expect(await current()).toBe('Chromium/2');
    expect(running[0]?.ended).toBe(false);
    await keeper.discard(old, 'age');
    expect(running[0]?.ended).toBe(true);
    expect(types()).toEqual(['browser.started', 'browser.started', 'browser.stopped']);
  });

  it('keeps the pause after failed starts in a rotation too, and goes on with the one that it has', async () => {
    const { keeper, current, clock, launches } = keeperOf({ sandbox: 'required', starts: (attempt) => attempt === 1 });
    await current();
    for (const waitMs of [0, 0, 500, 1000, 2000]) {
      const failing = expect(keeper.rotate()).rejects.toMatchObject({ code: 'no-browser' });
      clock.advance(waitMs);
      await failing;
    }
    await expect(keeper.rotate()).rejects.toMatchObject({ message: /the next try is in 4000 ms/ });
    expect(launches).toHaveLength(6);
    expect(await current()).toBe('Chromium/1');
  });

  it('says that there is none to be found', async () => {
    await expect(keeperOf({ installed: false }).current()).rejects.toMatchObject({
      code: 'no-browser',
      message: /no Chromium was found/,
    });
  });

  it('ends what runs and starts nothing more when it is closed', async () => {
    const { keeper, current, running } = keeperOf();
    await current();
    await keeper.close();
    expect(running[0]?.ended).toBe(true);
    await expect(current()).rejects.toMatchObject({ code: 'no-browser' });
  });
});

describe('the sandbox', () => {
  const sandboxes = (launches: LaunchSettings[]) => launches.map(({ sandbox }) => sandbox);

  it('is on where it works', async () => {
    const { current, launches, types } = keeperOf();
    await current();
    expect(sandboxes(launches)).toEqual([true]);
    expect(types()).not.toContain('warning');
  });

  it('is given up, with one warning, where Chromium does not start with it', async () => {
    const { current, launches, types, running } = keeperOf({ starts: (_, { sandbox }) => !sandbox });
    await current();
    running[0]?.die();
    await turn();
    await current();
    expect(sandboxes(launches)).toEqual([true, false, true, false]);
    expect(types().filter((type) => type === 'warning')).toHaveLength(1);
  });

  it('is not tried for root', async () => {
    const { current, launches, events } = keeperOf({ uid: 0 });
    await current();
    expect(sandboxes(launches)).toEqual([false]);
    expect(events[0]).toMatchObject({ type: 'warning', message: /WITHOUT its sandbox: Chromium has none for root/ });
  });

  it('is never given up when it is required', async () => {
    const failing = keeperOf({ sandbox: 'required', starts: (_, { sandbox }) => !sandbox });
    await expect(failing.current()).rejects.toMatchObject({ code: 'no-browser' });
    expect(sandboxes(failing.launches)).toEqual([true]);
    const root = keeperOf({ sandbox: 'required', uid: 0 });
    await expect(root.current()).rejects.toMatchObject({ code: 'no-browser', message: /required, but/ });
    expect(root.launches).toEqual([]);
  });
});

it('waits for half a minute at most between two starts', () => {
  expect([1, 2, 3, 4, 20].map(restartDelayMs)).toEqual([0, 500, 1000, 2000, 30_000]);
});
