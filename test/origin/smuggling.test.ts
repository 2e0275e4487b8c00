import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AmbiguousRequest, ambiguousRequests } from './ambiguous-requests.ts';
import {
  connect,
  exchangeRaw,
  parseAnswer,
  publicHost,
  rawGet,
  startEdge,
  startRawOrigin,
  type TestEdge,
} from './edge.ts';
import { type RecordingOrigin, startRecordingOrigin } from './recording-origin.ts';

let origin: RecordingOrigin;
let edge: TestEdge;

beforeAll(async () => {
  origin = await startRecordingOrigin();
  edge = await startEdge(origin.url);
});

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
});

/** Holds what came back, and what the origin has seen, against what is expected. */
function judge(text: string, { expected }: AmbiguousRequest): void {
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  if ('passed' in expected) {
    expect(statuses).toEqual(Array(expected.passed).fill(200));
    expect(origin.whole()).toHaveLength(expected.passed);
    expect(origin.leftOver()).toBe('');
  } else {
    expect(expected.refused).toContain(statuses[0] ?? 0);
    expect(statuses.length).toBeLessThanOrEqual(1);
    expect(origin.whole()).toEqual([]);
  }
}

/** An answer with a length, to its last byte. */
function isWhole(text: string): boolean {
  const { body, field } = parseAnswer(text);
  return text.includes('\r\n\r\n') && body.length === Number(field('content-length') ?? Number.NaN);
}

describe('a request that could be understood in two ways', () => {
  const named = ambiguousRequests.map((request) => [request.name, request] as const);

  it.each(named)('%s', async (_name, request) => {
    origin.forget();
    judge(await exchangeRaw(edge.port, request.bytes), request);
    // Whatever it was, the next client is served.
    expect(await exchangeRaw(edge.port, rawGet('/next'))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each(named)('behind another one on its connection: %s', async (_name, request) => {
    using client = connect(edge.port, rawGet('/first', ['Connection: keep-alive']));
    const first = await client.until((text) => isWhole(text));
    origin.forget();
    client.send(request.bytes);
    judge((await client.ended).slice(first.length), request);
  });

  it('is found among many', () => {
    expect(ambiguousRequests.length).toBeGreaterThanOrEqual(100);
    expect(new Set(ambiguousRequests.map(({ name }) => name)).size).toBe(ambiguousRequests.length);
  });
});

describe('a body where none may be, that comes late', () => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

  it.each([
    ['a HEAD', 'HEAD', `200 OK\r\nContent-Length: ${poison.length}`],
    ['a HEAD without a length', 'HEAD', '200 OK'],
    ['a 304 with a length', 'GET', `304 Not Modified\r\nContent-Length: ${poison.length}`],
    ['a 304 with chunks', 'GET', '304 Not Modified\r\nTransfer-Encoding: chunked'],
  ])('is nobody else’s answer: after %s', async (_what, method, head) => {
    // It sends the body once the next request has come on the same connection: the latest and worst moment.
    await using late = await startRawOrigin((socket) => {
      let isFirst = true;
      socket.on('data', (chunk) => {
        const asksForOdd = chunk.toString('latin1').includes(' /odd ');
        if (asksForOdd) socket.write(`HTTP/1.1 ${head}\r\n\r\n`);
        else socket.write(`${isFirst ? '' : poison}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine`);
        isFirst = false;
      });
    });
    await using front = await startEdge(late.url);
    await exchangeRaw(front.port, `${method} /odd HTTP/1.1\r\nHost: ${publicHost}\r\nConnection: close\r\n\r\n`);
    expect(parseAnswer(await exchangeRaw(front.port, rawGet('/next'))).body).toBe('mine');
  });
});
