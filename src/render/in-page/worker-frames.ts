type FrameScope = Pick<
  typeof globalThis,
  'setTimeout' | 'clearTimeout' | 'requestAnimationFrame' | 'cancelAnimationFrame'
>;

/**
 * Inside a worker: gives it frames at a screen's pace by a timer, where Chromium gives it those only that are drawn, which here are none. The same
 * callback makes the same handler, so that a loop of frames is seen to be one. Self-contained: runs inside the worker, before its script.
 */
export function timeWorkerFrames(scope: FrameScope, now: () => number): void {
  const paceMs = 16;
  const handlers = new WeakMap<object, () => void>();
  const { apply } = Reflect;
  const { setTimeout, clearTimeout } = scope;

  function handlerOf(callback: FrameRequestCallback): () => void {
    const known = handlers.get(callback);
    if (known) return known;
    const handler = () => apply(callback, undefined, [now()]);
    handlers.set(callback, handler);
    return handler;
  }

  scope.requestAnimationFrame = new Proxy(scope.requestAnimationFrame, {
    apply(native, self, given) {
      const [callback] = given;
      return typeof callback === 'function'
        ? apply(setTimeout, self, [handlerOf(callback), paceMs])
        : apply(native, self, given);
    },
  });
  scope.cancelAnimationFrame = new Proxy(scope.cancelAnimationFrame, {
    apply: (_native, self, [id]) => apply(clearTimeout, self, [id]),
  });
}
