/** A worker's own one-shot timers that are steps of a job: the handler of one has not been a timer's before, as that of a loop has. */
export interface WorkerTimers {
  /** In how many milliseconds the next one is due; null where there is none. */
  readonly stepMs: number | null;
  /** How many have run. */
  readonly made: number;
}

/**
 * Inside a worker: notes its one-shot timers and tells of them when asked. Self-contained: runs inside the worker, before its
 * script.
 */
export function watchWorker(
  scope: Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>,
  now: () => number,
): () => WorkerTimers {
  const steps = new Map<unknown, number>();
  const handlersRun = new WeakSet<object>();
  let made = 0;
  const { apply } = Reflect;

  scope.setTimeout = new Proxy(scope.setTimeout, {
    apply(native, self, [handler, ms, ...given]) {
      if (typeof handler !== 'function') return apply(native, self, [handler, ms, ...given]);
      const run = (...passed: unknown[]) => {
        if (steps.delete(id)) made += 1;
        handlersRun.add(handler);
        return apply(handler, self, passed);
      };
      const id: unknown = apply(native, self, [run, ms, ...given]);
      if (!handlersRun.has(handler)) steps.set(id, now() + Math.max(0, Number(ms) || 0));
      return id;
    },
  });
  scope.clearTimeout = new Proxy(scope.clearTimeout, {
    apply(native, self, [id]) {
      steps.delete(id);
      return apply(native, self, [id]);
    },
  });

  return () => ({ stepMs: steps.size === 0 ? null : Math.max(0, Math.min(...steps.values()) - now()), made });
}
