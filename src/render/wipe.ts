import type { CDPSession } from 'puppeteer';

/**
 * Every kind that a page can read back. `all` would add caches of code and shaders, and a tenth to the cost of a render;
 * what else only `all` reaches (storage buckets) is switched off in chromium-flags.ts.
 */
const storageTypes = [
  'cookies',
  'local_storage',
  'indexeddb',
  'cache_storage',
  'service_workers',
  'file_systems',
  'websql',
  'shared_storage',
  'interest_groups',
].join(',');

/** Workers, frames of other sites and windows of a tab, which live beside its page. */
export interface Companions {
  readonly present: boolean;
  /** Resolves when there are none, which for those of a page that is gone is a moment after it. */
  gone(): Promise<void>;
}

/**
 * Takes from a tab all that a page could have left for the next one: its document with every script and frame, workers,
 * cookies, storage of all origins and partitions, history, `window.name`. Chromium's HTTP and code caches stay.
 * Rejects when Chromium does; then the tab is not clean and must not be used again.
 */
export async function wipe(session: CDPSession, companions: Companions): Promise<void> {
  // First everything that can run, else it would write again what is deleted here.
  const { errorText } = await session.send('Page.navigate', { url: 'about:blank' });
  if (errorText) throw new Error(`the tab stays where it is: ${errorText}`);
  do {
    await companions.gone();
    await Promise.all([
      // "*" is no origin and therefore stands for all of them, session storage included, which no other command reaches.
      session.send('Storage.clearDataForOrigin', { origin: '*', storageTypes }),
      // The name belongs to the tab, not to the document.
      session.send('Runtime.evaluate', { expression: 'window.name = ""' }),
    ]);
    // A service worker that was being installed can turn up only now.
  } while (companions.present);
  await session.send('Page.resetNavigationHistory');
}
