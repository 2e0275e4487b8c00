import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';
import type { FrameTurns } from './frame-turns.ts';

/** The frames of one tab, where Chromium produces none by itself. */
export interface TabFrames {
  /** The page needs another one. Many wishes at once are one; a wish while one is being produced is for the next. */
  want(painted: boolean): void;
  /** What was wanted is not any more. */
  forget(): void;
  /** Has frames drawn for as long as that takes. */
  during<T>(work: Promise<T>): Promise<T>;
}

const againMs = 50;

export function createTabFrames(session: CDPSession, turns: FrameTurns, clock: Clock, stuck: () => void): TabFrames {
  let wanted: { painted: boolean } | undefined;
  let running = false;
  let gone = false;
  session.once('Inspector.detached', () => {
    gone = true;
  });

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    while (wanted !== undefined && !gone) {
      const wish = { painted: wanted.painted, stuck };
      wanted = undefined;
      // What goes wrong with one (a document is just being replaced) is over a moment later; the page asks again.
      await turns.produce(session, wish).catch(() => clock.sleep(againMs));
    }
    running = false;
  }

  function want(painted: boolean): void {
    wanted = { painted: painted || (wanted?.painted ?? false) };
    void run();
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
      work.then(ended, ended);
      while (!over && !gone) {
        await turns.produce(session, { painted: true, stuck }).catch(() => clock.sleep(againMs));
        await Promise.race([work.catch(() => {}), clock.sleep(10)]);
      }
      return work;
    },
  };
}
