import type { Natives, PageWindow } from './natives.ts';

/** Nobody is there to answer a dialog: it is dismissed at once, and the page goes on. Self-contained: runs inside the page. */
export function dismissDialogs(window: PageWindow, natives: Natives): void {
  natives.replace(window, 'alert', () => undefined);
  natives.replace(window, 'confirm', () => false);
  natives.replace(window, 'prompt', () => null);
  natives.replace(window, 'print', () => undefined);
}
