import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerError, type AnswerHead } from '../../src/origin/answer-head.ts';
import { AnswerParser } from '../../src/origin/answer-parser.ts';

interface Read {
  readonly heads: AnswerHead[];
  readonly body: string;
  readonly trailers: readonly string[] | undefined;
}

/** Reads an answer that comes in these pieces. */
function read(pieces: readonly (string | Buffer)[], method = 'GET', ends = false): Read {
  const heads: AnswerHead[] = [];
  let body = '';
  let trailers: readonly string[] | undefined;
  const parser = new AnswerParser(
    {
      onHead: (head) => void heads.push(head),
      onBody: (chunk) => {
        body += chunk.toString('latin1');
      },
      onEnd: (lines) => {
        expect(trailers, 'an answer ends once').toBeUndefined();
        trailers = lines;
      },
    },
    4_096,
  );
  parser.begin(method);
  for (const piece of pieces) parser.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  if (ends) parser.end();
  return { heads, body, trailers };
}

const sized = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b\t\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00a ;x="y"\r\n0123456789\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n';
const hinted = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${sized}`;

describe('an answer', () => {
  it('is read with its fields as they came', () => {
    const { heads, body, trailers } = read([sized]);
    expect(heads).toMatchObject([
      {
        status: 200,
        reason: 'OK',
        fields: ['Content-Length', '5', 'X-A', 'b'],
        names: ['content-length', 'x-a'],
        framing: 5,
        keepAlive: true,
      },
    ]);
    expect([body, trailers]).toEqual(['hello', []]);
  });

  it('in chunks is read with its trailers', () => {
    expect(read([chunked])).toMatchObject({ body: 'hello0123456789', trailers: ['X-T', '1', 'X-U', '2'] });
  });

  it('may be preceded by informational ones', () => {
    const { heads, body } = read([hinted]);
    expect([heads.map(({ status }) => status), body]).toEqual([[103, 102, 200], 'hello']);
  });

  it('is the same however it is cut into pieces', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(sized, chunked, hinted), cuts, (text, sizes) => {
        const pieces: string[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        expect(read(pieces)).toEqual(read([text]));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', false],
    ['a HEAD with chunks', 'HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', false],
    ['a 204', 'GET', 'HTTP/1.1 204 No Content\r\n\r\n', true],
    ['a 304', 'GET', 'HTTP/1.1 304 Not Modified\r\n\r\n', true],
    ['a 304 with a length', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', false],
    ['a 304 with chunks', 'GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', false],
    ['no bytes', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
  ])(
    'has no body after %s, and its connection is used again only where none can come late',
    (...[, method, text, keepAlive]) => {
      expect(read([text], method)).toMatchObject({ body: '', trailers: [], heads: [{ framing: 0, keepAlive }] });
    },
  );

  it('without a length ends with its connection', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nall of it';
    expect(read([text])).toMatchObject({ body: 'all of it', trailers: undefined });
    expect(read([text], 'GET', true)).toMatchObject({ body: 'all of it', trailers: [], heads: [{ keepAlive: false }] });
  });

  it.each([
    ['HTTP/1.1 200 OK\r\nConnection: close', false],
    ['HTTP/1.1 200 OK\r\nConnection: Foo, CLOSE', false],
    ['HTTP/1.1 200 OK\r\nConnection: foo\r\nConnection: close', false],
    ['HTTP/1.1 200 OK\r\nConnection: closed', true],
    ['HTTP/1.0 200 OK', false],
    ['HTTP/1.0 200 OK\r\nConnection: Keep-Alive', true],
    ['HTTP/1.1 204 No Content\r\nContent-Length: 5', false],
    ['HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked', false],
  ])('says whether its connection can be used again: %s', (head, keepAlive) => {
    const length = head.includes(' 200 ') ? '\r\nContent-Length: 0' : '';
    expect(read([`${head}${length}\r\n\r\n`]).heads[0]?.keepAlive).toBe(keepAlive);
  });

  const withBody = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  it.each([
    ['bytes behind its end', `${sized}x`],
    ['a second answer', sized + sized],
    ['bytes behind its last chunk', `${chunked}HTTP/1.1 200 OK\r\n\r\n`],
    ['a body after a 204', 'HTTP/1.1 204 No Content\r\n\r\nx'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n'],
    ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n'],
    ['an empty length', 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n'],
    ['a length beyond counting', 'HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a coding twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an identity coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a line before it', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['a field without a colon', 'HTTP/1.1 200 OK\r\nX\r\n\r\n'],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['an unasked switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n'],
    ['a chunk size that is none', `${withBody}x\r\n`],
    ['an empty chunk size', `${withBody}\r\n`],
    ['a chunk size with a sign', `${withBody}+1\r\nx\r\n`],
    ['a chunk size with 0x', `${withBody}0x1\r\nx\r\n`],
    ['a chunk size beyond counting', `${withBody}fffffffffffffff\r\n`],
    ['a chunk longer than its size', `${withBody}1\r\nxy\r\n`],
    ['a chunk ended by LF', `${withBody}1\r\nx\n0\r\n\r\n`],
    ['a bare LF in a chunk extension', `${withBody}1;a\nb\r\nx\r\n`],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(1_000)}`],
    ['a chunk size without end', `${withBody}1;${'a'.repeat(5_000)}`],
    ['trailers without end', `${withBody}0\r\n${'X-A: b\r\n'.repeat(1_000)}`],
  ])('is refused for %s', (_what, text) => {
    expect(() => read([text])).toThrow(AnswerError);
    // Whatever the pieces.
    expect(() => read([...text])).toThrow(AnswerError);
  });

  it('that is any bytes is read or refused, and never more than one', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('H', 'T', 'P', '/', '1', '.', '0', ' ', '2', '\r', '\n', ':', 'a', ';', ','),
        }),
        (noise) => {
          for (const text of [noise, `HTTP/1.1 200 OK\r\n${noise}\r\n\r\n`, withBody + noise]) {
            try {
              read([text]);
            } catch (error) {
              expect(error).toBeInstanceOf(AnswerError);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
