import type { Clock } from '../clock.ts';

/** Resolves when it is one's turn: so many a second and no more, however many wait. Rejects when the signal is aborted first. */
export type Pace = (perSecond: number, signal: AbortSignal) => Promise<void>;

export function createPace(clock: Clock): Pace {
  let nextAt = 0;
  return async (perSecond, signal) => {
    const now = clock.now();
    const mine = Math.max(now, nextAt);
    nextAt = mine + 1000 / perSecond;
    if (mine > now) await clock.sleep(mine - now, signal);
  };
}
