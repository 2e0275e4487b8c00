import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ambiguousRequests } from './ambiguous-requests.ts';
import { exchangeRaw, rawGet, startEdge, startRawOrigin, type TestEdge, type TestServer } from './edge.ts';

let origin: TestServer;
let edge: TestEdge;
/** Requests that the origin has got whole, of one test. */
let whole: string[] = [];
/** What else it has got. */
let leftOver: Map<Socket, string> = new Map();

/** An origin that reads what comes, one request after the other, and answers each. */
function readRequests(socket: Socket): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let length = requestLength(text); length !== undefined; length = requestLength(text)) {
      whole.push(text.slice(0, length));
      text = text.slice(length);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
    leftOver.set(socket, text);
  });
}

/** The length of the request that the text begins with, when it is whole. */
function requestLength(text: string): number | undefined {
  const head = /^[A-Z]+ \S+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text)?.[0];
  if (head === undefined) return undefined;
  const sized = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  const end = text.indexOf('\r\n0\r\n\r\n', head.length - 2);
  const length = !/\r\ntransfer-encoding:/i.test(head) ? head.length + sized : end < 0 ? Number.NaN : end + 7;
  return length <= text.length ? length : undefined;
}

beforeAll(async () => {
  origin = await startRawOrigin(readRequests);
  edge = await startEdge(origin.url);
});

afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
});

describe('a request that could be understood in two ways', () => {
  const named = ambiguousRequests.map((request) => [request.name, request] as const);

  it.each(named)('%s', async (_name, { bytes, expected }) => {
    whole = [];
    leftOver = new Map();
    const text = await exchangeRaw(edge.port, bytes);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

    if ('passed' in expected) {
      expect(statuses).toEqual(Array(expected.passed).fill(200));
      expect(whole).toHaveLength(expected.passed);
      expect([...leftOver.values()].join('')).toBe('');
    } else {
      expect(expected.refused).toContain(statuses[0] ?? 0);
      expect(statuses.length).toBeLessThanOrEqual(1);
      expect(whole).toEqual([]);
    }
    // Whatever it was, the next client is served.
    expect(await exchangeRaw(edge.port, rawGet('/next'))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is found among many', () => {
    expect(ambiguousRequests.length).toBeGreaterThan(80);
    expect(new Set(ambiguousRequests.map(({ name }) => name)).size).toBe(ambiguousRequests.length);
  });
});
