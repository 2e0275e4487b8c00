import { type PurgeSelector, selects } from '../page/purge.ts';

/** Keeps a render that began before a purge from bringing back what the purge took away. */
export interface PurgeGuard {
  purged(selector: PurgeSelector, now: number): void;
  /** Whether a purge since `renderedAt` meant this page. */
  wasPurgedSince(renderedAt: number, page: { readonly url: string; readonly tags: readonly string[] }): boolean;
}

/** `windowMs`: how long the longest render may take; older purges cannot matter any more. */
export function createPurgeGuard(windowMs: number): PurgeGuard {
  let purges: { readonly at: number; readonly selector: PurgeSelector }[] = [];
  return {
    purged(selector, now) {
      purges = purges.filter(({ at }) => now - at < windowMs);
      purges.push({ at: now, selector });
    },
    wasPurgedSince: (renderedAt, page) =>
      purges.some(({ at, selector }) => at >= renderedAt && selects(selector, page)),
  };
}
