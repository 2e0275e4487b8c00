import type { Natives, PageWindow } from './natives.ts';

/**
 * Nobody is there to answer a dialog or to send a form: dialogs are dismissed at once, and a form is not posted, since no
 * redirect could tell a reader to do the same. A document that has been reloaded does not reload again. Self-contained: runs
 * inside the page.
 */
export function stayOnPage(window: PageWindow, natives: Natives): void {
  natives.replace(window, 'alert', () => undefined);
  natives.replace(window, 'confirm', () => false);
  natives.replace(window, 'prompt', () => null);
  natives.replace(window, 'print', () => undefined);

  const posts = (form: unknown) => (form as HTMLFormElement | null)?.method === 'post';
  natives.replace(window.HTMLFormElement?.prototype, 'submit', (native, self, given) =>
    posts(self) ? undefined : natives.apply(native, self, given),
  );
  // On the window and bubbling, hence after the page's own listeners, which may want to send it by themselves.
  window.addEventListener('submit', (event) => {
    if (posts(event.target)) event.preventDefault();
  });

  const { navigation, performance } = window as PageWindow & { navigation?: EventTarget };
  navigation?.addEventListener('navigate', (event) => {
    if ((event as Event & { navigationType: string }).navigationType !== 'reload') return;
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    if (entry?.type === 'reload') event.preventDefault();
  });
}
