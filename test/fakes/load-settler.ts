import type { AttachSettler, SettleOutcome } from '../../src/render/settling.ts';

/** A settler that knows nothing but the `load` event and a moment after it; for tests of what is around it. */
export const attachLoadSettler: AttachSettler = async (session) => {
  let loaded = Promise.withResolvers<SettleOutcome>();
  const done: SettleOutcome = { stoppedBy: 'settled', pending: [], skippedMs: 0 };
  const said = `document.readyState === 'complete' && (window.done === undefined || window.done === true)`;
  session.on('Page.loadEventFired', async () => {
    const mine = loaded;
    for (let tries = 0; tries < 200; tries += 1) {
      const { result } = await session
        .send('Runtime.evaluate', { expression: said })
        .catch(() => ({ result: {} as never }));
      if (result.value === true) return mine.resolve(done);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  return {
    async begin() {
      loaded = Promise.withResolvers();
    },
    settled: () => loaded.promise,
    end() {},
  };
};
