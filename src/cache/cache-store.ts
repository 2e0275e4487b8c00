import type { PageKey } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { StoredEntry } from './stored-entry.ts';

/** A value now, or later: the memory tier answers without leaving the current turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

export interface CacheStore {
  /** The entry, whatever its age, or undefined. The caller decides freshness by comparing its moments with now. */
  get(key: PageKey): MaybePromise<StoredEntry | undefined>;
  set(entry: StoredEntry): MaybePromise<void>;
  delete(key: PageKey): MaybePromise<boolean>;
  /** Resolves to the number of pages that it hit, as far as the store can tell. */
  purge(selector: PurgeSelector, mode: PurgeMode, now: number): MaybePromise<number>;
  close(): MaybePromise<void>;
}
