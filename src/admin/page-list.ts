import type { EntryList, ListQuery } from '../cache/entry-list.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import { freshness } from '../page/freshness.ts';

const defaultPageSize = 100;
const maxPageSize = 1000;
/** What is looked through for one answer when little of it fits. */
const maxParts = 20;

/** One page of the list of stored pages; `cursor` is where the next one begins, and missing at the end. */
export async function listPages(
  list: (query: ListQuery) => Promise<EntryList>,
  query: URLSearchParams,
  now: number,
): Promise<{ readonly pages: readonly object[]; readonly cursor?: string }> {
  const state = query.get('state');
  const limit = Math.min(Math.max(1, Math.floor(Number(query.get('limit'))) || defaultPageSize), maxPageSize);
  const [prefix, tag] = [query.get('prefix') ?? '', query.get('tag') ?? undefined];
  const pages: object[] = [];
  let cursor = query.get('cursor') ?? undefined;
  for (let part = 0; part < maxParts && pages.length < limit; part += 1) {
    const found = await list({ cursor, limit: limit - pages.length, prefix, tag });
    const fitting = found.entries.filter((entry) => state === null || freshness(entry, now) === state);
    pages.push(...fitting.map((entry) => summaryOf(entry, now)));
    cursor = found.cursor;
    if (cursor === undefined) break;
  }
  return cursor === undefined ? { pages } : { pages, cursor };
}

export function summaryOf(entry: StoredEntry, now: number): object {
  return {
    url: entry.url,
    key: entry.key,
    status: entry.status,
    state: freshness(entry, now),
    bytes: entry.body.byteLength,
    tags: entry.tags,
    renderedAt: new Date(entry.renderedAt).toISOString(),
    freshUntil: new Date(entry.freshUntil).toISOString(),
    usableUntil: new Date(entry.usableUntil).toISOString(),
    inputs: entry.inputs.length,
  };
}
