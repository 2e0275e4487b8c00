import { expect, it } from 'vitest';
import { DeadlineError, unless, within } from '../../src/render/deadline.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const forever = new Promise<never>(() => {});

it('gives up work that takes longer than its limit', async () => {
  const clock = createFakeClock();
  const waiting = within(clock, 100, 'the work', forever);
  clock.advance(100);
  await expect(waiting).rejects.toThrow(DeadlineError);
  await expect(waiting).rejects.toThrow('the work: no answer within 100 ms');
});

it('gives the result, or the failure, of work that is done in time', async () => {
  const clock = createFakeClock();
  expect(await within(clock, 100, 'the work', Promise.resolve('done'))).toBe('done');
  await expect(within(clock, 100, 'the work', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('leaves work when its signal is aborted, with the reason of that', async () => {
  const leaver = new AbortController();
  const waiting = unless(leaver.signal, forever);
  leaver.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(unless(leaver.signal, Promise.resolve('late'))).rejects.toThrow('enough');
  expect(await unless(new AbortController().signal, Promise.resolve('done'))).toBe('done');
});
