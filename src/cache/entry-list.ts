import type { StoredEntry } from './stored-entry.ts';

export interface ListQuery {
  /** Where the list goes on, as given with the part before; undefined for its beginning. */
  readonly cursor: string | undefined;
  /** About how many; a part may be shorter, even empty, and not be the last. */
  readonly limit: number;
  /** Beginning of the public URL. */
  readonly prefix: string;
  readonly tag: string | undefined;
}

/** A part of the list of stored pages. */
export interface EntryList {
  readonly entries: readonly StoredEntry[];
  /** Undefined at the end of the list. */
  readonly cursor: string | undefined;
  /** The tier that has all pages did not answer: these are the ones in memory. */
  readonly isPartial?: true;
}

/** A place in a list in order of URL and key; what is stored or removed meanwhile neither repeats nor skips another page. */
export interface Place {
  readonly url: string;
  readonly key: string;
}

export function cursorAt({ url, key }: Place): string {
  return Buffer.from(JSON.stringify([url, key])).toString('base64url');
}

/** A cursor that is none of ours means the beginning. */
export function placeOf(cursor: string | undefined): Place {
  try {
    const [url, key] = JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString());
    if (typeof url === 'string' && typeof key === 'string') return { url, key };
  } catch {}
  return { url: '', key: '' };
}

export function isListed({ prefix, tag }: ListQuery, { url, tags }: Pick<StoredEntry, 'url' | 'tags'>): boolean {
  return url.startsWith(prefix) && (tag === undefined || tags.includes(tag));
}

export function isAfter(a: Place, b: Place): boolean {
  return a.url === b.url ? a.key > b.key : a.url > b.url;
}
