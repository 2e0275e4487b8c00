import { describe, expect, it } from 'vitest';
import type { CacheStore } from '../../src/cache/cache-store.ts';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { RenderError } from '../../src/errors.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Snapshot } from '../../src/page/snapshot.ts';
import type { Renderer, RenderJob } from '../../src/render/renderer.ts';
import { createPageSource, type PageAnswer } from '../../src/serve/page-source.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const storage = {
  freshMs: 60_000,
  staleWhileRevalidateMs: 120_000,
  staleIfErrorMs: 600_000,
  negativeFreshMs: 5_000,
  followOrigin: false,
};

const stay = new AbortController().signal;

/** A source whose renders wait for the test's word. */
function setUp({ store = createMemoryStore({ maxBytes: 1e6 }) as CacheStore } = {}) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  const renders: {
    url: string;
    job: RenderJob;
    finish(snapshot?: Partial<Snapshot> & { text?: string }): void;
    fail(cause: unknown): void;
    signal: AbortSignal;
  }[] = [];
  const renderer: Renderer = {
    render: (job, signal) =>
      new Promise((resolve, reject) => {
        const renderedAt = clock.now();
        renders.push({
          url: job.target.url,
          job,
          finish: ({ text = 'page', ...rest } = {}) => resolve(snapshotOf(text, renderedAt, rest)),
          fail: reject,
          signal,
        });
      }),
  };
  const source = createPageSource({
    store,
    renderer,
    clock,
    report: (event) => events.push(event),
    storageFor: () => storage,
    longestRenderMs: 15_000,
  });
  const ask = async (path: string, signal = stay): Promise<PageAnswer> =>
    source.answer(targetOf(path), { client: () => 'reader', gone: () => signal });
  return { clock, events, renders, source, ask };
}

const textOf = (answer: PageAnswer) =>
  answer.kind === 'page' ? Buffer.from(answer.entry.body).toString() : answer.code;
const fromOf = (answer: PageAnswer) => (answer.kind === 'page' ? answer.from : answer.kind);
/** Lets everything that is already decided happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function withStoredPage() {
  const parts = setUp();
  const first = parts.ask('/a');
  parts.renders[0]?.finish({ text: 'old' });
  await first;
  return parts;
}

describe('a page source', () => {
  it('renders a missing page once and answers the next request from memory without a promise', async () => {
    const { renders, ask, source } = setUp();
    const first = ask('/a');
    renders[0]?.finish({ text: 'hello' });
    expect(fromOf(await first)).toBe('render');
    const second = source.answer(targetOf('/a'), { client: () => '', gone: () => stay });
    expect(second).not.toBeInstanceOf(Promise);
    expect(fromOf(await second)).toBe('hit');
    expect(textOf(await second)).toBe('hello');
    expect(renders).toHaveLength(1);
  });

  it('renders once for fifty who ask at the same time, and says who joined', async () => {
    const { renders, ask } = setUp();
    const all = Array.from({ length: 50 }, () => ask('/a'));
    renders[0]?.finish();
    const answers = await Promise.all(all);
    expect(renders).toHaveLength(1);
    expect(answers.filter((answer) => answer.kind === 'page' && answer.rendered?.joined)).toHaveLength(49);
  });

  it('makes a warm-up that a reader joins as urgent as the reader', async () => {
    const { renders, source, ask } = setUp();
    void source.renew(targetOf('/a'), 'warm', stay);
    const [render] = renders;
    let rises = 0;
    render?.job.onRise?.(() => {
      rises += 1;
    });
    expect(render?.job.priority).toBe('warm');
    const reader = ask('/a');
    void ask('/a');
    void source.renew(targetOf('/a'), 'renew', stay);
    expect(renders).toHaveLength(1);
    expect(render?.job).toMatchObject({ priority: 'interactive', client: 'reader' });
    expect(rises).toBe(1);
    render?.finish({ text: 'for both' });
    expect(textOf(await reader)).toBe('for both');
  });

  it('keeps rendering for the second caller when the first one leaves', async () => {
    const { renders, ask } = setUp();
    const leaving = new AbortController();
    const first = ask('/a', leaving.signal);
    const second = ask('/a');
    leaving.abort();
    expect(textOf(await first)).toBe('aborted');
    expect(renders[0]?.signal.aborted).toBe(false);
    renders[0]?.finish({ text: 'still here' });
    expect(textOf(await second)).toBe('still here');
  });

  it('stops the render when the last caller leaves, and starts anew for the next', async () => {
    const { renders, ask } = setUp();
    const leaving = new AbortController();
    const first = ask('/a', leaving.signal);
    leaving.abort();
    await first;
    expect(renders[0]?.signal.aborted).toBe(true);
    const second = ask('/a');
    renders[1]?.finish({ text: 'again' });
    expect(textOf(await second)).toBe('again');
  });

  it('answers a stale page at once and renews it once behind', async () => {
    const { clock, renders, ask } = await withStoredPage();
    clock.advance(61_000);
    const answers = await Promise.all([ask('/a'), ask('/a'), ask('/a')]);
    expect(answers.map(fromOf)).toEqual(['stale', 'stale', 'stale']);
    expect(renders).toHaveLength(2);
    renders[1]?.finish({ text: 'new' });
    await settle();
    expect(textOf(await ask('/a'))).toBe('new');
  });

  it('waits for the renewal of a page whose stale time is over', async () => {
    const { clock, renders, ask } = await withStoredPage();
    clock.advance(200_000);
    const answer = ask('/a');
    renders[1]?.finish({ text: 'new' });
    expect(textOf(await answer)).toBe('new');
  });

  it('answers with the old page when its renewal fails, and does not wait for the next failure', async () => {
    const { clock, renders, ask } = await withStoredPage();
    clock.advance(200_000);
    const answer = ask('/a');
    renders[1]?.fail(new RenderError('timeout', 'too slow'));
    expect(textOf(await answer)).toBe('old');
    expect(textOf(await ask('/a'))).toBe('old');
    expect(renders).toHaveLength(2);
  });

  it('tries a failed page again after ten seconds, then after twenty', async () => {
    const { clock, renders, ask } = setUp();
    const failing = async () => {
      const answer = ask('/a');
      renders.at(-1)?.fail(new RenderError('timeout', 'too slow'));
      return textOf(await answer);
    };
    expect(await failing()).toBe('timeout');
    expect(textOf(await ask('/a'))).toBe('recently-failed');
    clock.advance(10_000);
    expect(await failing()).toBe('timeout');
    clock.advance(10_000);
    expect(textOf(await ask('/a'))).toBe('recently-failed');
    clock.advance(10_000);
    expect(await failing()).toBe('timeout');
  });

  it('does not hold an overload against the page', async () => {
    const { renders, ask } = setUp();
    const first = ask('/a');
    renders[0]?.fail(new RenderError('overloaded', 'no place'));
    expect(textOf(await first)).toBe('overloaded');
    const second = ask('/a');
    renders[1]?.finish();
    expect(fromOf(await second)).toBe('render');
  });

  it('keeps the old page when the origin answers with an error of its own', async () => {
    const { clock, renders, ask } = await withStoredPage();
    clock.advance(200_000);
    const answer = ask('/a');
    renders[1]?.finish({ text: 'Internal error', status: 500 });
    expect(textOf(await answer)).toBe('old');
  });

  it.each([
    ['a server error', { status: 503 }],
    ['a forbidden page', { status: 403 }],
    ['what the origin calls private', { originCacheControl: 'private, max-age=60' }],
    ['what the origin wants stored nowhere', { originCacheControl: 'No-Store' }],
  ])('answers but does not store %s', async (_, rest) => {
    const { renders, ask } = setUp();
    const first = ask('/a');
    renders[0]?.finish(rest);
    const answer = await first;
    expect(answer.kind === 'page' && answer.rendered?.stored).toBe(false);
  });

  it('keeps a 404 with its status for the shorter time', async () => {
    const { clock, renders, ask } = setUp();
    const first = ask('/gone');
    renders[0]?.finish({ status: 404 });
    await first;
    const hit = await ask('/gone');
    expect(hit.kind === 'page' && hit.entry.status).toBe(404);
    clock.advance(6_000);
    expect(fromOf(await ask('/gone'))).toBe('stale');
  });

  it('answers an incomplete page but does not store it, and prefers an old whole one', async () => {
    const lost = {
      method: 'GET',
      url: 'https://shop.example/app.js',
      status: 503,
      type: 'script',
      bytes: 0,
      startedMs: 0,
      durationMs: 1,
      verdict: 'allowed' as const,
    };
    const { clock, renders, ask } = await withStoredPage();
    clock.advance(200_000);
    const answer = ask('/a');
    renders[1]?.finish({ text: 'Loading…', inputs: [lost] });
    expect(textOf(await answer)).toBe('old');
    const other = ask('/b');
    renders[2]?.finish({ text: 'Loading…', inputs: [lost] });
    const first = await other;
    expect(first.kind === 'page' && first.rendered).toMatchObject({ stored: false, incomplete: true });
  });

  it('lets nobody wait for an origin that another page could not reach, where there is a page', async () => {
    const { clock, renders, ask } = setUp();
    for (const path of ['/a', '/b']) {
      const first = ask(path);
      await settle();
      renders.at(-1)?.finish({ text: path });
      await first;
    }
    clock.advance(storage.freshMs + storage.staleWhileRevalidateMs);
    const failing = ask('/a');
    await settle();
    renders.at(-1)?.fail(new RenderError('unreachable', 'refused'));
    expect([fromOf(await failing), fromOf(await ask('/b'))]).toEqual(['stale', 'stale']);
    expect(renders).toHaveLength(3);
    // A page that is not stored may be one that is reached, and then the origin is back.
    const missing = ask('/c');
    await settle();
    renders.at(-1)?.finish();
    await missing;
    const back = ask('/b');
    await settle();
    renders.at(-1)?.finish({ text: 'new' });
    expect(textOf(await back)).toBe('new');
  });

  it('answers a thousand requests for a stale page at once and renews it once', async () => {
    const { clock, renders, ask } = setUp();
    const first = ask('/a');
    await settle();
    renders.at(-1)?.finish();
    await first;
    clock.advance(storage.freshMs);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask('/a')));
    expect(new Set(answers.map(fromOf))).toEqual(new Set(['stale']));
    expect(renders).toHaveLength(2);
  });

  it('does not store a render that began before a purge of its page', async () => {
    const { clock, renders, ask, source } = setUp();
    const first = ask('/a');
    clock.advance(10);
    await source.purge({ tags: ['product-7'] }, 'soft');
    renders[0]?.finish({ text: 'from before', tags: ['product-7'] });
    expect(textOf(await first)).toBe('from before');
    void ask('/a');
    expect(renders).toHaveLength(2);
  });

  it.each([
    ['its URL', { urls: ['https://shop.example/a'] }],
    ['a tag that it may turn out to have', { tags: ['product-7'] }],
    ['everything', { everything: true }],
  ])('lets nobody who asks after a purge of %s join a render that began before', async (_, selector) => {
    const { clock, renders, ask, source } = setUp();
    const early = ask('/a');
    clock.advance(10);
    await source.purge(selector, 'hard');
    const late = source.renew(targetOf('/a'), 'warm', stay);
    renders[1]?.finish({ text: 'new' });
    renders[0]?.finish({ text: 'old', tags: ['product-7'] });
    expect(textOf(await early)).toBe('old');
    expect(await late).toMatchObject({ from: 'render', rendered: { stored: true, joined: false } });
    expect(textOf(await ask('/a'))).toBe('new');
  });

  it('joins a render that began before a purge of another page', async () => {
    const { clock, renders, ask, source } = setUp();
    void ask('/a');
    clock.advance(10);
    await source.purge({ urls: ['https://shop.example/b'] }, 'hard');
    void ask('/a');
    expect(renders).toHaveLength(1);
  });

  it('stores a render that began before a purge of another page', async () => {
    const { clock, renders, ask, source } = setUp();
    const first = ask('/a');
    clock.advance(10);
    await source.purge({ urls: ['https://shop.example/b'] }, 'hard');
    renders[0]?.finish();
    await first;
    expect(fromOf(await ask('/a'))).toBe('hit');
  });

  it('answers without the cache when the cache is broken, and tells of it', async () => {
    const broken = () => {
      throw new Error('disk on fire');
    };
    const store: CacheStore = {
      get: broken,
      set: broken,
      delete: broken,
      purge: broken,
      list: broken,
      close: () => {},
    };
    const { renders, events, ask } = setUp({ store });
    const first = ask('/a');
    renders[0]?.finish({ text: 'all the same' });
    expect(textOf(await first)).toBe('all the same');
    expect(events.filter((event) => event.type === 'cache.failed').map((event) => event.operation)).toEqual([
      'get',
      'set',
    ]);
  });

  describe('asked to render anew', () => {
    const asker = { client: () => 'reader', gone: () => stay };

    it('renders a page that is fresh, and stores what it gets', async () => {
      const { renders, ask, source } = await withStoredPage();
      const anew = source.answerAnew(targetOf('/a'), asker);
      await settle();
      renders.at(-1)?.finish({ text: 'newer' });
      expect(await anew).toMatchObject({ from: 'render', rendered: { stored: true } });
      expect(textOf(await ask('/a'))).toBe('newer');
    });

    it.each([
      ['the render fails', (render: { fail(cause: unknown): void }) => render.fail(new RenderError('timeout', 'x'))],
      ['the application fails', (render: { finish(snapshot: object): void }) => render.finish({ status: 500 })],
    ])('answers with the stored page when %s', async (_, end) => {
      const { renders, source } = await withStoredPage();
      const anew = source.answerAnew(targetOf('/a'), asker);
      await settle();
      const last = renders.at(-1);
      if (last !== undefined) end(last);
      expect(await anew).toMatchObject({ kind: 'page', from: 'hit', entry: { status: 200 } });
    });

    it('does not join a renewal, which may come to its end without a render', async () => {
      const { clock, renders, ask, source } = await withStoredPage();
      clock.advance(61_000);
      await ask('/a');
      const before = renders.length;
      void source.answerAnew(targetOf('/a'), asker);
      await settle();
      expect(renders).toHaveLength(before + 1);
    });

    it('takes away the stored page when the application says that it is private now', async () => {
      const { renders, ask, source } = await withStoredPage();
      const anew = source.answerAnew(targetOf('/a'), asker);
      await settle();
      renders.at(-1)?.finish({ originCacheControl: 'private' });
      await anew;
      void ask('/a');
      expect(renders).toHaveLength(3);
    });
  });

  it('ends renewals under way when it closes', async () => {
    const { clock, renders, ask, source } = await withStoredPage();
    clock.advance(61_000);
    await ask('/a');
    source.close();
    expect(renders[1]?.signal.aborted).toBe(true);
  });
});
