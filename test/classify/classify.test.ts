import { describe, expect, it } from 'vitest';
import { createClassifier } from '../../src/classify/classify.ts';
import { inWords, plainRequest, site, userAgents, usual, verdict } from './requests.ts';

describe('a reader that does not run the application', () => {
  it('gets the page, under its public URL', () => {
    expect(verdict({ target: '/blog/post?b=2&a=1&utm_source=x' })).toEqual({
      kind: 'page',
      target: {
        key: 'desktop https://www.example.com/blog/post?a=1&b=2',
        site,
        url: 'https://www.example.com/blog/post?a=1&b=2',
        device: 'desktop',
      },
      reader: { class: 'social', name: 'Twitterbot' },
      format: 'html',
    });
  });

  it('gets it for HEAD as well', () => {
    expect(inWords({ method: 'HEAD' })).toBe('html /');
  });

  it('is passed through when its class is not rendered', () => {
    expect(inWords({ userAgent: userAgents.ai }, { render: ['search', 'social'] })).toBe('pass excluded');
    expect(inWords({ userAgent: userAgents.curl }, { render: ['library'] })).toBe('html /');
  });
});

describe('passed through', () => {
  it.each([
    ['a person', 'person', { userAgent: userAgents.person }],
    ['nobody known', 'library', { userAgent: '' }],
    ['a monitor', 'monitor', { userAgent: userAgents.uptime }],
    ['a library', 'library', { userAgent: userAgents.curl }],
    ['a POST', 'method', { method: 'POST' }],
    ['a PURGE', 'method', { method: 'PURGE' }],
    ['a lower-case method', 'method', { method: 'get' }],
    ['a GET with a body', 'method', { hasBody: true }],
    ['a script', 'asset', { target: '/main.js' }],
    ['a script with a query', 'asset', { target: '/main.js?v=2' }],
    ['a script with an escaped ending', 'asset', { target: '/main%2ejs' }],
    ['a script by an upper-case ending', 'asset', { target: '/MAIN.JS' }],
    ['a declaration for machines', 'asset', { target: '/.well-known/acme-challenge/abc' }],
    ['an image by Accept', 'asset', { accept: 'image/avif,image/webp,image/*,*/*;q=0.8' }],
    ['a style sheet by Accept', 'asset', { accept: 'text/css,*/*;q=0.1' }],
    ['an image by Sec-Fetch-Dest', 'asset', { secFetchDest: 'image', accept: '*/*' }],
    ['a call of an API by Accept', 'not-html', { accept: 'application/json' }],
    ['a call of an API by Sec-Fetch-Dest', 'not-html', { secFetchDest: 'empty', accept: '*/*' }],
    ['a request with Authorization', 'credentials', { hasAuthorization: true }],
    ['a request for a later part', 'range', { hasRange: true }],
    ['an upgrade', 'upgrade', { isUpgrade: true }],
    ["another renderer's request", 'own-render', { hasPrerenderMark: true }],
    ["our renderer's request", 'own-render', { userAgent: `${userAgents.person} Preface/0.1.0` }],
    ['a request that was here before', 'loop', { hasLoopMark: true }],
    ['what has no path', 'excluded', { target: '*' }],
    ['an absolute target', 'excluded', { target: 'http://other.example/' }],
    [
      'somebody filling the cache',
      'excluded',
      { target: `/?${Array.from({ length: 21 }, (_, n) => `a${n}`).join('&')}` },
    ],
  ] as const)('%s is %s', (_, because, facts) => {
    expect(inWords(facts)).toBe(`pass ${because}`);
  });

  it('tells the first reason in order', () => {
    const everything = {
      ...plainRequest,
      isUpgrade: true,
      hasLoopMark: true,
      hasPrerenderMark: true,
      method: 'POST',
      hasAuthorization: true,
      hasRange: true,
      accept: 'application/json',
      target: '/a.js',
    };
    const steps = [
      ['upgrade', {}],
      ['loop', { isUpgrade: false }],
      ['own-render', { hasLoopMark: false }],
      ['person', { hasPrerenderMark: false, userAgent: userAgents.person }],
      ['method', { userAgent: userAgents.bot }],
      ['asset', { method: 'GET' }],
      ['excluded', { target: '/private/x' }],
      ['credentials', { target: '/x' }],
      ['range', { hasAuthorization: false }],
      ['not-html', { hasRange: false }],
    ] as const;
    let facts = everything;
    for (const [because, change] of steps) {
      facts = { ...facts, ...change };
      expect(inWords(facts, { paths: [{ match: '/private/**', render: false }] })).toBe(`pass ${because}`);
    }
    expect(inWords({ ...facts, accept: 'text/html' })).toBe('html /x');
  });

  it.each([
    '',
    '*/*',
    'text/html',
    'text/*;q=0.5',
    'application/xhtml+xml',
    'application/json, text/plain, */*',
    'text/html,image/webp',
  ])('but not with Accept: %s', (accept) => {
    expect(inWords({ accept })).toBe('html /');
  });

  it.each(['/v1.2/page', '/v1.2', '/jane.doe', '/example.com', '/a.js/b', '/page.html', '/index.php', '/.', '/a.'])(
    'but not %s, which is a page for all that is known',
    (target) => {
      expect(inWords({ target })).toMatch(/^html /);
    },
  );
});

describe('a session', () => {
  const sessionCookies = ['sid', 'wordpress_logged_in_*', 'a.b'];

  it.each(['sid=1', 'theme=dark; sid=1', 'theme=dark;sid=', 'wordpress_logged_in_5f=1', 'a.b=1'])(
    'is a person’s: %s',
    (cookie) => {
      expect(inWords({ cookie }, { sessionCookies })).toBe('pass credentials');
    },
  );

  it.each(['', 'theme=dark', 'xsid=1', 'sidx=1', 'SID=1', 'theme=sid=1', 'x=wordpress_logged_in_', 'aXb=1'])(
    'is not seen in %j',
    (cookie) => {
      expect(inWords({ cookie }, { sessionCookies })).toBe('html /');
    },
  );
});

describe('the signs by which anybody asks for the page', () => {
  it('are X-Bufferbot', () => {
    const asked = verdict({ userAgent: userAgents.person, hasBufferbotMark: true });
    expect(asked).toMatchObject({ kind: 'page', reader: { class: 'preview', name: 'Bufferbot' } });
    expect(verdict({ hasBufferbotMark: true }).reader.name).toBe('Twitterbot');
  });

  it('are _escaped_fragment_, and its value names the page', () => {
    const { person } = userAgents;
    expect(inWords({ userAgent: person, target: '/?_escaped_fragment_=' })).toBe('html /');
    expect(inWords({ userAgent: person, target: '/x?_escaped_fragment_' })).toBe('html /x');
    expect(inWords({ userAgent: person, target: '/x?a=1&_escaped_fragment_=/user/1' })).toBe('html /x?a=1#!/user/1');
    expect(inWords({ userAgent: person, target: '/x?not_escaped_fragment_=1' })).toBe('pass person');
    expect(inWords({ userAgent: person, target: '/_escaped_fragment_' })).toBe('pass person');
  });

  it('do not outrank a renderer’s own marks', () => {
    expect(inWords({ hasBufferbotMark: true, hasPrerenderMark: true })).toBe('pass own-render');
    expect(inWords({ target: '/?_escaped_fragment_=', hasLoopMark: true })).toBe('pass loop');
  });

  it('mean nothing where such readers are not rendered', () => {
    const facts = { userAgent: userAgents.person, hasBufferbotMark: true };
    expect(inWords(facts, { render: ['search'] })).toBe('pass person');
  });
});

describe('Markdown', () => {
  const accept = 'text/markdown, text/html;q=0.9, */*;q=0.1';

  it('is given to whoever asks for it and is no person', () => {
    expect(inWords({ accept, userAgent: userAgents.ai })).toBe('markdown /');
    expect(inWords({ accept, userAgent: userAgents.curl })).toBe('markdown /');
    expect(inWords({ accept, userAgent: userAgents.uptime })).toBe('markdown /');
    expect(inWords({ accept: 'text/markdown' })).toBe('markdown /');
    expect(inWords({ accept: 'text/html, text/markdown' })).toBe('markdown /');
    expect(inWords({ accept, userAgent: userAgents.person })).toBe('pass person');
  });

  it('has the key of the HTML', () => {
    const html = verdict({ target: '/x' });
    const markdown = verdict({ target: '/x', accept });
    expect(markdown.kind === 'page' && markdown.target.key).toBe(html.kind === 'page' && html.target.key);
  });

  it.each(['text/html, text/markdown;q=0.5', '*/*', 'text/*', 'text/markdown;q=0, text/html'])(
    'is not asked for by %s',
    (likes) => {
      expect(inWords({ accept: likes })).toBe('html /');
      expect(inWords({ accept: likes, userAgent: userAgents.curl })).toBe('pass library');
    },
  );

  it('is not given when switched off', () => {
    expect(inWords({ accept }, { markdown: { enabled: false, suffix: true } })).toBe('html /');
  });

  it('is still refused to other methods, assets, credentials and excluded paths', () => {
    const curl = { accept, userAgent: userAgents.curl };
    expect(inWords({ ...curl, method: 'POST' })).toBe('pass method');
    expect(inWords({ ...curl, target: '/a.js' })).toBe('pass asset');
    expect(inWords({ ...curl, hasAuthorization: true })).toBe('pass credentials');
    expect(inWords({ ...curl, target: '/x' }, { paths: [{ match: '/x', render: false }] })).toBe('pass excluded');
  });

  it.each([
    ['/blog/post.md', 'markdown /blog/post'],
    ['/blog/post.md?b=1&a=2', 'markdown /blog/post?a=2&b=1'],
    ['/blog/index.md', 'markdown /blog/'],
    ['/index.html.md', 'markdown /'],
    ['/page.html.md', 'markdown /page.html'],
    ['/blog/post', 'html /blog/post'],
    ['/main.js.md', 'pass asset'],
  ])('is given under %s, where that is switched on', (target, expected) => {
    expect(inWords({ target }, { markdown: { enabled: true, suffix: true } })).toBe(expected);
  });

  it('leaves files that end with .md to the origin otherwise', () => {
    expect(inWords({ target: '/README.md' })).toBe('pass asset');
    const person = { target: '/README.md', userAgent: userAgents.person };
    expect(inWords(person, { markdown: { enabled: true, suffix: true } })).toBe('pass person');
  });
});

describe('rules for paths', () => {
  const paths = [
    { match: '/admin/**', render: false },
    { match: '/blog/*/comments', render: false },
    { match: '/files/**', render: true },
    { match: '/search', query: { keep: ['q'] } },
    { match: '/shop/**', query: { ignore: ['sort'] } },
    { match: '/app/**', device: 'auto' },
  ] as const;

  it.each([
    '/admin',
    '/admin/',
    '/admin/x/y',
    '/%61dmin/x',
    '//admin/x',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/./admin',
    '/admin?a=1',
  ])('exclude %s, however it is spelled', (target) => {
    expect(inWords({ target }, { paths })).toBe('pass excluded');
  });

  it('let through what they do not mean', () => {
    expect(inWords({ target: '/administration' }, { paths })).toBe('html /administration');
    expect(inWords({ target: '/blog/a/comments' }, { paths })).toBe('pass excluded');
    expect(inWords({ target: '/blog/a/b/comments' }, { paths })).toBe('html /blog/a/b/comments');
  });

  it('make pages of what ends like a file', () => {
    expect(inWords({ target: '/files/main.js' }, { paths })).toBe('html /files/main.js');
  });

  it('choose the parameters that count', () => {
    expect(inWords({ target: '/search?q=a&page=2&gclid=x' }, { paths })).toBe('html /search?q=a');
    expect(inWords({ target: '/shop/x?sort=up&size=2&gclid=x' }, { paths })).toBe('html /shop/x?size=2');
    expect(inWords({ target: '/x?sort=up&ref=1' }, { paths, ignoreQuery: ['ref'] })).toBe('html /x?sort=up');
  });

  it('choose the device', () => {
    const deviceOf = (target: string, userAgent: string) => {
      const asked = verdict({ target, userAgent }, { paths });
      return asked.kind === 'page' ? asked.target.device : undefined;
    };
    expect(deviceOf('/app/x', userAgents.phoneBot)).toBe('mobile');
    expect(deviceOf('/app/x', userAgents.bot)).toBe('desktop');
    expect(deviceOf('/x', userAgents.phoneBot)).toBe('desktop');
  });
});

describe('speed', () => {
  it('is a matter of microseconds for a known reader', () => {
    const classify = createClassifier(usual);
    const facts = { ...plainRequest, target: '/blog/post?utm_source=x&page=2', accept: 'text/html,*/*;q=0.8' };
    const rounds = 20_000;
    let quickest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const begin = performance.now();
      for (let round = 0; round < rounds; round++) classify(facts);
      quickest = Math.min(quickest, (performance.now() - begin) / rounds);
    }
    // About 0.002 ms on an ordinary machine; the limit is for the busiest of them.
    expect(quickest).toBeLessThan(0.05);
  });
});
