import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';
import type { FrameTurns, FrameWish } from './frame-turns.ts';

/** The frames of one tab, where Chromium produces none by itself. */
export interface TabFrames {
  /** The page needs another one. Many wishes until its turn comes are one; a wish while one is being produced is for the next. */
  want(painted: boolean): void;
  /** What was wanted is not any more. */
  forget(): void;
  /** Has frames drawn for as long as that takes. */
  during<T>(work: Promise<T>): Promise<T>;
}

const againMs = 50;
/** So many failures one after another are not of a document that is being replaced: nothing is drawn here any more. */
const mostFailures = 40;
const pictureEveryMs = 10;

export function createTabFrames(session: CDPSession, turns: FrameTurns, clock: Clock, stuck: () => void): TabFrames {
  let wanted: FrameWish | undefined;
  let running = false;
  let gone = false;
  let failures = 0;
  session.once('Inspector.detached', () => {
    gone = true;
  });
  const taker = {
    session,
    stuck,
    wish() {
      const wish = wanted;
      wanted = undefined;
      return wish;
    },
  };

  async function run(): Promise<void> {
    running = true;
    while (wanted !== undefined && !gone) {
      // What goes wrong with one (a document is just being replaced) is over a moment later; the page asks again.
      await turns.produce(taker).then(succeeded, failed);
    }
    running = false;
  }

  function succeeded(): void {
    failures = 0;
  }

  async function failed(): Promise<void> {
    failures += 1;
    if (failures >= mostFailures && !gone) stuck();
    await clock.sleep(againMs);
  }

  function want(painted: boolean): void {
    wanted = { painted: painted || (wanted?.painted ?? false) };
    if (!running) void run();
  }

  return {
    want,
    forget() {
      wanted = undefined;
    },
    async during(work) {
      let over = false;
      const ended = () => {
        over = true;
      };
      const end = work.then(ended, ended);
      while (!over && !gone) {
        want(true);
        await Promise.race([end, clock.sleep(pictureEveryMs)]);
      }
      return work;
    },
  };
}
