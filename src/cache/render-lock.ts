import type { RenderFailure } from '../errors.ts';
import type { PageKey } from '../page/page-target.ts';
import type { WriteClaim } from './cache-store.ts';

/** How a turn ended, as others need to know it. */
export type TurnEnd =
  /** The page is in the store. */
  | { readonly kind: 'stored' }
  /** There was a page, but not one to be kept: nobody else can have it. */
  | { readonly kind: 'unshared' }
  /** Given up for reasons of this replica's own; the page may well render elsewhere. */
  | { readonly kind: 'left' }
  /** The page cannot be rendered. */
  | { readonly kind: 'failed'; readonly code: RenderFailure };

export type Turn =
  /** Render it. `end` must be called once, after the page was stored; it never throws. */
  | { readonly kind: 'mine'; readonly claim: WriteClaim; readonly end: (how: TurnEnd) => void }
  /** Another replica has stored it meanwhile; the claim is for when that is of no use. */
  | { readonly kind: 'stored'; readonly claim: WriteClaim }
  /** Another replica has tried meanwhile and failed. */
  | { readonly kind: 'failed'; readonly code: RenderFailure };

/** One render of a page at a time, over all replicas. */
export interface RenderLock {
  /**
   * Waits until it is clear who renders. Never longer than a render takes, and not at all when the replicas cannot be heard: two
   * renders are better than none. Rejects only when `signal` is aborted.
   */
  enter(key: PageKey, signal: AbortSignal): Promise<Turn>;
}
