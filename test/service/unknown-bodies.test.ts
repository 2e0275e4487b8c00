import { expect, it } from 'vitest';
import type { JsonBody } from '../../src/json-body.ts';
import { createUnknownBodies } from '../../src/service/unknown-bodies.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const never = () => new Promise<JsonBody>(() => {});
const order: JsonBody = { kind: 'json', value: { url: 'https://www.example.com/' } };

it('are waited for five seconds, however steadily they come', async () => {
  const clock = createFakeClock();
  const slow = createUnknownBodies(clock)(never());
  clock.advance(4_999);
  expect(await Promise.race([slow, Promise.resolve('waiting')])).toBe('waiting');
  clock.advance(1);
  expect(await slow).toMatchObject({ kind: 'given-up', status: 408, because: 'too-slow' });
});

it('give way to those who come later, the oldest first', async () => {
  const wait = createUnknownBodies(createFakeClock());
  const slow = Array.from({ length: 8 }, () => wait(never()));
  expect(await wait(Promise.resolve(order))).toEqual(order);
  expect(await slow[0]).toMatchObject({ kind: 'given-up', status: 429, because: 'too-many' });
  const second = slow[1];
  // One place is free again.
  void wait(never());
  expect(await Promise.race([second, Promise.resolve('waiting')])).toBe('waiting');
  void wait(never());
  expect(await second).toMatchObject({ status: 429 });
});

it('have no part in it any more when they have come or broken off', async () => {
  const wait = createUnknownBodies(createFakeClock());
  const first = wait(never());
  for (let turn = 0; turn < 20; turn += 1) await wait(Promise.resolve(order));
  await expect(wait(Promise.reject(new Error('broken off')))).rejects.toThrow('broken off');
  expect(await Promise.race([first, Promise.resolve('waiting')])).toBe('waiting');
});
