import { createServer, type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestReader } from '../../../src/http/fast-path/fast-request.ts';

const read = (head: string, maxBytes = 4096) =>
  createRequestReader(new net.Socket(), maxBytes)(Buffer.from(head, 'latin1'));
const get = (...lines: string[]) => ['GET / HTTP/1.1', 'Host: a.example', ...lines, '', ''].join('\r\n');

describe('a request that the edge reads itself', () => {
  it('has what Node gives of the same bytes', async () => {
    const head =
      'GET /p?q=%20&r HTTP/1.1\r\nHOST: a.example\r\nX-Empty:\r\nAccept:\t text/html \t\r\nX-Latin: \xa0caf\xe9\xa0\r\n__proto__: x\r\nCookie: a=1; b=2\r\n\r\n';
    const [ours, nodes] = [read(head), await readByNode(head)];
    expect(ours).toMatchObject({ method: nodes.method, url: nodes.url, rawHeaders: nodes.rawHeaders });
    expect(Object.entries(ours?.headers ?? {})).toEqual(expect.arrayContaining(Object.entries(nodes.headers)));
    expect([ours?.httpVersion, ours?.httpVersionMinor, ours?.complete]).toEqual(['1.1', 1, true]);
  });

  it('is read anew when its fields differ from those of the one before', () => {
    const next = createRequestReader(new net.Socket(), 4096);
    const names = (text: string) => next(Buffer.from(text))?.rawHeaders;
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

  it('whatever the edge does not understand as Node does, by any bytes', () => {
    const piece = fc.constantFrom(
      'GET ',
      '/ ',
      'HTTP/1.1',
      '\r\n',
      'Host: a',
      'X: 1',
      ':',
      ' ',
      '\t',
      '\n',
      '\r',
      '\0',
      'é',
      '\r\n\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const request = read(pieces.join(''));
        const text = request?.rawHeaders.join('') ?? '';
        expect(/[\r\n\0]/.test(text + (request?.url ?? ''))).toBe(false);
      }),
    );
  });
});

/** What Node's own server makes of a head. */
async function readByNode(head: string): Promise<IncomingMessage> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const server = createServer((request, response) => {
    resolve(request);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(head, 'latin1'));
  const request = await promise;
  socket.destroy();
  await new Promise((closed) => server.close(closed));
  return request;
}
