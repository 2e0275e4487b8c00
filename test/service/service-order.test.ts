import { describe, expect, it } from 'vitest';
import { readOrder } from '../../src/service/service-order.ts';

const page = 'https://www.example.com/a%20b/c?x=1&y=%2F';
const escaped = encodeURIComponent(page);
const ordered = (url: string, more = {}) => ({ kind: 'page', url, device: undefined, anew: false, ...more });

describe('an order for a page', () => {
  it.each([
    ["Prerender's path", `/${page}`],
    ["Prerender's path, escaped as a whole", `/${escaped}`],
    ["Prerender's path behind a proxy that merges slashes", `/${page.replace('//', '/')}`],
    ["Prerender's query", `/render?url=${escaped}`],
    ["Prerender's query with a slash", `/render/?url=${escaped}`],
    ["Rendertron's path", `/render/${page}`],
    ["Rendertron's path, escaped", `/render/${escaped}`],
    ["Rendertron's path behind a proxy that merges slashes", `/render/${page.replace('//', '/')}`],
  ])('is understood in the form of %s', (_, target) => {
    expect(readOrder('GET', target)).toEqual(ordered(page));
    expect(readOrder('HEAD', target)).toEqual(ordered(page));
  });

  it.each([
    ['/http://www.example.com/path%3Fx=1&y=2', 'http://www.example.com/path?x=1&y=2'],
    ['/https://www.example.com/a%2520b/c%252Fd%3Fx=%2526', 'https://www.example.com/a%20b/c%2Fd?x=%26'],
    ['/https://www.example.com/%25C3%25A4', 'https://www.example.com/%C3%A4'],
    [
      '/https://www.example.com/%3F_escaped_fragment_=/k%2526a%253D1',
      'https://www.example.com/?_escaped_fragment_=/k%26a%3D1',
    ],
    ['/render/https://www.example.com/a%2520b%3Fx=1&mobile=0', 'https://www.example.com/a%20b?x=1'],
  ])("is understood as nginx's rewrite escapes it once more: %s", (target, url) => {
    expect(readOrder('GET', target)).toEqual(ordered(url));
  });

  it.each([
    '/https://www.example.com/wiki/Who%3F',
    '/https://www.example.com/wiki/Who%3F/a=1',
    '/https://www.example.com/a%20b%3Fx=1',
    '/https://www.example.com/a%2520b?x=1',
    '/https://www.example.com/100%25ff',
  ])('keeps escapes that are its own: %s', (target) => {
    expect(readOrder('GET', target)).toEqual(ordered(target.slice(1)));
  });

  it('leaves the query of an unescaped URL to the page, whatever it is called', () => {
    const busy = 'https://www.example.com/?url=/b&width=3&mobile&mobile=&a=%26';
    expect(readOrder('GET', `/${busy}`)).toEqual(ordered(busy));
    expect(readOrder('GET', '/render/https://www.example.com/?url=/b&width=3')).toEqual(
      ordered('https://www.example.com/?url=/b&width=3'),
    );
  });

  it("takes Rendertron's parameters where Rendertron does", () => {
    const wishes = { device: 'mobile', anew: true };
    const plain = 'https://www.example.com/?x=1';
    expect(readOrder('GET', `/render/${encodeURIComponent(plain)}?mobile&refreshCache=true`)).toEqual(
      ordered(plain, wishes),
    );
    expect(readOrder('GET', `/render/https://www.example.com/?refreshCache=1&x=1&mobile=true`)).toEqual(
      ordered(plain, wishes),
    );
    expect(readOrder('GET', `/render/${encodeURIComponent(plain)}?mobile=false&wc-inject-shadydom=true`)).toEqual(
      ordered(plain),
    );
  });

  it("takes those of Prerender's that ask for what is done anyway", () => {
    const target = `/render?url=${escaped}&renderType=html&followRedirects=false&fullpage=false`;
    expect(readOrder('GET', target)).toEqual(ordered(page));
  });

  it('keeps a hashbang and a fragment escaped for crawlers', () => {
    const hashbang = 'https://www.example.com/#!/lamps';
    expect(readOrder('GET', `/render?url=${encodeURIComponent(hashbang)}`)).toEqual(ordered(hashbang));
    const fragment = 'https://www.example.com/?_escaped_fragment_=/lamps';
    expect(readOrder('GET', `/${fragment}`)).toEqual(ordered(fragment));
  });
});

describe('an order that cannot be taken', () => {
  it.each([
    ['/', 404, /^This is a rendering service\. Name a page/],
    ['/favicon.ico', 404, /Name a page/],
    ['/www.example.com/a', 404, /Name a page/],
    ['/render', 400, /^Name the page: \/render\?url=/],
    ['/render?renderType=html', 400, /^Name the page/],
    ['/render?url=', 404, /Name a page/],
    ['/render?url=/lamps', 404, /Name a page/],
    [`/render?url=${escaped}&url=${escaped}`, 400, /^url is given twice/],
    [`/render/${escaped}?url=${escaped}`, 400, /named twice/],
    [
      `/render?url=https://www.example.com/?a=1&b=2`,
      400,
      /^The parameters of the service are url, renderType, .*escaped$/,
    ],
    [`/render?url=${escaped}&constructor=1`, 400, /^The parameters of the service are/],
    [`/render?url=${escaped}&renderType=png`, 501, /renderType can only be html/],
    [`/render?url=${escaped}&renderType=gif`, 400, /renderType must be html/],
    [`/render?url=${escaped}&width=800`, 501, /render\.viewport/],
    [`/render?url=${escaped}&height=600`, 501, /render\.viewport/],
    [`/render?url=${escaped}&fullpage=true`, 501, /pictures/],
    [`/render?url=${escaped}&fullpage=maybe`, 400, /true or false/],
    [`/render?url=${escaped}&followRedirects=true`, 501, /redirect/],
    [`/render?url=${escaped}&userAgent=Googlebot`, 501, /render\.userAgent/],
    [`/render/${escaped}?timezoneId=Europe/Rome`, 501, /time zone/],
    ['/render/https://www.example.com/?timezoneId=Europe/Rome', 501, /time zone/],
    [`/screenshot/${escaped}`, 501, /no pictures/],
    ['/https://www.example.com@evil.example/', 400, /user or password/],
    ['/https://www.example.com%2540evil.example/', 400, /not the URL of a page/],
    ['/https://user:secret@www.example.com/', 400, /user or password/],
    ['/render?url=https%3A%2F%2Fa%40www.example.com%2F', 400, /user or password/],
    ['/file:///etc/passwd', 400, /http:\/\/ or https:\/\//],
    ['/render/javascript:alert(1)', 400, /http:\/\/ or https:\/\//],
    ['/render?url=data:text/html,hi', 400, /http:\/\/ or https:\/\//],
    ['/view-source:https://www.example.com/', 400, /http:\/\/ or https:\/\//],
    ['/https://', 400, /not the URL of a page/],
    ['/https://%00/', 400, /not the URL of a page/],
    ['/https://www.example.com:99999/', 400, /not the URL of a page/],
    ['/https%3A%2F%2Fwww.example.com%2F%FF', 400, /not UTF-8/],
  ])('says why: %s', (target, status, text) => {
    expect(readOrder('GET', target)).toEqual({ kind: 'refused', status, text: expect.stringMatching(text) });
  });

  it.each([
    ['POST', `/${page}`, 'Use GET or HEAD here'],
    ['DELETE', `/render/${page}`, 'Use GET or HEAD here'],
    ['POST', '/render', 'Use GET or HEAD here'],
    ['GET', '/recache', 'Use POST here'],
    ['PUT', '/recache', 'Use POST here'],
    ['POST', '/_ah/health', 'Use GET or HEAD here'],
  ])('has another method: %s %s', (method, target, text) => {
    expect(readOrder(method, target)).toEqual({ kind: 'refused', status: 405, text });
  });

  it('answers in characters that a line of plain text has', () => {
    for (const target of ['/', '/render?url=ä', '/render?ä=1', '/https://ä@b/', '/render/%FF']) {
      expect(readOrder('GET', target)).toMatchObject({ kind: 'refused', text: expect.stringMatching(/^[ -~]+$/) });
    }
  });
});

describe('other orders', () => {
  it('are known by their path alone', () => {
    expect(readOrder('GET', '/_ah/health')).toEqual({ kind: 'health' });
    expect(readOrder('HEAD', '/_ah/health?x')).toEqual({ kind: 'health' });
    expect(readOrder('POST', '/recache')).toEqual({ kind: 'recache' });
  });
});
