import type { BlockList } from 'node:net';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { FetchDocument } from './fetch-document.ts';
import { listHolds, listOf, type PublicInternet } from './networks.ts';
import { checkedRanges, publishedRanges } from './published-ranges.ts';

/** A list as it is bundled. */
export interface RangeSnapshot {
  readonly url: string;
  /** The day on which its operator published it: `2026-09-15`. */
  readonly asOf: string;
  readonly prefixes: readonly string[];
}

export interface RangeLists {
  /** `unknown` when there is no list, or only one too old to say that an address is not in it. */
  find(url: string, address: string): 'inside' | 'outside' | 'unknown';
  /** Fetches the list unless that was tried lately. Resolves when it is as new as it can be had; never rejects. */
  refresh(url: string): Promise<void>;
}

interface Known {
  readonly list: BlockList | undefined;
  /** When this was known to be the operator's current list. */
  readonly asOf: number;
  readonly etag: string | undefined;
  readonly nextTryAt: number;
}

const day = 86_400_000;
const retryMs = day / 24;
/** Ranges are added now and then: a list says no only as long as it is about as new as the daily refresh makes it. */
const saysNoForMs = 3 * day;
const limits = { maxBytes: 2 ** 20, timeoutMs: 5_000, accept: 'application/json' };

/**
 * The published lists: bundled ones at first, newer ones when they can be had. A list is fetched only when a reader came by that it
 * is about, and at most daily; without a network all goes on with what is there.
 */
export function createRangeLists(
  snapshots: readonly RangeSnapshot[],
  internet: PublicInternet,
  { fetchDocument, clock, report }: { fetchDocument: FetchDocument; clock: Clock; report: Report },
): RangeLists {
  const lists = new Map<string, Known>(
    snapshots.map(({ url, asOf, prefixes }) => {
      const list = listOf(checkedRanges(prefixes, internet));
      return [url, { list, asOf: Date.parse(asOf), etag: undefined, nextTryAt: 0 }];
    }),
  );
  const fetching = new Map<string, Promise<void>>();
  const nothing: Known = { list: undefined, asOf: 0, etag: undefined, nextTryAt: 0 };

  const known = (url: string): Known => lists.get(url) ?? nothing;

  async function fetchList(url: string): Promise<void> {
    const before = known(url);
    try {
      const { status, etag, body } = await fetchDocument(url, { ...limits, etag: before.etag });
      const now = clock.now();
      if (status !== 304 && status !== 200) throw new Error(`answered ${status}`);
      const list = status === 304 ? before.list : listOf(publishedRanges(body, internet));
      lists.set(url, { list, asOf: now, etag: status === 304 ? before.etag : etag, nextTryAt: now + day });
      report({ type: 'verify.refreshed', what: url });
    } catch (cause) {
      lists.set(url, { ...before, nextTryAt: clock.now() + retryMs });
      report({ type: 'verify.failed', what: url, message: messageOf(cause) });
    } finally {
      fetching.delete(url);
    }
  }

  return {
    find(url, address) {
      const { list, asOf } = known(url);
      if (list === undefined) return 'unknown';
      if (listHolds(list, address)) return 'inside';
      return clock.now() - asOf <= saysNoForMs ? 'outside' : 'unknown';
    },
    async refresh(url) {
      let pending = fetching.get(url);
      if (pending === undefined && clock.now() >= known(url).nextTryAt) {
        pending = fetchList(url);
        fetching.set(url, pending);
      }
      await pending;
    },
  };
}
