import type { CDPSession } from 'puppeteer';
import { describe, expect, it } from 'vitest';
import { createFrameTurns } from '../../src/render/frame-turns.ts';
import { createTabFrames } from '../../src/render/tab-frames.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

/** A tab that produces its frames when the test says so. */
function fakeTab() {
  const begun: { painted: boolean; done(): void; fail(): void }[] = [];
  let detached = () => {};
  const session = {
    send: (_: string, { noDisplayUpdates }: { noDisplayUpdates: boolean }) => {
      const { promise, resolve, reject } = Promise.withResolvers<object>();
      begun.push({ painted: !noDisplayUpdates, done: () => resolve({}), fail: () => reject(new Error('closed')) });
      return promise;
    },
    once: (_: string, call: () => void) => {
      detached = call;
    },
  } as unknown as CDPSession;
  return { session, begun, detach: () => detached() };
}

const settle = async () => {
  for (let count = 0; count < 20; count++) await Promise.resolve();
};
const ordinary = ({ session }: { session: CDPSession }, painted = false) => ({
  session,
  wish: () => ({ painted }),
  stuck: () => {},
});

describe('the frames of one Chromium', () => {
  it('come one at a time, whichever tabs they are for', async () => {
    const turns = createFrameTurns(createFakeClock(), 3000);
    const [one, other] = [fakeTab(), fakeTab()];
    const first = turns.produce(ordinary(one));
    const second = turns.produce(ordinary(other, true));
    await settle();
    expect([one.begun.length, other.begun.length]).toEqual([1, 0]);
    one.begun[0]?.done();
    await first;
    await settle();
    expect(other.begun).toMatchObject([{ painted: true }]);
    other.begun[0]?.done();
    await second;
  });

  it('go on after one that failed', async () => {
    const turns = createFrameTurns(createFakeClock(), 3000);
    const [one, other] = [fakeTab(), fakeTab()];
    const first = turns.produce(ordinary(one));
    const second = turns.produce(ordinary(other));
    await settle();
    one.begun[0]?.fail();
    await expect(first).rejects.toThrow('closed');
    await settle();
    other.begun[0]?.done();
    await expect(second).resolves.toBeUndefined();
  });

  it('tell of a page that is stuck in its own as soon as others wait for theirs, and not before', async () => {
    const clock = createFakeClock();
    const turns = createFrameTurns(clock, 3000);
    const [one, other] = [fakeTab(), fakeTab()];
    let stuck = 0;
    const first = turns.produce({ ...ordinary(one), stuck: () => stuck++ });
    await settle();
    clock.advance(10_000);
    expect(stuck).toBe(0);
    const second = turns.produce(ordinary(other));
    clock.advance(3000);
    expect(stuck).toBe(1);
    one.begun[0]?.fail();
    await expect(first).rejects.toThrow('closed');
    await settle();
    clock.advance(10_000);
    expect(stuck).toBe(1);
    other.begun[0]?.done();
    await second;
  });
});

it('a tab that wants none any more when its turn comes has none', async () => {
  const turns = createFrameTurns(createFakeClock(), 3000);
  const tab = fakeTab();
  await turns.produce({ ...ordinary(tab), wish: () => undefined });
  expect(tab.begun).toEqual([]);
});

describe('the frames of one tab', () => {
  function tabFrames() {
    const tab = fakeTab();
    const clock = createFakeClock();
    return { ...tab, clock, frames: createTabFrames(tab.session, createFrameTurns(clock, 3000), clock, () => {}) };
  }

  it('many wishes are one, and one that comes while a frame is being produced is for the next', async () => {
    const { frames, begun } = tabFrames();
    frames.want(false);
    frames.want(false);
    await settle();
    frames.want(true);
    frames.want(false);
    await settle();
    expect(begun.length).toBe(1);
    begun[0]?.done();
    await settle();
    expect(begun.map(({ painted }) => painted)).toEqual([false, true]);
    begun[1]?.done();
    await settle();
    expect(begun.length).toBe(2);
  });

  it('what is forgotten does not reach the next page', async () => {
    const { frames, begun } = tabFrames();
    frames.want(false);
    await settle();
    frames.want(false);
    frames.forget();
    begun[0]?.done();
    await settle();
    expect(begun.length).toBe(1);
  });

  it('one that fails ends nothing but itself', async () => {
    const { frames, begun, clock } = tabFrames();
    frames.want(false);
    await settle();
    begun[0]?.fail();
    await settle();
    frames.want(false);
    clock.advance(100);
    await settle();
    expect(begun.length).toBe(2);
  });

  it('fail forty times in a row only where nothing is drawn any more: the tab is given up', async () => {
    const { session, begun } = fakeTab();
    const clock = createFakeClock();
    let stuck = 0;
    const frames = createTabFrames(session, createFrameTurns(clock, 3000), clock, () => stuck++);
    for (let n = 0; n < 40; n++) {
      expect(stuck).toBe(0);
      frames.want(false);
      await settle();
      begun[n]?.fail();
      await settle();
      clock.advance(100);
      await settle();
    }
    expect(stuck).toBe(1);
  });

  it('are drawn for a picture until it is there', async () => {
    const { frames, begun, clock } = tabFrames();
    const { promise, resolve } = Promise.withResolvers<string>();
    const taken = frames.during(promise);
    await settle();
    begun[0]?.done();
    await settle();
    clock.advance(20);
    await settle();
    expect(begun.map(({ painted }) => painted)).toEqual([true, true]);
    resolve('picture');
    begun[1]?.done();
    await settle();
    clock.advance(20);
    expect(await taken).toBe('picture');
    expect(begun.length).toBe(2);
  });

  it('of one that is gone are asked for by nobody', async () => {
    const { frames, begun, detach } = tabFrames();
    detach();
    frames.want(false);
    await settle();
    expect(begun).toEqual([]);
  });
});
