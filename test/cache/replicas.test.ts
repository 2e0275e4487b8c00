import { describe, expect, it } from 'vitest';
import { openCache } from '../../src/cache/open-cache.ts';
import { createPurgeMarks } from '../../src/cache/purge-marks.ts';
import { redisKeys } from '../../src/cache/redis-keys.ts';
import { systemClock } from '../../src/clock.ts';
import { RenderError } from '../../src/errors.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Snapshot } from '../../src/page/snapshot.ts';
import type { Revalidate } from '../../src/serve/page-maker.ts';
import { createPageSource, type PageAnswer } from '../../src/serve/page-source.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';
import { connectCache } from './connect-cache.ts';
import { redisIsMissing } from './start-redis.ts';
import { withRedis } from './with-redis.ts';

const hour = 3_600_000;
const storage = {
  freshMs: hour,
  staleWhileRevalidateMs: hour,
  staleIfErrorMs: hour,
  negativeFreshMs: hour,
  followOrigin: false,
};
const asker = { client: () => '', gone: () => new AbortController().signal };
const fromOf = (answer: PageAnswer) => (answer.kind === 'page' ? answer.from : answer.code);
const textOf = (answer: PageAnswer) =>
  answer.kind === 'page' ? Buffer.from(answer.entry.body).toString() : answer.code;

const wholeList = { cursor: undefined, limit: 1_000, prefix: '', tag: undefined };

describe.skipIf(redisIsMissing !== undefined)('replicas with one Redis', () => {
  const redis = withRedis();
  const { cleanUps } = redis;

  /** `render` makes the text of a page, after `renderMs`. */
  async function replica({
    renderMs = 20,
    render = (url: string): Partial<Snapshot> => ({ html: url }),
    revalidate = undefined as Revalidate | undefined,
    freshMs = hour,
    beforeTurn = async () => {},
  } = {}) {
    const events: PrefaceEvent[] = [];
    const report = (event: PrefaceEvent) => void events.push(event);
    const cache = await openCache(
      // Patient, since this machine may be busier than any that answers readers.
      { maxBytes: 1e8, beside: { kind: 'redis', url: redis.url }, longestRenderMs: 20_000, waitMs: 5_000 },
      { clock: systemClock, report },
    );
    const rendered: string[] = [];
    const pages = createPageSource({
      store: cache.store,
      lock: {
        async enter(key, signal) {
          await beforeTurn();
          if (cache.shared === undefined) throw new Error('there is no lock');
          return cache.shared.lock.enter(key, signal);
        },
      },
      clock: systemClock,
      report,
      revalidate,
      storageFor: () => ({ ...storage, freshMs }),
      longestRenderMs: 20_000,
      renderer: {
        async render({ target: { url } }) {
          rendered.push(url);
          const renderedAt = Date.now();
          await systemClock.sleep(renderMs);
          return snapshotOf('', renderedAt, render(url));
        },
      },
    });
    cleanUps.push(async () => {
      pages.close();
      await cache.store.close();
    });
    const ask = async (path: string) => pages.answer(targetOf(path), asker);
    return { pages, ask, rendered, cache, events };
  }

  const three = (options?: Parameters<typeof replica>[0]) =>
    Promise.all([replica(options), replica(options), replica(options)]);

  it('render each of 300 pages once, when all three are asked for all of them at once', async () => {
    const replicas = await three();
    const paths = Array.from({ length: 300 }, (_, n) => `/product/${n}`);
    const answers = await Promise.all(paths.flatMap((path) => replicas.map(({ ask }) => ask(path))));
    expect(answers.map(textOf)).toEqual(paths.flatMap((path) => Array<string>(3).fill(`https://shop.example${path}`)));
    for (const { events } of replicas) expect(events.filter((event) => event.type === 'cache.failed')).toEqual([]);
    const rendered = replicas.flatMap((one) => one.rendered);
    expect(rendered).toHaveLength(300);
    expect(new Set(rendered).size).toBe(300);
  });

  it('answer from what another has rendered', async () => {
    const [one, two] = await three();
    await one.ask('/a');
    await expect.poll(async () => fromOf(await two.ask('/a'))).toBe('hit');
    expect(two.rendered.length).toBeLessThanOrEqual(0);
  });

  it.each(['soft', 'hard'] as const)('all see a %s purge of one within a second', async (mode) => {
    const replicas = await three({ render: (url) => ({ html: url, tags: ['red'] }) });
    for (const { ask, cache } of replicas) {
      const inMemory = async () => (await ask('/a')) && cache.memory.size().entries;
      await expect.poll(inMemory).toBe(1);
    }
    const begun = Date.now();
    await replicas[0].pages.purge({ tags: ['red'] }, mode);
    const isPurged = ({ cache }: (typeof replicas)[number]) =>
      cache.memory.list(wholeList).entries.every(({ freshUntil }) => mode === 'soft' && freshUntil <= Date.now());
    await expect.poll(() => replicas.every(isPurged), { interval: 5 }).toBe(true);
    expect(Date.now() - begun).toBeLessThan(1000);
    expect(fromOf(await replicas[1].ask('/a'))).toBe(mode === 'soft' ? 'stale' : 'render');
  });

  it('renew a purged page once, and all have the new one', async () => {
    let text = 'old';
    const replicas = await three({ render: () => ({ html: text }) });
    for (const { ask } of replicas) await ask('/a');
    text = 'new';
    await replicas[0].pages.purge({ everything: true }, 'soft');
    await expect.poll(async () => textOf(await replicas[1].ask('/a'))).toBe('new');
    await expect.poll(async () => textOf(await replicas[2].ask('/a'))).toBe('new');
    await expect.poll(async () => textOf(await replicas[0].ask('/a'))).toBe('new');
    expect(replicas.flatMap(({ rendered }) => rendered)).toHaveLength(2);
  });

  it('do not bring back by a render under way what another has purged', async () => {
    let text = 'old';
    const [one, two, other] = await three({ renderMs: 300, render: () => ({ html: text }) });
    const under = one.ask('/a');
    await expect.poll(() => one.rendered).toHaveLength(1);
    await two.pages.purge({ prefixes: ['https://shop.example/'] }, 'hard');
    await under;
    text = 'new';
    expect(textOf(await other.ask('/a'))).toBe('new');
    await expect.poll(async () => textOf(await one.ask('/a'))).toBe('new');
  });

  it('do not renew by its inputs a page that was purged while they waited for their turn', async () => {
    let text = 'old';
    const [one, two] = await three({
      render: () => ({ html: text }),
      revalidate: async () => 'unchanged',
      freshMs: 50,
    });
    await one.ask('/a');
    await expect.poll(async () => fromOf(await two.ask('/a'))).toMatch(/stale|hit/);
    await systemClock.sleep(60);
    text = 'new';
    // Nobody is told: what the replicas have in memory is older than the purge.
    const marks = createPurgeMarks((await connectCache(redis.url)).connection, redisKeys());
    await marks.mark({ urls: ['https://shop.example/a'] }, 'hard');
    await expect.poll(async () => textOf(await two.ask('/a')), { interval: 20 }).toBe('new');
    await expect.poll(async () => textOf(await one.ask('/a')), { interval: 20 }).toBe('new');
  });

  it('do not render again what another has stored between the look into the store and the turn', async () => {
    const one = await replica();
    const two = await replica({
      beforeTurn: async () => {
        await one.ask('/a');
        await expect.poll(() => redis.command('KEYS', '*:page:*')).not.toBe('');
        await expect.poll(() => redis.command('KEYS', '*:lock:*')).toBe('');
      },
    });
    expect(fromOf(await two.ask('/a'))).toBe('hit');
    expect(two.rendered).toEqual([]);
  });

  it('fail together, not one after the other', async () => {
    const render = () => {
      throw new RenderError('timeout', 'too slow');
    };
    const replicas = await three({ renderMs: 1_000, render });
    const answers = await Promise.all(replicas.map(({ ask }) => ask('/broken')));
    expect(answers.map(fromOf)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(replicas.flatMap(({ rendered }) => rendered)).toHaveLength(1);
    expect(fromOf(await replicas[2].ask('/broken'))).toBe('recently-failed');
  });

  it('each render a page that may not be shared, without waiting in line', async () => {
    const replicas = await three({ renderMs: 200, render: () => ({ html: 'x', originCacheControl: 'no-store' }) });
    const begun = Date.now();
    const answers = await Promise.all(replicas.map(({ ask }) => ask('/mine')));
    expect(answers.map(fromOf)).toEqual(['render', 'render', 'render']);
    expect(Date.now() - begun).toBeLessThan(2000);
  });

  it('go on by themselves while Redis is gone, tell it of purges when it is back, and share again', async () => {
    const replicas = await three();
    const [one, two] = replicas;
    for (const { ask } of replicas) await ask('/a');
    redis.process.kill('SIGKILL');
    await expect
      .poll(() => replicas.every(({ events }) => events.some((event) => event.type === 'cache.failed')))
      .toBe(true);
    expect(fromOf(await one.ask('/a'))).toBe('hit');
    expect(fromOf(await one.ask('/b'))).toBe('render');
    await one.pages.purge({ urls: ['https://shop.example/a'] }, 'hard');
    expect(fromOf(await one.ask('/a'))).toBe('render');
    await redis.restart();
    const marks = () => redis.command('KEYS', '*marks');
    await expect.poll(marks, { timeout: 15_000 }).not.toBe('');
    await expect
      .poll(
        async () => {
          const path = `/c${Math.random()}`;
          await one.ask(path);
          await systemClock.sleep(50);
          return fromOf(await two.ask(path));
        },
        { timeout: 15_000, interval: 200 },
      )
      .toBe('hit');
  });
});
