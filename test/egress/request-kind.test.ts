import { describe, expect, it } from 'vitest';
import { requestKind } from '../../src/egress/request-kind.ts';

describe('the kind of a request', () => {
  it.each([
    [{ 'sec-fetch-dest': 'document' }, '/', 'document'],
    [{ 'sec-fetch-dest': 'iframe' }, '/', 'frame'],
    [{ 'sec-fetch-dest': 'style' }, '/a.js', 'stylesheet'],
    [{ 'sec-fetch-dest': 'empty' }, '/logo.svg', 'fetch'],
    [{ 'sec-fetch-dest': 'serviceworker' }, '/sw.js', 'worker'],
    [{ 'sec-fetch-dest': 'video' }, '/a', 'media'],
    [{ 'sec-fetch-dest': 'webidentity' }, '/a', 'other'],
    [{ accept: 'text/html,*/*', 'upgrade-insecure-requests': '1' }, '/', 'document'],
    [{ accept: 'text/css,*/*;q=0.1' }, '/x', 'stylesheet'],
    [{ accept: 'image/avif,image/webp,*/*' }, '/x', 'image'],
    [{ accept: '*/*' }, '/main.js?v=1', 'script'],
    [{ accept: '*/*' }, '/f.woff2', 'font'],
    [{ accept: '*/*' }, '/api/items', 'fetch'],
    [{}, '/a.constructor', 'fetch'],
  ])('%j for %s is %s', (headers, path, kind) => {
    expect(requestKind(headers, path)).toBe(kind);
  });

  it('is not fooled by names that every object has', () => {
    expect(requestKind({ 'sec-fetch-dest': 'constructor' }, '/')).toBe('other');
    expect(requestKind({}, '/a.valueOf')).toBe('fetch');
  });
});
