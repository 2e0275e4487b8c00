import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';

export interface FrameWish {
  /** Drawn as well as laid out: what a picture or the page's own measure of painting needs, and nothing else. */
  readonly painted: boolean;
  /** Called while others wait and this one does not come about: its page is stuck. The frame ends with its tab. */
  stuck(): void;
}

/**
 * The frames of a Chromium that produces none unless it is told to (its "begin frame control"), and one at a time for all of its tabs: two that overlap
 * are the end of its graphics process.
 */
export interface FrameTurns {
  /** Has one produced in its turn. Resolves when styles, layout, observers and callbacks are through; rejects when the tab is gone. */
  produce(session: CDPSession, wish: FrameWish): Promise<void>;
}

export function createFrameTurns(clock: Clock, stuckMs: number): FrameTurns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function turn(session: CDPSession, { painted, stuck }: FrameWish): Promise<void> {
    const watch = () =>
      clock.after(stuckMs, () => {
        if (waiting > 0) stuck();
        cancel = watch();
      });
    let cancel = watch();
    try {
      await session.send('HeadlessExperimental.beginFrame', { noDisplayUpdates: !painted });
    } finally {
      cancel();
    }
  }

  return {
    async produce(session, wish) {
      const before = last;
      waiting += 1;
      const mine = before.then(() => {
        waiting -= 1;
        return turn(session, wish);
      });
      last = mine.catch(() => {});
      return mine;
    },
  };
}
