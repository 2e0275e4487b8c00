import type { Clock } from '../clock.ts';
import type { Egress } from '../egress/exit.ts';
import type { Revalidate } from './page-maker.ts';
import { askInputs, type RevalidateSettings, whyNotRevalidated } from './revalidate.ts';

export interface RevalidatorParts {
  readonly recheck: Egress['recheck'];
  readonly settings: RevalidateSettings;
  readonly clock: Clock;
  /** For all inputs of a page together; a page whose inputs take longer is rendered. */
  readonly limitMs: number;
}

/** Finds out whether a stale page is unchanged, by asking for what it was made from again, through the egress. */
export function createRevalidator({ recheck, settings, clock, limitMs }: RevalidatorParts): Revalidate {
  return async function revalidate(entry, { site }, signal) {
    if (whyNotRevalidated(entry, clock.now(), settings) !== undefined) return undefined;
    const limit = new AbortController();
    const cancel = clock.after(limitMs, () => limit.abort());
    try {
      return await askInputs(
        entry.inputs,
        (input, until) => recheck(input, site, until),
        AbortSignal.any([signal, limit.signal]),
      );
    } finally {
      cancel();
    }
  };
}
