import { describe, expect, it } from 'vitest';
import { fieldsForBrowser } from '../../src/egress/browser-caching.ts';
import { heldRedirect, holdsRedirect } from '../../src/egress/held-redirect.ts';
import { ask, openExit, siteAt, startOrigin } from './support.ts';

const json = { 'content-type': 'application/json' };

describe("Chromium's own cache", () => {
  it.each([
    ['a document with a lifetime', 'document', 200, 'max-age=60', 'no-cache', 'max-age=60'],
    ['a document without one', 'document', 200, undefined, 'no-cache', ''],
    ['a private document', 'document', 200, 'private, max-age=60', 'private, no-cache', 'private, max-age=60'],
    ['a document that nobody may store', 'document', 200, 'no-store', 'no-store', undefined],
    ['a document that is the same still', 'document', 304, 'max-age=60', 'no-cache', 'max-age=60'],
    ['the same without a word on caching', 'document', 304, undefined, undefined, undefined],
    ['a frame', 'frame', 200, 'max-age=60', 'no-cache', undefined],
    ['data', 'fetch', 200, 'max-age=60', 'no-cache', undefined],
    ['a script', 'script', 200, 'max-age=60', 'max-age=60', undefined],
  ] as const)('is told about %s', (_, kind, status, given, told, mark) => {
    const fields = fieldsForBrowser(kind, status, { ...json, ...(given !== undefined && { 'cache-control': given }) });
    expect([fields['cache-control'], fields['x-preface-cache-control']]).toEqual([told, mark]);
  });

  it('may keep code that a script fetches', () => {
    const fields = { 'content-type': 'application/wasm', 'cache-control': 'max-age=60' };
    expect(fieldsForBrowser('fetch', 200, fields)).toEqual(fields);
  });

  it('does not get a word that only the egress may say', async () => {
    const origin = await startOrigin((_request, response) =>
      response
        .writeHead(200, {
          'cache-control': 'no-store',
          'x-preface-cache-control': 'max-age=9',
          'x-preface-location': 'https://evil.example/',
        })
        .end('<p>'),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const { headers } = await ask(exit, 'https://www.example.com/', { headers: { 'sec-fetch-dest': 'document' } });
    expect([headers['cache-control'], headers['x-preface-cache-control']]).toEqual(['no-store', undefined]);
    expect(headers['x-preface-location']).toBeUndefined();
  });
});

describe('where a redirect leads', () => {
  it.each([
    [302, undefined, '/there'],
    [308, undefined, '/there'],
    [201, '/there', undefined],
  ] as const)("Chromium is told for a document's %i: %s, and the render: %s", (status, told, held) => {
    const fields = heldRedirect(status, { location: '/there' });
    expect([fields.location, fields['x-preface-location']]).toEqual([told, held]);
  });

  it.each([
    ['document', 'http://shop.example/a?x=1', true],
    ['document', 'http://shop.example/framed', false],
    ['frame', 'http://shop.example/a?x=1', false],
    ['fetch', 'http://shop.example/a?x=1', false],
  ] as const)('is kept from Chromium for a %s at %s: %s', (kind, url, held) => {
    expect(holdsRedirect(kind, new URL(url), 'http://SHOP.example:80/a?x=1#part')).toBe(held);
  });
});
