import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  bodyOf,
  connect,
  exchangeRaw,
  parseAnswer,
  pending,
  publicHost,
  rawGet,
  startEdge,
  startHttpOrigin,
  startRawOrigin,
} from './edge.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

interface Received {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly trailers: readonly string[];
}

function ask(port: number, options: http.RequestOptions, body?: Uint8Array | readonly Uint8Array[]): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent: false, setHost: false, ...options });
    request.on('error', reject);
    request.on('response', async (response) => {
      const received = await bodyOf(response);
      const { statusCode = 0, rawHeaders, rawTrailers } = response;
      resolve({ status: statusCode, rawHeaders, body: received, trailers: rawTrailers });
    });
    if (Array.isArray(body)) for (const piece of body) request.write(piece);
    request.end(body instanceof Uint8Array ? body : undefined);
  });
}

const host = { Host: publicHost };

const after = (ms: number) => new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), ms));

describe('answers', () => {
  const page = randomBytes(300_000);
  it.each([
    ['an empty body', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['a body that fills one packet', randomBytes(1_400)],
    ['a body of many pieces', randomBytes(5_000_000)],
    ['a compressed body', gzipSync(page)],
    ['bytes that look like a chunk', Buffer.from('0\r\n\r\n5\r\nhello\r\n0\r\n\r\n')],
  ])('arrive byte for byte, sized and chunked: %s', async (_kind, body) => {
    await using origin = await startHttpOrigin((request, response) => {
      if (request.url === '/sized') response.setHeader('Content-Length', body.length);
      else response.flushHeaders();
      response.write(body.subarray(0, 100));
      response.end(body.subarray(100));
    });
    await using edge = await startEdge(origin.url);
    for (const path of ['/sized', '/chunked']) {
      const answer = await ask(edge.port, { path, headers: host });
      expect([answer.status, answer.body.length, sha256(answer.body)]).toEqual([200, body.length, sha256(body)]);
    }
    expect(await edge.settled(2)).toEqual([
      { status: 200, bytes: body.length },
      { status: 200, bytes: body.length },
    ]);
  });

  it('keep their field lines in order and in their own spelling, doubled ones too', async () => {
    const lines = [
      'X-ODD-case: One',
      'set-cookie: a=1',
      'Set-Cookie: b=2',
      'ETag: W/"7"',
      'X-Latin: caf\xe9',
      'Date: Thu, 01 Jan 2026 00:00:00 GMT',
    ];
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 Fine by me\r\n${lines.join('\r\n')}\r\nContent-Length: 2\r\n\r\nok`, 'latin1'),
      );
    });
    await using edge = await startEdge(origin.url);
    const answer = parseAnswer(await exchangeRaw(edge.port, rawGet('/')));
    expect(answer.statusLine).toBe('HTTP/1.1 200 Fine by me');
    expect(answer.fields.map(([name, value]) => `${name}: ${value}`)).toEqual([
      ...lines,
      'Content-Length: 2',
      'Connection: close',
    ]);
    expect(answer.body).toBe('ok');
  });

  it.each([
    ['a HEAD', 'HEAD', 200, { 'Content-Length': '1234', ETag: '"a"' }],
    ['a 204', 'GET', 204, {}],
    ['a 304', 'GET', 304, { ETag: '"a"', 'Content-Length': '1234' }],
  ])('have no body after %s and leave the client’s connection usable', async (_kind, method, status, headers) => {
    await using origin = await startHttpOrigin((_request, response) => void response.writeHead(status, headers).end());
    await using edge = await startEdge(origin.url);
    const request = `${method} / HTTP/1.1\r\nHost: ${publicHost}\r\n\r\n`;
    using client = connect(edge.port, request);
    await client.until((text) => text.split('HTTP/1.1 ').length === 2 && text.endsWith('\r\n\r\n'));
    client.send(request);
    const text = await client.until((all) => all.split('HTTP/1.1 ').length === 3 && all.endsWith('\r\n\r\n'));
    const answer = parseAnswer(text);
    expect(answer.status).toBe(status);
    for (const [name, value] of Object.entries(headers)) expect(answer.field(name)).toBe(value);
  });

  it('pass parts on as parts', async () => {
    await using origin = await startHttpOrigin((request, response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 2-4/10', 'Content-Length': 3 });
      response.end(request.headers.range === 'bytes=2-4' ? 'cde' : 'bad');
    });
    await using edge = await startEdge(origin.url);
    const answer = await ask(edge.port, { path: '/', headers: { ...host, Range: 'bytes=2-4' } });
    expect([answer.status, answer.body.toString()]).toEqual([206, 'cde']);
  });

  it('pass every status on, redirects too, without following them', async () => {
    await using origin = await startHttpOrigin((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { Location: 'http://elsewhere.example/', 'Content-Length': 0 }).end();
    });
    await using edge = await startEdge(origin.url);
    for (const status of [200, 301, 302, 307, 404, 410, 418, 429, 500, 503, 599]) {
      const answer = await ask(edge.port, { path: `/${status}`, headers: host });
      expect(answer.status).toBe(status);
      expect(answer.rawHeaders).toContain('http://elsewhere.example/');
    }
  });

  it('are closed at their end for HTTP/1.0, which knows no chunks', async () => {
    await using origin = await startHttpOrigin((_request, response) => {
      response.write('first ');
      response.end('second');
    });
    await using edge = await startEdge(origin.url);
    const answer = parseAnswer(await exchangeRaw(edge.port, 'GET / HTTP/1.0\r\n\r\n'));
    expect(answer.field('transfer-encoding')).toBeUndefined();
    expect(answer.body).toBe('first second');
  });

  it('bring their trailers, without those that would frame or route', async () => {
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeHead(200, { Trailer: 'X-Sum, Content-Length' });
      response.write('body');
      response.addTrailers({ 'X-Sum': '42', Connection: 'X-Sum' });
      response.end();
    });
    await using edge = await startEdge(origin.url);
    const answer = await ask(edge.port, { path: '/', headers: host });
    expect(answer.body.toString()).toBe('body');
    expect(answer.trailers).toEqual(['X-Sum', '42']);
  });

  it('come whole when a trailer cannot be written, without that trailer', async () => {
    const trailers = ['X Sum: 1', 'X-Bell: a\x07b', 'X-Sum: 42'];
    await using origin = await startRawOrigin((socket) => {
      socket.once('data', () =>
        socket.write(
          `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n${trailers.join('\r\n')}\r\n\r\n`,
        ),
      );
    });
    await using edge = await startEdge(origin.url);
    const answer = await ask(edge.port, { path: '/', headers: host });
    expect([answer.body.toString(), answer.trailers]).toEqual(['body', ['X-Sum', '42']]);
    expect(await edge.settled(1)).toEqual([{ status: 200, bytes: 4 }]);
  });

  it('are preceded by early hints, which HTTP/1.0 clients do not get', async () => {
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeEarlyHints({ link: '</app.css>; rel=preload; as=style' }, () => {
        response.writeHead(200, { 'Content-Length': 2 });
        response.end('ok');
      });
    });
    await using edge = await startEdge(origin.url);
    const text = await exchangeRaw(edge.port, rawGet('/'));
    expect(text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/app\.css>; rel=preload; as=style\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    );
    expect(await exchangeRaw(edge.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('stream: each event reaches the client before the next one is sent', async () => {
    const next: ((event: string) => void)[] = [];
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      next.push((event) => (event === '' ? response.end() : response.write(`data: ${event}\n\n`)));
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, rawGet('/events'));
    // The head comes by itself, before any event.
    await client.until((text) => text.includes('\r\n\r\n'));
    for (const event of ['one', 'two', 'three']) {
      next[0]?.(event);
      await client.until((text) => text.includes(`data: ${event}\n\n`));
    }
    next[0]?.('');
    expect(await client.ended).toMatch(/0\r\n\r\n$/);
  });

  it('come no faster than the client reads them', async () => {
    const piece = Buffer.alloc(1024 * 1024);
    const count = 150;
    const stalled = pending<number>();
    const held = pending();
    await using origin = await startHttpOrigin(async (_request, response) => {
      response.writeHead(200, { 'Content-Length': piece.length * count });
      for (let at = 0; at < count; at += 1) {
        if (response.write(piece)) continue;
        const drained = once(response, 'drain').then(() => 'drained');
        if ((await Promise.race([drained, held.promise, after(300)])) === 'late') stalled.resolve(at);
        await drained;
      }
      response.end();
    });
    await using edge = await startEdge(origin.url);
    const before = process.memoryUsage().arrayBuffers;
    const request = http.get({ host: '127.0.0.1', port: edge.port, headers: host, agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(await stalled.promise).toBeLessThan(count - 10);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * piece.length);
    held.resolve();
    expect((await bodyOf(response)).length).toBe(piece.length * count);
  });

  it('leave their connection ready for the next one, even when the client was slow to the last byte', async () => {
    const body = Buffer.alloc(400_000, 'x');
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeHead(200, { 'Content-Length': body.length }).end(body);
    });
    await using edge = await startEdge(origin.url, { origin: { maxConnections: 1 } });
    for (let round = 0; round < 20; round += 1) {
      using client = connect(edge.port, rawGet('/'));
      client.socket.pause();
      await new Promise(setImmediate);
      client.socket.resume();
      expect(parseAnswer(await client.ended).body.length).toBe(body.length);
    }
  });

  it('tell caches that HTML differs by reader, and only HTML', async () => {
    await using origin = await startHttpOrigin((request, response) => {
      const html = request.url?.startsWith('/html');
      response
        .writeHead(200, { 'Content-Type': html ? 'text/html; charset=utf-8' : 'image/png', Vary: 'Origin' })
        .end();
    });
    await using edge = await startEdge(origin.url, {
      forward: { varyHtml: 'User-Agent, Origin', addHeaders: ['X-Preface', 'pass'] },
    });
    const html = parseAnswer(await exchangeRaw(edge.port, rawGet('/html')));
    expect(html.fields.filter(([name]) => name === 'Vary')).toEqual([['Vary', 'Origin, User-Agent']]);
    expect(html.field('x-preface')).toBe('pass');
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/image'))).field('vary')).toBe('Origin');
  });
});

describe('requests', () => {
  it.each(['/', '/a//b/../c/./d', '/%7e%2F%00?x=%zz&x=1&&', '/\\back?\\', '/!$&\'()*+,;=:@[]{}|^`<>"', '/?', '/#here'])(
    'keep their target byte for byte: %s',
    async (target) => {
      const seen: string[] = [];
      await using origin = await startRawOrigin((socket) => {
        socket.on('data', (chunk) => {
          seen.push(chunk.toString('latin1').split('\r\n', 1)[0] ?? '');
          socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        });
      });
      await using edge = await startEdge(origin.url);
      const answer = parseAnswer(await exchangeRaw(edge.port, rawGet(target)));
      expect(answer.status).toBe(204);
      expect(seen).toEqual([`GET ${target} HTTP/1.1`]);
    },
  );

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'MKCOL'])(
    'keep their method and their body, sized and chunked: %s',
    async (method) => {
      await using origin = await startHttpOrigin(async (request, response) => {
        const body = await bodyOf(request);
        response.end(JSON.stringify([request.method, sha256(body), body.length]));
      });
      await using edge = await startEdge(origin.url);
      const body = randomBytes(100_000);
      const expected = JSON.stringify([method, sha256(body), body.length]);
      const sized = { ...host, 'Content-Length': String(body.length) };
      const chunked = { ...host, 'Transfer-Encoding': 'chunked' };
      expect((await ask(edge.port, { method, headers: sized }, body)).body.toString()).toBe(expected);
      const pieces = [body.subarray(0, 10), body.subarray(10, 70_000), body.subarray(70_000)];
      expect((await ask(edge.port, { method, headers: chunked }, pieces)).body.toString()).toBe(expected);
    },
  );

  it('say nothing of a body where there is none', async () => {
    await using origin = await startHttpOrigin((request, response) => {
      const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
      response.end(JSON.stringify({ length, coding }));
    });
    await using edge = await startEdge(origin.url);
    for (const method of ['GET', 'DELETE', 'OPTIONS'])
      expect((await ask(edge.port, { method, headers: host })).body.toString()).toBe('{}');
    expect(
      (await ask(edge.port, { method: 'POST', headers: { ...host, 'Content-Length': '0' } })).body.toString(),
    ).toBe('{"length":"0"}');
  });

  it.each(['sized', 'chunked'])(
    'may be large, %s, and are held back while the origin does not read',
    async (framing) => {
      const piece = randomBytes(1024 * 1024);
      const count = 150;
      const held = pending();
      const whole = createHash('sha256');
      for (let at = 0; at < count; at += 1) whole.update(piece);
      await using origin = await startHttpOrigin(async (request, response) => {
        request.pause();
        await held.promise;
        const hash = createHash('sha256');
        for await (const chunk of request) hash.update(chunk as Buffer);
        response.end(hash.digest('hex'));
      });
      await using edge = await startEdge(origin.url);
      const length = { 'Content-Length': String(piece.length * count) };
      const headers = { ...host, ...(framing === 'sized' ? length : { 'Transfer-Encoding': 'chunked' }) };
      const request = http.request({ host: '127.0.0.1', port: edge.port, method: 'POST', headers, agent: false });
      const answer = new Promise<string>((resolve, reject) => {
        request.on('error', reject);
        request.on('response', async (response) => resolve((await bodyOf(response)).toString()));
      });
      const before = process.memoryUsage().arrayBuffers;
      let sent = 0;
      let stalledAt = 0;
      while (sent < count) {
        sent += 1;
        if (request.write(piece)) continue;
        const drained = once(request, 'drain').then(() => 'drained');
        if (stalledAt > 0 || (await Promise.race([drained, after(300)])) === 'drained') await drained;
        else {
          stalledAt = sent;
          // The kernel's buffers may take some tens of megabytes; ours hold a fraction of one.
          expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * piece.length);
          held.resolve();
          await drained;
        }
      }
      request.end();
      expect(await answer).toBe(whole.digest('hex'));
      expect(stalledAt).toBeGreaterThan(0);
    },
  );

  it('are told to go on before their body comes, and the origin is not asked again', async () => {
    const seen: string[] = [];
    await using origin = await startHttpOrigin(async (request, response) => {
      seen.push(request.headers.expect ?? 'none');
      response.end(await bodyOf(request));
    });
    await using edge = await startEdge(origin.url);
    using client = connect(
      edge.port,
      `PUT / HTTP/1.1\r\nHost: ${publicHost}\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`,
    );
    await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    expect(await client.ended).toMatch(/hello$/);
    expect(seen).toEqual(['none']);
  });

  it('may be answered before they are whole', async () => {
    await using origin = await startHttpOrigin((_request, response) => {
      response.writeHead(413, { 'Content-Length': 9 }).end('too large');
    });
    await using edge = await startEdge(origin.url);
    using client = connect(edge.port, `POST / HTTP/1.1\r\nHost: ${publicHost}\r\nContent-Length: 2000000\r\n\r\n`);
    client.send(Buffer.alloc(1_000_000));
    await client.until((text) => text.endsWith('too large'));
    // The rest is read and thrown away; the next request on the connection is answered too.
    client.send(Buffer.alloc(1_000_000));
    client.send(rawGet('/next'));
    const text = await client.ended;
    expect(text.match(/HTTP\/1\.1 413/g)).toHaveLength(2);
  });

  it('reach the origin with what is ours added and what is theirs replaced', async () => {
    await using origin = await startHttpOrigin(
      (request, response) => void response.end(JSON.stringify(request.rawHeaders)),
    );
    await using edge = await startEdge(origin.url, { forward: { requestHeaders: ['X-Request-Id', 'ours'] } });
    const answer = parseAnswer(
      await exchangeRaw(
        edge.port,
        rawGet('/', ['x-request-id: theirs', 'User-Agent: One', 'user-agent: Two', '__proto__: x']),
      ),
    );
    const raw = JSON.parse(answer.body.slice(answer.body.indexOf('['), answer.body.lastIndexOf(']') + 1)) as string[];
    const lines = raw.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${raw[at + 1]}`] : []));
    expect(lines.filter((line) => /^(x-request-id|user-agent|__proto__):/i.test(line))).toEqual([
      'User-Agent: One',
      '__proto__: x',
      'X-Request-Id: ours',
    ]);
  });
});
