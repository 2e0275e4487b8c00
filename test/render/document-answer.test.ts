import { expect, it } from 'vitest';
import { originCacheControlOf } from '../../src/render/document-answer.ts';

it.each([
  ['as it came', [['cache-control', 'no-store']], 'no-store'],
  [
    'as it was before the egress',
    [
      ['cache-control', 'no-cache'],
      ['x-preface-cache-control', 'max-age=7'],
    ],
    'max-age=7',
  ],
  [
    'as missing where it was',
    [
      ['cache-control', 'no-cache'],
      ['x-preface-cache-control', ''],
    ],
    undefined,
  ],
] as const)("takes the origin's own Cache-Control %s", (_, headers, own) => {
  expect(originCacheControlOf({ headers })).toBe(own);
});
