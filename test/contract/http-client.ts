import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { AnswerTaker, Asking, ClientRequest, HttpClient } from '../../src/origin/client.ts';
import { startRawOrigin } from '../origin/edge.ts';

export interface OpenClient extends AsyncDisposable {
  readonly client: HttpClient;
}

/** What was told of an answer, in the order in which it was told; a body as one text. */
interface Told {
  readonly parts: string[];
  readonly head: { status: number; reason: string; fields: Record<string, unknown> };
  readonly pieces: Buffer[];
  readonly text: string;
  readonly wasLost: boolean | undefined;
}

interface Question {
  readonly asking: Asking;
  readonly ended: Promise<Told>;
  /** Resolves with the first piece of the body. */
  readonly begun: Promise<void>;
  readonly parts: readonly string[];
}

function question(client: HttpClient, request: Partial<ClientRequest> = {}): Question {
  const { promise: ended, resolve } = Promise.withResolvers<Told>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const parts: string[] = [];
  const pieces: Buffer[] = [];
  let head = { status: 0, reason: '', fields: {} };
  const end = (wasLost?: boolean) =>
    resolve({ parts, head, pieces, text: Buffer.concat(pieces).toString('latin1'), wasLost });
  const taker: AnswerTaker = {
    onHead(status, reason, fields) {
      parts.push('head');
      head = { status, reason, fields };
    },
    onBody(piece) {
      if (parts.at(-1) !== 'body') parts.push('body');
      pieces.push(piece);
      begin();
    },
    onEnd() {
      parts.push('end');
      end();
    },
    onError(_error, wasLost) {
      parts.push('error');
      end(wasLost);
    },
  };
  const asking = client.ask({ method: 'GET', path: '/', fields: ['host', 'a.example'], body: null, ...request }, taker);
  return { asking, ended, begun, parts };
}

const ask = (client: HttpClient, request?: Partial<ClientRequest>) => question(client, request).ended;

/** Answers every request on a connection, once its head is whole. */
const answering = (answer: string | ((head: string, socket: Socket) => unknown)) =>
  startRawOrigin((socket) => {
    let unread = '';
    socket.on('data', (bytes) => {
      unread += bytes.toString('latin1');
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = unread.slice(0, end);
      unread = '';
      if (typeof answer === 'string') socket.write(answer, 'latin1');
      else answer(head, socket);
    });
  });

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** What every client does that renders' requests are sent through. */
export function describeHttpClient(name: string, open: (originUrl: URL) => OpenClient): void {
  describe(`${name} as a client`, () => {
    it('tells head, body and end in their order', async () => {
      await using origin = await answering('HTTP/1.1 404 Nowhere\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello');
      await using opened = open(new URL(origin.url));
      const told = await ask(opened.client);
      expect(told.parts).toEqual(['head', 'body', 'end']);
      expect(told.head).toEqual({ status: 404, reason: 'Nowhere', fields: { 'x-one': '1', 'content-length': '5' } });
      expect(told.text).toBe('hello');
    });

    it('sends the target and the fields as they are', async () => {
      const heads: string[] = [];
      await using origin = await answering((head, socket) => {
        heads.push(head);
        socket.write(ok);
      });
      await using opened = open(new URL(origin.url));
      await ask(opened.client, { path: '/a%2fb/../c?d=%zz', fields: ['host', 'a.example', 'X-Case', 'As it is'] });
      expect(heads[0]).toContain('GET /a%2fb/../c?d=%zz HTTP/1.1\r\nhost: a.example\r\n');
      expect(heads[0]).toContain('\r\nX-Case: As it is');
    });

    it('makes a list of a field that came more than once, whatever its name', async () => {
      const lines = ['Set-Cookie: a=1', 'set-cookie: b=2', 'Set-Cookie: c=3', '__proto__: x', 'constructor: y'];
      await using origin = await answering(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
      await using opened = open(new URL(origin.url));
      const { fields } = (await ask(opened.client)).head;
      expect(fields['set-cookie']).toEqual(['a=1', 'b=2', 'c=3']);
      expect(fields.constructor).toBe('y');
      expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    });

    it('leaves the pieces of a body as they were when more is read', async () => {
      await using origin = await answering((_, socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n${'a'.repeat(200_000)}`, () =>
          socket.write('b'.repeat(200_000)),
        );
      });
      await using opened = open(new URL(origin.url));
      const { text } = await ask(opened.client);
      expect(text).toBe('a'.repeat(200_000) + 'b'.repeat(200_000));
    });

    it.each([
      ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello'],
      ['the end of the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello', 'hello'],
      ['a status without a body', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ])('knows the end of an answer by %s', async (_, answer, text) => {
      await using origin = await answering((_head, socket) => {
        socket.write(answer, () => answer.includes('close') && socket.end());
      });
      await using opened = open(new URL(origin.url));
      expect(await ask(opened.client)).toMatchObject({ text, wasLost: undefined });
    });

    it('expects no body after HEAD', async () => {
      await using origin = await answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
      await using opened = open(new URL(origin.url));
      expect((await ask(opened.client, { method: 'HEAD' })).parts).toEqual(['head', 'end']);
    });

    it('says nothing of informational answers', async () => {
      await using origin = await answering(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}`);
      await using opened = open(new URL(origin.url));
      expect((await ask(opened.client)).head.status).toBe(200);
    });

    it.each([[[]], [['content-length', '5']]])('sends a body with its length (told: %j)', async (more) => {
      const requests = Promise.withResolvers<string>();
      await using origin = await startRawOrigin((socket) => {
        let all = '';
        socket.on('data', (bytes) => {
          all += bytes;
          if (!all.endsWith('12345')) return;
          requests.resolve(all);
          socket.write(ok);
        });
      });
      await using opened = open(new URL(origin.url));
      const fields = ['host', 'a.example', ...more];
      await ask(opened.client, { method: 'POST', fields, body: Buffer.from('12345') });
      expect((await requests.promise).match(/content-length: 5\r\n/gi)).toHaveLength(1);
    });

    it('uses connections again', async () => {
      await using origin = await answering(ok);
      await using opened = open(new URL(origin.url));
      for (let n = 0; n < 9; n += 1) expect((await ask(opened.client)).text).toBe('hello');
      // undici learns a turn later that a connection is free.
      expect(origin.sockets.size).toBeLessThanOrEqual(2);
    });

    it('says that a connection was lost before its answer', async () => {
      await using origin = await answering((_, socket) => socket.destroy());
      await using opened = open(new URL(origin.url));
      expect(await ask(opened.client)).toMatchObject({ parts: ['error'], wasLost: true });
    });

    it('ends an answer that is not whole with an error', async () => {
      await using origin = await answering((_, socket) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
      );
      await using opened = open(new URL(origin.url));
      expect((await ask(opened.client)).parts).toEqual(['head', 'body', 'error']);
    });

    it('does not take a server that cannot be reached for a lost connection', async () => {
      const origin = await answering(ok);
      await origin[Symbol.asyncDispose]();
      await using opened = open(new URL(origin.url));
      expect(await ask(opened.client)).toMatchObject({ parts: ['error'], wasLost: false });
    });

    it('tells of a request that cannot be sent, and sends nothing of it', async () => {
      await using origin = await answering(ok);
      await using opened = open(new URL(origin.url));
      const told = await ask(opened.client, { fields: ['host', 'a.example', 'x', 'a\r\nb: c'] });
      expect(told).toMatchObject({ parts: ['error'], wasLost: false });
      expect((await ask(opened.client)).text).toBe('hello');
    });

    it.each([
      ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
      ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ])('takes no answer with %s', async (_, lines) => {
      await using origin = await answering(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n0\r\n\r\n`);
      await using opened = open(new URL(origin.url));
      expect((await ask(opened.client)).parts.at(-1)).toBe('error');
    });

    it('ends the connection of a request that is given up, and says nothing more of it', async () => {
      const closed = Promise.withResolvers<unknown>();
      await using origin = await answering((_, socket) => {
        closed.resolve(once(socket, 'close'));
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
      });
      await using opened = open(new URL(origin.url));
      const { asking, begun, parts } = question(opened.client);
      await begun;
      asking.abort();
      await closed.promise;
      expect(parts).toEqual(['head', 'body']);
    });

    it('reads no further while it is told to pause', async () => {
      const whole = 16 * 1024 * 1024;
      let isSent = false;
      await using origin = await answering((head, socket) => {
        if (head.startsWith('GET /other')) return socket.write(ok);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${whole}\r\n\r\n`);
        return socket.write('a'.repeat(whole), () => {
          isSent = true;
        });
      });
      await using opened = open(new URL(origin.url));
      const { asking, begun, ended } = question(opened.client);
      await begun;
      asking.pause();
      for (let n = 0; n < 20; n += 1) await ask(opened.client, { path: '/other' });
      expect(isSent).toBe(false);
      asking.resume();
      expect((await ended).text.length).toBe(whole);
    });

    it('lets nobody who has his answer stop the next one on the connection', async () => {
      await using origin = await answering(ok);
      await using opened = open(new URL(origin.url));
      const first = question(opened.client);
      await first.ended;
      const second = question(opened.client);
      first.asking.pause();
      first.asking.abort();
      expect((await second.ended).parts).toEqual(['head', 'body', 'end']);
    });
  });
}
