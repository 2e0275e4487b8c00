import type { BrowserContext, CDPSession, Target } from 'puppeteer';
import type { Companions } from './wipe.ts';

/** What lives in a tab's context beside its page. */
export function companionsOf(page: Target, context: BrowserContext, session: CDPSession): Companions {
  const all = () => context.targets().filter((target) => target !== page);
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

/** They would run on for half a minute after their last page. */
async function stopServiceWorkers(session: CDPSession): Promise<void> {
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await session.send('ServiceWorker.disable');
}
