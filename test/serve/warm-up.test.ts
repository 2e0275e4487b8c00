import { describe, expect, it } from 'vitest';
import type { PageTarget } from '../../src/page/page-target.ts';
import type { PageAnswer } from '../../src/serve/page-source.ts';
import { createWarmUps } from '../../src/serve/warm-up.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { targetOf } from '../fakes/pages.ts';

function setUp({ fresh = [] as string[], failing = [] as string[], perSecond = 10, atOnce = 2 } = {}) {
  const clock = createFakeClock();
  const rendered: string[] = [];
  const warmUps = createWarmUps({
    targetsOf: ({ url, lastModified }) => (url.startsWith('/') ? [{ target: targetOf(url), lastModified }] : []),
    isFresh: async ({ target }) => fresh.some((path) => target.url.endsWith(path)),
    render: async (target: PageTarget): Promise<PageAnswer> => {
      rendered.push(target.url);
      if (failing.some((path) => target.url.endsWith(path))) return { kind: 'failed', code: 'timeout' };
      return { kind: 'page' } as PageAnswer;
    },
    clock,
    report: () => {},
    perSecond,
    atOnce,
  });
  const pages = (count: number) => Array.from({ length: count }, (_, n) => ({ url: `/${n}` }));
  /** Lets time go by in small steps, so that what waits for it gets on. */
  async function pass(ms: number): Promise<void> {
    for (let step = 0; step < ms / 10; step += 1) {
      clock.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { clock, rendered, warmUps, pages, pass };
}

describe('a warm-up', () => {
  it('renders every page that is not fresh, and tells of what failed and what was not ours', async () => {
    const { warmUps, pages, pass } = setUp({ fresh: ['/1'], failing: ['/2'] });
    const id = warmUps.start([...pages(4), { url: 'https://elsewhere.example/' }]);
    await pass(1000);
    expect(warmUps.progress(id)).toMatchObject({
      state: 'done',
      found: 5,
      rendered: 2,
      fresh: 1,
      foreign: 1,
      failed: 1,
    });
    expect(warmUps.progress(id)?.failures).toEqual([{ url: 'https://shop.example/2', because: 'timeout' }]);
  });

  it('keeps to its rate', async () => {
    const { warmUps, rendered, pages, pass } = setUp({ perSecond: 5 });
    warmUps.start(pages(100));
    await pass(1000);
    expect(rendered.length).toBeGreaterThanOrEqual(5);
    expect(rendered.length).toBeLessThanOrEqual(6);
  });

  it('pauses, goes on where it was, and stops', async () => {
    const { warmUps, rendered, pages, pass } = setUp();
    const id = warmUps.start(pages(100));
    await pass(500);
    expect(warmUps.pause(id)).toBe(true);
    await pass(200);
    const before = rendered.length;
    await pass(1000);
    expect(rendered.length).toBe(before);
    expect(warmUps.resume(id)).toBe(true);
    await pass(500);
    expect(rendered.length).toBeGreaterThan(before);
    expect(new Set(rendered).size).toBe(rendered.length);
    expect(warmUps.stop(id)).toBe(true);
    await pass(50);
    expect(warmUps.progress(id)?.state).toBe('stopped');
  });

  it('knows nothing of a job that it never began', () => {
    const { warmUps } = setUp();
    expect(warmUps.progress('none')).toBeUndefined();
    expect(warmUps.stop('none')).toBe(false);
  });
});
