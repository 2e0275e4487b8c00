import type { Lifetimes } from '../page/freshness.ts';
import type { HeaderList } from '../page/headers.ts';
import type { PageKey } from '../page/page-target.ts';
import type { RenderInput } from '../page/snapshot.ts';

/** Rises whenever the shape below changes; an entry of another schema is not read. */
export const entrySchema = 1;

/** A whole answer, kept. All moments are epoch milliseconds, so that any reader decides by comparing with now. */
export interface StoredEntry {
  readonly schema: typeof entrySchema;
  readonly key: PageKey;
  /** The absolute public URL that was rendered. */
  readonly url: string;
  readonly status: number;
  readonly headers: HeaderList;
  /** The HTML in UTF-8, not encoded. */
  readonly body: Uint8Array;
  /** Strong validator of the unencoded body, without quotes. */
  readonly etag: string;
  readonly tags: readonly string[];
  readonly renderedAt: number;
  /** When it was last known to be right: rendered, or shown to be unchanged. The moments below are counted from here. */
  readonly validatedAt: number;
  readonly lifetimes: Lifetimes;
  /** Renewals without a render since the last one, and how often a changed input led to the same page, in a row. */
  readonly revalidations: { readonly count: number; readonly misses: number };
  /** Answered without a second thought before this moment. */
  readonly freshUntil: number;
  /** Answered while it is renewed behind before this moment. */
  readonly staleUntil: number;
  /** Answered when a renewal fails before this moment; afterwards it is as good as missing. */
  readonly usableUntil: number;
  readonly inputs: readonly RenderInput[];
}

/** The entry after a soft purge: stale since before it was made, which the passing of time alone never brings about. */
export function madeStale(entry: StoredEntry): StoredEntry {
  return { ...entry, freshUntil: entry.validatedAt - 1 };
}

/** Whether a soft purge, and not the passing of time, made it stale: then what its inputs say is not enough. */
export function wasPurged({ freshUntil, validatedAt }: StoredEntry): boolean {
  return freshUntil < validatedAt;
}

/** What an entry takes in memory, near enough for a bound. */
export function entryBytes(entry: StoredEntry): number {
  const strings = entry.key.length + entry.url.length + entry.etag.length;
  const headers = entry.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  // The last two: what the indexes by URL and by tag take, as measured (bench/cache).
  return entry.body.byteLength + 2 * (strings + headers) + entry.inputs.length * 300 + entry.tags.length * 450 + 1_600;
}
