import { LRUCache } from 'lru-cache';
import type { PageKey } from '../page/page-target.ts';
import { type PurgeMode, type PurgeSelector, selects } from '../page/purge.ts';
import type { CacheStore } from './cache-store.ts';
import { cursorAt, type EntryList, isAfter, isListed, type ListQuery, placeOf } from './entry-list.ts';
import { entryBytes, madeStale, type StoredEntry } from './stored-entry.ts';

export interface MemoryStore extends CacheStore {
  get(key: PageKey): StoredEntry | undefined;
  set(entry: StoredEntry): void;
  delete(key: PageKey): boolean;
  purge(selector: PurgeSelector, mode: PurgeMode): number;
  close(): void;
  list(query: ListQuery): EntryList;
  size(): { readonly entries: number; readonly bytes: number };
}

/** Pages in this process's memory; the least recently used go when `maxBytes` is reached. Answers at once, never with a promise. */
export function createMemoryStore({ maxBytes }: { readonly maxBytes: number }): MemoryStore {
  const byTag = new Map<string, Set<PageKey>>();
  const byUrl = new Map<string, Set<PageKey>>();
  const pages = new LRUCache<PageKey, StoredEntry>({
    maxSize: maxBytes,
    // A page larger than an eighth of the cache would push out too many others.
    maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
    sizeCalculation: entryBytes,
    dispose: (entry) => forget(entry),
    onInsert: (entry) => index(entry),
  });

  function index(entry: StoredEntry): void {
    addTo(byUrl, entry.url, entry.key);
    for (const tag of entry.tags) addTo(byTag, tag, entry.key);
  }

  function forget(entry: StoredEntry): void {
    removeFrom(byUrl, entry.url, entry.key);
    for (const tag of entry.tags) removeFrom(byTag, tag, entry.key);
  }

  function selected(selector: PurgeSelector): Iterable<PageKey> {
    if (selector.everything) return [...pages.keys()];
    const found = new Set<PageKey>();
    for (const url of selector.urls ?? []) for (const key of byUrl.get(url) ?? []) found.add(key);
    for (const tag of selector.tags ?? []) for (const key of byTag.get(tag) ?? []) found.add(key);
    const { prefixes } = selector;
    if (prefixes?.length) for (const [key, entry] of pages.entries()) if (selects({ prefixes }, entry)) found.add(key);
    return found;
  }

  return {
    get: (key) => pages.get(key),
    set: (entry) => void pages.set(entry.key, entry),
    delete: (key) => pages.delete(key),
    purge(selector, mode) {
      let count = 0;
      for (const key of selected(selector)) {
        const entry = pages.peek(key);
        if (entry === undefined) continue;
        if (mode === 'hard') pages.delete(key);
        else pages.set(key, madeStale(entry));
        count += 1;
      }
      return count;
    },
    close: () => pages.clear(),
    list(query) {
      const { limit } = query;
      const after = placeOf(query.cursor);
      // The first few, in order, and one that tells whether there are more: sorting all of them would hold up everybody.
      const first: StoredEntry[] = [];
      for (const entry of pages.values()) {
        if (!isListed(query, entry) || !isAfter(entry, after)) continue;
        const last = first.at(-1);
        if (first.length > limit && last !== undefined && isAfter(entry, last)) continue;
        first.splice(placeIn(first, entry), 0, entry);
        if (first.length > limit + 1) first.pop();
      }
      const entries = first.slice(0, limit);
      const last = entries.at(-1);
      return { entries, cursor: first.length > limit && last !== undefined ? cursorAt(last) : undefined };
    },
    size: () => ({ entries: pages.size, bytes: pages.calculatedSize }),
  };
}

/** Where an entry belongs in a list that is in order. */
function placeIn(sorted: readonly StoredEntry[], entry: StoredEntry): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = sorted[middle];
    if (other !== undefined && isAfter(entry, other)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addTo<K>(index: Map<string, Set<K>>, word: string, key: K): void {
  const keys = index.get(word);
  if (keys === undefined) index.set(word, new Set([key]));
  else keys.add(key);
}

function removeFrom<K>(index: Map<string, Set<K>>, word: string, key: K): void {
  const keys = index.get(word);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(word);
}
