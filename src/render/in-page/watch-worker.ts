/**
 * Inside a worker: notes its one-shot timers and tells, when asked, in how many milliseconds the next one is due (null: none).
 * Self-contained: runs inside the worker, before its script.
 */
export function watchWorker(
  worker: Pick<typeof globalThis, 'setTimeout' | 'clearTimeout' | 'performance'>,
): () => number | null {
  const dues = new Map<unknown, number>();
  const { apply } = Reflect;
  const now = () => worker.performance.now();

  worker.setTimeout = new Proxy(worker.setTimeout, {
    apply(native, self, [handler, ms, ...given]) {
      if (typeof handler !== 'function') return apply(native, self, [handler, ms, ...given]);
      const run = (...passed: unknown[]) => {
        dues.delete(id);
        return apply(handler, self, passed);
      };
      const id: unknown = apply(native, self, [run, ms, ...given]);
      dues.set(id, now() + Math.max(0, Number(ms) || 0));
      return id;
    },
  });
  worker.clearTimeout = new Proxy(worker.clearTimeout, {
    apply(native, self, [id]) {
      dues.delete(id);
      return apply(native, self, [id]);
    },
  });

  return () => (dues.size === 0 ? null : Math.max(0, Math.min(...dues.values()) - now()));
}
