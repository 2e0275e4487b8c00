import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';

export interface FrameWish {
  /** Drawn as well as laid out: what a picture or the page's own measure of painting needs, and nothing else. */
  readonly painted: boolean;
}

/** A tab that waits for its turn. */
export interface FrameTaker {
  readonly session: CDPSession;
  /** Asked when its turn comes; undefined when it wants none any more. */
  wish(): FrameWish | undefined;
  /** Called while others wait and its frame does not come about: its page is stuck. The frame ends with its tab. */
  stuck(): void;
}

/**
 * The frames of a Chromium that produces none unless it is told to (its "begin frame control"), and one at a time for all of its tabs: two that overlap
 * are the end of its graphics process. A taker has one turn at a time.
 */
export interface FrameTurns {
  /** Resolves when styles, layout, observers and callbacks are through, or nothing was wanted any more; rejects when the tab is gone. */
  produce(taker: FrameTaker): Promise<void>;
}

export function createFrameTurns(clock: Clock, stuckMs: number): FrameTurns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function turn({ session, wish, stuck }: FrameTaker): Promise<void> {
    const wanted = wish();
    if (wanted === undefined) return;
    const watch = () =>
      clock.after(stuckMs, () => {
        cancel = watch();
        if (waiting > 0) stuck();
      });
    let cancel = watch();
    try {
      // Without a limit: one that is given up here is still under way there. Whoever is stuck ends with its tab.
      await session.send('HeadlessExperimental.beginFrame', { noDisplayUpdates: !wanted.painted }, { timeout: 0 });
    } finally {
      cancel();
    }
  }

  return {
    produce(taker) {
      waiting += 1;
      const mine = last.then(() => {
        waiting -= 1;
        return turn(taker);
      });
      last = mine.catch(() => {});
      return mine;
    },
  };
}
