import { describe, expect, it } from 'vitest';
import { makeAccount } from '../../../src/render/in-page/account.ts';
import { makeClock } from '../../../src/render/in-page/clock.ts';
import { makeFrames } from '../../../src/render/in-page/frames.ts';
import { keepNatives } from '../../../src/render/in-page/natives.ts';
import { keepPrimordials } from '../../../src/render/in-page/primordials.ts';
import { makeScheduler } from '../../../src/render/in-page/scheduler.ts';
import { makeTimerQueue } from '../../../src/render/in-page/timer-queue.ts';
import { FakePage } from './fake-page.ts';

function schedulerOnPage() {
  const page = new FakePage();
  const natives = keepNatives(page.window, keepPrimordials());
  const clock = makeClock(page.window, natives);
  const account = makeAccount(natives);
  const frames = makeFrames(natives, true, undefined);
  const scheduler = makeScheduler(page.window, natives, clock, account, makeTimerQueue(natives), frames);
  const log: unknown[] = [];
  /** Runs everything due by then, as a jump does. */
  const jump = (ms: number) => {
    const until = clock.now() + ms;
    while (scheduler.runNext(until));
  };
  return { page, window: page.window, scheduler, clock, log, jump, note: (word: unknown) => () => log.push(word) };
}

describe('in real time', () => {
  it('runs a timer when it is due, with its arguments and the window as this', async () => {
    const { page, window, log } = schedulerOnPage();
    window.setTimeout(
      function (this: unknown, ...given: unknown[]) {
        log.push(this === window, ...given);
      },
      100,
      1,
      'two',
    );
    await page.pass(99);
    expect(log).toEqual([]);
    await page.pass(1);
    expect(log).toEqual([true, 1, 'two']);
  });

  it('keeps an interval going until it is cleared', async () => {
    const { page, window, log, note } = schedulerOnPage();
    const id = window.setInterval(note('tick'), 100);
    await page.pass(350);
    window.clearInterval(id);
    await page.pass(500);
    expect(log).toEqual(['tick', 'tick', 'tick']);
  });

  it('runs a callback for a frame in a frame that is really produced', async () => {
    const { page, window, log, note } = schedulerOnPage();
    window.requestAnimationFrame(note('frame'));
    await page.pass(1000);
    expect(log).toEqual([]);
    await page.frame();
    expect(log).toEqual(['frame']);
  });

  it('reports what a callback throws as an uncaught error and goes on', async () => {
    const { page, window, log, note } = schedulerOnPage();
    window.setTimeout(() => {
      throw new Error('boom');
    }, 10);
    window.setTimeout(note('after'), 10);
    await page.pass(20);
    expect(page.errors).toMatchObject([{ message: 'boom' }]);
    expect(log).toEqual(['after']);
  });
});

describe('in a jump', () => {
  it('runs timers in the order in which they are due, equal ones as they were set', () => {
    const { window, log, note, jump } = schedulerOnPage();
    window.setTimeout(note('c'), 100);
    window.setTimeout(note('b'), 50);
    window.setTimeout(note('d'), 100);
    window.setTimeout(note('a'));
    jump(100);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('shows each callback the time at which it is due', () => {
    const { window, log, jump } = schedulerOnPage();
    for (const ms of [30, 4000, 700]) window.setTimeout(() => log.push(window.performance.now()), ms);
    jump(5000);
    expect(log).toEqual([30, 700, 4000]);
  });

  it('runs timers that were set on the way, and no more than is due by its end', () => {
    const { window, log, note, jump } = schedulerOnPage();
    window.setTimeout(() => window.setTimeout(() => window.setTimeout(note('third'), 100), 100), 100);
    jump(250);
    expect(log).toEqual([]);
    jump(100);
    expect(log).toEqual(['third']);
  });

  it('lets intervals ride along', () => {
    const { window, log, note, jump } = schedulerOnPage();
    window.setInterval(note('tick'), 300);
    window.setTimeout(note('timer'), 1000);
    jump(1000);
    expect(log).toEqual(['tick', 'tick', 'tick', 'timer']);
  });

  it('runs frames sixty times a second, and fewer of a loop that goes on and on', () => {
    const { window, jump } = schedulerOnPage();
    let frames = 0;
    const loop = () => {
      frames++;
      window.requestAnimationFrame(loop);
    };
    loop();
    jump(1000);
    expect(frames).toBeGreaterThan(58);
    expect(frames).toBeLessThan(63);
    jump(10_000);
    expect(frames).toBeGreaterThan(200);
    expect(frames).toBeLessThan(260);
  });

  it('slows down a chain of timers without delay, so that it has an end', () => {
    const { window, jump } = schedulerOnPage();
    let runs = 0;
    const chain = () => {
      runs++;
      window.setTimeout(chain);
    };
    chain();
    jump(10_000);
    expect(runs).toBeGreaterThan(150);
    expect(runs).toBeLessThan(300);
  });

  it('wakes up in time for what is left when real time goes on', async () => {
    const { page, window, log, note, jump } = schedulerOnPage();
    window.setTimeout(note('first'), 1000);
    window.setTimeout(note('second'), 1500);
    jump(1000);
    await page.pass(499);
    expect(log).toEqual(['first']);
    await page.pass(1);
    expect(log).toEqual(['first', 'second']);
  });
});

describe('what the page may do', () => {
  it('clears any timer with either function, also from inside it', () => {
    const { window, log, note, jump } = schedulerOnPage();
    window.clearInterval(window.setTimeout(note('never'), 10));
    window.clearTimeout(window.setInterval(note('never'), 10));
    const id = window.setInterval(() => {
      log.push('once');
      window.clearInterval(id);
    }, 10);
    jump(100);
    expect(log).toEqual(['once']);
  });

  it('gives a string to be run', () => {
    const { window, jump } = schedulerOnPage();
    const globals = globalThis as { ranFromString?: number };
    window.setTimeout('globalThis.ranFromString = 1', 10);
    jump(10);
    expect(globals.ranFromString).toBe(1);
    delete globals.ranFromString;
  });

  it('gives a delay that is no number, negative or too large, which then is none', () => {
    const { window, log, note, jump } = schedulerOnPage();
    window.setTimeout(note('text'), 'soon' as unknown as number);
    window.setTimeout(note('negative'), -5);
    window.setTimeout(note('infinite'), Number.POSITIVE_INFINITY);
    jump(0);
    expect(log).toEqual(['text', 'negative', 'infinite']);
  });

  it('asks for an idle callback and gets time that remains', () => {
    const { window, log, jump } = schedulerOnPage();
    window.requestIdleCallback((deadline) => log.push(deadline.didTimeout, deadline.timeRemaining() > 0));
    jump(10);
    expect(log).toEqual([false, true]);
  });
});

describe('modes', () => {
  it('"once" leaves intervals, frames and timers set later alone, and tells of the others only', () => {
    const { window, scheduler, log, note, jump } = schedulerOnPage();
    window.setInterval(note('tick'), 100);
    window.requestAnimationFrame(note('frame'));
    window.setTimeout(() => window.setTimeout(note('later'), 100), 1000);
    window.setTimeout(note('timer'), 2000);
    scheduler.setMode('once');
    expect(scheduler.due()).toBe(1000);
    jump(5000);
    expect(log).toEqual(['timer']);
    expect(scheduler.due()).toBeUndefined();
  });

  it('"nothing" holds everything until "all" is said again', async () => {
    const { page, window, scheduler, log, note } = schedulerOnPage();
    window.setTimeout(note('timer'), 100);
    window.requestAnimationFrame(note('frame'));
    scheduler.setMode('nothing');
    await page.pass(1000);
    await page.frame();
    expect(log).toEqual([]);
    scheduler.setMode('all');
    await page.pass(1);
    await page.frame();
    expect(log).toEqual(['timer', 'frame']);
  });
});
