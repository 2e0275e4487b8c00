import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time forward and runs what falls due, in order. */
  advance(ms: number): void;
}

/** A clock that stands still until a test moves it. */
export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start;
  let serial = 0;
  const due = new Map<number, { readonly at: number; readonly call: () => void }>();

  function after(ms: number, call: () => void): () => void {
    serial += 1;
    const id = serial;
    due.set(id, { at: now + ms, call });
    return () => void due.delete(id);
  }

  return {
    now: () => now,
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const cancel = after(ms, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          reject(signal.reason);
        });
      }),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...due].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (next === undefined) break;
        const [id, { at, call }] = next;
        due.delete(id);
        now = Math.max(now, at);
        call();
      }
      now = end;
    },
  };
}
