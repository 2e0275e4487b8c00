import type { Account } from './account.ts';
import type { Natives } from './natives.ts';

/** How soon a frame is wanted: `now`, or when the one after the last would come on a screen. */
export type FrameHaste = 'now' | 'soon';

export interface Frames {
  /** Calls back in the next frame that is really produced. */
  request(call: () => void, haste: FrameHaste): void;
  /** Until the result is called, frames are drawn too: only what was drawn counts as painted. */
  paint(): () => void;
}

/**
 * Asks for the frames that the page needs, where Chromium produces none by itself (`ask` is there): for callbacks that wait for one, and
 * while work is under way, since that may wait for a frame without a word. Self-contained: runs inside the page.
 */
export function makeFrames(
  natives: Natives,
  account: Account,
  isTop: boolean,
  ask: ((painted: boolean) => void) | undefined,
): Frames {
  if (ask === undefined) return { request: (call) => natives.frame(call), paint: () => () => {} };
  /** As on a screen; and where nothing but work under way calls for one. */
  const paceMs = 16;
  const idlePaceMs = 50;
  let outstanding = 0;
  let paints = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  let armed: { handle: number; at: number } | undefined;

  function askNow() {
    if (armed) natives.cancel(armed.handle);
    armed = undefined;
    askedAt = natives.realNow();
    ask?.(paints > 0);
    if (outstanding > 0 || isWorking()) arm(outstanding > 0 ? paceMs : idlePaceMs);
  }

  /** What is under way in a frame inside is asked for by itself, through callbacks. */
  const isWorking = () => isTop && account.isWorking();

  function arm(ms: number) {
    const at = natives.realNow() + ms;
    if (armed && armed.at <= at) return;
    if (armed) natives.cancel(armed.handle);
    armed = { at, handle: natives.after(ms, wake) };
  }

  function wake() {
    armed = undefined;
    if (outstanding > 0 || isWorking()) askNow();
  }

  account.onTouch(() => isWorking() && arm(idlePaceMs));

  return {
    request(call, haste) {
      outstanding++;
      natives.frame(() => {
        outstanding--;
        call();
      });
      const waitMs = haste === 'now' ? 0 : askedAt + paceMs - natives.realNow();
      if (waitMs <= 0) askNow();
      else arm(waitMs);
    },
    paint() {
      paints++;
      askNow();
      let over = false;
      return () => {
        if (!over) paints--;
        over = true;
      };
    },
  };
}
