import { setTimeout as sleep } from 'node:timers/promises';
import type { AttachSettler, SettleOutcome } from '../../src/render/settling.ts';

const done: SettleOutcome = { stoppedBy: 'settled', pending: [], skippedMs: 0 };
const isDone = `document.readyState === 'complete' && window.done !== false`;

/** A settler that knows nothing but the `load` event and the page's own word `window.done`; for tests of what is around it. */
export const attachLoadSettler: AttachSettler = async (session) => {
  let page = Promise.withResolvers<SettleOutcome>();
  session.on('Page.loadEventFired', async () => {
    for (const mine = page; mine === page; await sleep(10)) {
      const answer = await session.send('Runtime.evaluate', { expression: isDone }).catch(() => undefined);
      if (answer?.result.value === true) mine.resolve(done);
    }
  });
  return {
    begin: async () => {
      page = Promise.withResolvers();
    },
    settled: () => page.promise,
    end: () => {
      page = Promise.withResolvers();
    },
  };
};
