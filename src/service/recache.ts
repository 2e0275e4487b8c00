import { z } from 'zod';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';

const address = z.string().min(1).max(4096);
const maxUrls = 1000;
const recacheBody = z
  .strictObject({
    prerenderToken: z.string().max(1024).default(''),
    // Every device of a page is meant in any case.
    adaptiveType: z.enum(['desktop', 'mobile']).optional(),
    url: address.optional(),
    urls: z.array(address).min(1).max(maxUrls).optional(),
  })
  .refine(({ url, urls }) => (url === undefined) !== (urls === undefined), 'Name url or urls');

/** The largest body that such an order can sensibly have. */
export const maxRecacheBytes = 4 * 1024 * 1024;

export interface RecacheOrder {
  readonly token: string;
  readonly urls: readonly string[];
}

/** The order in a body as prerender.io has it, or what is wrong with it. */
export function parseRecache(body: unknown): RecacheOrder | { readonly error: string } {
  const parsed = recacheBody.safeParse(body ?? {});
  if (!parsed.success) return { error: z.prettifyError(parsed.error) };
  const { prerenderToken, url, urls = [] } = parsed.data;
  return { token: prerenderToken, urls: url === undefined ? urls : [url] };
}

export interface RecacheParts {
  /** The public URLs of the pages that a URL means; undefined on none of the sites, none where the application answers. */
  readonly pagesOf: (url: string) => readonly string[] | undefined;
  readonly purge: (selector: PurgeSelector, mode: PurgeMode) => Promise<number>;
  /** Orders pages to be rendered; undefined when too many such orders are under way. */
  readonly warm: (urls: readonly string[]) => string | undefined;
}

export interface RecacheAnswer {
  readonly status: 200 | 403 | 429;
  readonly body: {
    /** Pages that are being rendered anew. */
    readonly recached: number;
    /** Stored pages that are stale now. */
    readonly purged: number;
    readonly refused: readonly { readonly url: string; readonly because: string }[];
    /** The warm-up that renders them. */
    readonly job?: string;
    readonly error?: string;
  };
}

/** Marks pages as stale and has them rendered: what is stored is answered until then. */
export function createRecache({ pagesOf, purge, warm }: RecacheParts) {
  return async (asked: readonly string[]): Promise<RecacheAnswer> => {
    const found = asked.map((url) => ({ url, pages: pagesOf(url) }));
    const refused = found.flatMap(({ url, pages }) => {
      if (pages === undefined) return [{ url, because: 'on none of the sites' }];
      return pages.length === 0 ? [{ url, because: 'no page: the application answers itself' }] : [];
    });
    const urls = [...new Set(found.flatMap(({ pages = [] }) => pages))];
    if (urls.length === 0) return { status: 403, body: { recached: 0, purged: 0, refused } };
    // First: what is fresh would not be rendered.
    const purged = await purge({ urls }, 'soft');
    const job = warm(urls);
    if (job === undefined) return { status: 429, body: { recached: 0, purged, refused, error: tooMany } };
    return { status: 200, body: { recached: urls.length, purged, refused, job } };
  };
}

const tooMany =
  'Too many pages are being rendered ahead already; these are stale now and renewed when they are asked for';
