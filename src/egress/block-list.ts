import { parents, withoutRootDot } from './host-patterns.ts';
import type { RequestKind } from './request-kind.ts';

/** What a render does without. The first four go by address (config/blocked-requests.json), the others by kind. */
export const blockCategories = [
  'analytics',
  'ads',
  'tag-managers',
  'session-recorders',
  'fonts',
  'media',
  'images',
] as const;

export type BlockCategory = (typeof blockCategories)[number];

/** Addresses of one category, as the data file has them. */
export interface BlockedAddresses {
  /** A host and all below it. */
  readonly hosts: readonly string[];
  /** A host and all below it, with the beginning of the path: for hosts that do other things too. */
  readonly paths: readonly string[];
  /** By host: the globals that its scripts define, and applications call. */
  readonly globals?: Readonly<Record<string, readonly string[]>>;
}

export type BlockData = Readonly<Partial<Record<BlockCategory, BlockedAddresses>>>;

/** Which category, if any, a request falls into. `ofSite` says that it goes to the page's own host. */
export type BlockList = (url: URL, kind: RequestKind, ofSite: boolean) => BlockCategory | undefined;

const byKind: Partial<Record<RequestKind, BlockCategory>> = {
  font: 'fonts',
  media: 'media',
  track: 'media',
  image: 'images',
};

export function createBlockList(categories: readonly BlockCategory[], data: BlockData): BlockList {
  const hosts = new Map<string, BlockCategory>();
  const paths = new Map<string, (readonly [prefix: string, category: BlockCategory])[]>();
  for (const category of categories) {
    for (const host of data[category]?.hosts ?? []) hosts.set(host, category);
    for (const entry of data[category]?.paths ?? []) {
      const slash = entry.indexOf('/');
      const host = entry.slice(0, slash);
      paths.set(host, [...(paths.get(host) ?? []), [entry.slice(slash), category]]);
    }
  }
  const kinds = new Set(categories);

  return function blocked(url, kind, ofSite) {
    const category = byKind[kind];
    if (category !== undefined && kinds.has(category)) return category;
    // An application may serve its own analytics endpoint; what it does with its own host is its business.
    if (ofSite || kind === 'document') return undefined;
    const name = withoutRootDot(url.hostname);
    for (const host of [name, ...parents(name)]) {
      const found = hosts.get(host) ?? paths.get(host)?.find(([prefix]) => url.pathname.startsWith(prefix))?.[1];
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
