import { makeAccount } from './in-page/account.ts';
import { followAnimations } from './in-page/animations.ts';
import { observeChanges } from './in-page/changes.ts';
import { makeClock } from './in-page/clock.ts';
import { makeControl } from './in-page/control.ts';
import { makeFrames } from './in-page/frames.ts';
import { lookAtPage } from './in-page/look.ts';
import { noteMessages } from './in-page/messages.ts';
import { keepNatives } from './in-page/natives.ts';
import { countOperations } from './in-page/operations.ts';
import { hearOfPaints } from './in-page/paints.ts';
import { keepPrimordials } from './in-page/primordials.ts';
import { makeScheduler } from './in-page/scheduler.ts';
import { hopeForServiceWorker } from './in-page/service-workers.ts';
import { type PageFunctions, settlePage } from './in-page/settle-page.ts';
import { noteShadowRoots } from './in-page/shadow-roots.ts';
import { hearSignals } from './in-page/signals.ts';
import { stayOnPage } from './in-page/stay.ts';
import { timePlatform } from './in-page/timed-platform.ts';
import { makeTimerQueue } from './in-page/timer-queue.ts';
import { skipViewTransitions } from './in-page/view-transitions.ts';

export const pageFunctions: PageFunctions = {
  keepPrimordials,
  keepNatives,
  makeClock,
  makeAccount,
  makeFrames,
  makeTimerQueue,
  makeScheduler,
  timePlatform,
  noteShadowRoots,
  followAnimations,
  countOperations,
  hearOfPaints,
  noteMessages,
  hopeForServiceWorker,
  observeChanges,
  hearSignals,
  skipViewTransitions,
  stayOnPage,
  lookAtPage,
  makeControl,
};

/**
 * The script for every frame. It takes the binding `send` off the window before the page can see it, and keeps its controls
 * in a constant of the script scope: Node reaches them by the secret name, `window` shows nothing of them.
 */
export function settleSource(secret: string, send: string, framesOnDemand: boolean): string {
  const functions = Object.entries(pageFunctions).map(([name, part]) => `${name}:(${part})`);
  // A tab that is being wiped shows nothing that could settle.
  const isEmptyTab = `self===top&&location.href==='about:blank'`;
  return `const ${secret}=${isEmptyTab}?undefined:(()=>{const send=window.${send};delete window.${send};return (${settlePage})({${functions.join(',')}},window,send,${framesOnDemand})})();`;
}
