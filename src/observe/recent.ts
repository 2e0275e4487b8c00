import type { AnswerEvent, Outcome, PrefaceEvent } from '../events.ts';

/** What happened lately, for `GET /api/status`. */
export interface Recent {
  report(event: PrefaceEvent): void;
  /** Answers by outcome since the start. */
  counts(): Readonly<Partial<Record<Outcome, number>>>;
  /** The share of pages answered from the cache, 0 to 1; undefined before the first page. */
  hitRatio(): number | undefined;
  /** The last answers, newest first. */
  answers(): readonly AnswerEvent[];
}

const fromCache: readonly Outcome[] = ['hit', 'stale', 'revalidated', 'not-modified'];
const pages: readonly Outcome[] = [...fromCache, 'render', 'shell', 'unavailable'];

export function createRecent(size = 50): Recent {
  const counts: Partial<Record<Outcome, number>> = {};
  const ring: AnswerEvent[] = [];
  let next = 0;
  const sum = (outcomes: readonly Outcome[]) => outcomes.reduce((total, outcome) => total + (counts[outcome] ?? 0), 0);
  return {
    report(event) {
      if (event.type !== 'answer') return;
      counts[event.outcome] = (counts[event.outcome] ?? 0) + 1;
      ring[next % size] = event;
      next += 1;
    },
    counts: () => ({ ...counts }),
    hitRatio: () => (sum(pages) === 0 ? undefined : sum(fromCache) / sum(pages)),
    answers: () => [...ring.slice(next % size), ...ring.slice(0, next % size)].reverse(),
  };
}
