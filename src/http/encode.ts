import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import type { StoredEntry } from '../cache/stored-entry.ts';
import { headerValue } from '../page/headers.ts';

export type Encoding = 'br' | 'zstd' | 'gzip' | 'identity';

/** Ours in order of preference: smallest first. */
const preferred: readonly Encoding[] = ['br', 'zstd', 'gzip'];

/** Smaller bodies would gain nothing that one network packet does not hide. */
const minCompressibleBytes = 860;

/** What a client takes, by its `Accept-Encoding`. */
export interface Accepted {
  /** The best coding for it. */
  readonly encoding: Encoding;
  /** Whether a body without coding will do as well. */
  readonly plain: boolean;
}

/** By `Accept-Encoding` (RFC 9110 §12.5.3): the best quality, then our order; `identity` when in doubt. */
export function negotiateEncoding(acceptEncoding: string | undefined): Accepted {
  if (acceptEncoding === undefined || acceptEncoding === '') return unsaid;
  const known = negotiated.get(acceptEncoding);
  if (known !== undefined) return known;
  const chosen = choose(acceptEncoding);
  if (negotiated.size < maxRemembered) negotiated.set(acceptEncoding, chosen);
  return chosen;
}

const unsaid: Accepted = { encoding: 'identity', plain: true };

// Clients send the same few dozen values over and over.
const negotiated = new Map<string, Accepted>();
const maxRemembered = 200;

function choose(acceptEncoding: string): Accepted {
  const qualities = new Map(acceptEncoding.split(',').map(codingAndQuality));
  const said = (encoding: Encoding) =>
    qualities.get(encoding) ?? (encoding === 'gzip' ? qualities.get('x-gzip') : undefined) ?? qualities.get('*');
  const plain = said('identity') !== 0;
  const identity = qualities.get('identity') ?? 0;
  let best: Encoding = 'identity';
  let bestQuality = 0;
  for (const encoding of preferred) {
    const quality = said(encoding) ?? 0;
    if (quality > bestQuality && quality >= identity) {
      best = encoding;
      bestQuality = quality;
    }
  }
  // Who refuses the plain body and names nothing else can read gzip more likely than an answer 406.
  if (best === 'identity' && !plain && said('gzip') === undefined) best = 'gzip';
  return { encoding: best, plain };
}

function codingAndQuality(part: string): [string, number] {
  const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return [coding, Number.isFinite(quality) ? quality : 0];
}

export interface EncodedBody {
  readonly encoding: Encoding;
  readonly bytes: Uint8Array;
}

const encoders = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength },
    }),
  zstd: (bytes: Uint8Array) => promisify(zstdCompress)(bytes),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 6 }),
} as const;

const done = new WeakMap<StoredEntry, Map<Encoding, EncodedBody>>();
const underWay = new WeakMap<StoredEntry, Map<Encoding, Promise<EncodedBody>>>();

/** The entry's body as a client takes it; the work is done once per entry, and once done there is no promise. Never rejects. */
export function encodedBody(entry: StoredEntry, { encoding, plain }: Accepted): EncodedBody | Promise<EncodedBody> {
  const asItIs: EncodedBody = { encoding: 'identity', bytes: entry.body };
  if (encoding === 'identity' || entry.body.byteLength < (plain ? minCompressibleBytes : 1)) return asItIs;
  const ready = done.get(entry)?.get(encoding);
  if (ready !== undefined) return ready;
  if (isPacked(entry)) return asItIs;
  const begun = mapOf(underWay, entry);
  const encoded = begun.get(encoding) ?? encode(entry, encoding);
  begun.set(encoding, encoded);
  return encoded;
}

/** Pictures are made small already. */
function isPacked({ headers }: StoredEntry): boolean {
  return /^(?:image\/|application\/pdf)/.test(headerValue(headers, 'content-type') ?? '');
}

async function encode(entry: StoredEntry, encoding: Exclude<Encoding, 'identity'>): Promise<EncodedBody> {
  const body = await encoders[encoding](entry.body).then(
    (bytes): EncodedBody => ({ encoding, bytes }),
    // Out of memory or the like: the plain body is always right.
    (): EncodedBody => ({ encoding: 'identity', bytes: entry.body }),
  );
  mapOf(done, entry).set(encoding, body);
  underWay.get(entry)?.delete(encoding);
  return body;
}

function mapOf<V>(maps: WeakMap<StoredEntry, Map<Encoding, V>>, entry: StoredEntry): Map<Encoding, V> {
  const known = maps.get(entry);
  if (known !== undefined) return known;
  const made = new Map<Encoding, V>();
  maps.set(entry, made);
  return made;
}
