import { expect, it } from 'vitest';
import { setLatest } from '../src/latest.ts';

it('keeps the keys that were set last: one that is set again is as good as new', () => {
  const kept = new Map<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
  ] as const)
    setLatest(kept, key, value, 2);
  expect([...kept]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});
