import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseSize } from '../../src/config/units.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['0', 0],
    ['0s', 0],
    [' 5m ', 300_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '30', '-1s', '5 minutes', '1h30m', '1e3s', 's', '5constructor'])(
    'refuses %j and names the units',
    (text) => {
      expect(() => parseDuration(text)).toThrow(/with its unit, such as 500ms, 30s/);
    },
  );
});

describe('sizes', () => {
  it.each([
    ['512b', 512],
    ['32kb', 32_768],
    ['256MB', 268_435_456],
    ['0.5gb', 536_870_912],
  ])('%s is %i bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['32k', '1tb', '256', '-1mb'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(/with its unit, such as 32kb/);
  });

  it('never gives anything but a whole number of bytes, or refuses', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Number.isSafeInteger(parseSize(text))).toBe(true);
        } catch (cause) {
          expect((cause as Error).message).toMatch(/^must be a size/);
        }
      }),
    );
  });
});
