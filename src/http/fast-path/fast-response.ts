import { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { EdgeResponse } from '../../messages.ts';
import type { FastRequest } from './fast-request.ts';
import { dateLine, fieldLines, type PreparedHead, prepareHead } from './head-lines.ts';
import { writeTogether } from './write-together.ts';

/** How the body's end will be known. */
type Framing = 'undecided' | 'sized' | 'chunked' | 'none';

/** What of a connection its answers need. */
export interface AnswerOwner {
  /** For how long the connection is kept for the next request. */
  readonly keepAliveSeconds: number;
  /** The answer has left. */
  onFinish(answer: FastResponse): void;
}

/**
 * The answer to a {@link FastRequest}, with the behaviour of Node's `ServerResponse` as far as {@link EdgeResponse} promises it. Head and body
 * leave in one piece where they are there together.
 */
export class FastResponse extends EventEmitter implements EdgeResponse {
  readonly req: FastRequest;
  shouldKeepAlive = true;
  statusCode = 200;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  readonly #socket: Socket;
  readonly #owner: AnswerOwner;
  /** What the head shares with others; undefined before there is a head. */
  #prepared: PreparedHead | undefined;
  /** The head's other lines, without the framing and the end. */
  #ownLines = '';
  #isHeadOut = false;
  #framing: Framing = 'undecided';
  #trailers = '';

  constructor(request: FastRequest, owner: AnswerOwner) {
    super();
    this.req = request;
    this.#socket = request.socket;
    this.#owner = owner;
  }

  get headersSent(): boolean {
    return this.#prepared !== undefined;
  }

  writeHead(status: number, reason: string, fields: readonly string[]): this {
    return this.writePrepared(prepareHead(status, reason, fields), '', none);
  }

  /** The same with a beginning that many answers share, `lines` as {@link fieldLines} gives them, and the fields that are this answer's own. */
  writePrepared(head: PreparedHead, lines: string, fields: readonly string[]): this {
    if (this.#prepared !== undefined) throw new Error('the head has been written');
    this.#ownLines = lines + fieldLines(fields) + (head.hasDate ? '' : dateLine());
    this.#prepared = head;
    this.statusCode = head.status;
    this.#framing = head.isSized ? 'sized' : 'undecided';
    // RFC 9112 §6.3: whatever their fields say, these end with their head.
    if (head.status === 204 || head.status === 304 || this.req.method === 'HEAD') this.#framing = 'none';
    return this;
  }

  flushHeaders(): void {
    if (this.#isHeadOut || this.destroyed) return;
    this.#socket.write(this.#headFor(undefined), 'latin1');
  }

  write(chunk: Uint8Array): boolean {
    if (this.destroyed) return false;
    if (this.#isHeadOut && this.#framing === 'sized') return this.#socket.write(chunk);
    this.#socket.cork();
    if (!this.#isHeadOut) this.#socket.write(this.#headFor(undefined), 'latin1');
    const mayGoOn = this.#writePiece(chunk);
    this.#socket.uncork();
    return mayGoOn;
  }

  #writePiece(chunk: Uint8Array): boolean {
    if (this.#framing === 'none' || chunk.length === 0) return !this.#socket.writableNeedDrain;
    if (this.#framing === 'sized') return this.#socket.write(chunk);
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(chunk);
    return this.#socket.write('\r\n', 'latin1');
  }

  end(body?: Uint8Array | string, encoding: 'latin1' | 'utf8' = 'utf8'): this {
    if (this.writableEnded) return this;
    this.writableEnded = true;
    if (this.destroyed) return this;
    if (typeof body === 'string' && encoding === 'latin1' && !this.#isHeadOut) this.#sendWhole(body);
    else this.#endWith(typeof body === 'string' ? Buffer.from(body, encoding) : body);
    if (this.#socket.writableLength === 0) this.#finish();
    // Comes back when all that was written before has left.
    else this.#socket.write('', (error) => error ?? this.#finish());
    return this;
  }

  /** Head and body in one piece: one system call. */
  #sendWhole(body: string): void {
    const ownHead = this.#ownHeadFor(body.length);
    writeTogether(this.#socket, this.#prepared?.text ?? '', ownHead, this.#framing === 'none' ? '' : body);
  }

  #endWith(body: Uint8Array | undefined): void {
    this.#socket.cork();
    if (!this.#isHeadOut) this.#socket.write(this.#headFor(body?.length ?? 0), 'latin1');
    if (body !== undefined) this.#writePiece(body);
    if (this.#framing === 'chunked') this.#socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1');
    this.#socket.uncork();
  }

  /** The whole head. With a body's length it is an answer whose body is there; without, the body comes in chunks unless its length has been told. */
  #headFor(length: number | undefined): string {
    const ownHead = this.#ownHeadFor(length);
    return (this.#prepared?.text ?? '') + ownHead;
  }

  /** The same without what it shares with others. */
  #ownHeadFor(length: number | undefined): string {
    if (this.#prepared === undefined) this.writeHead(200, STATUS_CODES[200] ?? '', []);
    this.#isHeadOut = true;
    let text = this.#ownLines;
    text += this.shouldKeepAlive
      ? `Connection: keep-alive\r\nKeep-Alive: timeout=${this.#owner.keepAliveSeconds}\r\n`
      : 'Connection: close\r\n';
    if (this.#framing === 'undecided') {
      this.#framing = length === undefined || this.#trailers !== '' ? 'chunked' : 'sized';
      text += this.#framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${length}\r\n`;
    }
    return `${text}\r\n`;
  }

  addTrailers(fields: readonly (readonly [string, string])[]): void {
    this.#trailers += fieldLines(fields.flat());
  }

  /** RFC 8297. */
  writeEarlyHints({ link }: { readonly link: readonly string[] }): void {
    if (this.#prepared !== undefined || this.destroyed) return;
    const lines = fieldLines(link.flatMap((value) => ['Link', value]));
    this.#socket.write(`HTTP/1.1 103 Early Hints\r\n${lines}\r\n`, 'latin1');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The connection has ended. */
  onClosed(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }

  #finish(): void {
    if (this.destroyed) return;
    this.writableFinished = true;
    this.emit('finish');
    this.#owner.onFinish(this);
    this.onClosed();
  }
}

const none: readonly string[] = [];
