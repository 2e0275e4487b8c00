import type http from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../fakes/fake-clock.ts';
import {
  connect,
  exchangeRaw,
  parseAnswer,
  pending,
  publicHost,
  rawGet,
  startEdge,
  startHttpOrigin,
  startRawOrigin,
  type TestServer,
} from './edge.ts';

/** A port on which nobody listens. */
async function deadPort(): Promise<string> {
  await using server: TestServer = await startRawOrigin(() => {});
  return server.url;
}

describe('an origin that fails before it answers', () => {
  it('gives 502 when nobody listens', async () => {
    await using edge = await startEdge(await deadPort(), { forward: { addHeaders: ['X-Request-Id', 'r1'] } });
    const answer = parseAnswer(await exchangeRaw(edge.port, rawGet('/')));
    expect([answer.status, answer.body, answer.field('x-request-id'), answer.field('cache-control')]).toEqual([
      502,
      '502 Bad Gateway\n',
      'r1',
      'no-store',
    ]);
    expect(await edge.settled(1)).toMatchObject([{ status: 502, failure: 'origin-unreachable' }]);
  });

  it.each<[string, string, string]>([
    ['says nothing and closes', '', 'origin-aborted'],
    ['closes within its head', 'HTTP/1.1 200 OK\r\nContent-', 'origin-aborted'],
    ['does not speak HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'origin-invalid'],
    [
      'has a control character in a field',
      'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n',
      'origin-invalid',
    ],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'origin-invalid'],
    [
      'has a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'origin-invalid',
    ],
    [
      'switches protocols unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
      'origin-invalid',
    ],
    ['has a head larger than we read', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`, 'origin-invalid'],
  ])('gives 502 when it %s', async (_what, bytes, failure) => {
    await using origin = await startRawOrigin((socket) => socket.once('data', () => socket.end(bytes, 'latin1')));
    await using edge = await startEdge(origin.url);
    const answer = parseAnswer(await exchangeRaw(edge.port, rawGet('/')));
    expect(answer.status).toBe(502);
    expect(await edge.settled(1)).toMatchObject([{ status: 502, failure }]);
  });

  it('gives 504 when its head does not come in time', async () => {
    await using origin = await startRawOrigin((socket) => socket.resume());
    await using edge = await startEdge(origin.url, { origin: { headersTimeoutMs: 50 } });
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).status).toBe(504);
    expect(await edge.settled(1)).toMatchObject([{ status: 504, failure: 'origin-timeout' }]);
  });

  it('gives 504 to a request that finds no free connection in time', async () => {
    const clock = createFakeClock();
    const arrived = pending();
    await using origin = await startHttpOrigin(() => arrived.resolve());
    await using edge = await startEdge(origin.url, { clock, origin: { maxConnections: 1, queueTimeoutMs: 1_000 } });
    using first = connect(edge.port, rawGet('/first'));
    await arrived.promise;
    using _second = connect(edge.port, rawGet('/second'));
    while (edge.outcomes.length === 0) {
      clock.advance(500);
      await new Promise(setImmediate);
    }
    expect(edge.outcomes).toMatchObject([{ status: 504, failure: 'origin-timeout' }]);
    expect(first.text).toBe('');
  });

  it('lets a waiting request go ahead when a connection becomes free', async () => {
    const answers: http.ServerResponse[] = [];
    const arrived = pending();
    await using origin = await startHttpOrigin((request, response) => {
      answers.push(response);
      if (request.url === '/second') response.end('second');
      else arrived.resolve();
    });
    await using edge = await startEdge(origin.url, { origin: { maxConnections: 1 } });
    const first = exchangeRaw(edge.port, rawGet('/first'));
    await arrived.promise;
    const second = exchangeRaw(edge.port, rawGet('/second'));
    answers[0]?.end('first');
    expect([parseAnswer(await first).body, parseAnswer(await second).body]).toEqual(['first', 'second']);
    expect(origin.sockets.size).toBeLessThanOrEqual(1);
  });
});

describe('a kept-alive connection that the origin has given up', () => {
  /** Answers the first request of each connection and resets the connection at the second. */
  const forgetful = (seen: string[]) => (socket: Socket) => {
    let requests = 0;
    socket.on('data', (chunk) => {
      requests += 1;
      seen.push(chunk.toString('latin1').split(' HTTP', 1)[0] ?? '');
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
  };

  it('costs an idempotent request one more try', async () => {
    const seen: string[] = [];
    await using origin = await startRawOrigin(forgetful(seen));
    await using edge = await startEdge(origin.url);
    for (const path of ['/1', '/2']) expect(parseAnswer(await exchangeRaw(edge.port, rawGet(path))).status).toBe(200);
    expect(seen).toEqual(['GET /1', 'GET /2', 'GET /2']);
  });

  it('costs a POST its answer: it may have been obeyed', async () => {
    const seen: string[] = [];
    await using origin = await startRawOrigin(forgetful(seen));
    await using edge = await startEdge(origin.url);
    await exchangeRaw(edge.port, rawGet('/1'));
    const post = `POST /2 HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
    expect(parseAnswer(await exchangeRaw(edge.port, post)).status).toBe(502);
    expect(seen).toEqual(['GET /1', 'POST /2']);
  });

  it('is tried again once only', async () => {
    let requests = 0;
    await using origin = await startRawOrigin((socket) => {
      socket.on('data', () => {
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.resetAndDestroy();
      });
    });
    await using edge = await startEdge(origin.url);
    await exchangeRaw(edge.port, rawGet('/1'));
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/2'))).status).toBe(502);
    expect(requests).toBe(3);
  });
});

describe('an origin that dies in the middle of a body', () => {
  it.each([
    ['sized', 'Content-Length: 100\r\n\r\nonly this'],
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n'],
  ])('ends the client’s connection, never the answer: %s', async (_framing, rest) => {
    const sockets: Socket[] = [];
    await using origin = await startRawOrigin((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await client.until((text) => text.includes('only this'));
    sockets[0]?.resetAndDestroy();
    expect(await client.ended).not.toMatch(/0\r\n\r\n$/);
    expect(await edge.settled(1)).toMatchObject([{ status: 200, bytes: 9, failure: 'origin-aborted' }]);
  });

  it('resets an HTTP/1.0 client, for which a closed connection is a whole answer', async () => {
    const sockets: Socket[] = [];
    await using origin = await startRawOrigin((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'));
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, 'GET / HTTP/1.0\r\n\r\n');
    await client.until((text) => text.includes('part'));
    sockets[0]?.destroy();
    await client.ended;
    expect(client.reset).toBe(true);
  });

  it('is cut off when it goes silent for longer than it may', async () => {
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'));
    });
    await using edge = await startEdge(origin.url, { origin: { bodyIdleTimeoutMs: 50 } });
    expect(await exchangeRaw(edge.port, rawGet('/'))).toMatch(/only this$/);
    expect(await edge.settled(1)).toMatchObject([{ failure: 'origin-timeout' }]);
  });
});

describe('a client that goes away', () => {
  it.each(['before the answer', 'in the middle of the answer'])('stops the origin: %s', async (when) => {
    const closed = pending<string>();
    const arrived = pending();
    await using origin = await startHttpOrigin((_request, response) => {
      if (when !== 'before the answer') response.writeHead(200, { 'Content-Length': 100 }).write('part');
      response.on('close', () => closed.resolve(response.writableFinished ? 'finished' : 'cut off'));
      arrived.resolve();
    });
    await using edge = await startEdge(origin.url);
    const client = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await arrived.promise;
    if (when !== 'before the answer') await client.until((text) => text.includes('part'));
    client.socket.destroy();
    expect(await closed.promise).toBe('cut off');
    expect(await edge.settled(1)).toMatchObject([{ failure: 'client-gone' }]);
  });

  it('in the middle of an upload stops the origin, which never takes the part for the whole', async () => {
    const ended = pending<string>();
    const arrived = pending();
    await using origin = await startHttpOrigin((request) => {
      request.on('data', () => arrived.resolve());
      request.on('end', () => ended.resolve('whole'));
      request.on('error', () => ended.resolve('cut off'));
    });
    await using edge = await startEdge(origin.url);
    const client = connect(
      edge.port,
      `POST / HTTP/1.1\r\nHost: ${publicHost}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    );
    await arrived.promise;
    client.socket.destroy();
    expect(await ended.promise).toBe('cut off');
    expect(await edge.settled(1)).toMatchObject([{ status: 0, failure: 'client-gone' }]);
  });

  it('while it waits for a connection leaves the queue', async () => {
    const answers: http.ServerResponse[] = [];
    const paths: (string | undefined)[] = [];
    const arrived = pending();
    await using origin = await startHttpOrigin((request, response) => {
      paths.push(request.url);
      answers.push(response);
      arrived.resolve();
    });
    await using edge = await startEdge(origin.url, { origin: { maxConnections: 1 } });
    const first = exchangeRaw(edge.port, rawGet('/first'));
    await arrived.promise;
    const second = connect(edge.port, rawGet('/second'));
    while (edge.server.openConnections() < 2) await new Promise(setImmediate);
    await new Promise(setImmediate);
    second.socket.resetAndDestroy();
    await edge.settled(1);
    answers[0]?.end('done');
    expect(await first).toContain('done');
    expect(paths).toEqual(['/first']);
  });

  it('does not disturb the others: 200 aborted requests leave no connection in use', async () => {
    await using origin = await startHttpOrigin((request, response) => {
      if (request.url === '/ok') response.end('ok');
      else response.write('endless');
    });
    await using edge = await startEdge(origin.url);
    for (let round = 0; round < 10; round += 1) {
      const clients = Array.from({ length: 20 }, () => connect(edge.port, rawGet('/endless')));
      await Promise.all(clients.map((client) => client.until((text) => text.includes('endless'))));
      for (const client of clients) client.socket.destroy();
      await edge.settled(20 * (round + 1));
    }
    expect(await exchangeRaw(edge.port, rawGet('/ok'))).toContain('ok');
    while (origin.sockets.size > 1) await new Promise(setImmediate);
    expect(edge.outcomes.filter(({ failure }) => failure === 'client-gone')).toHaveLength(200);
  });
});

describe('close', () => {
  it('lets what is under way end, and then ends the connections', async () => {
    const arrived = pending<http.ServerResponse>();
    await using origin = await startHttpOrigin((_request, response) => arrived.resolve(response));
    await using edge = await startEdge(origin.url);
    const answer = exchangeRaw(edge.port, rawGet('/'));
    const response = await arrived.promise;
    const closed = edge.origin.close();
    response.end('to the end');
    expect(await answer).toContain('to the end');
    await closed;
    while (origin.sockets.size > 0) await new Promise(setImmediate);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).status).toBe(502);
  });
});

describe('an idle connection', () => {
  it('that has been idle for too long is never used again, not even while it closes', async () => {
    const clock = createFakeClock();
    let connections = 0;
    await using origin = await startRawOrigin((socket) => {
      connections += 1;
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    await using edge = await startEdge(origin.url, {
      clock,
      origin: { keepAliveTimeoutMs: 1_000, queueTimeoutMs: 60_000 },
    });
    using client = connect(edge.port);
    for (let round = 1; round <= 20; round += 1) {
      client.send(rawGet('/', ['Connection: keep-alive']));
      await client.until((text) => (text.match(/200 OK/g) ?? []).length === round);
      // The next request comes in the same turn of the event loop.
      clock.advance(2_000);
    }
    expect(client.text.match(/HTTP\/1\.1 \d+/g)).toEqual(Array(20).fill('HTTP/1.1 200'));
    expect(connections).toBe(20);
  });

  it.each(['GET', 'POST'])('that the origin has closed meanwhile costs no answer: %s', async (method) => {
    const sockets: Socket[] = [];
    await using origin = await startRawOrigin((socket) => {
      sockets.push(socket);
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port);
    for (let round = 1; round <= 20; round += 1) {
      client.send(`${method} / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 0\r\n\r\n`);
      await client.until((text) => (text.match(/HTTP\/1\.1 \d+/g) ?? []).length === round);
      for (const socket of sockets.splice(0)) socket.end();
    }
    expect(client.text.match(/HTTP\/1\.1 \d+/g)).toEqual(Array(20).fill('HTTP/1.1 200'));
  });

  it('on which the origin speaks unasked is not used again: what it says would be taken for the next answer', async () => {
    const sockets: Socket[] = [];
    await using origin = await startRawOrigin((socket) => {
      sockets.push(socket);
      const mine = sockets.length;
      socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${mine}`));
    });
    await using edge = await startEdge(origin.url);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).body).toBe('1');
    sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
    while (origin.sockets.size > 0) await new Promise(setImmediate);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).body).toBe('2');
  });
});
