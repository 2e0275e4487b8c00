import type { PageKey } from '../page/page-target.ts';
import type { StoredEntry } from './stored-entry.ts';

/** A value now, or later: the memory tier answers without leaving the current turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** Which pages a purge means. Several fields mean the pages that any of them names. */
export interface PurgeSelector {
  readonly urls?: readonly string[];
  readonly prefixes?: readonly string[];
  readonly tags?: readonly string[];
  readonly everything?: boolean;
}

/** Soft marks as stale (still served while it is renewed), hard forgets. */
export type PurgeMode = 'soft' | 'hard';

export interface CacheStore {
  /** The entry, whatever its age, or undefined. The caller decides freshness by comparing its moments with now. */
  get(key: PageKey): MaybePromise<StoredEntry | undefined>;
  set(entry: StoredEntry): MaybePromise<void>;
  delete(key: PageKey): MaybePromise<boolean>;
  /** Resolves to the number of pages that it hit, as far as the store can tell. */
  purge(selector: PurgeSelector, mode: PurgeMode, now: number): MaybePromise<number>;
  close(): MaybePromise<void>;
}
