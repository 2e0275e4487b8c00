/** What must become of a request that two readers could understand differently. */
export interface AmbiguousRequest {
  readonly name: string;
  /** As sent, latin1. */
  readonly bytes: string;
  /** Refused by the edge with this status, or let through as at most so many requests. */
  readonly expected: { readonly refused: readonly number[] } | { readonly passed: number };
}

const h = 'Host: www.example.com\r\n';
const smuggled = `GET /smuggled HTTP/1.1\r\n${h}\r\n`;
const refused = (...statuses: number[]) => ({ refused: statuses.length > 0 ? statuses : [400] });
const passed = (count: number) => ({ passed: count });

function post(lines: string, body = ''): string {
  return `POST / HTTP/1.1\r\n${h}${lines}\r\n${body}`;
}

/** The published families: CL.TE, TE.CL, TE.TE, CL.CL, line endings, chunk syntax, targets, hosts, upgrades. */
export const ambiguousRequests: readonly AmbiguousRequest[] = [
  // Length and chunks together
  {
    name: 'CL.TE',
    bytes: post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    expected: refused(),
  },
  {
    name: 'TE.CL',
    bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${smuggled}\r\n0\r\n\r\n`),
    expected: refused(),
  },
  {
    name: 'CL: 0 with chunks',
    bytes: post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${smuggled}`),
    expected: refused(),
  },
  // Codings that one side may not recognise
  {
    name: 'TE twice',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'TE chunked, then identity',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  { name: 'TE identity', bytes: post('Transfer-Encoding: identity\r\n', smuggled), expected: refused(400, 501) },
  {
    name: 'TE gzip before chunked',
    bytes: post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    expected: refused(501),
  },
  {
    name: 'TE chunked before gzip',
    bytes: post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  { name: 'TE xchunked', bytes: post('Transfer-Encoding: xchunked\r\n', smuggled), expected: refused(400, 501) },
  {
    name: 'TE with a quote',
    bytes: post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
    expected: refused(400, 501),
  },
  {
    name: 'TE with a vertical tab',
    bytes: post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  { name: 'TE empty', bytes: post('Transfer-Encoding:\r\n', smuggled), expected: refused() },
  {
    name: 'TE in capitals',
    bytes: post('TRANSFER-ENCODING: CHUNKED\r\nConnection: close\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    expected: passed(1),
  },
  {
    name: 'TE on HTTP/1.0',
    bytes: `POST / HTTP/1.0\r\n${h}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    expected: refused(),
  },
  {
    name: 'TE with a space before the colon',
    bytes: post('Transfer-Encoding : chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'TE with an underscore is another field',
    bytes: post('Transfer_Encoding: chunked\r\nContent-Length: 5\r\nConnection: close\r\n', '0\r\n\r\n'),
    expected: passed(1),
  },
  // Lengths
  { name: 'two lengths', bytes: post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello!'), expected: refused() },
  {
    name: 'the same length twice',
    bytes: post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'),
    expected: refused(),
  },
  { name: 'a list of lengths', bytes: post('Content-Length: 5, 5\r\n', 'hello'), expected: refused() },
  { name: 'a signed length', bytes: post('Content-Length: +5\r\n', 'hello'), expected: refused() },
  { name: 'a negative length', bytes: post('Content-Length: -1\r\n', 'hello'), expected: refused() },
  { name: 'a hexadecimal length', bytes: post('Content-Length: 0x5\r\n', 'hello'), expected: refused() },
  { name: 'a length with a space within', bytes: post('Content-Length: 5 5\r\n', 'hello'), expected: refused() },
  {
    name: 'a length beyond 64 bits',
    bytes: post('Content-Length: 99999999999999999999\r\n', 'hello'),
    expected: refused(),
  },
  {
    name: 'a GET with a body that looks like a request',
    bytes: `GET / HTTP/1.1\r\n${h}Content-Length: ${smuggled.length}\r\nConnection: close\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
  {
    name: 'a DELETE in chunks that look like a request',
    bytes: `DELETE / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    expected: passed(1),
  },
  // Line endings and folding
  { name: 'a bare LF after the request line', bytes: `GET / HTTP/1.1\n${h}\r\n`, expected: refused() },
  { name: 'a bare LF after a field', bytes: `GET / HTTP/1.1\r\n${h}X-A: b\nX-B: c\r\n\r\n`, expected: refused() },
  { name: 'a bare CR within a field', bytes: `GET / HTTP/1.1\r\n${h}X-A: b\rX-B: c\r\n\r\n`, expected: refused() },
  { name: 'a folded field', bytes: `GET / HTTP/1.1\r\n${h}X-A: b\r\n c\r\n\r\n`, expected: refused() },
  {
    name: 'a folded coding',
    bytes: post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  { name: 'a space before the first field', bytes: `GET / HTTP/1.1\r\n X-A: b\r\n${h}\r\n`, expected: refused() },
  { name: 'a field without a colon', bytes: `GET / HTTP/1.1\r\n${h}Nonsense\r\n\r\n`, expected: refused() },
  { name: 'a field without a name', bytes: `GET / HTTP/1.1\r\n${h}: value\r\n\r\n`, expected: refused() },
  { name: 'a NUL in a field', bytes: `GET / HTTP/1.1\r\n${h}X-A: a\x00b\r\n\r\n`, expected: refused() },
  { name: 'a NUL in a field name', bytes: `GET / HTTP/1.1\r\n${h}X\x00A: b\r\n\r\n`, expected: refused() },
  // Chunks
  {
    name: 'a chunk size with a sign',
    bytes: post('Transfer-Encoding: chunked\r\n', '+5\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk size with 0x',
    bytes: post('Transfer-Encoding: chunked\r\n', '0x5\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk size beyond 64 bits',
    bytes: post('Transfer-Encoding: chunked\r\n', '10000000000000005\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'an empty chunk size',
    bytes: post('Transfer-Encoding: chunked\r\n', '\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk ended by LF',
    bytes: post('Transfer-Encoding: chunked\r\n', '5\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk longer than its size',
    bytes: post('Transfer-Encoding: chunked\r\n', '3\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk extension with a LF',
    bytes: post('Transfer-Encoding: chunked\r\n', '5;a\nb\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk extension is not passed on',
    bytes: post('Transfer-Encoding: chunked\r\nConnection: close\r\n', '5;a=b\r\nhello\r\n0\r\n\r\n'),
    expected: passed(1),
  },
  {
    name: 'trailers that would frame',
    bytes: post(
      'Transfer-Encoding: chunked\r\nConnection: close\r\n',
      '5\r\nhello\r\n0\r\nContent-Length: 50\r\nHost: evil\r\n\r\n',
    ),
    expected: refused(),
  },
  // Request lines and versions
  {
    name: 'two spaces in the request line',
    bytes: `GET  / HTTP/1.1\r\n${h}Connection: close\r\n\r\n`,
    expected: passed(1),
  },
  { name: 'no version', bytes: `GET /\r\n${h}\r\n`, expected: refused(400, 505) },
  { name: 'HTTP/0.9', bytes: `GET / HTTP/0.9\r\n${h}\r\n`, expected: refused(400, 505) },
  { name: 'HTTP/1.2', bytes: `GET / HTTP/1.2\r\n${h}\r\n`, expected: refused(400, 505) },
  { name: 'HTTP/2.0 in text', bytes: `GET / HTTP/2.0\r\n${h}\r\n`, expected: refused(400, 505) },
  { name: 'the HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', expected: refused(400, 505, 0) },
  { name: 'an unknown method', bytes: `GETT / HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'TLS to a plain port', bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', expected: refused() },
  // Targets
  {
    name: 'a target that no parser likes: http://[/',
    bytes: `GET http://[/ HTTP/1.1\r\n${h}\r\n`,
    expected: refused(),
  },
  { name: 'a target that no parser likes: //[', bytes: `GET //[ HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a target without a slash', bytes: `GET index.html HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a target with a control character', bytes: `GET /a\x01b HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a target with a tab', bytes: `GET /a\tb HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a target with bytes beyond ASCII', bytes: `GET /caf\xc3\xa9 HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: '* for GET', bytes: `GET * HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  {
    name: 'an absolute target of another host',
    bytes: 'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    expected: refused(421),
  },
  {
    name: 'an absolute target that disagrees with Host',
    bytes: `GET http://evil.example/ HTTP/1.1\r\n${h}\r\n`,
    expected: refused(),
  },
  {
    name: 'an absolute target with user information',
    bytes: `GET http://a@www.example.com/ HTTP/1.1\r\n${h}\r\n`,
    expected: refused(),
  },
  {
    name: 'an absolute target of another scheme',
    bytes: `GET ftp://www.example.com/ HTTP/1.1\r\n${h}\r\n`,
    expected: refused(),
  },
  { name: 'CONNECT', bytes: 'CONNECT internal:22 HTTP/1.1\r\nHost: internal:22\r\n\r\n', expected: refused(405) },
  // Hosts
  { name: 'two hosts', bytes: `GET / HTTP/1.1\r\n${h}Host: evil.example\r\n\r\n`, expected: refused() },
  { name: 'the same host twice', bytes: `GET / HTTP/1.1\r\n${h}${h}\r\n`, expected: refused() },
  {
    name: 'a list of hosts',
    bytes: 'GET / HTTP/1.1\r\nHost: www.example.com, evil.example\r\n\r\n',
    expected: refused(),
  },
  { name: 'a host with a path', bytes: 'GET / HTTP/1.1\r\nHost: www.example.com/evil\r\n\r\n', expected: refused() },
  {
    name: 'a host with user information',
    bytes: 'GET / HTTP/1.1\r\nHost: www.example.com@evil.example\r\n\r\n',
    expected: refused(),
  },
  { name: 'a host with a query', bytes: 'GET / HTTP/1.1\r\nHost: www.example.com?a\r\n\r\n', expected: refused() },
  {
    name: 'a host with a port of letters',
    bytes: 'GET / HTTP/1.1\r\nHost: www.example.com:evil\r\n\r\n',
    expected: refused(),
  },
  { name: 'an empty host', bytes: 'GET / HTTP/1.1\r\nHost:\r\n\r\n', expected: refused() },
  { name: 'no host', bytes: 'GET / HTTP/1.1\r\n\r\n', expected: refused() },
  // Connection and upgrades
  { name: 'a nominated Host', bytes: `GET / HTTP/1.1\r\n${h}Connection: Host\r\n\r\n`, expected: refused() },
  {
    name: 'a nominated Cookie',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: close, cookie\r\nCookie: a=b\r\n\r\n`,
    expected: refused(),
  },
  {
    name: 'a nominated Authorization',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: Authorization\r\n\r\n`,
    expected: refused(),
  },
  {
    name: 'a nominated X-Forwarded-For',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: keep-alive, X-Forwarded-For\r\n\r\n`,
    expected: refused(),
  },
  {
    name: 'a nominated length',
    bytes: post('Connection: Content-Length\r\nContent-Length: 5\r\n', 'hello'),
    expected: refused(),
  },
  {
    name: 'h2c',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
  {
    name: 'an upgrade with a body',
    bytes: `POST / HTTP/1.1\r\n${h}Connection: Upgrade, close\r\nUpgrade: websocket\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
  {
    name: 'an upgrade in chunks',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: Upgrade, close\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
  {
    name: 'an upgrade on HTTP/1.0',
    bytes: `GET / HTTP/1.0\r\n${h}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    expected: passed(1),
  },
  // Sizes
  {
    name: 'a head that is too large',
    bytes: `GET / HTTP/1.1\r\n${h}X-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    expected: refused(431),
  },
  {
    name: 'a target that is too large',
    bytes: `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n${h}\r\n`,
    expected: refused(431),
  },
  {
    name: 'chunk extensions without end',
    bytes: post('Transfer-Encoding: chunked\r\n', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`),
    expected: refused(413),
  },
  // Sequences
  {
    name: 'two honest requests at once',
    bytes: `GET /1 HTTP/1.1\r\n${h}\r\nGET /2 HTTP/1.1\r\n${h}Connection: close\r\n\r\n`,
    expected: passed(2),
  },
  {
    name: 'garbage after an honest request',
    bytes: `GET /1 HTTP/1.1\r\n${h}\r\n\x00\x01\x02 GARBAGE\r\n\r\n`,
    expected: passed(1),
  },
  {
    name: 'a request after the one that said close',
    bytes: `GET /1 HTTP/1.1\r\n${h}Connection: close\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
  // What else has told two readers apart
  {
    name: 'TE with a comma behind',
    bytes: post('Transfer-Encoding: chunked,\r\n', '0\r\n\r\n'),
    expected: refused(400, 501),
  },
  {
    name: 'TE with a comma before',
    bytes: post('Transfer-Encoding: , chunked\r\n', '0\r\n\r\n'),
    expected: refused(400, 501),
  },
  {
    name: 'TE with a parameter',
    bytes: post('Transfer-Encoding: chunked;q=1\r\n', '0\r\n\r\n'),
    expected: refused(400, 501),
  },
  { name: 'TE with a NUL behind', bytes: post('Transfer-Encoding: chunked\x00\r\n', '0\r\n\r\n'), expected: refused() },
  {
    name: 'TE with a bare CR before',
    bytes: post('X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'TE in the trailers',
    bytes: post(
      'Transfer-Encoding: chunked\r\nConnection: close\r\n',
      '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
    expected: refused(),
  },
  {
    name: 'a nominated coding',
    bytes: post('Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expected: refused(),
  },
  { name: 'an empty length', bytes: post('Content-Length:\r\n', smuggled), expected: refused() },
  { name: 'a length with a comma behind', bytes: post('Content-Length: 5,\r\n', 'hello'), expected: refused() },
  { name: 'a length with a fraction', bytes: post('Content-Length: 5.0\r\n', 'hello'), expected: refused() },
  {
    name: 'a length with a space before the colon',
    bytes: post('Content-Length : 5\r\n', 'hello'),
    expected: refused(),
  },
  {
    name: 'a length with a tab before the colon',
    bytes: post('Content-Length\t: 5\r\n', 'hello'),
    expected: refused(),
  },
  { name: 'a folded length', bytes: post('Content-Length:\r\n 5\r\n', 'hello'), expected: refused() },
  {
    name: 'a length with zeros before',
    bytes: post('Content-Length: 005\r\nConnection: close\r\n', `hello${smuggled}`),
    expected: passed(1),
  },
  {
    name: 'a length with an underscore is another field',
    bytes: post('Content_Length: 50\r\nConnection: close\r\n'),
    expected: passed(1),
  },
  {
    name: 'a chunk size with a space before',
    bytes: post('Transfer-Encoding: chunked\r\n', ' 5\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk size with an underscore',
    bytes: post('Transfer-Encoding: chunked\r\n', '1_0\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk size with a minus',
    bytes: post('Transfer-Encoding: chunked\r\n', '-1\r\nhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk without its line end',
    bytes: post('Transfer-Encoding: chunked\r\n', '5\r\nhello0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a chunk ended by a bare CR',
    bytes: post('Transfer-Encoding: chunked\r\n', '5\rhello\r\n0\r\n\r\n'),
    expected: refused(),
  },
  {
    name: 'a last chunk that is ended by a bare LF',
    bytes: post('Transfer-Encoding: chunked\r\n', '0\n\n'),
    expected: refused(),
  },
  { name: 'tabs in the request line', bytes: `GET\t/\tHTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a method in small letters', bytes: `get / HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a protocol in small letters', bytes: `GET / http/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a space before the request line', bytes: ` GET / HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  { name: 'a space behind the version', bytes: `GET / HTTP/1.1 \r\n${h}\r\n`, expected: refused() },
  { name: 'a version with a zero before', bytes: `GET / HTTP/01.1\r\n${h}\r\n`, expected: refused(400, 505) },
  { name: 'a target with a space', bytes: `GET /a b HTTP/1.1\r\n${h}\r\n`, expected: refused() },
  {
    name: 'an empty line before the request',
    bytes: `\r\nGET / HTTP/1.1\r\n${h}Connection: close\r\n\r\n`,
    expected: passed(1),
  },
  { name: 'a folded Host', bytes: 'GET / HTTP/1.1\r\nHost:\r\n www.example.com\r\n\r\n', expected: refused() },
  {
    name: 'a Host with a space before the colon',
    bytes: 'GET / HTTP/1.1\r\nHost : www.example.com\r\n\r\n',
    expected: refused(),
  },
  { name: 'a Host in quotes', bytes: 'GET / HTTP/1.1\r\nHost: "www.example.com"\r\n\r\n', expected: refused() },
  {
    name: 'a Host with a backslash',
    bytes: 'GET / HTTP/1.1\r\nHost: www.example.com\\evil\r\n\r\n',
    expected: refused(),
  },
  { name: 'a Host beyond ASCII', bytes: 'GET / HTTP/1.1\r\nHost: www.ex\xe4mple.com\r\n\r\n', expected: refused() },
  { name: 'a field name in quotes', bytes: `GET / HTTP/1.1\r\n${h}"X-A": b\r\n\r\n`, expected: refused() },
  { name: 'a field name with a slash', bytes: `GET / HTTP/1.1\r\n${h}X/A: b\r\n\r\n`, expected: refused() },
  {
    name: 'an expectation that nobody knows',
    bytes: post('Expect: 200-maybe\r\nContent-Length: 5\r\nConnection: close\r\n', `hello${smuggled}`),
    expected: refused(417),
  },
  {
    name: 'a handshake that is answered with a page, and a request behind it',
    bytes: `GET / HTTP/1.1\r\n${h}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n${smuggled}`,
    expected: passed(1),
  },
];
