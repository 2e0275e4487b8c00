import { openCache } from '../../src/cache/open-cache.ts';
import { systemClock } from '../../src/clock.ts';
import { createPageSource } from '../../src/serve/page-source.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

// A replica in a process of its own: everything but Chromium. It does what its parent says and tells what came of it.

export type Order =
  | { readonly do: 'ask'; readonly paths: readonly string[] }
  | { readonly do: 'purge'; readonly tag: string }
  /** Readers ask for pages from a few all the time, and now and then for a new one. */
  | { readonly do: 'load'; readonly forMs: number; readonly pages: number };

export interface Answered {
  readonly path: string;
  readonly from: string;
  readonly ms: number;
  /** Since the order. */
  readonly atMs: number;
}

export interface Done {
  readonly answers: readonly Answered[];
  /** Renders of this process so far. */
  readonly renders: number;
  readonly failures: readonly string[];
}

const [redisUrl = '', waitMs = '50', maxUncheckedMs = '60000'] = process.argv.slice(2);
const hour = 3_600_000;
const failures: string[] = [];
let renders = 0;

const parts = {
  clock: systemClock,
  report: (event: { readonly type: string }) => {
    if (event.type === 'cache.failed') failures.push(JSON.stringify(event));
  },
};
const cache = await openCache(
  {
    maxBytes: 1e8,
    beside: { kind: 'redis', url: redisUrl },
    longestRenderMs: 30_000,
    waitMs: Number(waitMs),
    maxUncheckedMs: Number(maxUncheckedMs),
  },
  parts,
);
const pages = createPageSource({
  ...parts,
  store: cache.store,
  lock: cache.shared?.lock,
  longestRenderMs: 30_000,
  storageFor: () => ({
    freshMs: hour,
    staleWhileRevalidateMs: hour,
    staleIfErrorMs: hour,
    negativeFreshMs: hour,
    followOrigin: false,
  }),
  renderer: {
    async render({ target }) {
      renders += 1;
      const renderedAt = Date.now();
      await systemClock.sleep(30);
      return snapshotOf(`<p>${target.url}</p>`.repeat(200), renderedAt, { tags: ['all'] });
    },
  },
});

const stay = new AbortController().signal;

async function ask(path: string, since: number): Promise<Answered> {
  const asked = performance.now();
  const answer = await pages.answer(targetOf(path), { client: () => '', gone: () => stay });
  const from = answer.kind === 'page' ? answer.from : `failed: ${answer.code}`;
  return { path, from, ms: performance.now() - asked, atMs: asked - since };
}

async function load(forMs: number, count: number): Promise<Answered[]> {
  const since = performance.now();
  const asked: Promise<Answered>[] = [];
  for (let n = 0; performance.now() - since < forMs; n += 1) {
    asked.push(ask(n % 50 === 49 ? `/new/${process.pid}/${n}` : `/page/${n % count}`, since));
    await systemClock.sleep(4);
  }
  return Promise.all(asked);
}

process.on('message', async (order: Order) => {
  const since = performance.now();
  let answers: readonly Answered[] = [];
  if (order.do === 'ask') answers = await Promise.all(order.paths.map((path) => ask(path, since)));
  if (order.do === 'load') answers = await load(order.forMs, order.pages);
  if (order.do === 'purge') await pages.purge({ tags: [order.tag] }, 'hard');
  process.send?.({ answers, renders, failures } satisfies Done);
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
