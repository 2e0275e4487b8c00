import { describe, expect, it } from 'vitest';
import type { RenderFailure } from '../../src/errors.ts';
import type { PageTarget } from '../../src/page/page-target.ts';
import type { PageAnswer } from '../../src/serve/page-source.ts';
import type { WarmParts, WarmPlace } from '../../src/serve/warm-job.ts';
import type { PageList } from '../../src/serve/warm-list.ts';
import { createWarmUps } from '../../src/serve/warm-up.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { targetOf } from '../fakes/pages.ts';

function setUp({
  fresh = [] as string[],
  atOnce = 2,
  ...rest
}: Partial<Omit<WarmParts, 'atOnce'>> & { fresh?: string[]; atOnce?: number } = {}) {
  const clock = createFakeClock();
  const rendered: string[] = [];
  const warmUps = createWarmUps({
    placeOf: (url): WarmPlace => {
      if (!url.startsWith('/')) return { kind: 'foreign' };
      return url.endsWith('.pdf') ? { kind: 'excluded' } : { kind: 'pages', targets: [targetOf(url)] };
    },
    isFresh: async ({ url }) => fresh.some((path) => url.endsWith(path)),
    turn: (_, signal) => clock.sleep(100, signal),
    render: async (target) => {
      rendered.push(new URL(target.url).pathname);
      return page;
    },
    atOnce: () => atOnce,
    clock,
    ...rest,
  });
  return { clock, rendered, warmUps, pass: passer(clock) };
}

const page = { kind: 'page' } as PageAnswer;
const failure = (code: RenderFailure): PageAnswer => ({ kind: 'failed', code });

const pages =
  (count: number): PageList =>
  () =>
    Array.from({ length: count }, (_, n) => ({ url: `/${n}` }));
const these =
  (...urls: string[]): PageList =>
  () =>
    urls.map((url) => ({ url }));

/** Lets time go by in small steps, so that what waits for it gets on. */
function passer(clock: { advance(ms: number): void }) {
  return async (ms: number) => {
    for (let step = 0; step < ms / 10; step += 1) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

describe('a warm-up', () => {
  it('renders the most important pages first, those of one importance in the order of their list', async () => {
    const { warmUps, pass, rendered } = setUp({ atOnce: 1 });
    warmUps.start('the shop', () => [
      { url: '/imprint', priority: 0.1 },
      { url: '/1' },
      { url: '/2', priority: 0.5 },
      { url: '/', priority: 1 },
    ]);
    await pass(1000);
    expect(rendered).toEqual(['/', '/1', '/2', '/imprint']);
  });

  it('renders every page that is not fresh, and accounts for all the others', async () => {
    const { warmUps, pass } = setUp({
      fresh: ['/1'],
      render: async ({ url }) => (url.endsWith('/2') ? failure('timeout') : page),
    });
    const list: PageList = (notes) => {
      notes.disallowed('/admin');
      return these('/0', '/1', '/2', '/3', '/price.pdf', 'https://elsewhere.example/')(notes);
    };
    const id = warmUps.start('the shop', list) ?? '';
    await pass(1000);
    expect(warmUps.progress(id)).toMatchObject({
      what: 'the shop',
      state: 'done',
      listed: true,
      found: 7,
      rendered: 2,
      fresh: 1,
      excluded: 1,
      foreign: 1,
      disallowed: 1,
      failed: 1,
      failures: [{ url: 'https://shop.example/2', because: 'timeout' }],
      unread: [],
    });
  });

  it('lets others have their turn while it passes over pages that are fresh', async () => {
    const { warmUps } = setUp({ isFresh: async () => true });
    const id = warmUps.start('', pages(2000)) ?? '';
    let turns = 0;
    for (; warmUps.progress(id)?.state === 'running'; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(warmUps.progress(id)).toMatchObject({ found: 2000, fresh: 2000 });
    expect(turns).toBeGreaterThan(15);
  });

  it('counts a page for every device', async () => {
    const targets = [targetOf('/'), { ...targetOf('/'), device: 'mobile' } as PageTarget];
    const { warmUps, pass } = setUp({ placeOf: () => ({ kind: 'pages', targets }) });
    const id = warmUps.start('', these('/')) ?? '';
    await pass(500);
    expect(warmUps.progress(id)).toMatchObject({ found: 2, rendered: 2 });
  });

  it('says that a page failed when it could not be kept', async () => {
    const kept = (status: number, stored: boolean) =>
      ({ kind: 'page', from: 'render', entry: { status }, rendered: { stored } }) as PageAnswer;
    const answers: Record<string, PageAnswer> = {
      '/good': kept(200, true),
      '/private': kept(200, false),
      '/down': kept(502, false),
    };
    const { warmUps, pass } = setUp({ render: async ({ url }) => answers[new URL(url).pathname] ?? page });
    const id = warmUps.start('', these('/good', '/private', '/down')) ?? '';
    await pass(1000);
    const { rendered, failures } = warmUps.progress(id) ?? {};
    expect(rendered).toBe(1);
    expect(failures?.map(({ because }) => because)).toEqual(['not to be stored', 'status 502']);
  });

  it('takes what turns out not to be HTML for no page of ours', async () => {
    const { warmUps, pass } = setUp({ render: async () => failure('not-html') });
    const id = warmUps.start('', these('/feed')) ?? '';
    await pass(500);
    expect(warmUps.progress(id)).toMatchObject({ state: 'done', excluded: 1, failed: 0 });
  });

  it('waits while readers need all the room', async () => {
    let tries = 0;
    const { warmUps, pass } = setUp({
      render: async () => {
        tries += 1;
        return tries < 4 ? failure(tries < 3 ? 'overloaded' : 'no-browser') : page;
      },
    });
    const id = warmUps.start('', these('/a')) ?? '';
    await pass(12_000);
    expect(warmUps.progress(id)?.state).toBe('running');
    await pass(6_000);
    expect(warmUps.progress(id)).toMatchObject({ state: 'done', rendered: 1, failed: 0 });
  });

  it('has no more renders under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const clock = createFakeClock();
    const { warmUps } = setUp({
      clock,
      turn: async () => {},
      render: async (_, signal) => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.sleep(50, signal);
        underWay -= 1;
        return page;
      },
    });
    const id = warmUps.start('', pages(9)) ?? '';
    await passer(clock)(400);
    expect(warmUps.progress(id)?.state).toBe('done');
    expect(most).toBe(2);
  });

  it('pauses, goes on where it was, and stops', async () => {
    const { warmUps, rendered, pass } = setUp();
    const id = warmUps.start('', pages(100)) ?? '';
    await pass(500);
    expect(warmUps.pause(id)).toBe(true);
    expect(warmUps.pause(id)).toBe(false);
    await pass(200);
    const before = rendered.length;
    await pass(1000);
    expect(rendered.length).toBe(before);
    expect(warmUps.progress(id)?.state).toBe('paused');
    expect(warmUps.resume(id)).toBe(true);
    await pass(500);
    expect(rendered.length).toBeGreaterThan(before);
    expect(new Set(rendered).size).toBe(rendered.length);
    expect(warmUps.stop(id)).toBe(true);
    await pass(50);
    expect(warmUps.progress(id)).toMatchObject({ state: 'stopped', failed: 0 });
    expect(warmUps.stop(id)).toBe(false);
  });

  it('stops a render that is under way, and the reading of a list', async () => {
    const signals: AbortSignal[] = [];
    const { warmUps, pass } = setUp({
      render: (_, signal) => {
        signals.push(signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(failure('aborted'))));
      },
    });
    const rendering = warmUps.start('', pages(3)) ?? '';
    const reading =
      warmUps.start('', async function* ({ signal }) {
        signals.push(signal);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield { url: '/late' };
      }) ?? '';
    await pass(500);
    await warmUps.close();
    expect(signals).toHaveLength(3);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(warmUps.progress(rendering)).toMatchObject({ state: 'stopped', failed: 0 });
    expect(warmUps.progress(reading)).toMatchObject({ state: 'stopped', found: 0 });
    expect(warmUps.start('', pages(1))).toBeUndefined();
  });

  it('tells when its list breaks, and keeps what it has got', async () => {
    const { warmUps, pass } = setUp();
    const id =
      warmUps.start('the list', async function* ({ unread }) {
        yield { url: '/a' };
        unread('/b.xml', 'answered 404');
        throw new Error('broken');
      }) ?? '';
    await pass(500);
    expect(warmUps.progress(id)).toMatchObject({
      state: 'done',
      unread: [
        { url: '/b.xml', because: 'answered 404' },
        { url: 'the list', because: 'broken' },
      ],
    });
  });

  it('refuses the eleventh that would run, and forgets the oldest that ended', async () => {
    const { warmUps, pass } = setUp();
    const first = warmUps.start('first', pages(0)) ?? '';
    await pass(10);
    const running = Array.from({ length: 10 }, () => warmUps.start('', pages(1000)));
    expect(running).not.toContain(undefined);
    expect(warmUps.start('', pages(1))).toBeUndefined();
    for (const id of running) warmUps.stop(id ?? '');
    await pass(10);
    for (let n = 0; n < 12; n += 1) {
      warmUps.start('', pages(0));
      await pass(10);
    }
    expect(warmUps.progress(first)).toBeUndefined();
    expect(warmUps.jobs()).toHaveLength(20);
  });

  it('knows nothing of a job that it never began', async () => {
    const { warmUps } = setUp();
    expect(warmUps.progress('none')).toBeUndefined();
    expect(warmUps.stop('none')).toBe(false);
    expect(await warmUps.ended('none')).toBeUndefined();
  });
});
