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
const pictureEveryMs = 10;

export function createTabFrames(session: CDPSession, turns: FrameTurns, clock: Clock, stuck: () => void): TabFrames {
  let wanted: FrameWish | undefined;
  let running: Promise<void> | undefined;
  let gone = false;
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
    while (wanted !== undefined && !gone) {
      // What goes wrong with one (a document is just being replaced) is over a moment later; the page asks again.
      await turns.produce(taker).catch(() => clock.sleep(againMs));
    }
    running = undefined;
  }

  function want(painted: boolean): Promise<void> {
    wanted = { painted: painted || (wanted?.painted ?? false) };
    running ??= run();
    return running;
  }

  return {
    want: (painted) => void want(painted),
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
        await Promise.race([end, want(true)]);
        await Promise.race([end, clock.sleep(pictureEveryMs)]);
      }
      return work;
    },
  };
}
