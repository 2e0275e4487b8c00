import { createHash, randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CacheStore } from '../../src/cache/cache-store.ts';
import { type CacheSettings, openCache } from '../../src/cache/open-cache.ts';
import type { RenderLock } from '../../src/cache/render-lock.ts';
import { RenderError } from '../../src/errors.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { PurgeSelector } from '../../src/page/purge.ts';
import type { RenderInput, Snapshot } from '../../src/page/snapshot.ts';
import type { Renderer } from '../../src/render/renderer.ts';
import { createPageSource, type PageAnswer } from '../../src/serve/page-source.ts';
import { createRevalidator } from '../../src/serve/revalidator.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { shop, snapshotOf, targetOf } from '../fakes/pages.ts';
import { type Answer, lengths, type Path, type Purge, tagOf, type World } from './oracle.ts';

/** Everything of one replica but Chromium and the network: the application is a `World`. */
export interface ReplicaUnderTest {
  ask(path: Path): Promise<Answer>;
  /** Resolves when the other replicas have heard of it. */
  purge(purge: Purge): Promise<void>;
  /** From now on whatever is being made waits, having seen the world; `reached` resolves when something does. */
  hold(): { readonly reached: Promise<void>; release(): void };
  /** Resolves when nothing is under way and others have been told. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** What all replicas have done together. */
export interface Tally {
  renders: number;
  readonly failures: string[];
}

export interface Surroundings {
  readonly beside: CacheSettings['beside'];
  readonly world: World;
  readonly clock: FakeClock;
  readonly tally: Tally;
  /** Resolves when a replica has heard that this URL was purged; one for each replica that is open. */
  readonly listeners: Set<(url: string) => Promise<void>>;
}

export async function openReplica({ beside, world, clock, tally, listeners }: Surroundings): Promise<ReplicaUnderTest> {
  let underWay = 0;
  let gate: { reach(): void; readonly opened: Promise<void> } | undefined;
  const report = (event: PrefaceEvent) => {
    if (event.type === 'cache.failed' || event.type === 'error') tally.failures.push(JSON.stringify(event));
  };

  async function counted<T>(work: () => T | Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  }

  async function passGate(): Promise<void> {
    gate?.reach();
    await gate?.opened;
  }

  const renderer: Renderer = {
    render: ({ target }) =>
      counted(async () => {
        tally.renders += 1;
        const made = renderOf(world, pathOf(target.url), clock.now());
        await passGate();
        if (made === undefined) throw new RenderError('timeout', 'it does not settle');
        return made;
      }),
  };

  const cache = await openCache({ maxBytes: 1e8, longestRenderMs: 30_000, beside, waitMs: 5_000 }, { clock, report });
  // Every call that goes on behind an answer is counted, so that a test knows when there is none.
  const store: CacheStore = {
    ...cache.store,
    get: cache.store.get,
    set: (entry, claim) => counted(() => cache.store.set(entry, claim)),
    purge: (selector, mode) => counted(() => cache.store.purge(selector, mode)),
    delete: (key) => counted(() => cache.store.delete(key)),
  };
  const pages = createPageSource({
    store,
    lock: cache.shared && countedLock(cache.shared.lock, counted),
    renderer,
    clock,
    report,
    longestRenderMs: 30_000,
    storageFor: () => ({
      freshMs: lengths.fresh,
      negativeFreshMs: lengths.negativeFresh,
      staleWhileRevalidateMs: lengths.staleWhileRevalidate,
      staleIfErrorMs: lengths.staleIfError,
      followOrigin: false,
    }),
    revalidate: createRevalidator({
      recheck: (input) =>
        counted(async () => {
          const now = inputsOf(world, pathIn(input));
          const isSame = now.some(({ url, bodyHash }) => url === input.url && bodyHash === input.bodyHash);
          // Where something has changed it is the render that is to be held.
          if (input.type === 'document' && input.etag === now[0]?.etag) await passGate();
          return isSame ? 'unchanged' : 'changed';
        }),
      settings: {
        enabled: true,
        maxRevalidations: lengths.maxRevalidations,
        renderAtLeastEveryMs: lengths.renderAtLeastEvery,
        isRepeatable: () => false,
      },
      clock,
      limitMs: 1e9,
    }),
  });
  const stay = new AbortController().signal;

  const hears = (url: string) =>
    new Promise<void>((resolve) => {
      const stop = cache.store.onChange?.((change) => {
        if (change.kind !== 'purged' || change.selector.urls?.[0] !== url) return;
        stop?.();
        resolve();
      });
    });
  listeners.add(hears);

  /** Purges what is not there: when the others have heard of that, they have heard whatever was called out before. */
  async function delivered(): Promise<void> {
    if (cache.shared === undefined) return;
    const url = `${shop.publicUrl.origin}/${randomUUID()}`;
    const heard = [...listeners].filter((other) => other !== hears).map((other) => other(url));
    await cache.store.purge({ urls: [url] }, 'soft');
    await Promise.all(heard);
    await nextTurn();
  }

  return {
    ask: (path) =>
      counted(async () => answerOf(await pages.answer(targetOf(path), { client: () => '', gone: () => stay }))),
    async purge(purge) {
      await pages.purge(selectorOf(purge), purge.mode);
      await delivered();
    },
    hold() {
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
      const { promise: opened, resolve: open } = Promise.withResolvers<void>();
      gate = { reach, opened };
      return {
        reached,
        release() {
          gate = undefined;
          open();
        },
      };
    },
    async idle() {
      for (let quiet = 0; quiet < 4; quiet = underWay === 0 ? quiet + 1 : 0) await nextTurn();
      await delivered();
    },
    async close() {
      listeners.delete(hears);
      pages.close();
      await cache.store.close();
    },
  };
}

/** A turn is under way until its end was told. */
function countedLock(lock: RenderLock, counted: <T>(work: () => T | Promise<T>) => Promise<T>): RenderLock {
  return {
    enter: (key, signal) =>
      counted(async () => {
        const turn = await lock.enter(key, signal);
        if (turn.kind !== 'mine') return turn;
        const { promise: ended, resolve } = Promise.withResolvers<void>();
        void counted(() => ended);
        return {
          ...turn,
          end(how) {
            turn.end(how);
            resolve();
          },
        };
      }),
  };
}

const pathOf = (url: string) => new URL(url).pathname as Path;
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');

/** An input's URL names what it is and the page that asked: `https://shop.example/source 3?/a/0`. */
const pathIn = ({ url }: RenderInput) => url.slice(url.indexOf('?') + 1) as Path;

function inputsOf(world: World, path: Path): RenderInput[] {
  const inputs = world.inputsOf(path);
  const ofAll = hashOf(JSON.stringify(inputs));
  return Object.entries(inputs).map(([name, value]) => ({
    method: 'GET',
    url: `${shop.publicUrl.origin}/${name}?${path}`,
    status: 200,
    type: name === 'shell' ? 'document' : 'fetch',
    bodyHash: hashOf(value),
    etag: ofAll,
    bytes: value.length,
    startedMs: 0,
    durationMs: 1,
    verdict: 'allowed',
  }));
}

const lost: RenderInput = {
  method: 'GET',
  url: `${shop.publicUrl.origin}/lost.js`,
  status: 0,
  type: 'script',
  bytes: 0,
  startedMs: 0,
  durationMs: 1,
  verdict: 'failed',
  because: 'unreachable',
};

function renderOf(world: World, path: Path, now: number): Snapshot | undefined {
  const condition = world.conditionOf(path);
  if (condition === 'failing') return undefined;
  const inputs = inputsOf(world, path);
  return snapshotOf(world.textOf(path), now, {
    status: condition === 'gone' ? 404 : condition === 'error' ? 500 : 200,
    inputs: condition === 'incomplete' ? [...inputs, lost] : inputs,
    tags: [tagOf(path)],
    ...(condition === 'private' && { originCacheControl: 'no-store' }),
  });
}

function answerOf(answer: PageAnswer): Answer {
  if (answer.kind === 'failed') return { from: 'failed' };
  return { from: answer.from, text: Buffer.from(answer.entry.body).toString() };
}

function selectorOf({ by, path }: Purge): PurgeSelector {
  const url = targetOf(path).url;
  if (by === 'everything') return { everything: true };
  if (by === 'url') return { urls: [url] };
  return by === 'tag' ? { tags: [tagOf(path)] } : { prefixes: [url.slice(0, -1)] };
}
