import { setLatest } from '../latest.ts';
import { cacheControl } from '../page/cache-control.ts';
import type { RenderInput } from '../page/snapshot.ts';
import { type ResponseFields, weakly } from './http-freshness.ts';

/** The version of a resource that a tab's browser was given last, and may hold in its own cache. */
export type ServedVersion = Pick<RenderInput, 'status' | 'etag' | 'lastModified' | 'bodyHash' | 'headHash'>;

type Hashes = Pick<RenderInput, 'bodyHash' | 'headHash'>;

/** What one tab was served. Chromium's cache answers some requests itself: they are inputs of a page all the same. */
export interface ServedVersions {
  of(url: string): ServedVersion | undefined;
  remember(url: string, version: ServedVersion): void;
  /** The hashes of what a 304 stands for, if it is known to be the version served last. */
  hashesFor(url: string, validators: Pick<RenderInput, 'etag' | 'lastModified'>): Hashes;
}

const maxVersions = 2_000;

export function createServedVersions(): ServedVersions {
  const versions = new Map<string, ServedVersion>();
  return {
    of: (url) => versions.get(url),
    remember: (url, version) => setLatest(versions, url, version, maxVersions),
    hashesFor(url, { etag, lastModified }) {
      const held = versions.get(url);
      if (held === undefined) return {};
      // A 304 need not repeat its validators (RFC 9110 §15.4.5); where it does, they must be those of the held version.
      const same =
        etag === undefined
          ? lastModified === undefined || lastModified === held.lastModified
          : held.etag !== undefined && weakly(etag) === weakly(held.etag);
      if (!same) return {};
      const { bodyHash, headHash } = held;
      return { ...(bodyHash !== undefined && { bodyHash }), ...(headHash !== undefined && { headHash }) };
    },
  };
}

/** The fields by which an input is recognised later. */
export type Validators = Pick<RenderInput, 'etag' | 'lastModified' | 'noStore'>;

export function validatorsOf(fields: ResponseFields): Validators {
  const etag = fields.etag;
  const lastModified = fields['last-modified'];
  return {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof lastModified === 'string' ? { lastModified } : {}),
    ...(cacheControl(fields['cache-control']).has('no-store') ? { noStore: true } : {}),
  };
}
