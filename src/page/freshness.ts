/** The moments that decide whether a stored page may be answered (epoch milliseconds). */
export interface Moments {
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly usableUntil: number;
}

/**
 * - `fresh`: answer it.
 * - `stale`: answer it and renew it behind (RFC 5861, stale-while-revalidate).
 * - `spent`: renew it first; answer it only when that fails (RFC 5861, stale-if-error).
 * - `missing`: nothing usable is there.
 */
export type Freshness = 'fresh' | 'stale' | 'spent' | 'missing';

export function freshness(moments: Moments | undefined, now: number): Freshness {
  if (moments === undefined || now >= moments.usableUntil) return 'missing';
  if (now < moments.freshUntil) return 'fresh';
  return now < moments.staleUntil ? 'stale' : 'spent';
}

/** Lengths of time in milliseconds. */
export interface Lifetimes {
  readonly freshMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
}

export function momentsFrom(renderedAt: number, lifetimes: Lifetimes): Moments {
  const freshUntil = renderedAt + lifetimes.freshMs;
  const staleUntil = freshUntil + lifetimes.staleWhileRevalidateMs;
  return { freshUntil, staleUntil, usableUntil: Math.max(staleUntil, freshUntil + lifetimes.staleIfErrorMs) };
}
