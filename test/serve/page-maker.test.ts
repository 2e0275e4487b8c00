import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Renderer } from '../../src/render/renderer.ts';
import type { Revalidate } from '../../src/serve/page-maker.ts';
import { createPageSource } from '../../src/serve/page-source.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { snapshotOf, targetOf } from '../fakes/pages.ts';

const storage = {
  freshMs: 1000,
  staleWhileRevalidateMs: 10_000,
  staleIfErrorMs: 100_000,
  negativeFreshMs: 1000,
  followOrigin: false,
};
const asker = { client: () => '', gone: () => new AbortController().signal };

function setUp(states: Awaited<ReturnType<Revalidate>>[], htmlOf = (n: number) => `page ${n}`) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  let renders = 0;
  const renderer: Renderer = {
    async render() {
      renders += 1;
      return snapshotOf(htmlOf(renders), clock.now());
    },
  };
  const pages = createPageSource({
    store: createMemoryStore({ maxBytes: 1e6 }),
    renderer,
    clock,
    report: (event) => events.push(event),
    storageFor: () => storage,
    longestRenderMs: 1000,
    revalidate: async () => states.shift(),
  });
  const ask = async () => {
    const answer = await pages.answer(targetOf('/a'), asker);
    await new Promise((resolve) => setImmediate(resolve));
    return answer.kind === 'page' ? `${answer.from} ${Buffer.from(answer.entry.body)}` : answer.code;
  };
  const told = () => events.flatMap((event) => (event.type === 'revalidated' ? [event.result] : []));
  return { clock, pages, ask, told, renders: () => renders };
}

describe('the renewal of a stale page', () => {
  it('needs no browser when nothing that it was made from has changed', async () => {
    const { clock, ask, told, renders } = setUp(['unchanged']);
    await ask();
    clock.advance(1500);
    expect(await ask()).toBe('stale page 1');
    expect(await ask()).toBe('hit page 1');
    expect(renders()).toBe(1);
    expect(told()).toEqual(['unchanged']);
  });

  it('is told as such to the one who had to wait for it', async () => {
    const { clock, ask, renders } = setUp(['unchanged']);
    await ask();
    clock.advance(50_000);
    expect(await ask()).toBe('revalidated page 1');
    expect(renders()).toBe(1);
  });

  it('is a render when something has changed, or nobody can tell', async () => {
    const { clock, ask, told, renders } = setUp(['changed', 'unknown', undefined]);
    await ask();
    for (const expected of ['render page 2', 'render page 3', 'render page 4']) {
      clock.advance(50_000);
      expect(await ask()).toBe(expected);
    }
    expect(renders()).toBe(4);
    expect(told()).toEqual(['changed', 'failed']);
  });

  it('says so when changes lead to the same page again and again', async () => {
    const { clock, ask, told } = setUp(['changed', 'changed', 'changed'], () => 'always the same');
    await ask();
    for (let round = 0; round < 3; round += 1) {
      clock.advance(50_000);
      await ask();
    }
    expect(told()).toEqual(['changed', 'changed', 'gave-up']);
  });

  it('does not bring back what was purged while its inputs were asked', async () => {
    const { clock, ask, pages, renders } = setUp(['unchanged']);
    await ask();
    clock.advance(1500);
    const asked = ask();
    await pages.purge({ urls: ['https://shop.example/a'] }, 'hard');
    await asked;
    await ask();
    expect(renders()).toBe(2);
  });
});
