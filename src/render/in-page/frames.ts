import type { Natives } from './natives.ts';

/** How soon a frame is wanted: `now`, or when the one after the last would come on a screen. */
export type FrameHaste = 'now' | 'soon';

export interface Frames {
  /** Chromium produces them when they are asked for, and no others. */
  readonly onDemand: boolean;
  /** Calls back in the next frame that is really produced. */
  request(call: () => void, haste: FrameHaste): void;
  /** Until the result is called, frames are drawn too: only what was drawn counts as painted. */
  paint(): () => void;
  /** The next one is drawn. */
  paintOnce(): void;
  /** Whether some are to come without being requested: for what waits for one without a word. */
  flow(flows: boolean): void;
}

/**
 * Asks for the frames that the page needs, where Chromium produces none by itself (`ask` is there): for callbacks that wait for one, and now and then
 * as long as the page is not done. Self-contained: runs inside the page.
 */
export function makeFrames(natives: Natives, isTop: boolean, ask: ((painted: boolean) => void) | undefined): Frames {
  if (ask === undefined) {
    return {
      onDemand: false,
      request: (call) => natives.frame(call),
      paint: () => () => {},
      paintOnce: () => {},
      flow: () => {},
    };
  }
  /** As on a screen; and where nothing is known to wait for one. */
  const paceMs = 16;
  const flowMs = 50;
  let outstanding = 0;
  let paints = 0;
  let paintsNext = false;
  let flowing = false;
  let asking = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let armed: { handle: number; at: number } | undefined;

  /** In a task of its own: while a script goes on there is no frame, and those of other tabs would wait for this one. */
  function askNow() {
    if (armed) natives.cancel(armed.handle);
    armed = undefined;
    if (asking) return;
    asking = true;
    natives.turn(() => {
      asking = false;
      askedAt = natives.realNow();
      ask?.(paints > 0 || paintsNext);
      paintsNext = false;
      armNext();
    });
  }

  function armNext() {
    if (outstanding > 0) arm(paceMs);
    else if (flowing) arm(flowMs);
  }

  function arm(ms: number) {
    const at = natives.realNow() + ms;
    if (armed && armed.at <= at) return;
    if (armed) natives.cancel(armed.handle);
    armed = { at, handle: natives.after(ms, wake) };
  }

  function wake() {
    armed = undefined;
    if (outstanding > 0 || flowing) askNow();
  }

  return {
    onDemand: true,
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
    paintOnce() {
      paintsNext = true;
      askNow();
    },
    flow(flows) {
      // One frame is for the whole page, with the frames inside it.
      flowing = flows && isTop;
      armNext();
    },
  };
}
