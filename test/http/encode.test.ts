import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodedBody, negotiateEncoding } from '../../src/http/encode.ts';
import { entryOf } from '../contract/cache-store.ts';

describe('content coding', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, zstd', 'zstd'],
    ['x-gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['*', 'br'],
    ['*;q=0', 'identity'],
    ['identity', 'identity'],
    ['identity;q=1, gzip;q=0.2', 'identity'],
    ['GZIP', 'gzip'],
    ['gzip;q=nonsense', 'identity'],
    ['deflate', 'identity'],
    [';;,,=', 'identity'],
  ])('answers Accept-Encoding %j in %s', (accept, expected) => {
    expect(negotiateEncoding(accept).encoding).toBe(expected);
  });

  it.each([
    ['identity;q=0', 'gzip'],
    ['identity;q=0, br;q=0', 'gzip'],
    ['gzip, identity;q=0', 'gzip'],
    ['zstd;q=0.1, *;q=0', 'zstd'],
    ['identity;q=0, *;q=0.5', 'br'],
  ] as const)('sends no plain body, however small, to whoever refuses it: %j gets %s', async (accept, encoding) => {
    const small = entryOf('/small');
    const { bytes, ...body } = await encodedBody(small, negotiateEncoding(accept));
    expect(body).toEqual({ encoding });
    expect(decoders[encoding](bytes)).toEqual(Buffer.from(small.body));
  });

  it.each(['*;q=0', 'gzip;q=0, identity;q=0'])('answers without coding where nothing is acceptable: %j', (accept) => {
    expect(encodedBody(entry, negotiateEncoding(accept))).toMatchObject({ encoding: 'identity' });
  });

  const entry = entryOf('/a', { body: Buffer.from('hello '.repeat(1000)) });
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync };

  it.each(['br', 'gzip', 'zstd'] as const)('encodes with %s to the same bytes, once', async (encoding) => {
    const [first, second] = await Promise.all([
      encodedBody(entry, { encoding, plain: true }),
      encodedBody(entry, { encoding, plain: true }),
    ]);
    expect(first).toBe(second);
    expect(decoders[encoding](first.bytes).toString()).toBe('hello '.repeat(1000));
    expect(encodedBody(entry, { encoding, plain: true })).toBe(first);
  });

  it('leaves small bodies as they are', () => {
    expect(encodedBody(entryOf('/small'), negotiateEncoding('br'))).toMatchObject({ encoding: 'identity' });
  });
});
