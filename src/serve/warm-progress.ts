import type { Clock } from '../clock.ts';

export type WarmState = 'running' | 'paused' | 'done' | 'stopped';

interface Trouble {
  readonly url: string;
  readonly because: string;
}

export interface WarmProgress {
  readonly id: string;
  /** What it was asked to prepare. */
  readonly what: string;
  readonly state: WarmState;
  /** Whether its list has been read, so that `found` is final. */
  readonly listed: boolean;
  /** Pages, one a device. */
  readonly found: number;
  readonly rendered: number;
  /** Left alone, since they were fresh. */
  readonly fresh: number;
  /** On other hosts. */
  readonly foreign: number;
  /** Files, and pages that the configuration passes through. */
  readonly excluded: number;
  /** By robots.txt. */
  readonly disallowed: number;
  readonly failed: number;
  /** The last failures, at most ten. */
  readonly failures: readonly Trouble[];
  /** Sitemaps and robots.txt that could not be read; the last ten. */
  readonly unread: readonly Trouble[];
  readonly elapsedMs: number;
  /** Renders a second so far. */
  readonly perSecond: number;
}

/** How an address of the list ended. */
export type WarmEnd = 'rendered' | 'fresh' | 'foreign' | 'excluded' | 'disallowed' | 'failed';

const keptTroubles = 10;

/** The accounts of a job. */
export class WarmAccounts {
  readonly #what: { readonly id: string; readonly what: string };
  readonly #clock: Clock;
  readonly #beganAt: number;
  readonly #failures: Trouble[] = [];
  readonly #unread: Trouble[] = [];
  readonly #ends: Record<WarmEnd, number> = {
    rendered: 0,
    fresh: 0,
    foreign: 0,
    excluded: 0,
    disallowed: 0,
    failed: 0,
  };
  #found = 0;
  #endedAt: number | undefined;

  constructor(id: string, what: string, clock: Clock) {
    this.#what = { id, what };
    this.#clock = clock;
    this.#beganAt = clock.now();
  }

  get isOver(): boolean {
    return this.#endedAt !== undefined;
  }

  found(count: number): void {
    this.#found += count;
  }

  count(end: WarmEnd): void {
    this.#ends[end] += 1;
  }

  failed(url: string, because: string): void {
    this.#ends.failed += 1;
    note(this.#failures, url, because);
  }

  unread(url: string, because: string): void {
    note(this.#unread, url, because);
  }

  over(): void {
    this.#endedAt = this.#clock.now();
  }

  progress(state: WarmState, listed: boolean): WarmProgress {
    const elapsedMs = (this.#endedAt ?? this.#clock.now()) - this.#beganAt;
    return {
      ...this.#what,
      state,
      listed,
      found: this.#found,
      ...this.#ends,
      failures: [...this.#failures],
      unread: [...this.#unread],
      elapsedMs,
      perSecond: elapsedMs > 0 ? Math.round((this.#ends.rendered / elapsedMs) * 10_000) / 10 : 0,
    };
  }
}

function note(troubles: Trouble[], url: string, because: string): void {
  troubles.push({ url, because });
  if (troubles.length > keptTroubles) troubles.shift();
}
