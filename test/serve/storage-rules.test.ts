import { describe, expect, it } from 'vitest';
import { lifetimesOf, type StorageSettings } from '../../src/serve/storage-rules.ts';
import { shop, snapshotOf } from '../fakes/pages.ts';

const settings: StorageSettings = {
  freshMs: 3_600_000,
  staleWhileRevalidateMs: 86_400_000,
  staleIfErrorMs: 604_800_000,
  negativeFreshMs: 300_000,
  followOrigin: true,
};

function times(originCacheControl: string | undefined, { originAgeMs = 0, status = 200, followOrigin = true } = {}) {
  const snapshot = snapshotOf('page', 0, {
    status,
    originAgeMs,
    ...(originCacheControl !== undefined && { originCacheControl }),
  });
  const { freshMs, staleWhileRevalidateMs, staleIfErrorMs } = lifetimesOf(snapshot, shop, {
    ...settings,
    followOrigin,
  });
  return { fresh: freshMs / 1000, stale: staleWhileRevalidateMs / 1000, onError: staleIfErrorMs / 1000 };
}

const configured = { fresh: 3_600, stale: 86_400, onError: 604_800 };

describe("where the origin's times are followed", () => {
  it.each([
    ['names none', undefined, {}],
    ['speaks of other things', 'public, immutable', {}],
    ['names one for all caches', 'max-age=60', { fresh: 60 }],
    ['names another for shared caches', 'max-age=60, s-maxage=600', { fresh: 600 }],
    ['names none that can be read', 'max-age=soon', {}],
    ['wants to be asked each time', 'no-cache', { fresh: 0, stale: 0 }],
    ['wants to be asked each time, whatever else it names', 'max-age=60, no-cache', { fresh: 0, stale: 0 }],
    ['wants to be asked about what is outdated', 'max-age=60, must-revalidate', { fresh: 60, stale: 0 }],
    ['wants shared caches to ask', 's-maxage=60, proxy-revalidate', { fresh: 60, stale: 0 }],
    ['names the time for outdated pages', 'max-age=60, stale-while-revalidate=30', { fresh: 60, stale: 30 }],
    ['names the time for failures', 'stale-if-error=90', { onError: 90 }],
  ])('an origin that %s', (_, field, differing) => {
    expect(times(field)).toEqual({ ...configured, ...differing });
  });

  it('the time that the document has spent in caches before is taken off', () => {
    expect(times('max-age=60', { originAgeMs: 45_000 }).fresh).toBe(15);
    expect(times('max-age=60', { originAgeMs: 90_000 }).fresh).toBe(0);
  });

  it('a page that does not exist keeps the short time of its kind', () => {
    expect(times('max-age=60', { status: 404 }).fresh).toBe(300);
  });
});

it("the configured times hold where the origin's are not followed", () => {
  expect(times('max-age=60, must-revalidate', { originAgeMs: 5_000, followOrigin: false })).toEqual(configured);
});

it.each(['no-store', 'private', 'Private="x"', 'max-age=60, NO-STORE'])(
  'nothing is kept of what the origin calls %s',
  (field) => {
    expect(times(field, { followOrigin: false })).toEqual({ fresh: 0, stale: 0, onError: 0 });
  },
);
