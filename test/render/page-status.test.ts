import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PageFacts, pageAnswer } from '../../src/render/page-status.ts';
import { targetOf } from '../fakes/pages.ts';

const noSigns = { headers: [], tags: [] };
const url = 'https://shop.example/shoes?size=40';

function answer(facts: Partial<PageFacts> = {}) {
  return pageAnswer({
    target: targetOf('/shoes?size=40'),
    documentStatus: 200,
    documentHeaders: [['content-type', 'text/html']],
    signs: noSigns,
    finalUrl: url,
    textLength: 500,
    embeds: 0,
    minText: 1,
    ...facts,
  });
}

const page = (status: number) => expect.objectContaining({ kind: 'page', status });
const redirect = (status: number, location: string) => expect.objectContaining({ kind: 'redirect', status, location });
const failure = (code: string) => expect.objectContaining({ kind: 'failure', code });

describe('without signs', () => {
  it.each([
    [200, 200],
    [304, 200],
    [404, 404],
    [410, 410],
    [503, 503],
  ])('an origin that answered %i makes a page with %i', (documentStatus, status) => {
    expect(answer({ documentStatus })).toEqual(page(status));
  });

  it('a page is HTML in UTF-8, whatever the origin said of its own', () => {
    const documentHeaders = [['content-type', 'text/html; charset=iso-8859-1']] as const;
    expect(answer({ documentHeaders })).toMatchObject({ headers: [['content-type', 'text/html; charset=utf-8']] });
  });

  it.each([204, 205])('an origin that answered %i has given no page', (documentStatus) => {
    expect(answer({ documentStatus })).toEqual(failure('empty'));
  });

  it.each([0, 101, 199, 600, 999])('an origin that answered %i has given no page', (documentStatus) => {
    expect(answer({ documentStatus })).toEqual(failure('navigation'));
  });

  it.each([
    ['/login', 'https://shop.example/login'],
    ['sneakers', 'https://shop.example/sneakers'],
    ['//cdn.example/x', 'https://cdn.example/x'],
    ['http://127.0.0.1:3000/a?b#c', 'https://shop.example/a?b#c'],
  ])("the origin's own redirect to %s is passed on", (location, expected) => {
    expect(answer({ documentStatus: 308, documentHeaders: [['location', location]] })).toEqual(redirect(308, expected));
  });

  it.each([[], [['location', url]], [['location', 'ftp://x/']]] as const)(
    "the origin's own redirect with %j is a failure",
    (...documentHeaders) => {
      expect(answer({ documentStatus: 302, documentHeaders: documentHeaders as never })).toEqual(failure('navigation'));
    },
  );

  it.each(['application/json', 'image/png', 'text/plain; charset=utf-8'])(
    'a document of type %s is no page',
    (type) => {
      expect(answer({ documentHeaders: [['content-type', type]] })).toEqual(failure('not-html'));
    },
  );
});

describe('an empty page', () => {
  it('is a failure when it has less text than is wanted', () => {
    expect(answer({ textLength: 0 })).toEqual(failure('empty'));
    expect(answer({ textLength: 49, minText: 50 })).toEqual(failure('empty'));
    expect(answer({ textLength: 50, minText: 50 })).toEqual(page(200));
    expect(answer({ textLength: 0, minText: 0 })).toEqual(page(200));
  });

  it('is none when it shows frames or pictures that are drawn', () => {
    expect(answer({ textLength: 0, embeds: 1 })).toEqual(page(200));
  });

  it('is none when it is an error that somebody meant', () => {
    expect(answer({ textLength: 0, documentStatus: 404 })).toEqual(page(404));
    expect(answer({ textLength: 0, signs: { ...noSigns, statusCode: '410' } })).toEqual(page(410));
  });

  it("is the browser's own error page", () => {
    expect(answer({ finalUrl: 'chrome-error://chromewebdata/' })).toEqual(failure('empty'));
  });

  it.each(['about:blank', 'file:///etc/passwd', 'data:text/html,x', 'blob:https://shop.example/1'])(
    '%s is no page',
    (finalUrl) => {
      expect(answer({ finalUrl })).toEqual(failure('navigation'));
    },
  );
});

describe('a status that the page signs', () => {
  it.each([
    ['404', 404],
    [' 410 ', 410],
    ['503', 503],
    ['599', 599],
    ['201', 201],
  ])('%j is the answer', (statusCode, status) => {
    expect(answer({ signs: { ...noSigns, statusCode } })).toEqual(page(status));
  });

  it.each(['200', '', 'abc', '404.0', '0404', '4040', '199', '600', '-404', '204', '304', '300', '4 04', '４０４'])(
    '%j says nothing',
    (statusCode) => {
      expect(answer({ signs: { ...noSigns, statusCode } })).toEqual(page(200));
      expect(answer({ documentStatus: 404, signs: { ...noSigns, statusCode } })).toEqual(page(404));
    },
  );

  it("goes before the origin's status and before where the router went", () => {
    const signs = { ...noSigns, statusCode: '404' };
    expect(answer({ documentStatus: 500, signs, finalUrl: 'https://shop.example/not-found' })).toEqual(page(404));
  });

  it.each(['301', '302', '303', '307', '308'])('%s with a location is a redirect', (statusCode) => {
    const signs = { ...noSigns, statusCode, headers: ['LOCATION:  /boots?a=1#b '] };
    expect(answer({ signs })).toEqual(redirect(Number(statusCode), 'https://shop.example/boots?a=1#b'));
  });

  it('that redirects goes where the router went when it names no place', () => {
    const signs = { ...noSigns, statusCode: '301' };
    expect(answer({ signs, finalUrl: 'https://shop.example/boots' })).toEqual(
      redirect(301, 'https://shop.example/boots'),
    );
    expect(answer({ signs })).toEqual(page(200));
  });

  it.each([
    'javascript:alert(1)',
    'ftp://x.example/',
    'data:text/html,x',
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'relative',
    'https://user:pass@shop.example/',
    'https://',
    'http://[',
    '/a\r\nSet-Cookie: a=b',
    '/a\0',
    '/ключ',
    url,
    `${url}#top`,
    '/shoes?size=40',
  ])('does not redirect to %j', (location) => {
    expect(answer({ signs: { ...noSigns, statusCode: '301', headers: [`Location: ${location}`] } })).toEqual(page(200));
  });

  it('counts with a location of another origin only when it is a web address', () => {
    const to = (location: string) =>
      answer({ signs: { ...noSigns, statusCode: '302', headers: [`Location: ${location}`] } });
    expect(to('https://other.example/x')).toEqual(redirect(302, 'https://other.example/x'));
    expect(to('HTTP://other.example')).toEqual(redirect(302, 'http://other.example/'));
  });
});

describe("Rendertron's signs", () => {
  const signs = { ...noSigns, rendertronStatusCode: '404' };

  it.each([
    [200, 404],
    [304, 404],
    [500, 500],
    [403, 403],
  ])('count when the origin answered %i: %i', (documentStatus, status) => {
    expect(answer({ documentStatus, signs })).toEqual(page(status));
  });

  it("come after Prerender's", () => {
    expect(answer({ signs: { ...signs, statusCode: '410' } })).toEqual(page(410));
  });

  it('can redirect', () => {
    const moved = { ...noSigns, rendertronStatusCode: '301', rendertronHeader: 'location: https://shop.example/boots' };
    expect(answer({ signs: moved })).toEqual(redirect(301, 'https://shop.example/boots'));
  });
});

describe('a page that went elsewhere by itself', () => {
  it('is a temporary redirect, by its router or by loading another document', () => {
    expect(answer({ finalUrl: 'https://shop.example/login?next=%2Fshoes#form' })).toEqual(
      redirect(302, 'https://shop.example/login?next=%2Fshoes#form'),
    );
    expect(answer({ redirectTo: 'https://shop.example/shoes' })).toEqual(redirect(302, 'https://shop.example/shoes'));
    expect(answer({ redirectTo: 'https://elsewhere.example/' })).toEqual(redirect(302, 'https://elsewhere.example/'));
  });

  it("goes before the origin's status", () => {
    expect(answer({ documentStatus: 404, finalUrl: 'https://shop.example/found' })).toEqual(
      redirect(302, 'https://shop.example/found'),
    );
  });

  it.each([
    `${url}#!/red`,
    'https://shop.example/shoes',
    'https://shop.example/shoes?size=41',
    'https://shop.example/shoes/',
    'https://shop.example/%73hoes',
  ])('has not, at %s', (finalUrl) => {
    expect(answer({ finalUrl })).toEqual(page(200));
  });

  it.each([url, `${url}#x`, 'mailto:a@shop.example', 'intent://x', 'javascript:1', 'not a url'])(
    'has not, with %s',
    (redirectTo) => {
      expect(answer({ redirectTo })).toEqual(page(200));
    },
  );
});

describe('headers', () => {
  it('of the origin are passed on from a short list, in order', () => {
    const kept = [
      ['content-language', 'de'],
      ['x-robots-tag', 'noindex'],
      ['x-robots-tag', 'googlebot: nofollow'],
      ['strict-transport-security', 'max-age=1'],
      ['surrogate-key', 'a b'],
    ] as const;
    const dropped = [
      'set-cookie',
      'content-length',
      'content-encoding',
      'transfer-encoding',
      'etag',
      'connection',
      'keep-alive',
      'cache-control',
      'last-modified',
      'date',
      'vary',
      'age',
      'x-anything',
    ];
    const documentHeaders = [
      ...dropped.map((name) => [name, 'x'] as const),
      ...kept,
      ['x-frame-options', 'a\nb'] as const,
    ];
    expect(answer({ documentHeaders })).toMatchObject({
      headers: [['content-type', 'text/html; charset=utf-8'], ...kept],
    });
  });

  it('that the page signs are allowed by name, checked, and replace those of the origin', () => {
    const headers = [
      'X-Robots-Tag: noindex',
      'link: </a>; rel=canonical',
      'Cache-Control: no-store',
      'Set-Cookie: a=b',
      'Transfer-Encoding: chunked',
      'Content-Length: 3',
      'Location: /elsewhere',
      'nothing',
      ': x',
      'Retry-After:',
      'Content-Language: de\r\nX: y',
      'Content-Language: русский',
    ];
    expect(answer({ documentHeaders: [['x-robots-tag', 'all']], signs: { ...noSigns, headers } })).toMatchObject({
      headers: [
        ['content-type', 'text/html; charset=utf-8'],
        ['x-robots-tag', 'noindex'],
        ['link', '</a>; rel=canonical'],
        ['cache-control', 'no-store'],
      ],
    });
  });

  it('lose the links to scripts', () => {
    const link =
      '</a.js>; rel=modulepreload, </b,c.css>; rel="preload"; as=style; title="a, b", </d.js>; rel=preload; as="script", <https://x.example>; rel=preconnect';
    expect(
      answer({
        documentHeaders: [
          ['link', link],
          ['link', '</e.js>; as=script; rel=preload'],
        ],
      }),
    ).toMatchObject({
      headers: [
        ['content-type', 'text/html; charset=utf-8'],
        ['link', '</b,c.css>; rel="preload"; as=style; title="a, b", <https://x.example>; rel=preconnect'],
      ],
    });
  });

  it('are never such that an answer cannot be sent, whatever the page signs', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 40 });
    const lines = fc
      .tuple(fc.constantFrom('Location', 'Link', 'Cache-Control', 'Set-Cookie', 'X'), texts)
      .map(([name, value]) => `${name}: ${value}`);
    fc.assert(
      fc.property(fc.array(lines), texts, texts, (headers, statusCode, tag) => {
        const given = answer({ signs: { headers, statusCode, tags: [tag] } });
        if (given.kind === 'failure') throw new Error(given.message);
        for (const [name, value] of given.headers) {
          expect(['content-type', 'link', 'cache-control']).toContain(name);
          validateHeaderValue(name, value);
        }
        if (given.kind === 'redirect') validateHeaderValue('location', given.location);
      }),
    );
  });
});

describe('purge tags', () => {
  it('come from three fields and the page, each once', () => {
    const documentHeaders = [
      ['surrogate-key', 'a b'],
      ['cache-tag', 'b, c'],
      ['xkey', 'd'],
      ['x-other', 'z'],
    ] as const;
    expect(answer({ documentHeaders, signs: { headers: [], tags: ['e', 'a', 'ä', 'x'.repeat(257)] } })).toMatchObject({
      tags: ['a', 'b', 'c', 'd', 'e'],
    });
  });

  it('belong to a redirect, too', () => {
    expect(answer({ finalUrl: 'https://shop.example/b', signs: { headers: [], tags: ['e'] } })).toMatchObject({
      kind: 'redirect',
      tags: ['e'],
    });
  });
});
