import { keyOf } from '../../src/page/page-key.ts';
import type { PageKey } from '../../src/page/page-target.ts';
import { entryOf } from '../contract/cache-store.ts';

// What a process does to a store until it is killed, and what is in the store after the first so many of its orders: both follow from a number alone.

export type StoreOrder =
  | { readonly do: 'set'; readonly page: number; readonly version: number }
  | { readonly do: 'purge'; readonly tag: string; readonly mode: 'soft' | 'hard' };

export const pageCount = 300;
const tagOf = (page: number) => `tag ${page % 7}`;

/** The order of a number from 1 up. Every fiftieth is a purge. */
export function orderAt(number: number): StoreOrder {
  if (number % 50 === 0)
    return { do: 'purge', tag: tagOf(scattered(number)), mode: number % 100 === 0 ? 'hard' : 'soft' };
  return { do: 'set', page: scattered(number) % pageCount, version: number };
}

/** Knuth's multiplicative hash: neighbours land far apart. */
const scattered = (number: number) => Math.imul(number, 2_654_435_761) >>> 8;

export const keyOfPage = (page: number): PageKey => keyOf(`https://shop.example/${page}`, 'desktop');

/** Its whole body tells its version; 200 bytes to 17 KB, which compress badly. */
export function entryOfPage(page: number, version: number) {
  let word = version;
  const words = Array.from({ length: 40 + (version % 17) * 220 }, () => {
    word = scattered(word + 1);
    return word.toString(36);
  });
  return entryOf(`/${page}`, { body: Buffer.from(`${version}: ${words.join(' ')}`), tags: [tagOf(page)] });
}

export interface HeldPage {
  readonly version: number;
  readonly stale: boolean;
}

/** What is held after an order, given what was held before it. */
export function applyOrder(held: Map<number, HeldPage>, order: StoreOrder): void {
  if (order.do === 'set') {
    held.set(order.page, { version: order.version, stale: false });
    return;
  }
  for (const [page, { version }] of held) {
    if (tagOf(page) !== order.tag) continue;
    if (order.mode === 'hard') held.delete(page);
    else held.set(page, { version, stale: true });
  }
}
