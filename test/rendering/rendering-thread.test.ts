import { afterEach, expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { pageTarget } from '../../src/page/page-key.ts';
import type { Rendering } from '../../src/rendering/rendering.ts';
import { startRenderingThread } from '../../src/rendering/rendering-thread.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

// How the thread is kept going, with one that has no browser in it.

const fakeThread = new URL('../fakes/rendering-thread.ts', import.meta.url);
const config = configFrom({ origin: 'http://127.0.0.1:4000', publicUrl: 'https://a.example' });
const site = { publicUrl: new URL('https://a.example'), originUrl: new URL('http://127.0.0.1:4000'), hosts: [] };

let running: Rendering | undefined;
afterEach(() => running?.close());

async function started(file = fakeThread) {
  const clock = createFakeClock();
  const events: PrefaceEvent[] = [];
  let heard = Promise.withResolvers<void>();
  const report = (event: PrefaceEvent) => {
    events.push(event);
    heard.resolve();
    heard = Promise.withResolvers();
  };
  running = await startRenderingThread(config, '1', { clock, report }, file);
  const rendering = running;
  const render = (path: string) => {
    const target = pageTarget(site, path, 'desktop', () => true);
    if (target === undefined) throw new Error(path);
    return rendering.renderer.render({ target, priority: 'interactive', client: '' }, new AbortController().signal);
  };
  /** What was reported, once it holds these words. */
  const said = async (words: string) => {
    const has = () => events.some((event) => 'message' in event && event.message.includes(words));
    while (!has()) await heard.promise;
  };
  /** The page, as soon as there is a thread again. */
  const untilRendered = async (path: string) => {
    for (;;) {
      const page = await render(path).catch(() => undefined);
      if (page !== undefined) return page;
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
  };
  return { clock, rendering, render, said, untilRendered };
}

it('renders in the thread, and fails as it fails there', async () => {
  const { render } = await started();
  expect(await render('/a')).toMatchObject({ html: '/a' });
  await expect(render('/fail')).rejects.toMatchObject({ code: 'empty' });
});

it('goes on with another thread after one that has thrown, warm and with its ports', async () => {
  const { rendering, render, said, untilRendered } = await started();
  rendering.keepFrom(8080);
  rendering.keepFrom(9090);
  await rendering.warm();
  await expect(render('/throw')).rejects.toMatchObject({ code: 'crash' });
  await said('what nobody catches');
  expect(rendering.state().notReady).toEqual(['no rendering thread']);
  await expect(render('/a')).rejects.toMatchObject({ code: 'no-browser' });
  expect(await untilRendered('/ports')).toMatchObject({ html: '8080,9090' });
});

it('ends a thread that does not answer any more, and goes on with another', async () => {
  const { clock, render, said, untilRendered } = await started();
  const hanging = expect(render('/hang')).rejects.toMatchObject({ code: 'crash' });
  // The question, the limit, and once more a little for the case that it was this side that was late.
  for (const ms of [5_000, 15_000, 1_500]) {
    clock.advance(ms);
    await new Promise(setImmediate);
  }
  await hanging;
  await said('it did not answer any more');
  expect(await untilRendered('/a')).toMatchObject({ html: '/a' });
});

it('lets a thread be that answers in time', async () => {
  const { clock, render } = await started();
  for (let seconds = 0; seconds < 60; seconds += 5) {
    clock.advance(5_000);
    // Its turn comes with the answer to this.
    await render('/a');
  }
  expect(await render('/b')).toMatchObject({ html: '/b' });
});

it('says at the start why there is no thread', async () => {
  await expect(started(new URL('../fakes/no-such-file.ts', import.meta.url))).rejects.toThrow(/no-such-file/);
});

it('has nothing more to do with rendering once it is closed', async () => {
  const { rendering, render } = await started();
  await rendering.close();
  await expect(render('/a')).rejects.toMatchObject({ code: 'crash' });
});
