import type { makeAccount } from './account.ts';
import type { followAnimations } from './animations.ts';
import type { observeChanges } from './changes.ts';
import type { makeClock } from './clock.ts';
import type { Control, makeControl } from './control.ts';
import type { makeFrames } from './frames.ts';
import type { lookAtPage } from './look.ts';
import type { noteMessages } from './messages.ts';
import type { keepNatives, PageWindow } from './natives.ts';
import type { countOperations } from './operations.ts';
import type { hearOfPaints } from './paints.ts';
import type { keepPrimordials } from './primordials.ts';
import type { makeScheduler } from './scheduler.ts';
import type { hopeForServiceWorker } from './service-workers.ts';
import type { noteShadowRoots } from './shadow-roots.ts';
import type { hearSignals } from './signals.ts';
import type { stayOnPage } from './stay.ts';
import type { timePlatform } from './timed-platform.ts';
import type { makeTimerQueue } from './timer-queue.ts';
import type { skipViewTransitions } from './view-transitions.ts';

/** The functions of which the in-page part consists; each is self-contained and gets here as its own source text. */
export interface PageFunctions {
  keepPrimordials: typeof keepPrimordials;
  keepNatives: typeof keepNatives;
  makeClock: typeof makeClock;
  makeAccount: typeof makeAccount;
  makeFrames: typeof makeFrames;
  makeTimerQueue: typeof makeTimerQueue;
  makeScheduler: typeof makeScheduler;
  noteShadowRoots: typeof noteShadowRoots;
  timePlatform: typeof timePlatform;
  followAnimations: typeof followAnimations;
  countOperations: typeof countOperations;
  hearOfPaints: typeof hearOfPaints;
  noteMessages: typeof noteMessages;
  hopeForServiceWorker: typeof hopeForServiceWorker;
  observeChanges: typeof observeChanges;
  hearSignals: typeof hearSignals;
  skipViewTransitions: typeof skipViewTransitions;
  stayOnPage: typeof stayOnPage;
  lookAtPage: typeof lookAtPage;
  makeControl: typeof makeControl;
}

/** Joins the parts in one frame, before any of its scripts runs. Self-contained: runs inside the page. */
export function settlePage(
  f: PageFunctions,
  window: PageWindow,
  send: (message: string) => void,
  framesOnDemand: boolean,
): Control {
  const top = isTop();
  const natives = f.keepNatives(window, f.keepPrimordials());
  const clock = f.makeClock(window, natives);
  const account = f.makeAccount(natives);
  const askForFrame = (painted: boolean) => send(natives.json({ type: 'frame', painted }));
  const frames = f.makeFrames(natives, top, framesOnDemand ? askForFrame : undefined);
  const scheduler = f.makeScheduler(window, natives, clock, account, f.makeTimerQueue(natives), frames);
  f.timePlatform(window, natives, scheduler, account);
  const roots = f.noteShadowRoots(window, natives);
  const animations = f.followAnimations(window, natives, clock, account, roots);
  const changes = f.observeChanges(window, natives, clock, account, roots);
  f.countOperations(window, natives, account);
  f.hearOfPaints(window, natives, account, frames);
  f.noteMessages(window, natives, account);
  f.hopeForServiceWorker(window, natives, account);
  f.skipViewTransitions(window, natives, account);
  f.stayOnPage(window, natives);
  const signals = f.hearSignals(window, natives, () =>
    send(natives.json({ type: 'signal', unready: signals.unready(), given: signals.given() })),
  );
  const look = f.lookAtPage(window, natives, changes);
  return f.makeControl(window, { natives, clock, account, scheduler, animations, changes, frames, top, look }, send);

  function isTop(): boolean {
    try {
      return window.top === window;
    } catch {
      return false;
    }
  }
}
