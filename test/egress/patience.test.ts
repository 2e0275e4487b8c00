import { expect, it } from 'vitest';
import { Patience } from '../../src/egress/patience.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const never = new Promise<string>(() => {});

it('what comes in time is had; what does not is given up when patience ends', async () => {
  const clock = createFakeClock();
  const patience = new Patience(clock, 300);
  expect(await patience.within(Promise.resolve('it'), 'otherwise')).toBe('it');
  const late = patience.within(never, 'otherwise');
  clock.advance(299);
  const state = () => Promise.race([late, Promise.resolve('still waiting')]);
  expect(await state()).toBe('still waiting');
  clock.advance(1);
  expect(await late).toBe('otherwise');
  expect(await patience.within(never, 'at once')).toBe('at once');
});

it('time in which several are waited for counts once, time in which none is waited for not at all', async () => {
  const clock = createFakeClock();
  const patience = new Patience(clock, 300);
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = patience.within(promise, 'otherwise');
  clock.advance(100);
  const second = patience.within(promise, 'otherwise');
  clock.advance(100);
  resolve('it');
  expect([await first, await second]).toEqual(['it', 'it']);
  clock.advance(10_000);
  const last = patience.within(never, 'otherwise');
  clock.advance(99);
  expect(await Promise.race([last, Promise.resolve('still waiting')])).toBe('still waiting');
  clock.advance(1);
  expect(await last).toBe('otherwise');
});
