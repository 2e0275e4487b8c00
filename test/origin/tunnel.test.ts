import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  connect,
  exchangeRaw,
  listening,
  parseAnswer,
  pending,
  publicHost,
  rawGet,
  startEdge,
  startHttpOrigin,
  startRawOrigin,
  type TestServer,
} from './edge.ts';

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const handshake = (lines: readonly string[] = [], path = '/socket') =>
  rawGet(path, ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key, ...lines]);
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

/** An origin that sends every message back. */
async function startEcho(): Promise<TestServer & { readonly seen: string[] }> {
  const http = createServer((_request, response) => void response.end('page'));
  const seen: string[] = [];
  const echo = new WebSocketServer({ server: http, perMessageDeflate: true });
  echo.on('connection', (socket, request) => {
    seen.push(`${request.url} ${request.headers.host} ${request.headers['x-forwarded-for']}`);
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return Object.assign(await listening(http), { seen });
}

/** An origin that accepts every WebSocket and then leaves the socket to the test. */
function startAccepting(onSocket: (socket: Socket) => void): Promise<TestServer> {
  return startRawOrigin((socket) => {
    socket.once('data', () => {
      socket.write(switching);
      onSocket(socket);
    });
  });
}

describe('a WebSocket', () => {
  it('is joined to the origin: text and binary, small and large, both ways, compressed too', async () => {
    await using origin = await startEcho();
    await using edge = await startEdge(origin.url);
    const client = new WebSocket(`ws://127.0.0.1:${edge.port}/a?x=%20`, { headers: { host: publicHost } });
    await once(client, 'open');
    for (const message of ['hello', 'x'.repeat(70_000), Buffer.alloc(2_000_000, 7)]) {
      client.send(message);
      const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
      expect(isBinary).toBe(typeof message !== 'string');
      expect(Buffer.compare(data, Buffer.from(message))).toBe(0);
    }
    expect(origin.seen).toEqual([`/a?x=%20 ${publicHost} 127.0.0.1`]);
    client.close(4001, 'bye');
    expect((await once(client, 'close'))[0]).toBe(4001);
    while (origin.sockets.size > 0) await new Promise(setImmediate);
  });

  it('gets what the origin sends right behind its answer, and sends what came right behind the handshake', async () => {
    const received = pending<string>();
    await using origin = await startRawOrigin((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        if (text === '') socket.write(`${switching}early`);
        text += chunk.toString('latin1');
        if (text.endsWith('hasty')) received.resolve(text);
      });
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, `${handshake()}hasty`);
    expect(await client.until((text) => text.endsWith('early'))).toMatch(/^HTTP\/1\.1 101 /);
    expect(await received.promise).toMatch(/\r\n\r\nhasty$/);
  });

  it('tells the origin nothing that was not meant for it', async () => {
    const head = pending<string>();
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', (chunk) => {
        head.resolve(chunk.toString('latin1'));
        socket.write(switching);
      });
    });
    await using edge = await startEdge(origin.url);
    using client = connect(
      edge.port,
      handshake(
        ['X-Forwarded-For: 6.6.6.6', 'Keep-Alive: 5', 'Proxy-Authorization: x', 'Cookie: a=1', 'Cookie: b=2'],
        '//a/../b?x=%20',
      ),
    );
    await client.until((text) => text.includes('\r\n\r\n'));
    const lines = (await head.promise).split('\r\n').map((line) => line.toLowerCase());
    expect(lines[0]).toBe('get //a/../b?x=%20 http/1.1');
    expect(lines).toContain('x-forwarded-for: 127.0.0.1');
    expect(lines).toContain('cookie: a=1; b=2');
    expect(lines.filter((line) => /keep-alive|proxy-|6\.6\.6\.6/.test(line))).toEqual([]);
  });
});

describe('a handshake that the origin refuses', () => {
  it.each([
    ['sized', 'Content-Length: 9\r\n\r\nnot today'],
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n9\r\nnot today\r\n0\r\n\r\n'],
  ])('is answered as the origin does, and the connection closed: %s', async (_framing, rest) => {
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () =>
        socket.write(`HTTP/1.1 403 Forbidden\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n${rest}`),
      );
    });
    await using edge = await startEdge(origin.url);
    // A request behind it must not get through as if the tunnel were open.
    const answer = parseAnswer(await exchangeRaw(edge.port, `${handshake()}${rawGet('/smuggled')}`));
    expect([answer.status, answer.body, answer.field('transfer-encoding')]).toEqual([403, 'not today', undefined]);
    expect(answer.fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual(['a=1', 'b=2']);
    expect(answer.field('connection')).toBe('close');
  });

  it.each<[string, (socket: Socket) => void, number]>([
    ['closes at once', (socket) => socket.end(), 502],
    ['resets', (socket) => socket.resetAndDestroy(), 502],
    ['does not speak HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 502],
    ['never answers', () => {}, 504],
  ])('when it %s gives a clean answer', async (_what, act, status) => {
    await using origin = await startRawOrigin((socket) => void socket.once('data', () => act(socket)));
    await using edge = await startEdge(origin.url, { origin: { handshakeTimeoutMs: 100 } });
    expect(parseAnswer(await exchangeRaw(edge.port, handshake())).status).toBe(status);
  });

  it('lets go of a client that does not end its side', async () => {
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'));
    });
    await using edge = await startEdge(origin.url, { origin: { closeGraceMs: 50 } });
    const client = net.connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
    client.write(handshake());
    client.resume();
    await once(client, 'end');
    while (edge.server.openConnections() > 0) await new Promise(setImmediate);
    client.destroy();
  });

  it('ends both sides when the origin switches to something else', async () => {
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
      );
    });
    await using edge = await startEdge(origin.url);
    expect(await exchangeRaw(edge.port, handshake())).not.toContain(' 101 ');
    while (origin.sockets.size > 0) await new Promise(setImmediate);
  });

  it('gives 502 when nobody listens', async () => {
    let url = '';
    {
      await using gone = await startHttpOrigin(() => {});
      url = gone.url;
    }
    await using edge = await startEdge(url);
    expect(parseAnswer(await exchangeRaw(edge.port, handshake())).status).toBe(502);
    expect(edge.tunnels).toMatchObject([{ status: 502, failure: 'origin-unreachable' }]);
  });
});

describe('the two ends of a tunnel', () => {
  it.each<[string, (client: Socket) => void]>([
    ['closes', (client) => client.end()],
    ['resets', (client) => client.resetAndDestroy()],
    ['vanishes', (client) => client.destroy()],
  ])('end together when the client %s', async (_how, leave) => {
    const closed = pending();
    await using origin = await startAccepting((socket) => socket.on('close', () => closed.resolve()).resume());
    await using edge = await startEdge(origin.url, { origin: { closeGraceMs: 200 } });
    using client = connect(edge.port, handshake());
    await client.until((text) => text.includes('\r\n\r\n'));
    leave(client.socket);
    await closed.promise;
    while (edge.server.openConnections() > 0) await new Promise(setImmediate);
    expect(edge.tunnels).toMatchObject([{ status: 101 }]);
  });

  it('end together when the client resets before the origin has answered', async () => {
    const closed = pending();
    const arrived = pending();
    await using origin = await startRawOrigin((socket) => {
      socket.on('close', () => closed.resolve());
      socket.once('data', () => arrived.resolve());
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, handshake());
    await arrived.promise;
    client.socket.resetAndDestroy();
    await closed.promise;
    expect(edge.tunnels).toMatchObject([{ status: 0, failure: 'client-gone' }]);
  });

  it.each<[string, (origin: Socket) => void]>([
    ['closes', (origin) => origin.end()],
    ['resets', (origin) => origin.resetAndDestroy()],
  ])('end together when the origin %s, with all that it has sent', async (how, leave) => {
    const accepted = pending<Socket>();
    await using origin = await startAccepting((socket) => accepted.resolve(socket));
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, handshake());
    const socket = await accepted.promise;
    socket.write('last words');
    await client.until((text) => text.endsWith('last words'));
    if (how === 'closes') socket.write(Buffer.alloc(500_000, 'x'));
    leave(socket);
    const text = await client.ended;
    if (how === 'closes') expect(text.length).toBeGreaterThan(500_000);
  });

  it('are left open to no more tunnels than allowed', async () => {
    await using origin = await startAccepting(() => {});
    await using edge = await startEdge(origin.url, { origin: { maxTunnels: 2 } });
    using first = connect(edge.port, handshake());
    using second = connect(edge.port, handshake());
    await Promise.all([first, second].map((client) => client.until((text) => text.includes(' 101 '))));
    expect(parseAnswer(await exchangeRaw(edge.port, handshake())).status).toBe(503);
    expect(edge.tunnels).toMatchObject([{ status: 503 }]);
    first.socket.destroy();
    while (edge.server.openConnections() > 1) await new Promise(setImmediate);
    using third = connect(edge.port, handshake());
    await third.until((text) => text.includes(' 101 '));
  });

  it('leave nothing behind after 100 of them', async () => {
    await using origin = await startEcho();
    await using edge = await startEdge(origin.url);
    for (let round = 0; round < 5; round += 1) {
      const clients = Array.from({ length: 20 }, () => connect(edge.port, handshake()));
      await Promise.all(clients.map((client) => client.until((text) => text.includes(' 101 '))));
      for (const [at, client] of clients.entries())
        if (at % 2 === 0) client.socket.destroy();
        else client.socket.resetAndDestroy();
    }
    while (origin.sockets.size > 0 || edge.server.openConnections() > 0) await new Promise(setImmediate);
    expect(edge.events).toEqual([]);
  });
});

describe('close', () => {
  it('tells the client to go away (1001), and the origin gets its reply', async () => {
    const closedWith = pending<number>();
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    server.on('connection', (socket) => socket.on('close', (code) => closedWith.resolve(code)));
    await using origin = await listening(http);
    await using edge = await startEdge(origin.url);
    const client = new WebSocket(`ws://127.0.0.1:${edge.port}/`, { headers: { host: publicHost } });
    await once(client, 'open');
    const left = once(client, 'close');
    await edge.origin.close();
    expect((await left)[0]).toBe(1001);
    expect(await closedWith.promise).toBe(1001);
  });

  it('puts the farewell between two frames, never into one', async () => {
    const accepted = pending<Socket>();
    await using origin = await startAccepting((socket) => accepted.resolve(socket));
    await using edge = await startEdge(origin.url, { origin: { closeGraceMs: 5_000 } });
    using client = connect(edge.port, handshake());
    const socket = await accepted.promise;
    // A text frame of ten bytes, of which four come now.
    socket.write(Buffer.concat([Buffer.from([0x81, 10]), Buffer.from('abcd')]));
    await client.until((text) => text.endsWith('abcd'));
    const closed = edge.origin.close();
    socket.write(Buffer.concat([Buffer.from('efghij'), Buffer.from([0x81, 1, 0x7a])]));
    await client.until((text) => text.endsWith('abcdefghij\x88\x02\x03\xe9'));
    client.socket.end();
    socket.end();
    await closed;
  });

  it('does not wait longer than it is allowed to for those who will not go', async () => {
    await using origin = await startAccepting(() => {});
    await using edge = await startEdge(origin.url, { origin: { closeGraceMs: 60_000 } });
    using client = connect(edge.port, handshake());
    await client.until((text) => text.includes(' 101 '));
    const limit = new AbortController();
    const closed = edge.origin.close(limit.signal);
    await client.until((text) => text.endsWith('\x88\x02\x03\xe9'));
    limit.abort();
    await closed;
    await client.ended;
  });
});

it('warns of nothing when http-proxy is loaded and used', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', note);
  await using origin = await startEcho();
  await using edge = await startEdge(origin.url);
  using client = connect(edge.port, handshake());
  await client.until((text) => text.includes(' 101 '));
  await new Promise(setImmediate);
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
