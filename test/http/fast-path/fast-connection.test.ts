import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { FastResponse } from '../../../src/http/fast-path/fast-response.ts';
import type { Refusal } from '../../../src/http/intake.ts';
import { createEdgeServer, type EdgeHandlers, type EdgeServerSettings } from '../../../src/http/server.ts';
import type { EdgeResponse } from '../../../src/messages.ts';
import { connect, edgeDefaults, exchangeRaw, parseAnswer, pending, publicHost, rawGet } from '../../origin/edge.ts';

async function serve(request: EdgeHandlers['request'], settings: Partial<EdgeServerSettings> = {}) {
  const refusals: Refusal[] = [];
  const server = createEdgeServer(
    {
      ...edgeDefaults,
      ...settings,
    },
    {
      request,
      upgrade: (_request, socket) => void socket.destroy(),
      refused: (refusal) => void refusals.push(refusal),
    },
    { clock: systemClock, report: () => {} },
  );
  const port = await server.listen();
  return { server, port, refusals, [Symbol.asyncDispose]: () => server.drain(AbortSignal.abort()) };
}

/** A request that the edge reads itself. */
const fast = (path = '/', ...lines: string[]) => rawGet(path, ['Connection: keep-alive', ...lines]);

/** Answers with the target, and says who has read the request. */
function echo(request: { readonly url?: string | undefined }, response: EdgeResponse): void {
  const by = response instanceof FastResponse ? 'edge' : 'node';
  const body = `<${request.url}>`;
  response.writeHead(200, 'OK', ['X-By', by, 'Content-Length', String(body.length)]).end(body, 'latin1');
}

/** The answers in a text of several, by their first lines. */
const bys = (text: string) => [...text.matchAll(/X-By: (\w+)/g)].map((match) => match[1]);

describe('an answer', () => {
  it('tells its length and that the connection stays, and comes in the order of the requests', async () => {
    await using edge = await serve(echo);
    using client = connect(edge.port, fast('/1'));
    await client.until((text) => text.endsWith('</1>'));
    client.send(fast('/2'));
    const text = await client.until((all) => all.endsWith('</2>'));
    expect(bys(text)).toEqual(['edge', 'edge']);
    const first = parseAnswer(text);
    expect(first.field('content-length')).toBe('4');
    expect([first.field('connection'), first.field('keep-alive')]).toEqual(['keep-alive', 'timeout=10']);
    expect(Date.parse(first.field('date') ?? '')).toBeGreaterThan(0);
  });

  it('to HEAD, and with a status that has no body, ends with its head', async () => {
    await using edge = await serve((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, 'Whatever', ['X-By', 'edge']).end('body', 'latin1');
    });
    for (const [method, path] of [
      ['HEAD', '/200'],
      ['GET', '/204'],
      ['GET', '/304'],
    ]) {
      using client = connect(edge.port, fast(path).replace('GET', method ?? ''));
      await client.until((text) => text.endsWith('\r\n\r\n'));
      client.send(fast('/200'));
      const text = await client.until((all) => all.endsWith('body'));
      expect(text.split('HTTP/1.1 ').length).toBe(3);
    }
  });

  it('without a length comes in chunks, with its trailers', async () => {
    await using edge = await serve((_request, response) => {
      response.writeHead(200, 'OK', ['Trailer', 'X-Sum']);
      response.write(Buffer.from('part'));
      response.write(Buffer.alloc(0));
      response.addTrailers([['X-Sum', '8']]);
      response.end('rest', 'latin1');
    });
    using client = connect(edge.port, fast());
    const { body, field } = parseAnswer(
      await client.until((text) => text.endsWith('\r\n\r\n') && text.includes('X-Sum: 8')),
    );
    expect(field('transfer-encoding')).toBe('chunked');
    expect(body).toBe('4\r\npart\r\n4\r\nrest\r\n0\r\nX-Sum: 8\r\n\r\n');
  });

  it('may be preceded by hints, and its head by nothing else', async () => {
    await using edge = await serve((_request, response) => {
      response.writeEarlyHints({ link: ['</a.css>; rel=preload'] });
      response.end('ok', 'latin1');
    });
    using client = connect(edge.port, fast());
    const text = await client.until((all) => all.endsWith('ok'));
    expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it('with a character that could end a line is not written, and another one can be', async () => {
    await using edge = await serve((_request, response) => {
      for (const field of [
        ['X-A', 'a\r\nX-B: b'],
        ['X A', 'a'],
        ['X-A', '\u0100'],
      ])
        expect(() => response.writeHead(200, 'OK', field)).toThrow(TypeError);
      expect(() => response.writeHead(200, 'a\nb', [])).toThrow(TypeError);
      response.writeHead(502, 'Bad Gateway', []).end();
    });
    using client = connect(edge.port, fast());
    expect(parseAnswer(await client.until((text) => text.endsWith('\r\n\r\n'))).status).toBe(502);
  });

  it('waits for a slow client, and is finished when the last byte has left', async () => {
    const size = 40_000_000;
    const events: string[] = [];
    const finished = pending();
    await using edge = await serve((_request, response) => {
      for (const event of ['drain', 'finish', 'close'] as const) response.on(event, () => events.push(event));
      response.on('close', () => finished.resolve());
      response.writeHead(200, 'OK', ['Content-Length', String(size)]);
      const wrote = response.write(Buffer.alloc(size / 2));
      events.push(`wrote ${wrote}`);
      response.once('drain', () => response.end(Buffer.alloc(size / 2)));
    });
    using client = connect(edge.port, fast());
    await finished.promise;
    expect([events[0], events[1], ...events.slice(-2)]).toEqual(['wrote false', 'drain', 'finish', 'close']);
    await client.until((text) => text.length > size);
  });

  it('that a slow client has not taken yet stays as it is while others are answered', async () => {
    const size = 16_000;
    let answered = pending<EdgeResponse>();
    await using edge = await serve((request, response) => {
      const letter = request.url?.slice(1, 2) ?? '';
      response.writeHead(200, 'OK', ['Content-Length', String(size)]).end(letter.repeat(size), 'latin1');
      answered.resolve(response);
    });
    const ask = async (client: ReturnType<typeof connect>, path: string) => {
      answered = pending();
      client.send(fast(path));
      return answered.promise;
    };
    using slow = connect(edge.port);
    slow.socket.pause();
    let count = 1;
    while ((await ask(slow, '/a')).writableFinished) count += 1;

    using quick = connect(edge.port);
    await ask(quick, '/b');
    await quick.until((text) => text.endsWith('b'.repeat(size)));

    slow.socket.resume();
    const text = await slow.until((all) => all.split('HTTP/1.1 200').length > count && all.endsWith('a'.repeat(size)));
    expect(text.split('a'.repeat(size)).length - 1).toBe(count);
  });

  it('is closed and not finished when the client has gone', async () => {
    const arrived = pending();
    const closed = pending<EdgeResponse>();
    await using edge = await serve((_request, response) => {
      response.once('close', () => closed.resolve(response));
      arrived.resolve();
    });
    using client = connect(edge.port, fast());
    await arrived.promise;
    client.socket.destroy();
    const response = await closed.promise;
    expect([response.destroyed, response.writableFinished]).toEqual([true, false]);
    expect(response.write(Buffer.from('late'))).toBe(false);
    response.end('later', 'latin1');
  });
});

describe('a client that leaves', () => {
  it('is noticed while its answer is owed, also when bytes of it were still waiting', async () => {
    const arrived = pending();
    const closed = pending<EdgeResponse>();
    await using edge = await serve((_request, response) => {
      response.once('close', () => closed.resolve(response));
      arrived.resolve();
    });
    using client = connect(edge.port, fast());
    await arrived.promise;
    client.socket.end('\r\n');
    expect((await closed.promise).writableFinished).toBe(false);
    while (edge.server.openConnections() > 0) await new Promise(setImmediate);
  });

  it('in the middle of an answer that was written whole has not got it', async () => {
    const closed = pending<EdgeResponse>();
    await using edge = await serve((_request, response) => {
      response.once('close', () => closed.resolve(response));
      response.end(Buffer.alloc(60_000_000));
    });
    const client = connect(edge.port, fast());
    await client.until((text) => text.length > 0);
    client.socket.resetAndDestroy();
    expect((await closed.promise).writableFinished).toBe(false);
  });

  it('or stays, and sends more than a head before its turn, loses its connection', async () => {
    const arrived = pending();
    await using edge = await serve(() => arrived.resolve());
    using client = connect(edge.port, fast());
    await arrived.promise;
    client.send(Buffer.alloc(edgeDefaults.maxHeaderBytes + 1, 'x'));
    await client.ended;
  });
});

describe('a connection goes over to Node’s parser', () => {
  it('with an upload behind other requests, whole', async () => {
    await using edge = await serve((request, response) => {
      if (!(request as IncomingMessage).readable || request.method === 'GET') return echo(request, response);
      const upload = request as IncomingMessage;
      let received = '';
      upload.setEncoding('latin1').on('data', (text: string) => {
        received += text;
      });
      upload.on('end', () => echo({ url: received }, response));
    });
    using client = connect(edge.port, fast('/1'));
    await client.until((text) => text.endsWith('</1>'));
    client.send(`POST / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 6\r\n\r\nupl`);
    client.send('oad');
    await client.until((text) => text.endsWith('<upload>'));
    client.send(fast('/3'));
    expect(bys(await client.until((text) => text.endsWith('</3>')))).toEqual(['edge', 'node', 'node']);
  });

  it('with requests that came before their turn, in their order and none twice', async () => {
    const waiting: (() => void)[] = [];
    await using edge = await serve((request, response) => {
      if (request.url === '/slow') waiting.push(() => echo(request, response));
      else echo(request, response);
    });
    using client = connect(edge.port, fast('/slow'));
    while (waiting.length === 0) await new Promise(setImmediate);
    client.send(fast('/2') + fast('/3'));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(client.text).toBe('');
    waiting[0]?.();
    const text = await client.until((all) => all.endsWith('</3>'));
    expect([...text.matchAll(/<(\/\w+)>/g)].map((match) => match[1])).toEqual(['/slow', '/2', '/3']);
    expect(bys(text)).toEqual(['edge', 'node', 'node']);
  });

  it('with a head that comes in pieces', async () => {
    await using edge = await serve(echo);
    const [first = '', ...rest] = fast('/pieces').split(/(?<=\r\n)/);
    using client = connect(edge.port, first);
    for (const line of rest) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      client.send(line);
    }
    expect(bys(await client.until((text) => text.endsWith('</pieces>')))).toEqual(['node']);
  });
});

describe('a connection on the fast path', () => {
  it('is refused when nothing comes on it', async () => {
    await using edge = await serve(echo, { headersTimeoutMs: 20 });
    expect(parseAnswer(await exchangeRaw(edge.port, '')).status).toBe(408);
    expect(edge.refusals).toMatchObject([{ status: 408, because: 'too-slow' }]);
  });

  it('stays open as long as an answer takes, and ends when nothing more is asked', async () => {
    const arrived = pending<EdgeResponse>();
    await using edge = await serve((_request, response) => arrived.resolve(response), { keepAliveTimeoutMs: 20 });
    using client = connect(edge.port, fast());
    const response = await arrived.promise;
    await new Promise((resolve) => setTimeout(resolve, 60));
    response.end('at last', 'latin1');
    expect(await client.ended).toMatch(/at last$/);
  });

  it('is told of its end, and ended, when the server drains', async () => {
    const arrived = pending<EdgeResponse>();
    await using edge = await serve((request, response) => {
      if (request.url === '/slow') arrived.resolve(response);
      else echo(request, response);
    });
    using idle = connect(edge.port, fast('/idle'));
    await idle.until((text) => text.endsWith('</idle>'));
    using busy = connect(edge.port, fast('/slow'));
    const response = await arrived.promise;
    const drained = edge.server.drain(new AbortController().signal);
    await idle.ended;
    response.end('done', 'latin1');
    expect(parseAnswer(await busy.ended).field('connection')).toBe('close');
    await drained;
  });
});
