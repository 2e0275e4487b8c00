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
  /** The page, from the thread that follows one that has ended. */
  const renderedNext = async (path: string) => {
    await said('has ended and is started again');
    clock.advance(2_000);
    for (;;) {
      const page = await render(path).catch(() => undefined);
      if (page !== undefined) return page;
      await new Promise(setImmediate);
    }
  };
  return { clock, rendering, render, said, renderedNext };
}

it('renders in the thread, and fails as it fails there', async () => {
  const { render } = await started();
  expect(await render('/a')).toMatchObject({ html: '/a' });
  await expect(render('/fail')).rejects.toMatchObject({ code: 'empty' });
});

it('goes on with another thread after one that has thrown, warm and with its ports', async () => {
  const { rendering, render, said, renderedNext } = await started();
  rendering.keepFrom(8080);
  rendering.keepFrom(9090);
  await rendering.warm();
  await expect(render('/throw')).rejects.toMatchObject({ code: 'crash' });
  await said('what nobody catches');
  expect(rendering.state().notReady).toEqual(['no rendering thread']);
  await expect(render('/a')).rejects.toMatchObject({ code: 'no-browser' });
  expect(await renderedNext('/ports')).toMatchObject({ html: '8080,9090' });
});

it('ends a thread that does not answer any more, and goes on with another', async () => {
  const { clock, render, said, renderedNext } = await started();
  const hanging = expect(render('/hang')).rejects.toMatchObject({ code: 'crash' });
  // The question, the limit, and once more a little for the case that it was this side that was late.
  for (const ms of [5_000, 15_000, 1_500]) {
    clock.advance(ms);
    await new Promise(setImmediate);
  }
  await hanging;
  await said('it did not answer any more');
  expect(await renderedNext('/a')).toMatchObject({ html: '/a' });
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

it('starts one thread for each that has ended, also when that was while it got warm', async () => {
  let threads = 0;
  const counted = () => void threads++;
  process.on('worker', counted);
  const { rendering, render, renderedNext } = await started();
  await render('/die-when-warmed');
  await expect(rendering.warm()).rejects.toMatchObject({ code: 'crash' });
  await renderedNext('/a');
  process.off('worker', counted);
  expect(threads).toBe(2);
});

it('knows of no stored page whether it has changed while there is no thread', async () => {
  const { rendering, render } = await started();
  const input = { method: 'GET', url: 'https://a.example/', status: 200, type: 'document' } as const;
  const whole = { ...input, bytes: 1, startedMs: 0, durationMs: 1, verdict: 'allowed' } as const;
  const recheck = () => rendering.recheck(whole, site, new AbortController().signal);
  expect(await recheck()).toBe('unchanged');
  await expect(render('/throw')).rejects.toMatchObject({ code: 'crash' });
  expect(await recheck()).toBe('unknown');
});

it('waits neither at a purge nor at its end for a thread that hangs', async () => {
  const { clock, rendering, render } = await started();
  const hanging = expect(render('/hang')).rejects.toMatchObject({ code: 'crash' });
  const purged = rendering.forgetAssets();
  clock.advance(2_000);
  await purged;
  const closed = rendering.close();
  clock.advance(4_000);
  await closed;
  await hanging;
});

it('says at the start why there is no thread', async () => {
  await expect(started(new URL('../fakes/no-such-file.ts', import.meta.url))).rejects.toThrow(
    /the rendering thread does not start: .*no-such-file/s,
  );
});

it('has nothing more to do with rendering once it is closed', async () => {
  const { rendering, render } = await started();
  await rendering.close();
  await expect(render('/a')).rejects.toMatchObject({ code: 'crash' });
});
