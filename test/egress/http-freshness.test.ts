import { describe, expect, it } from 'vitest';
import { clientHasIt, type ResponseFields, storableUntil } from '../../src/egress/http-freshness.ts';

const now = Date.parse('Tue, 03 Mar 2026 10:00:00 GMT');
const until = (fields: ResponseFields, request = {}, status = 200) => storableUntil(request, status, fields, now);

describe('what may be stored, and for how long', () => {
  it('takes max-age, s-maxage first, then Expires', () => {
    expect(until({ 'cache-control': 'max-age=60' })).toBe(now + 60_000);
    expect(until({ 'cache-control': 'public, max-age=60, s-maxage=10' })).toBe(now + 10_000);
    expect(until({ 'cache-control': 'max-age="60"', expires: 'Tue, 03 Mar 2026 11:00:00 GMT' })).toBe(now + 60_000);
    expect(until({ expires: 'Tue, 03 Mar 2026 10:01:00 GMT' })).toBe(now + 60_000);
    expect(until({ expires: 'Tue, 03 Mar 2026 11:00:30 GMT', date: 'Tue, 03 Mar 2026 11:00:00 GMT' })).toBe(
      now + 30_000,
    );
  });

  it('takes off the age that an answer came with', () => {
    expect(until({ 'cache-control': 'max-age=60', age: '20' })).toBe(now + 40_000);
    expect(until({ 'cache-control': 'max-age=60', age: '90' })).toBeUndefined();
  });

  it('keeps what is stale at once only if it can ask about it', () => {
    expect(until({ 'cache-control': 'no-cache' })).toBeUndefined();
    expect(until({ 'cache-control': 'no-cache', etag: '"a"' })).toBe(now);
    expect(until({ 'cache-control': 'no-cache, max-age=60', etag: '"a"' })).toBe(now);
    expect(until({ 'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT' })).toBe(now);
    expect(until({})).toBeUndefined();
    expect(until({ expires: '0' })).toBeUndefined();
    expect(until({ 'cache-control': 'max-age=abc' })).toBeUndefined();
  });

  it.each<[string, ResponseFields, object, number]>([
    ['no-store', { 'cache-control': 'no-store, max-age=60' }, {}, 200],
    ['private', { 'cache-control': 'private, max-age=60' }, {}, 200],
    ['private with names', { 'cache-control': 'max-age=60, private="set-cookie"' }, {}, 200],
    ['a cookie', { 'cache-control': 'max-age=60', 'set-cookie': ['a=1'] }, {}, 200],
    ['Vary: Cookie', { 'cache-control': 'max-age=60', vary: 'Accept-Encoding, Cookie' }, {}, 200],
    ['Vary: *', { 'cache-control': 'max-age=60', vary: '*' }, {}, 200],
    ['a part', { 'cache-control': 'max-age=60' }, {}, 206],
    ['an error', { 'cache-control': 'max-age=60' }, {}, 500],
    ['credentials', { 'cache-control': 'max-age=60' }, { authorization: 'Bearer x' }, 200],
  ])('stores nothing with %s', (_, fields, request, status) => {
    expect(until(fields, request, status)).toBeUndefined();
  });

  it('stores an answer to credentials that is declared public', () => {
    expect(until({ 'cache-control': 'public, max-age=60' }, { authorization: 'Bearer x' })).toBe(now + 60_000);
  });

  it('stores what varies by coding or origin', () => {
    expect(until({ 'cache-control': 'max-age=60', vary: 'accept-encoding, Origin' })).toBe(now + 60_000);
  });
});

describe('a conditional request', () => {
  it.each([
    [{ 'if-none-match': '"a"' }, { etag: '"a"' }, true],
    [{ 'if-none-match': 'W/"a"' }, { etag: '"a"' }, true],
    [{ 'if-none-match': '"x", "a"' }, { etag: 'W/"a"' }, true],
    [{ 'if-none-match': '"b"' }, { etag: '"a"' }, false],
    [{ 'if-none-match': '"a"' }, {}, false],
    [{ 'if-none-match': '*' }, { etag: '"a"' }, true],
    // If-None-Match goes before the date (RFC 9110 §13.2.2).
    [
      { 'if-none-match': '"b"', 'if-modified-since': 'Tue, 03 Mar 2026 10:00:00 GMT' },
      { etag: '"a"', 'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT' },
      false,
    ],
    [
      { 'if-modified-since': 'Tue, 03 Mar 2026 10:00:00 GMT' },
      { 'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT' },
      true,
    ],
    [{ 'if-modified-since': 'rubbish' }, { 'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT' }, false],
    [{}, { etag: '"a"' }, false],
  ])('%j with %j: the client has it: %s', (request, fields, expected) => {
    expect(clientHasIt(request, fields)).toBe(expected);
  });
});
