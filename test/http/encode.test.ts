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
    expect(negotiateEncoding(accept)).toBe(expected);
  });

  const entry = entryOf('/a', { body: Buffer.from('hello '.repeat(1000)) });
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync };

  it.each(['br', 'gzip', 'zstd'] as const)('encodes with %s to the same bytes, once', async (encoding) => {
    const [first, second] = await Promise.all([encodedBody(entry, encoding), encodedBody(entry, encoding)]);
    expect(first).toBe(second);
    expect(decoders[encoding](first.bytes).toString()).toBe('hello '.repeat(1000));
    expect(encodedBody(entry, encoding)).toBe(first);
  });

  it('leaves small bodies as they are', () => {
    expect(encodedBody(entryOf('/small'), 'br')).toMatchObject({ encoding: 'identity' });
  });
});
