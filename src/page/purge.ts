/** Which pages a purge means. Several fields mean the pages that any of them names. */
export interface PurgeSelector {
  /** Absolute public URLs, normalised as in a page's target; every device is meant. */
  readonly urls?: readonly string[];
  /** Beginnings of absolute public URLs. */
  readonly prefixes?: readonly string[];
  readonly tags?: readonly string[];
  readonly everything?: boolean;
}

/** Soft marks as stale (still served while it is renewed), hard forgets. */
export type PurgeMode = 'soft' | 'hard';

export function selects(
  selector: PurgeSelector,
  page: { readonly url: string; readonly tags: readonly string[] },
): boolean {
  return (
    selector.everything === true ||
    selector.urls?.includes(page.url) === true ||
    selector.prefixes?.some((prefix) => page.url.startsWith(prefix)) === true ||
    selector.tags?.some((tag) => page.tags.includes(tag)) === true
  );
}
