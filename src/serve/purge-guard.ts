import { type PurgeSelector, selects } from '../page/purge.ts';

/** Keeps a render that began before a purge from bringing back what the purge took away. */
export interface PurgeGuard {
  purged(selector: PurgeSelector, now: number): void;
  /** Rises with every purge. Taken when the making of a page begins. */
  generation(): number;
  /** Whether a purge after that generation, and not before `renderedAt`, meant this page. */
  wasPurgedSince(
    generation: number,
    renderedAt: number,
    page: { readonly url: string; readonly tags: readonly string[] },
  ): boolean;
  /** Whether a purge after that generation may mean the page that is being made of this URL: its tags are not known yet. */
  mayMeanSince(generation: number, url: string): boolean;
}

/** `windowMs`: how long the longest render may take; older purges cannot matter any more. */
export function createPurgeGuard(windowMs: number): PurgeGuard {
  let purges: { readonly at: number; readonly number: number; readonly selector: PurgeSelector }[] = [];
  let generation = 0;
  return {
    purged(selector, now) {
      purges = purges.filter(({ at }) => now - at < windowMs);
      generation += 1;
      purges.push({ at: now, number: generation, selector });
    },
    generation: () => generation,
    wasPurgedSince: (since, renderedAt, page) =>
      purges.some(({ at, number, selector }) => number > since && at >= renderedAt && selects(selector, page)),
    mayMeanSince: (since, url) =>
      purges.some(
        ({ number, selector }) => number > since && (selects(selector, { url, tags: [] }) || hasTags(selector)),
      ),
  };
}

const hasTags = ({ tags = [] }: PurgeSelector) => tags.length > 0;
