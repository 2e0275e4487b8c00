import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntryList, ListQuery } from '../cache/entry-list.ts';
import type { StoredEntry } from '../cache/stored-entry.ts';
import { freshness } from '../page/freshness.ts';

const defaultPageSize = 100;
const maxPageSize = 1000;
/** What is looked through for one answer when little of it fits, and in one go: unpacking a page takes time that others wait. */
const [maxLookedThrough, partSize] = [2000, 50];

/**
 * One page of the list of stored pages; `cursor` is where the next one begins, and missing at the end. `partial`: the tier that has all pages did not
 * answer, and these are the ones in this process's memory.
 */
export async function listPages(
  list: (query: ListQuery) => Promise<EntryList>,
  query: URLSearchParams,
  now: number,
): Promise<{ readonly pages: readonly object[]; readonly cursor?: string; readonly partial?: true }> {
  const state = query.get('state');
  const limit = Math.min(Math.max(1, Math.floor(Number(query.get('limit'))) || defaultPageSize), maxPageSize);
  const [prefix, tag] = [query.get('prefix') ?? '', query.get('tag') ?? undefined];
  const pages: object[] = [];
  let cursor = query.get('cursor') ?? undefined;
  let isPartial = false;
  for (let seen = 0; seen < maxLookedThrough && pages.length < limit; seen += partSize) {
    if (seen > 0) await nextTurn();
    const found = await list({ cursor, limit: Math.min(partSize, limit - pages.length), prefix, tag });
    const fitting = found.entries.filter((entry) => state === null || freshness(entry, now) === state);
    pages.push(...fitting.map((entry) => summaryOf(entry, now)));
    isPartial ||= found.isPartial === true;
    cursor = found.cursor;
    if (cursor === undefined) break;
  }
  return { pages, ...(cursor !== undefined && { cursor }), ...(isPartial && { partial: true }) };
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
