import type { Clock } from '../clock.ts';

/** Something outside did not answer in time. Says nothing about whether it ever will. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Waits for `work`, but never longer than `ms`. Chromium can stop answering without closing the connection, so nothing
 * waits for it without this. `work` goes on unheard when the time is over; its later failure is not an unhandled one.
 */
export async function within<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new DeadlineError(`${what}: no answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
    late.catch(() => {});
    work.catch(() => {});
  }
}

/** Waits for `work`, but not beyond the moment at which the signal is aborted; then rejects with its reason. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  if (signal.aborted) throw signal.reason;
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
