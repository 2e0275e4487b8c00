import { publicHost } from '../origin/edge.ts';

/** A request that tries to change what others get for the same page. */
export interface Poison {
  readonly name: string;
  /** The raw request, latin1, for a path. It ends its connection. */
  readonly request: (path: string) => string;
}

/** What must never be seen again. */
export const poisonWord = 'poisoned.example';
/** A robot whose pages are rendered. */
export const readerLine = 'User-Agent: Twitterbot/1.0';

const hostLine = `Host: ${publicHost}`;

function withLines(name: string, ...lines: string[]): Poison {
  return { name, request: (path) => raw(`GET ${path} HTTP/1.1`, [hostLine, readerLine, ...lines]) };
}

function raw(requestLine: string, lines: readonly string[], body = ''): string {
  const close = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
  return [requestLine, ...lines, ...close, '', body].join('\r\n');
}

/** Fields by which frameworks, caches and load balancers learn what was really asked for. */
const deceivers = [
  ...['X-Forwarded-Host', 'X-Host', 'X-Original-Host', 'X-Forwarded-Server', 'X-HTTP-Host-Override', 'X-Backend-Host'],
  ...[
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Forwarded-Path',
    'X-Forwarded-Prefix',
    'X-Override-URL',
    'X-Envoy-Original-Path',
  ],
  ...['X-Forwarded-For', 'X-Real-IP', 'True-Client-IP', 'CF-Connecting-IP', 'X-Client-IP', 'Client-IP', 'Via'],
  ...['Referer', 'Origin', 'Accept-Language', 'Accept-Charset', 'From', 'Prefer', 'X-Wap-Profile', 'Warning'],
  ...[
    'Sec-CH-UA',
    'Sec-CH-Prefers-Color-Scheme',
    'Save-Data',
    'DNT',
    'X-Requested-With',
    'X-CSRF-Token',
    'X-Api-Version',
  ],
  ...['X-Preface-Cache-Control', 'X-Preface-Egress', 'Surrogate-Capability', 'X-Request-Id', 'traceparent', 'baggage'],
  ...[
    'Content-Security-Policy',
    'Set-Cookie',
    'Location',
    'X-Bufferbot',
    'X-Middleware-Subrequest',
    '__proto__',
    'constructor',
  ],
].map((name) => withLines(name, `${name}: ${poisonWord}`));

const withValues = [
  withLines('X-Forwarded-Proto', 'X-Forwarded-Proto: nothttps'),
  withLines('X-Forwarded-Scheme', 'X-Forwarded-Scheme: http', `X-Forwarded-Host: ${poisonWord}`),
  withLines('X-Forwarded-Port', 'X-Forwarded-Port: 1337'),
  withLines('X-Forwarded-Ssl', 'X-Forwarded-Ssl: off'),
  withLines('Forwarded', `Forwarded: for=1.2.3.4;host=${poisonWord};proto=nothttps`),
  withLines('X-HTTP-Method-Override', 'X-HTTP-Method-Override: POST'),
  withLines('X-HTTP-Method', 'X-HTTP-Method: PUT'),
  withLines('X-Method-Override', 'X-Method-Override: DELETE'),
  withLines('Cookie', `Cookie: sid=${poisonWord}; theme=${poisonWord}`),
  withLines('Authorization', `Authorization: Basic ${poisonWord}`),
  withLines('Proxy-Authorization', `Proxy-Authorization: Basic ${poisonWord}`),
  withLines('Accept: an image', 'Accept: image/png'),
  withLines('Accept: JSON', 'Accept: application/json'),
  withLines('Accept: Markdown', 'Accept: text/markdown'),
  withLines('Accept-Encoding: gzip', 'Accept-Encoding: gzip'),
  withLines('Accept-Encoding: br', 'Accept-Encoding: br'),
  withLines('Accept-Encoding: nothing at all', 'Accept-Encoding: identity;q=0, *;q=0'),
  withLines('Accept-Encoding: an unknown one', `Accept-Encoding: ${poisonWord}`),
  withLines('Range: the first byte', 'Range: bytes=0-0'),
  withLines('Range: the middle', 'Range: bytes=10-20'),
  withLines('Range: many', `Range: bytes=${'0-,'.repeat(100)}0-`),
  withLines('Range: beyond the end', 'Range: bytes=99999999-'),
  withLines('If-Range', 'If-Range: "a"', 'Range: bytes=0-5'),
  withLines('If-None-Match: *', 'If-None-Match: *'),
  withLines('If-Match', 'If-Match: "nothing"'),
  withLines('If-Modified-Since', 'If-Modified-Since: Fri, 31 Dec 2099 23:59:59 GMT'),
  withLines('If-Unmodified-Since', 'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'),
  withLines('Cache-Control', 'Cache-Control: no-store, no-cache, max-age=0'),
  withLines('Pragma', 'Pragma: no-cache'),
  withLines('Sec-Fetch-Dest', 'Sec-Fetch-Dest: script'),
  withLines('Sec-CH-UA-Mobile', 'Sec-CH-UA-Mobile: ?1'),
  withLines('Purpose', 'Purpose: prefetch', 'Sec-Purpose: prefetch;prerender'),
  withLines('Max-Forwards', 'Max-Forwards: 0'),
  withLines('TE', 'TE: trailers, deflate'),
  withLines('Expect', 'Expect: 100-continue'),
  withLines('Upgrade', 'Connection: Upgrade', 'Upgrade: h2c'),
  withLines('CDN-Loop', 'CDN-Loop: preface'),
  withLines('X-Prerender', 'X-Prerender: 1'),
  withLines('Connection names a field', 'Connection: close, X-Forwarded-Host', `X-Forwarded-Host: ${poisonWord}`),
  withLines('Connection names Host', 'Connection: close, Host'),
  withLines('a head that is too large', `X-Large: ${'a'.repeat(40_000)}`),
  withLines('a field with a control character', `X-Meta: a\x07${poisonWord}`),
  withLines('a second User-Agent', `User-Agent: ${poisonWord}`),
];

const withUserAgent = (name: string, userAgent: string): Poison => ({
  name,
  request: (path) => raw(`GET ${path} HTTP/1.1`, [hostLine, `User-Agent: ${userAgent}`]),
});

const userAgents = [
  withUserAgent('another reader', `Mozilla/5.0 (compatible; Googlebot/2.1; +http://${poisonWord}/bot.html)`),
  withUserAgent(
    'a reader on a phone',
    'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Mobile Safari/537.36 (compatible; Googlebot/2.1)',
  ),
  withUserAgent('a person', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'),
  withUserAgent('our own renderer', `Mozilla/5.0 ${poisonWord} Preface/1.0`),
  withUserAgent('a user agent with markup', `Twitterbot/1.0 <script>${poisonWord}</script>`),
  withUserAgent('a user agent of 8 KB', `Twitterbot/1.0 ${'a'.repeat(8_000)}`),
];

const withHost = (name: string, ...hosts: string[]): Poison => ({
  name,
  request: (path) => raw(`GET ${path} HTTP/1.1`, [...hosts.map((host) => `Host: ${host}`), readerLine]),
});

const hosts: readonly Poison[] = [
  withHost('Host: another', poisonWord),
  withHost('Host in capitals', publicHost.toUpperCase()),
  withHost('Host with a port', `${publicHost}:1337`),
  withHost('Host with its port', `${publicHost}:80`),
  withHost('Host with a dot behind', `${publicHost}.`),
  withHost('Host twice', publicHost, poisonWord),
  withHost('Host twice, ours second', poisonWord, publicHost),
  withHost('Host as a list', `${publicHost}, ${poisonWord}`),
  withHost('Host with user information', `${publicHost}@${poisonWord}`),
  withHost('Host with a path', `${publicHost}/${poisonWord}`),
  withHost('Host with a query', `${publicHost}?${poisonWord}`),
  withHost('Host as a longer name', `${publicHost}.${poisonWord}`),
  withHost('Host with markup', `"><script>${poisonWord}</script>`),
  {
    name: 'an absolute target of another host',
    request: (path) => raw(`GET http://${poisonWord}${path} HTTP/1.1`, [hostLine, readerLine]),
  },
  {
    name: 'an absolute target, and Host of another',
    request: (path) => raw(`GET http://${publicHost}${path} HTTP/1.1`, [`Host: ${poisonWord}`, readerLine]),
  },
  { name: 'HTTP/1.0 without a host', request: (path) => raw(`GET ${path} HTTP/1.0`, [readerLine]) },
];

const withMethod = (method: string, body = ''): Poison => ({
  name: body === '' ? method : `${method} with a body`,
  request: (path) => {
    const length = body === '' ? [] : [`Content-Length: ${body.length}`];
    return raw(`${method} ${path} HTTP/1.1`, [hostLine, readerLine, ...length], body);
  },
});

const methods: readonly Poison[] = [
  ...['HEAD', 'OPTIONS', 'DELETE', 'PURGE', 'TRACE', 'PROPFIND'].map((method) => withMethod(method)),
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH'].map((method) => withMethod(method, `title=${poisonWord}`)),
  {
    name: 'GET with chunks',
    request: (path) =>
      raw(`GET ${path} HTTP/1.1`, [hostLine, readerLine, 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'),
  },
];

const withTarget = (name: string, change: (path: string) => string): Poison => ({
  name,
  request: (path) => raw(`GET ${change(path)} HTTP/1.1`, [hostLine, readerLine]),
});

/** Other spellings of the target: of the same page, or of another that must not be taken for it. */
const targets = [
  withTarget('a tracking parameter', (path) => `${path}?utm_source=${poisonWord}`),
  withTarget('a fragment', (path) => `${path}#${poisonWord}`),
  withTarget('an escaped letter', (path) => path.replace('page', '%70age')),
  withTarget('an escaped slash', (path) => path.replace('/page', '%2fpage')),
  withTarget('a path parameter', (path) => `${path};${poisonWord}`),
  withTarget('a second slash', (path) => `/${path}`),
  withTarget('a host before the path', (path) => `//${poisonWord}${path}`),
  withTarget('a backslash', (path) => `/\\${poisonWord}${path}`),
  withTarget('dots', (path) => `/${poisonWord}/..${path}`),
  withTarget('an escaped line end', (path) => `${path}%0d%0aX-Poison:%20${poisonWord}`),
  withTarget('a NUL', (path) => `${path}%00${poisonWord}`),
  withTarget('a parameter that counts', (path) => `${path}?title=${poisonWord}`),
  withTarget('the old crawling scheme', (path) => `${path}?_escaped_fragment_=${poisonWord}`),
];

/** Every input of a request that is no part of a page's key, and those that nearly are. */
export const poisons: readonly Poison[] = [
  ...deceivers,
  ...withValues,
  ...userAgents,
  ...hosts,
  ...methods,
  ...targets,
];
