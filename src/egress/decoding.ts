import type { Transform } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  zstdDecompressSync,
} from 'node:zlib';

/**
 * Bodies are decoded here and reach Chromium plain: the size that counts is the decoded one (a small body can unfold
 * to gigabytes), the hash of an input must not depend on how it was packed, and a stored asset is unpacked once.
 */
export type Coding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

/** The coding of a body; undefined for one that was not asked for or is nested, which no browser sends or needs. */
export function codingOf(field: string | string[] | undefined): Coding | undefined {
  const name = String(field ?? '')
    .trim()
    .toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  if (name === 'x-gzip') return 'gzip';
  return name === 'gzip' || name === 'deflate' || name === 'br' || name === 'zstd' ? name : undefined;
}

// What was sent before an early end is delivered, as browsers do.
const lenient = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };

const chunkSize = 64 * 1024;

/** `first` is the body's first byte: "deflate" is sent both with and without its zlib wrapper. */
export function createDecoder(coding: Exclude<Coding, 'identity'>, first: number): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip({ ...lenient, chunkSize });
    case 'deflate':
      return (first & 0x0f) === 8
        ? createInflate({ ...lenient, chunkSize })
        : createInflateRaw({ ...lenient, chunkSize });
    case 'br':
      return createBrotliDecompress({ chunkSize });
    case 'zstd':
      return createZstdDecompress({ chunkSize });
  }
}

/** What is decoded in one go, which holds up everybody else meanwhile: about a millisecond. */
export const smallDecodedBytes = 1024 * 1024;

/** Decodes a small body in one step; undefined when that does not work (it is broken, or grows beyond `maxBytes`). */
export function decodeNow(body: Buffer, coding: Coding, maxBytes: number): Buffer | undefined {
  if (coding === 'identity' || body.byteLength === 0) return body;
  const limit = { maxOutputLength: Math.max(1, maxBytes), chunkSize: likelySize(body, coding, maxBytes) };
  try {
    if (coding === 'gzip') return gunzipSync(body, { ...lenient, ...limit });
    if (coding === 'br') return brotliDecompressSync(body, limit);
    if (coding === 'zstd') return zstdDecompressSync(body, limit);
  } catch {
    // The stream decoder delivers what can be delivered, and bounds the rest.
  }
  return undefined;
}

/** The size of the buffer to decode into: with a good guess there is one, and nothing to join. gzip ends with the answer. */
function likelySize(body: Buffer, coding: Coding, maxBytes: number): number {
  const told =
    coding === 'gzip' && body.byteLength > 18 ? body.readUInt32LE(body.byteLength - 4) + 64 : 5 * body.byteLength;
  return Math.min(Math.max(told, 1024), maxBytes, 1024 * 1024) || 1024;
}
