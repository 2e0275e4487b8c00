import type { Account } from './account.ts';
import type { Natives, PageWindow } from './natives.ts';

/**
 * View transitions are skipped to their end: for one, pictures are taken of the whole page, and on a page as tall as ours that
 * stalls the frames of every tab, for something that nobody sees. Self-contained: runs inside the page.
 */
export function skipViewTransitions(window: PageWindow, natives: Natives, account: Account): void {
  const { defineProperty } = Object;
  natives.replace(window.Document?.prototype, 'startViewTransition', (native, self, given) => {
    const transition = natives.apply(native, self, given) as ViewTransition;
    // The page would see the skipping in a rejection that few are prepared for.
    natives.followFailure(transition.ready, () => {});
    defineProperty(transition, 'ready', { value: transition.updateCallbackDone.then(() => undefined) });
    transition.skipTransition();
    account.during('work', 'view transition', transition.finished);
    return transition;
  });
}
