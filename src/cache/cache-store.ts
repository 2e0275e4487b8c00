import type { PageKey } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { EntryList, ListQuery } from './entry-list.ts';
import type { StoredEntry } from './stored-entry.ts';

/** A value now, or later: the memory tier answers without leaving the current turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** What the writer of a shared store knew when its render began; given out by `RenderLock`. */
export interface WriteClaim {
  /** The latest purge it had heard of: any later one means this page, too. */
  readonly since: number;
  /** Rises from writer to writer of a page; a late one does not replace the page of its successor. 0: without order. */
  readonly fence: number;
}

/** What others did to a store that is shared. */
export type CacheChange =
  | { readonly kind: 'purged'; readonly selector: PurgeSelector; readonly mode: PurgeMode }
  | { readonly kind: 'stored'; readonly key: PageKey }
  /** Changes may have been missed. */
  | { readonly kind: 'unsure' };

export interface CacheStore {
  /** The entry, whatever its age, or undefined. The caller decides freshness by comparing its moments with now. */
  get(key: PageKey): MaybePromise<StoredEntry | undefined>;
  /** Without a claim the entry counts as made now, after every purge so far. */
  set(entry: StoredEntry, claim?: WriteClaim): MaybePromise<void>;
  delete(key: PageKey): MaybePromise<boolean>;
  /** Resolves to the number of pages that it hit, as far as the store can tell. */
  purge(selector: PurgeSelector, mode: PurgeMode): MaybePromise<number>;
  /** A part of the list of all pages. */
  list(query: ListQuery): MaybePromise<EntryList>;
  close(): MaybePromise<void>;
  /** As `get`, but as the shared tier has it at this moment. Only where there is one. */
  latest?(key: PageKey): MaybePromise<StoredEntry | undefined>;
  /** Listens to what others do, until the returned function is called. Messages may be lost. Only where there are others. */
  onChange?(listener: (change: CacheChange) => void): () => void;
}
