import { setLatest } from '../latest.ts';
import type { Site } from '../page/site.ts';

/** Remembers which pages failed a moment ago, so that a broken one is not rendered at every request, and which origins could not be reached. */
export interface FailureMemory {
  /** True until the page's next try is due. */
  isResting(key: string, now: number): boolean;
  /** Epoch milliseconds of the next try. */
  restingUntil(key: string): number | undefined;
  /** At most `longestMs` until its next try. */
  failed(key: string, now: number, longestMs?: number): void;
  succeeded(key: string): void;
}

interface Failure {
  readonly restMs: number;
  readonly until: number;
}

/** What an unreachable origin is remembered by: no page's key looks like it. */
export const originKey = ({ publicUrl }: Site): string => publicUrl.origin;

/** An origin that is back is noticed by then. */
export const longestOriginRestMs = 30_000;

const firstRestMs = 10_000;
const longestRestMs = 5 * 60_000;

/** Rests of 10 s after the first failure, doubled at each further one up to 5 min. The oldest of more than `maxPages` are forgotten. */
export function createFailureMemory(maxPages = 10_000): FailureMemory {
  const failures = new Map<string, Failure>();
  return {
    isResting(key, now) {
      const failure = failures.get(key);
      return failure !== undefined && now < failure.until;
    },
    restingUntil: (key) => failures.get(key)?.until,
    failed(key, now, longestMs = longestRestMs) {
      const before = failures.get(key);
      const restMs = before === undefined ? firstRestMs : Math.min(before.restMs * 2, longestMs);
      setLatest(failures, key, { restMs, until: now + restMs }, maxPages);
    },
    succeeded: (key) => void failures.delete(key),
  };
}
