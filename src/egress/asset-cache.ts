import type { IncomingHttpHeaders } from 'node:http';
import { cacheControl } from '../page/cache-control.ts';
import { type ResponseFields, storableUntil } from './http-freshness.ts';
import type { RequestKind } from './request-kind.ts';

/** A stored answer. Its body is decoded, so that one copy serves every tab whatever codings it accepts. */
export interface Asset {
  readonly status: number;
  readonly fields: ResponseFields;
  readonly body: Buffer;
  /** SHA-256 of the body, base64url. */
  readonly bodyHash: string;
  readonly storedAt: number;
  /** The age it had when it was stored, in seconds. */
  readonly ageAtStore: number;
  readonly freshUntil: number;
}

/** What stays the same from page to page, kept once for all tabs, in memory, bounded in bytes; the least recently used goes first. */
export interface AssetCache {
  get(key: string): Asset | undefined;
  set(key: string, asset: Asset): void;
  clear(): void;
}

export function createAssetCache(maxBytes: number): AssetCache {
  const assets = new Map<string, Asset>();
  let bytes = 0;

  function remove(key: string): Asset | undefined {
    const asset = assets.get(key);
    if (asset === undefined) return undefined;
    assets.delete(key);
    bytes -= assetBytes(key, asset);
    return asset;
  }

  return {
    get(key) {
      const asset = remove(key);
      if (asset === undefined) return undefined;
      // A Map keeps the order of insertion: put back last, it is the one used most recently.
      assets.set(key, asset);
      bytes += assetBytes(key, asset);
      return asset;
    },
    set(key, asset) {
      remove(key);
      const size = assetBytes(key, asset);
      // One large file must not drive everything else out.
      if (size > maxBytes / 4) return;
      assets.set(key, asset);
      bytes += size;
      for (const oldest of assets.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
    clear() {
      assets.clear();
      bytes = 0;
    },
  };
}

function assetBytes(key: string, { fields, body }: Asset): number {
  const names = Object.entries(fields).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
  return body.byteLength + 2 * (key.length + names) + 200;
}

/** How a request may use the cache; undefined: not at all. */
export interface CacheUse {
  readonly key: string;
  /** The request itself asks for a fresh look (a reload). */
  readonly mustAsk: boolean;
}

const assetKinds: ReadonlySet<RequestKind> = new Set(['script', 'stylesheet', 'image', 'font', 'worker', 'manifest']);
const assetType = /^(?:text\/(?:javascript|css)|application\/(?:javascript|wasm)|font\/|image\/)/i;

/**
 * The answer to one `Origin` is not given to another, even where the server forgot `Vary` (a common mistake with CORS), and what one scope was given
 * not to another (site-policy.ts).
 */
export function cacheUse(
  scope: string,
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
): CacheUse | undefined {
  if (method !== 'GET' || headers.range !== undefined || headers['if-range'] !== undefined) return undefined;
  const control = cacheControl(headers['cache-control']);
  if (control.has('no-store')) return undefined;
  const mustAsk = control.has('no-cache') || control.get('max-age') === '0' || headers.pragma === 'no-cache';
  return { key: `${scope} ${headers.origin ?? ''} ${url}`, mustAsk };
}

/**
 * Until when an answer may be kept, or undefined. Documents and data (`fetch` of anything but code, styles, fonts,
 * pictures) are never kept here, even where HTTP would let us: a page must not be older than its origin's answer.
 */
export function keepUntil(
  kind: RequestKind,
  request: IncomingHttpHeaders,
  status: number,
  fields: ResponseFields,
  now: number,
): number | undefined {
  return isAsset(kind, fields) ? storableUntil(request, status, fields, now) : undefined;
}

/** Code, styles, fonts, pictures, also where a script fetches them. */
export function isAsset(kind: RequestKind, fields: ResponseFields): boolean {
  return assetKinds.has(kind) || (kind === 'fetch' && assetType.test(String(fields['content-type'] ?? '')));
}
