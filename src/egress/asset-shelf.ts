import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { type Asset, type AssetCache, type CacheUse, keepUntil } from './asset-cache.ts';
import { answerFields } from './fields.ts';
import { clientHasIt, type ResponseFields, storableUntil, weakly } from './http-freshness.ts';
import type { RequestKind } from './request-kind.ts';

/** What an answer from the shelf was. */
export interface ShelfAnswer {
  readonly status: 200 | 304;
  readonly bytes: number;
  readonly bodyHash: string;
  readonly fields: ResponseFields;
}

/** A stored copy and how to ask the origin whether it is still right. */
export interface Renewal {
  readonly key: string;
  readonly held: Asset;
  readonly validators: readonly string[];
}

/** The asset cache as an exchange uses it (RFC 9111 §4). */
export class AssetShelf {
  readonly #assets: AssetCache;
  readonly #maxAssetBytes: number;
  readonly #clock: Clock;

  constructor(assets: AssetCache, maxAssetBytes: number, clock: Clock) {
    this.#assets = assets;
    this.#maxAssetBytes = maxAssetBytes;
    this.#clock = clock;
  }

  /** Answers without asking anybody, if the stored copy allows it. */
  answerFresh(use: CacheUse, request: IncomingMessage, response: ServerResponse): ShelfAnswer | undefined {
    if (use.mustAsk) return undefined;
    const asset = this.#assets.get(use.key);
    if (asset === undefined || this.#clock.now() >= asset.freshUntil) return undefined;
    return this.answer(asset, request, response);
  }

  /** What the origin has promised not to change yet. */
  freshBodyHash({ key }: CacheUse): string | undefined {
    const asset = this.#assets.get(key);
    return asset !== undefined && this.#clock.now() < asset.freshUntil ? asset.bodyHash : undefined;
  }

  /** Undefined when there is no copy to ask about. It stays good for its answer, should the copy go meanwhile. */
  renewal({ key }: CacheUse): Renewal | undefined {
    const held = this.#assets.get(key);
    if (held === undefined) return undefined;
    const { fields } = held;
    const asked: string[] = [];
    if (typeof fields.etag === 'string') asked.push('if-none-match', fields.etag);
    const since = fields['last-modified'];
    if (typeof since === 'string') asked.push('if-modified-since', since);
    return asked.length > 0 ? { key, held, validators: asked } : undefined;
  }

  /** The origin said 304: the stored copy with its new fields (RFC 9111 §4.3.4), if that is what was asked about. */
  answerRenewed(
    { key, held }: Renewal,
    fresh: ResponseFields,
    request: IncomingMessage,
    response: ServerResponse,
  ): ShelfAnswer | undefined {
    const { etag } = held.fields;
    if (fresh.etag !== undefined && weakly(String(fresh.etag)) !== weakly(String(etag ?? ''))) return undefined;
    const fields = { ...held.fields, ...withoutBodyFields(fresh) };
    const now = this.#clock.now();
    const freshUntil = storableUntil(request.headers, 200, fields, now) ?? now;
    const asset: Asset = { ...held, fields, freshUntil, storedAt: now, ageAtStore: Number(fresh.age ?? 0) || 0 };
    this.#assets.set(key, asset);
    return this.answer(asset, request, response);
  }

  keeps(kind: RequestKind, { headers }: IncomingMessage, status: number, fields: ResponseFields): number {
    return keepUntil(kind, headers, status, fields, this.#clock.now()) === undefined ? 0 : this.#maxAssetBytes;
  }

  put(
    { key }: CacheUse,
    kind: RequestKind,
    { headers }: IncomingMessage,
    answer: Pick<Asset, 'status' | 'fields' | 'body' | 'bodyHash'>,
  ): void {
    const storedAt = this.#clock.now();
    const freshUntil = keepUntil(kind, headers, answer.status, answer.fields, storedAt);
    if (freshUntil === undefined) return;
    const ageAtStore = Number(answer.fields.age ?? 0) || 0;
    const fields = withoutCoding(answer.fields);
    this.#assets.set(key, { ...answer, body: ownCopy(answer.body), fields, storedAt, freshUntil, ageAtStore });
  }

  answer(asset: Asset, request: IncomingMessage, response: ServerResponse): ShelfAnswer {
    const { fields, body, bodyHash } = asset;
    const age = asset.ageAtStore + Math.floor((this.#clock.now() - asset.storedAt) / 1000);
    const status = clientHasIt(request.headers, fields) ? 304 : 200;
    const flat = [...answerFields(fields, true), 'Age', String(age)];
    if (status === 304) response.writeHead(304, flat).end();
    else response.writeHead(200, [...flat, 'Content-Length', String(body.byteLength)]).end(body);
    return { status, bytes: status === 304 ? 0 : body.byteLength, bodyHash, fields };
  }
}

/** A small piece must not keep the large buffer alive that it was cut from. */
function ownCopy(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.byteLength) return body;
  const copy = Buffer.allocUnsafeSlow(body.byteLength);
  body.copy(copy);
  return copy;
}

function withoutCoding(fields: ResponseFields): ResponseFields {
  const { 'content-encoding': _coding, age: _age, connection: _connection, ...kept } = fields;
  return kept;
}

/** These describe the body, and a 304 has none. */
function withoutBodyFields(fields: ResponseFields): ResponseFields {
  const { 'content-length': _length, 'content-type': _type, ...kept } = withoutCoding(fields);
  return kept;
}
