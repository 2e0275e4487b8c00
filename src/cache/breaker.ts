import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { MaybePromise } from './cache-store.ts';

/** Stands for the result of something that failed, was too slow, or was left alone. */
export const unavailable = Symbol('unavailable');
export type Unavailable = typeof unavailable;

export interface BreakerSettings {
  /** What is being asked; its name in events and metrics. */
  readonly name: string;
  /** How long an asker may wait. */
  readonly waitMs: number;
  /** After a failure nothing is asked for this long; then one asker tries. */
  readonly restMs: number;
}

export interface Breaker {
  readonly name: string;
  readonly restMs: number;
  /** Never throws and never rejects. Answers without a promise when `work` does. */
  ask<T>(operation: string, work: () => MaybePromise<T>, waitMs?: number): MaybePromise<T | Unavailable>;
}

/** Keeps the trouble of a side thing away from the answers: it costs `waitMs` once and then nothing until its rest is over. */
export function createBreaker(
  { name, waitMs, restMs }: BreakerSettings,
  { clock, report }: { readonly clock: Clock; readonly report: Report },
): Breaker {
  let restUntil: number | undefined;
  let trying = false;

  function failed(operation: string, cause: unknown): Unavailable {
    restUntil = clock.now() + restMs;
    report({ type: 'cache.failed', tier: name, operation, message: messageOf(cause) });
    return unavailable;
  }

  function inTime<T>(result: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new Error(`no answer within ${limitMs} ms`));
      // Answers that came while this process was busy are read before it is called late.
      const cancel = clock.after(limitMs, () => setImmediate(tooLate));
      result.then(resolve, reject).finally(cancel);
    });
  }

  return {
    name,
    restMs,
    ask<T>(operation: string, work: () => MaybePromise<T>, limitMs = waitMs): MaybePromise<T | Unavailable> {
      const isTrial = restUntil !== undefined;
      if (restUntil !== undefined && (trying || clock.now() < restUntil)) return unavailable;
      trying = isTrial;
      // Only the trial ends the rest: an answer that was under way before the failure says nothing.
      const over = () => {
        if (!isTrial) return;
        trying = false;
        restUntil = undefined;
      };
      const broken = (cause: unknown): Unavailable => {
        if (isTrial) trying = false;
        return failed(operation, cause);
      };
      try {
        const result = work();
        if (!(result instanceof Promise)) {
          over();
          return result;
        }
        return inTime(result, limitMs).then((value) => {
          over();
          return value;
        }, broken);
      } catch (cause) {
        return broken(cause);
      }
    },
  };
}
