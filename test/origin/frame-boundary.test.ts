import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBoundary } from '../../src/origin/frame-boundary.ts';

function frame(length: number, masked: boolean): Buffer {
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  size[0] = (size[0] ?? 0) | (masked ? 0x80 : 0);
  return Buffer.concat([Buffer.from([0x82, ...size]), Buffer.alloc(masked ? 4 : 0, 1), Buffer.alloc(length, 0x88)]);
}

describe('the end of a WebSocket frame', () => {
  it('is found however the stream is cut into pieces', () => {
    const frames = fc.array(
      fc.record({
        length: fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
        masked: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }),
        (made, cuts) => {
          const parts = made.map(({ length, masked }) => frame(length, masked));
          const stream = Buffer.concat(parts);
          const ends: number[] = [];
          const boundary = new FrameBoundary();
          for (let at = 0, cut = 0; at < stream.length; cut += 1) {
            const piece = stream.subarray(at, at + (cuts[cut % cuts.length] ?? 1));
            for (let within = 0; within < piece.length; ) {
              within += boundary.advance(piece.subarray(within));
              if (boundary.reached) ends.push(at + within);
            }
            at += piece.length;
          }
          let end = 0;
          expect(ends).toEqual(parts.map((part) => (end += part.length)));
        },
      ),
      { numRuns: 200 },
    );
  });
});
