import type { BrowserContext, CDPSession, Target } from 'puppeteer';
import type { Companions } from './wipe.ts';

/** What lives in a tab's context beside its page. */
export function companionsOf(page: Target, context: BrowserContext, session: CDPSession): Companions {
  const all = () => context.targets().filter((target) => target !== page && !isBrowserUi(target));
  return {
    get present() {
      return all().length > 0;
    },
    async gone() {
      if (all().length === 0) return;
      const gone = new Promise<void>((resolve) => {
        const look = () => {
          if (all().length > 0) return;
          context.off('targetdestroyed', look);
          resolve();
        };
        context.on('targetdestroyed', look);
      });
      if (all().some((target) => target.type() === 'service_worker')) await stopServiceWorkers(session);
      await gone;
    },
  };
}

/** Full Chromium's windows have pages of their own (the suggestions below its address bar); no page of the web can be at such an address. */
const isBrowserUi = (target: Target): boolean => target.url().startsWith('chrome://');

/** They would run on for half a minute after their last page. */
async function stopServiceWorkers(session: CDPSession): Promise<void> {
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.send('ServiceWorker.disable');
}
