import { describe, expect, it } from 'vitest';
import { readOrder } from '../../src/service/service-order.ts';

const page = 'https://www.example.com/a%20b/c?x=1&y=%2F';
const escaped = encodeURIComponent(page);
const usual = { device: undefined, anew: false, variant: undefined, follows: false };
const ordered = (url: string, more = {}) => ({ kind: 'page', url, ...usual, ...more });

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

  it.each([
    ['renderType=png', { picture: { format: 'png', wholePage: false } }],
    ['renderType=jpeg&fullpage=true', { picture: { format: 'jpeg', wholePage: true } }],
    ['renderType=pdf', { picture: { format: 'pdf', wholePage: false } }],
    ['renderType=png&width=1&height=4096', { width: 1, height: 4096, picture: { format: 'png', wholePage: false } }],
    ['width=800', { width: 800 }],
    ['userAgent=Mozilla%2F5.0+(Kiosk)', { userAgent: 'Mozilla/5.0 (Kiosk)' }],
    [`userAgent=${'x'.repeat(512)}`, { userAgent: 'x'.repeat(512) }],
    ['timezoneId=europe/rome', { timeZone: 'Europe/Rome' }],
    ['timezoneId=UTC', { timeZone: 'UTC' }],
    ['fullpage=true', undefined],
  ])('for a render that is otherwise: %s', (query, variant) => {
    expect(readOrder('GET', `/render?url=${escaped}&${query}`)).toEqual(ordered(page, { variant }));
    expect(readOrder('GET', `/render/${escaped}?${query}`)).toEqual(ordered(page, { variant }));
  });

  it("for a picture in Rendertron's form is JPEG unless it says otherwise, and takes its size there", () => {
    const jpeg = { picture: { format: 'jpeg', wholePage: false } };
    const png = { picture: { format: 'png', wholePage: true } };
    const sized = { width: 300, height: 200, ...jpeg };
    const plain = 'https://www.example.com/?x=1';
    expect(readOrder('GET', `/screenshot/${page}`)).toEqual(ordered(page, { variant: jpeg }));
    expect(readOrder('GET', `/screenshot/${escaped}?width=300&height=200`)).toEqual(ordered(page, { variant: sized }));
    expect(readOrder('GET', `/screenshot/${plain}&width=300&mobile&height=200`)).toEqual(
      ordered(plain, { variant: sized, device: 'mobile' }),
    );
    expect(readOrder('GET', `/screenshot/${escaped}?renderType=png&fullpage`)).toEqual(ordered(page, { variant: png }));
    expect(readOrder('GET', `/screenshot/${plain}&renderType=png`)).toEqual(
      ordered(`${plain}&renderType=png`, { variant: jpeg }),
    );
  });

  it('can have redirects followed', () => {
    expect(readOrder('GET', `/render?url=${escaped}&followRedirects=true`)).toEqual(ordered(page, { follows: true }));
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
    [`/render?url=${escaped}&renderType=gif`, 400, /^renderType must be one of html, png, jpeg, pdf$/],
    [`/render?url=${escaped}&fullpage=maybe`, 400, /true or false/],
    ['/render/https://www.example.com/?timezoneId=Atlantis', 400, /time zone/],
    [`/screenshot/${escaped}?renderType=html`, 400, /^A screenshot is png, jpeg or pdf$/],
    [`/screenshot/${escaped}?url=${escaped}`, 400, /named twice/],
    ['/screenshot/', 404, /Name a page/],
    ['/screenshot/file:///etc/passwd', 400, /http:\/\/ or https:\/\//],
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

  it.each(['0', '4097', '', '-1', '1.5', '1e3', ' 8', '0x10', '99999999', '١'])('has no such size: %s', (size) => {
    const text = (name: string) => `${name} must be a whole number of CSS pixels from 1 to 4096`;
    const wrong = (name: string) => ({ kind: 'refused', status: 400, text: text(name) });
    expect(readOrder('GET', `/render?url=${escaped}&width=${size}`)).toEqual(wrong('width'));
    expect(readOrder('GET', `/screenshot/${escaped}?height=${size}`)).toEqual(wrong('height'));
  });

  it.each(['', '+a', 'a+', 'a%0D%0AX: y', '%00', 'ä', 'x'.repeat(513)])('has no such user agent: %s', (agent) => {
    const text = expect.stringMatching(/^userAgent must have 1 to 512 printable ASCII characters/);
    const order = readOrder('GET', `/render?url=${escaped}&userAgent=${agent}`);
    expect(order).toEqual({ kind: 'refused', status: 400, text });
  });

  it.each(['', 'Europe/Atlantis', '%2B01:00', '-05:00', '../etc/passwd', 'Europe/Rome%00'])(
    'has no such time zone: %s',
    (zone) => {
      const text = 'timezoneId must be the name of a time zone, such as Europe/Rome';
      const order = readOrder('GET', `/render/${escaped}?timezoneId=${zone}`);
      expect(order).toEqual({ kind: 'refused', status: 400, text });
    },
  );

  it.each([
    ['POST', `/${page}`, 'Use GET or HEAD here'],
    ['DELETE', `/render/${page}`, 'Use GET or HEAD here'],
    ['POST', `/screenshot/${page}`, 'Use GET or HEAD here'],
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
