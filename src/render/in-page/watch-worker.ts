/** In how many milliseconds a worker's own one-shot timers are due; null where there is none. */
export interface WorkerTimers {
  /** The next one. */
  readonly dueMs: number | null;
  /** The next one that is a step of a job: its handler has not been a timer's before, as that of a loop has. */
  readonly stepMs: number | null;
}

/**
 * Inside a worker: notes its one-shot timers and tells of them when asked. Self-contained: runs inside the worker, before its
 * script.
 */
export function watchWorker(
  scope: Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>,
  now: () => number,
): () => WorkerTimers {
  const waiting = new Map<unknown, { readonly dueAt: number; readonly repeats: boolean }>();
  const handlersRun = new WeakSet<object>();
  const { apply } = Reflect;

  scope.setTimeout = new Proxy(scope.setTimeout, {
    apply(native, self, [handler, ms, ...given]) {
      if (typeof handler !== 'function') return apply(native, self, [handler, ms, ...given]);
      const run = (...passed: unknown[]) => {
        waiting.delete(id);
        handlersRun.add(handler);
        return apply(handler, self, passed);
      };
      const id: unknown = apply(native, self, [run, ms, ...given]);
      waiting.set(id, { dueAt: now() + Math.max(0, Number(ms) || 0), repeats: handlersRun.has(handler) });
      return id;
    },
  });
  scope.clearTimeout = new Proxy(scope.clearTimeout, {
    apply(native, self, [id]) {
      waiting.delete(id);
      return apply(native, self, [id]);
    },
  });

  const untilFirst = (timers: readonly { readonly dueAt: number }[]) =>
    timers.length === 0 ? null : Math.max(0, Math.min(...timers.map(({ dueAt }) => dueAt)) - now());

  return () => {
    const timers = [...waiting.values()];
    return { dueMs: untilFirst(timers), stepMs: untilFirst(timers.filter(({ repeats }) => !repeats)) };
  };
}
