import { describe, expect, it } from 'vitest';
import { cacheControl, deltaSecondsMs } from '../../src/page/cache-control.ts';

describe('Cache-Control', () => {
  it('is read with its odd spellings; the first of two counts', () => {
    const control = cacheControl(['Max-Age = 5 ,no-cache="a, b"', 'max-age=7,, stale-if-error']);
    expect([...control]).toEqual([
      ['max-age', '5'],
      ['no-cache', 'a, b'],
      ['stale-if-error', ''],
    ]);
  });

  it.each([
    ['60', 60_000],
    ['0', 0],
    ['99999999999999999999', 2 ** 31 * 1000],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('takes %j for a time of %j ms', (text, ms) => {
    expect(deltaSecondsMs(text)).toBe(ms);
  });
});
