/**
 * What a blocked script leaves behind in the page: the globals that the application calls, doing nothing. Any property of them is callable
 * again, so `mixpanel.people.set(…)` works as well as `new Sentry.Replay()`. What the page has made itself (the queue of a snippet) stays. A page that
 * waits for its event to have been sent before it goes on is told that it was. Self-contained: runs inside the page.
 */
export function silenceTrackers(names: readonly string[]): void {
  const page = globalThis as unknown as Record<string, unknown>;

  const nothing: unknown = new Proxy(silent, {
    // Not thenable, and not to be taken for a list: `await tracker` goes on, `for (… of tracker)` fails as it would on any object.
    get: (_, key) => (typeof key === 'symbol' || key === 'then' ? undefined : key === 'toString' ? () => '' : nothing),
    set: () => true,
    apply: (_, __, told) => {
      callBack(told);
      return nothing;
    },
    construct: () => nothing as object,
  });
  for (const name of names) page[name] ??= nothing;

  // The queue of Google's tags: what is in it already, and what comes later.
  const { dataLayer } = page;
  if (!Array.isArray(dataLayer)) return;
  callBack(dataLayer);
  const { push } = dataLayer;
  dataLayer.push = (...told: unknown[]) => {
    callBack(told);
    return push.apply(dataLayer, told);
  };

  /** Only what is written `function` can be called with `new`. */
  function silent(): void {}

  /** Calls what was to be called once an event was sent, as `{ event_callback }` says, also in the arguments of a queued call. */
  function callBack(told: ArrayLike<unknown>): void {
    for (const item of Array.from(told)) {
      const fields = Array.from(isListed(item) ? item : [item]);
      for (const field of fields) {
        const { eventCallback, event_callback, hitCallback } = Object(field);
        const wanted = eventCallback ?? event_callback ?? hitCallback;
        if (typeof wanted === 'function' && field !== nothing) setTimeout(wanted, 0);
      }
    }
  }

  function isListed(item: unknown): item is ArrayLike<unknown> {
    return Object.prototype.toString.call(item) === '[object Arguments]' || Array.isArray(item);
  }
}
