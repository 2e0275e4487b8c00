import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Refusal } from '../../src/http/intake.ts';
import { createEdgeServer, type EdgeHandlers, type EdgeServerSettings } from '../../src/http/server.ts';
import type { EdgeResponse } from '../../src/messages.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { connect, exchangeRaw, parseAnswer, pending, publicHost, rawGet } from '../origin/edge.ts';

const defaults: EdgeServerSettings = {
  host: '127.0.0.1',
  port: 0,
  maxHeaderBytes: 8 * 1024,
  maxConnections: 100,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  minUploadBytesPerSecond: 1_000,
  uploadGraceMs: 30_000,
  sendTimeoutMs: 60_000,
  isOwnHost: (host) => host === publicHost,
};

interface Options {
  readonly settings?: Partial<EdgeServerSettings>;
  readonly clock?: FakeClock;
  readonly upgrade?: EdgeHandlers['upgrade'];
}

async function serve(request: EdgeHandlers['request'], { settings, clock, upgrade }: Options = {}) {
  const events: PrefaceEvent[] = [];
  const refusals: Refusal[] = [];
  const server = createEdgeServer(
    { ...defaults, ...settings },
    {
      request,
      upgrade: upgrade ?? ((_request, socket) => void socket.destroy()),
      refused: (refusal) => void refusals.push(refusal),
    },
    { clock: clock ?? systemClock, report: (event) => void events.push(event) },
  );
  const port = await server.listen();
  return { server, port, events, refusals, [Symbol.asyncDispose]: () => server.drain(AbortSignal.abort()) };
}

const sayOk = (_request: unknown, response: EdgeResponse) => void response.end('ok', 'latin1');

describe('requests', () => {
  it('come with an origin-form target, whatever form it had', async () => {
    const targets: (string | undefined)[] = [];
    await using edge = await serve((request, response) => {
      targets.push(request.url);
      response.end();
    });
    await exchangeRaw(edge.port, rawGet('/plain?x'));
    await exchangeRaw(edge.port, rawGet(`http://${publicHost}/absolute?x`));
    await exchangeRaw(edge.port, rawGet(`http://${publicHost}`));
    expect(targets).toEqual(['/plain?x', '/absolute?x', '/']);
  });

  it('that are refused end their connection and are told', async () => {
    await using edge = await serve(sayOk);
    const answer = parseAnswer(await exchangeRaw(edge.port, rawGet('//[', ['Connection: keep-alive'])));
    expect([answer.status, answer.body, answer.field('connection')]).toEqual([400, 'bad-target\n', 'close']);
    expect(edge.refusals).toMatchObject([{ status: 400, because: 'bad-target' }]);
  });

  it('for the server as a whole are answered by it', async () => {
    await using edge = await serve(sayOk);
    const text = await exchangeRaw(edge.port, `OPTIONS * HTTP/1.1\r\nHost: ${publicHost}\r\nConnection: close\r\n\r\n`);
    expect(parseAnswer(text).status).toBe(204);
  });

  it('whose head is refused are not told to send their body', async () => {
    await using edge = await serve(sayOk);
    const text = await exchangeRaw(
      edge.port,
      `POST //[ HTTP/1.1\r\nHost: ${publicHost}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('with an expectation that we do not know are refused', async () => {
    await using edge = await serve(sayOk);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/', ['Expect: miracles']))).status).toBe(417);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('whose handler %s are answered with 500, and the server lives on', async (_how, handler) => {
    await using edge = await serve((request, response) =>
      request.url === '/bad' ? handler() : sayOk(request, response),
    );
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/bad'))).status).toBe(500);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/good'))).status).toBe(200);
    expect(edge.events).toMatchObject([{ type: 'error', cause: new Error('broken') }]);
  });

  it('whose handler fails in the middle of its answer lose their connection', async () => {
    await using edge = await serve((_request, response) => {
      response.writeHead(200, 'OK', ['Content-Length', '100']).write(Buffer.from('part'));
      throw new Error('broken');
    });
    const text = await exchangeRaw(edge.port, rawGet('/'));
    expect(text).not.toContain('500');
  });

  it('that say Upgrade without being a WebSocket handshake are ordinary', async () => {
    await using edge = await serve(sayOk);
    const answer = parseAnswer(
      await exchangeRaw(
        edge.port,
        rawGet('/', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA']),
      ),
    );
    expect([answer.status, answer.body, answer.field('connection')]).toEqual([200, 'ok', 'close']);
  });
});

it('a CONNECT is refused, and a client that does not end its side holds nothing', async () => {
  await using edge = await serve(sayOk);
  const socket = net.connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n`);
  await once(socket, 'end');
  expect(text).toMatch(/^HTTP\/1\.1 405 /);
  while (edge.server.openConnections() > 0) await new Promise(setImmediate);
  socket.destroy();
});

describe('WebSocket handshakes', () => {
  const lines = ['Connection: Upgrade', 'Upgrade: websocket'];

  it('go to their handler, with what came behind them', async () => {
    await using edge = await serve(sayOk, {
      upgrade: (request, socket, head) => void socket.end(`${request.url} ${head}`),
    });
    expect(await exchangeRaw(edge.port, `${rawGet(`http://${publicHost}/socket`, lines)}head`)).toBe('/socket head');
  });

  it('that could be understood in two ways are refused', async () => {
    await using edge = await serve(sayOk);
    const text = await exchangeRaw(edge.port, rawGet('/', [...lines, `Host: ${publicHost}`, `Host: ${publicHost}`]));
    expect(parseAnswer(text).status).toBe(400);
    expect(edge.refusals).toMatchObject([{ because: 'duplicate-host' }]);
  });

  it('survive a handler that throws and a client that resets', async () => {
    const arrived = pending();
    await using edge = await serve(sayOk, {
      upgrade: () => {
        arrived.resolve();
        throw new Error('broken');
      },
    });
    using client = connect(edge.port, rawGet('/', lines));
    await arrived.promise;
    client.socket.resetAndDestroy();
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).status).toBe(200);
  });
});

describe('listening', () => {
  it('fails with the system’s own error when the port is taken', async () => {
    await using first = await serve(sayOk);
    const second = createEdgeServer(
      { ...defaults, port: first.port },
      { request: sayOk, upgrade: () => {} },
      { clock: systemClock, report: () => {} },
    );
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('takes no more connections than allowed', async () => {
    await using edge = await serve(sayOk, { settings: { maxConnections: 1 } });
    using first = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await first.until((text) => text.endsWith('ok'));
    expect(await exchangeRaw(edge.port, rawGet('/'))).toBe('');
    first.socket.destroy();
    while (edge.server.openConnections() > 0) await new Promise(setImmediate);
    expect(await exchangeRaw(edge.port, rawGet('/'))).toContain('200');
  });

  it('refuses a head that does not come', async () => {
    await using edge = await serve(sayOk, { settings: { headersTimeoutMs: 50 } });
    expect(parseAnswer(await exchangeRaw(edge.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')).status).toBe(408);
  });

  it('ends connections that ask nothing more', async () => {
    await using edge = await serve(sayOk, { settings: { keepAliveTimeoutMs: 1 } });
    const text = await exchangeRaw(edge.port, rawGet('/', ['Connection: keep-alive']));
    expect(text).toMatch(/ok$/);
  });
});

describe('slow clients', () => {
  /** Moves time in the steps of the sweep, with the sockets' turns between them. */
  async function pass(clock: FakeClock, ms: number, between: () => void = () => {}): Promise<void> {
    for (let at = 0; at < ms; at += 5_000) {
      between();
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      clock.advance(5_000);
    }
  }

  it('lose an upload that brings less than it should', async () => {
    const clock = createFakeClock();
    const arrived = pending();
    await using edge = await serve(
      (request) => {
        (request as IncomingMessage).resume();
        arrived.resolve();
      },
      { clock },
    );
    using client = connect(edge.port, `POST / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 1000000\r\n\r\n`);
    await arrived.promise;
    await pass(clock, 40_000, () => client.send('x'));
    expect(parseAnswer(await client.ended).status).toBe(408);
    expect(edge.refusals).toMatchObject([{ status: 408, because: 'too-slow' }]);
  });

  it('keep an upload of any length that comes steadily', async () => {
    const clock = createFakeClock();
    let received = 0;
    const arrived = pending();
    await using edge = await serve(
      (request, response) => {
        arrived.resolve();
        const upload = request as IncomingMessage;
        upload.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        upload.on('end', () => response.end('thank you', 'latin1'));
      },
      { clock },
    );
    const size = 120 * 6_000;
    using client = connect(
      edge.port,
      `POST / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
    );
    await arrived.promise;
    // Ten minutes.
    for (let step = 1; step <= 120; step += 1) {
      client.send(Buffer.alloc(6_000));
      while (received < step * 6_000) await new Promise(setImmediate);
      clock.advance(5_000);
    }
    expect(parseAnswer(await client.ended).body).toBe('thank you');
  });

  it('keep an upload that we are slow to take', async () => {
    const clock = createFakeClock();
    const arrived = pending<EdgeResponse>();
    await using edge = await serve(
      (request, response) => {
        const upload = request as IncomingMessage;
        upload.pause();
        upload.once('readable', () => arrived.resolve(response));
      },
      { clock },
    );
    using client = connect(
      edge.port,
      `POST / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\nx`,
    );
    const response = await arrived.promise;
    await pass(clock, 120_000);
    expect(edge.refusals).toEqual([]);
    response.end('now', 'latin1');
    await client.until((text) => text.endsWith('now'));
  });

  it('get a large first answer, which the first sweep finds on its way', async () => {
    const clock = createFakeClock();
    const size = 60_000_000;
    await using edge = await serve((_request, response) => void response.end(Buffer.alloc(size)), { clock });
    const client = net.connect({ port: edge.port, host: '127.0.0.1' });
    client.write(rawGet('/'));
    await once(client, 'readable');
    // The client has begun to read, and reads on only after the sweep.
    await pass(clock, 5_000);
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(client, 'close');
    expect(received).toBeGreaterThan(size);
  });

  it('lose their connection when they read nothing of what waits for them, and only then', async () => {
    const clock = createFakeClock();
    const closed = pending();
    await using edge = await serve(
      (request, response) => {
        if (request.url === '/idle') return void response.write(Buffer.from('event'));
        response.on('close', () => closed.resolve());
        response.write(Buffer.alloc(60_000_000));
      },
      { clock },
    );
    using idle = connect(edge.port, rawGet('/idle'));
    await idle.until((text) => text.includes('event'));
    using stuck = connect(edge.port, rawGet('/'));
    stuck.socket.pause();
    while (edge.server.openConnections() < 2) await new Promise(setImmediate);
    await pass(clock, 300_000);
    await closed.promise;
    expect(edge.server.openConnections()).toBe(1);
    expect(idle.socket.destroyed).toBe(false);
  });
});

describe('drain', () => {
  it('answers what is under way, ends each connection after its answer, and takes no new ones', async () => {
    const arrived = pending<EdgeResponse>();
    await using edge = await serve((request, response) => {
      if (request.url === '/slow') arrived.resolve(response);
      else response.end('ok', 'latin1');
    });
    using kept = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await kept.until((text) => text.endsWith('ok'));
    using slow = connect(edge.port, rawGet('/slow', ['Connection: keep-alive']));
    const response = await arrived.promise;
    const drained = edge.server.drain(new AbortController().signal);
    expect(await exchangeRaw(edge.port, rawGet('/'))).toBe('');
    response.end('done', 'latin1');
    const answer = parseAnswer(await slow.ended);
    expect([answer.body, answer.field('connection')]).toEqual(['done', 'close']);
    await kept.ended;
    await drained;
  });

  it('ends a connection whose answer had begun, and was to keep it, right after that answer', async () => {
    const arrived = pending<EdgeResponse>();
    await using edge = await serve((_request, response) => {
      response.write(Buffer.from('begun, '));
      arrived.resolve(response);
    });
    using client = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await client.until((text) => text.includes('begun, '));
    const response = await arrived.promise;
    const drained = edge.server.drain(new AbortController().signal);
    response.end('done', 'latin1');
    const answer = parseAnswer(await client.ended);
    expect([answer.field('connection'), answer.body]).toEqual(['keep-alive', '7\r\nbegun, \r\n4\r\ndone\r\n0\r\n\r\n']);
    await drained;
  });

  it('waits for none that has nothing to ask', async () => {
    await using edge = await serve(sayOk);
    using silent = connect(edge.port);
    using served = connect(edge.port, `OPTIONS * HTTP/1.1\r\nHost: ${publicHost}\r\n\r\n`);
    await served.until((text) => text.endsWith('\r\n\r\n'));
    while (edge.server.openConnections() < 2) await new Promise(setImmediate);
    await edge.server.drain(new AbortController().signal);
    expect(await silent.ended).toBe('');
  });

  it('lets a slow client have the rest of an answer that has been written whole', async () => {
    const size = 60_000_000;
    await using edge = await serve((_request, response) => void response.end(Buffer.alloc(size)));
    const client = net.connect({ port: edge.port, host: '127.0.0.1' });
    client.write(rawGet('/', ['Connection: keep-alive']));
    await once(client, 'readable');
    const drained = edge.server.drain(new AbortController().signal);
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(client, 'close');
    expect(received).toBeGreaterThan(size);
    await drained;
  });

  it('leaves alone what a connection has become since its last answer', async () => {
    const joined = pending<Duplex>();
    await using edge = await serve(sayOk, { upgrade: (_request, socket) => joined.resolve(socket) });
    using client = connect(edge.port, rawGet('/', ['Connection: keep-alive']));
    await client.until((text) => text.endsWith('ok'));
    client.send(rawGet('/', ['Connection: Upgrade', 'Upgrade: websocket']));
    const socket = await joined.promise;
    const drained = edge.server.drain(new AbortController().signal);
    socket.end('farewell', () => socket.destroy());
    expect(await client.ended).toMatch(/farewell$/);
    await drained;
  });

  it('cuts off what is left when its time is up', async () => {
    const arrived = pending();
    await using edge = await serve(() => arrived.resolve());
    using client = connect(edge.port, rawGet('/'));
    await arrived.promise;
    const limit = new AbortController();
    const drained = edge.server.drain(limit.signal);
    limit.abort();
    await drained;
    expect(await client.ended).toBe('');
  });
});
