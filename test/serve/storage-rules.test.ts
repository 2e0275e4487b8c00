import { describe, expect, it } from 'vitest';
import { revalidated } from '../../src/serve/revalidate.ts';
import { entryFrom, lifetimesOf, type StorageSettings } from '../../src/serve/storage-rules.ts';
import { shop, snapshotOf, targetOf } from '../fakes/pages.ts';

const settings: StorageSettings = {
  freshMs: 3_600_000,
  staleWhileRevalidateMs: 86_400_000,
  staleIfErrorMs: 604_800_000,
  negativeFreshMs: 300_000,
  followOrigin: true,
};

function times(originCacheControl: string | undefined, { status = 200, followOrigin = true } = {}) {
  const snapshot = snapshotOf('page', 0, {
    status,
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
    ['names one that cannot be read', 'max-age=soon', { fresh: 0 }],
    ['names one below nothing', 'max-age=-1', { fresh: 0 }],
    ['wants to be asked each time', 'no-cache', { fresh: 0, stale: 0 }],
    ['wants to be asked each time, whatever else it names', 'max-age=60, no-cache', { fresh: 0, stale: 0 }],
    ['wants to be asked about what is outdated', 'max-age=60, must-revalidate', { fresh: 60, stale: 0 }],
    ['wants shared caches to ask', 's-maxage=60, proxy-revalidate', { fresh: 60, stale: 0 }],
    ['names the time for outdated pages', 'max-age=60, stale-while-revalidate=30', { fresh: 60, stale: 30 }],
    ['names the time for failures', 'stale-if-error=90', { onError: 90 }],
  ])('an origin that %s', (_, field, differing) => {
    expect(times(field)).toEqual({ ...configured, ...differing });
  });

  it.each([
    [45_000, 15_000],
    [90_000, 0],
  ])(
    'the %i ms that the document has spent in caches before are taken off, until it is asked for again',
    (originAgeMs, left) => {
      const snapshot = snapshotOf('page', 1_000, { originCacheControl: 'max-age=60', originAgeMs });
      const entry = entryFrom(targetOf('/a'), snapshot, settings);
      expect(entry.freshUntil).toBe(1_000 + left);
      expect(revalidated(entry, 200_000).freshUntil).toBe(260_000);
    },
  );

  it.each([
    ['max-age=60', { fresh: 60 }],
    ['max-age=3600', { fresh: 300 }],
    ['no-cache', { fresh: 0, stale: 0 }],
  ])('a page that does not exist has no longer time than its kind: %s', (field, differing) => {
    expect(times(field, { status: 404 })).toEqual({ ...configured, ...differing });
  });
});

it("the configured times hold where the origin's are not followed", () => {
  expect(times('max-age=60, must-revalidate', { followOrigin: false })).toEqual(configured);
});

it.each(['no-store', 'private', 'Private="x"', 'max-age=60, NO-STORE'])(
  'nothing is kept of what the origin calls %s',
  (field) => {
    expect(times(field, { followOrigin: false })).toEqual({ fresh: 0, stale: 0, onError: 0 });
  },
);
