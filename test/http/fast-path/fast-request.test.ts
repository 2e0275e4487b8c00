import { createServer, type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestReader } from '../../../src/http/fast-path/fast-request.ts';

const read = (head: string, maxBytes = 32_768) => createRequestReader(new net.Socket(), maxBytes)(head);
const get = (...lines: string[]) => ['GET / HTTP/1.1', 'Host: a.example', ...lines, '', ''].join('\r\n');

describe('a request that the edge reads itself', () => {
  it('has what Node gives of the same bytes', async () => {
    const head =
      'GET /p?q=%20&r HTTP/1.1\r\nHOST: a.example\r\nX-Empty:\r\nAccept:\t text/html \t\r\nX-Latin: \xa0caf\xe9\xa0\r\n__proto__: x\r\nCookie: a=1; b=2\r\n\r\n';
    await using node = await startNode();
    const [ours, nodes] = [read(head), await node.read(head)];
    expect([ours?.method, ours?.url, ours?.rawHeaders]).toEqual([nodes?.method, nodes?.url, nodes?.rawHeaders]);
    expect(Object.entries(ours?.headers ?? {})).toEqual(expect.arrayContaining(Object.entries(nodes?.headers ?? {})));
    expect([ours?.httpVersion, ours?.httpVersionMinor, ours?.complete]).toEqual(['1.1', 1, true]);
  });

  it('is read anew when its fields differ from those of the one before', () => {
    const next = createRequestReader(new net.Socket(), 4096);
    const names = (text: string) => next(text)?.rawHeaders;
    expect(names(get('X-A: 1'))).toEqual(['Host', 'a.example', 'X-A', '1']);
    expect(names(get('X-A: 1').replace('GET / ', 'GET /other '))).toEqual(['Host', 'a.example', 'X-A', '1']);
    expect(names(get('X-A: 2'))).toEqual(['Host', 'a.example', 'X-A', '2']);
    expect(names(get('Upgrade: h2c'))).toBeUndefined();
    expect(names(get('Upgrade: h2c'))).toBeUndefined();
  });
});

describe('left to Node’s parser is', () => {
  it.each([
    ['another method', 'POST / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'],
    ['another form of target', 'GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a target with other bytes', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a head that is not whole', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['a head without fields', 'GET / HTTP/1.1\r\n\r\n'],
    ['a head without a host', 'GET / HTTP/1.1\r\nAccept: */*\r\n\r\n'],
    ['what comes behind a head', `${get()}G`],
    ['a second request', get() + get()],
    ['a length', get('Content-Length: 0')],
    ['a coding', get('Transfer-Encoding: chunked')],
    ['an expectation', get('Expect: 100-continue')],
    ['an upgrade', get('Upgrade: websocket')],
    ['an end of the connection', get('Connection: close')],
    ['a connection’s other wishes', get('Connection: keep-alive, X-Secret')],
    ['a doubled host', get('host: b.example')],
    ['a doubled field', get('Cookie: a=1', 'cookie: b=2')],
    ['a field that Node makes a list of', get('Set-Cookie: a=1')],
    ['more lines than Node takes', get(...Array.from({ length: 1001 }, (_, n) => `X${n}: 1`))],
    ['a folded line', get('X-A: 1', ' 2')],
    ['a blank before the colon', get('X-A : 1')],
    ['a name that is none', get('X(A): 1')],
    ['a line without a colon', get('nonsense')],
    ['a bare line feed', get('X-A: 1\nX-B: 2')],
    ['a bare carriage return', get('X-A: 1\rX-B: 2')],
    ['a line feed for an end', get().replaceAll('\r\n', '\n')],
    ['a control character', get('X-A: \x01')],
    ['two blanks in the first line', get().replace('GET /', 'GET  /')],
    ['an empty line before', `\r\n${get()}`],
  ])('%s', (_what, head) => {
    expect(read(head)).toBeUndefined();
  });

  it('a head that is larger than allowed', () => {
    const head = get(`X-A: ${'a'.repeat(200)}`);
    expect(read(head, head.length)).toBeDefined();
    expect(read(head, head.length - 1)).toBeUndefined();
  });
});

it('a request is understood as Node understands it, or not at all, however its bytes are changed', async () => {
  await using node = await startNode();
  const whole = get('Accept: text/html', 'X-A:\t1 ', 'Cookie: a=1');
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    '\0',
    'a',
    'Z',
    '/',
    '-',
    '\x7f',
    '\xa0',
    '(',
    ',',
    'Host: b',
    'X-B: 2\r\n',
  );
  const change = fc.record({ at: fc.nat(whole.length), cut: fc.nat(2), put: fc.oneof(fc.constant(''), piece) });
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const head = changes.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), whole);
      const ours = read(head);
      if (ours === undefined) return;
      taken += 1;
      const nodes = await node.read(head);
      expect([nodes?.method, nodes?.url, nodes?.rawHeaders]).toEqual([ours.method, ours.url, ours.rawHeaders]);
      expect(nodes?.headers).toEqual({ ...ours.headers });
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(40);
});

/** What Node's own server makes of a head; undefined when it refuses it. */
async function startNode() {
  let resolve: (request: IncomingMessage | undefined) => void = () => {};
  const server = createServer((request, response) => {
    resolve(request);
    response.end();
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    socket.destroy();
    // Connections that a test has left behind say so late.
    if (error.code?.startsWith('HPE_')) resolve(undefined);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    async read(head: string): Promise<IncomingMessage | undefined> {
      const read = Promise.withResolvers<IncomingMessage | undefined>();
      resolve = read.resolve;
      const socket = net.connect(port, '127.0.0.1', () => socket.write(head, 'latin1'));
      const request = await read.promise;
      socket.destroy();
      return request;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => void server.close(() => closed())),
  };
}
