import { expect, it } from 'vitest';
import { makeClock } from '../../../src/render/in-page/clock.ts';
import { keepNatives } from '../../../src/render/in-page/natives.ts';
import { keepPrimordials } from '../../../src/render/in-page/primordials.ts';
import { FakePage } from './fake-page.ts';

function clockOnPage() {
  const page = new FakePage();
  const clock = makeClock(page.window, keepNatives(page.window, keepPrimordials()));
  return { page, window: page.window, clock };
}

it('tells real time until it is moved', async () => {
  const { page, window, clock } = clockOnPage();
  await page.pass(70);
  expect([clock.now(), window.performance.now(), window.Date.now(), new window.Date().getTime()]).toEqual([
    70, 70, 70, 70,
  ]);
});

it('moves every clock of the page by the same amount', async () => {
  const { page, window, clock } = clockOnPage();
  await page.pass(70);
  clock.shift(4000);
  await page.pass(5);
  expect([clock.now(), window.performance.now(), window.Date.now(), new window.Date().getTime()]).toEqual(
    Array(4).fill(4075),
  );
  expect(clock.skipped()).toBe(4000);
});

it('never has a delay look too short to Date, which counts whole milliseconds', async () => {
  const { page, window, clock } = clockOnPage();
  for (const passedMs of [0.3, 0.6, 0.9, 0.2]) {
    const [beganMs, began] = [clock.now(), window.Date.now()];
    await page.pass(passedMs);
    clock.shift(beganMs + 1950 - clock.now());
    expect(clock.now() - beganMs).toBeGreaterThanOrEqual(1950);
    expect(window.Date.now() - began).toBeGreaterThanOrEqual(1950);
  }
});

it('leaves dates alone that are made from something', () => {
  const { window, clock } = clockOnPage();
  clock.shift(4000);
  expect(new window.Date(7).getTime()).toBe(7);
});

it('keeps Date what it was to instanceof, subclasses and plain calls', () => {
  const { window } = clockOnPage();
  class Later extends window.Date {
    isLater() {
      return true;
    }
  }
  const later = new Later();
  expect(later.isLater()).toBe(true);
  expect(later).toBeInstanceOf(window.Date);
  expect(window.Date.prototype.constructor).toBe(window.Date);
  expect(typeof window.Date()).toBe('string');
});

it('starts a frame that is made later at the hour of its parent', () => {
  const { window: parent, clock: parentClock } = clockOnPage();
  parentClock.shift(3000);
  const inner = new FakePage();
  Object.assign(inner.window, { parent });
  const clock = makeClock(inner.window, keepNatives(inner.window, keepPrimordials()));
  expect(clock.now()).toBe(3000);
});

it('starts at zero inside a parent that may not be asked', () => {
  const inner = new FakePage();
  const stranger = {
    get Date(): never {
      throw new Error('cross-origin');
    },
  };
  Object.assign(inner.window, { parent: stranger });
  expect(makeClock(inner.window, keepNatives(inner.window, keepPrimordials())).skipped()).toBe(0);
});
