import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { entrySchema, type StoredEntry } from './stored-entry.ts';

/**
 * One entry as bytes: a checksum (CRC-32, 4 bytes), the length of the head (4 bytes), the head (JSON: everything but the body), the body.
 * Head and body are compressed together with zstd: pages are text, and disks and networks are slower than it is.
 */
export function encodeEntry(entry: StoredEntry): Uint8Array {
  const { body, ...head } = entry;
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(headBytes.byteLength);
  const content = zstdCompressSync(Buffer.concat([length, headBytes, body]));
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([checksum, content]);
}

/** More than any page that is stored: a shared store may hold what others put there. */
const maxOutputLength = 128 * 1024 * 1024;

/** The entry again; undefined for bytes that are damaged, or of another schema. */
export function decodeEntry(bytes: Uint8Array): StoredEntry | undefined {
  try {
    const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const compressed = all.subarray(4);
    if (all.readUInt32BE(0) !== crc32(compressed)) return undefined;
    const content = zstdDecompressSync(compressed, { maxOutputLength });
    const headEnd = 4 + content.readUInt32BE(0);
    const head = JSON.parse(content.toString('utf8', 4, headEnd)) as Omit<StoredEntry, 'body'>;
    if (head.schema !== entrySchema) return undefined;
    return { ...head, body: content.subarray(headEnd) };
  } catch {
    return undefined;
  }
}
