import { IncomingMessage, STATUS_CODES } from 'node:http';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import { answerFields, reasonPhrase, trailerFields } from './answer-fields.ts';
import type { AnswerHead } from './answer-head.ts';
import type { ConnectionUser, OriginConnection } from './connection.ts';
import type { ConnectionPool, PoolUser } from './connection-pool.ts';
import { isBrokenConnection, type OriginFailure, originFailure } from './failure.ts';
import type { Flushable, Flushes } from './flushes.ts';
import type { Forwarding } from './forwarding.ts';
import type { ForwardOptions, ForwardOutcome } from './origin.ts';
import { type RequestFields, requestFields } from './request-fields.ts';
import { discard, Upload } from './upload.ts';

/** What an exchange needs beside the two messages. */
export interface ExchangeParts {
  readonly pool: ConnectionPool;
  readonly flushes: Flushes;
  readonly forwarding: Forwarding;
  readonly options: ForwardOptions;
  readonly done: (outcome: ForwardOutcome) => void;
}

/**
 * One request to the origin and its answer back. Whichever connection ends first ends the other; `done` is called once, when the client's
 * response has closed. One object for each request and no promise: this is the path of every person.
 */
export class Exchange implements PoolUser, ConnectionUser, Flushable {
  readonly #request: EdgeRequest;
  readonly #response: EdgeResponse;
  readonly #parts: ExchangeParts;
  readonly #head: RequestFields;
  #connection: OriginConnection | undefined;
  #upload: Upload | undefined;
  /** The first piece of the body, kept until the present turn is over: head, body and end can then leave together. */
  #held: Buffer | string | undefined;
  #flushed = false;
  #drains = false;
  #retried = false;
  #closed = false;
  #bytes = 0;
  #failure: ForwardOutcome['failure'];

  constructor(request: EdgeRequest, response: EdgeResponse, parts: ExchangeParts) {
    this.#request = request;
    this.#response = response;
    this.#parts = parts;
    this.#head = requestFields(request, parts.forwarding, parts.options.requestHeaders ?? none);
  }

  start(): void {
    if (this.#response.destroyed) return this.#onClose();
    this.#response.on('close', () => this.#onClose());
    // What could not be tried again waits for the end of the turn: a connection that the origin has closed meanwhile is then known as closed.
    if (this.#isRepeatable) this.#parts.pool.take(this);
    else setImmediate(() => this.#take());
  }

  get #isRepeatable(): boolean {
    return this.#head.body === 'none' && idempotent.has(this.#request.method ?? '');
  }

  #take(): void {
    if (!this.#closed) this.#parts.pool.take(this);
  }

  run(connection: OriginConnection): void {
    const { url: path = '/', method = 'GET' } = this.#request;
    this.#connection = connection;
    try {
      connection.send({ method, path, ...this.#head }, this);
    } catch (error) {
      this.#leave()?.destroy();
      return this.#fail(originFailure(error));
    }
    if (this.#head.body !== 'none' && this.#request instanceof IncomingMessage)
      this.#upload = new Upload(this.#request, connection);
  }

  refuse(error: Error): void {
    this.#fail(originFailure(error));
  }

  onHead(head: AnswerHead): void {
    if (head.status < 200) return this.#passOnHint(head);
    const { options, flushes } = this.#parts;
    const fields = answerFields(head, {
      varyHtml: options.varyHtml,
      addHeaders: options.addHeaders ?? none,
      takesTrailers: this.#request.httpVersionMinor > 0 && this.#request.method !== 'HEAD',
    });
    try {
      this.#response.writeHead(head.status, reasonPhrase(head.status, head.reason), fields);
    } catch (error) {
      // Node refuses characters that cannot stand in a head.
      this.#leave()?.destroy();
      return this.#fail(originFailure(error));
    }
    flushes.add(this);
  }

  onBody(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.#flushed && this.#held === undefined) {
      // A string leaves together with the head in one piece; up to some size that is worth a copy.
      this.#held = chunk.length <= maxTextBytes ? chunk.toString('latin1') : Buffer.from(chunk);
      return;
    }
    this.flush();
    this.#write(Buffer.from(chunk));
  }

  onEnd(trailers: readonly string[]): void {
    this.#leave();
    this.#flushed = true;
    try {
      this.#endResponse(trailers);
    } catch (error) {
      // The connection to the origin is not ours any more: nobody else would end the client's.
      this.#fail(originFailure(error));
    }
  }

  #endResponse(trailers: readonly string[]): void {
    if (trailers.length > 0) this.#response.addTrailers(trailerFields(trailers));
    this.#response.end(this.#held, 'latin1');
  }

  onDrain(): void {
    this.#upload?.resume();
  }

  onError(error: Error): void {
    const mayRetry = this.#mayRetry(error);
    this.#leave();
    if (!mayRetry) return this.#fail(originFailure(error));
    this.#retried = true;
    this.#parts.pool.take(this);
  }

  /** Sends what there is of the answer. */
  flush(): void {
    if (this.#flushed || this.#closed) return;
    this.#flushed = true;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) this.#response.flushHeaders();
    else this.#write(typeof held === 'string' ? Buffer.from(held, 'latin1') : held);
  }

  #write(chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    this.#connection?.pause();
    if (this.#drains) return;
    this.#drains = true;
    this.#response.on('drain', () => this.#connection?.resume());
  }

  /** Informational answers: hints are passed on, the rest says nothing to the client. HTTP/1.0 does not know them. */
  #passOnHint({ status, names, fields }: AnswerHead): void {
    if (status !== 103 || this.#request.httpVersionMinor === 0) return;
    const link = names.flatMap((name, at) => (name === 'link' ? [fields[at * 2 + 1] ?? ''] : []));
    if (link.length === 0) return;
    try {
      this.#response.writeEarlyHints({ link });
    } catch {
      // Node takes well-formed links only; a hint may always be left out (RFC 8297 §2).
    }
  }

  /** A kept-alive connection may end while a request is on its way; once, and where twice does no harm, we try again (RFC 9110 §9.2.2). */
  #mayRetry(error: Error): boolean {
    return (
      this.#connection !== undefined &&
      this.#connection.served > 0 &&
      !this.#retried &&
      !this.#response.headersSent &&
      this.#isRepeatable &&
      isBrokenConnection(error)
    );
  }

  #fail({ status, failure }: OriginFailure): void {
    if (this.#closed) return;
    this.#failure = failure;
    if (this.#response.headersSent) return this.#breakOff();
    if (this.#request instanceof IncomingMessage && !this.#request.complete) discard(this.#request);
    const text = `${status} ${STATUS_CODES[status]}\n`;
    const fields = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(text.length)];
    fields.push('Cache-Control', 'no-store', ...(this.#parts.options.addHeaders ?? none));
    this.#bytes = text.length;
    this.#flushed = true;
    this.#response.writeHead(status, STATUS_CODES[status] ?? '', fields).end(text, 'latin1');
  }

  /** The client must see that the answer is not whole: without a length, only a reset says so. */
  #breakOff(): void {
    const { socket, httpVersionMinor } = this.#request;
    if (httpVersionMinor === 0) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** Has nothing more to do with its connection. */
  #leave(): OriginConnection | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#upload?.stop();
    this.#upload = undefined;
    return connection;
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.pool.leave(this);
    this.#leave()?.destroy();
    const response = this.#response;
    const failure = this.#failure ?? (response.writableFinished ? undefined : 'client-gone');
    const status = response.headersSent ? response.statusCode : 0;
    this.#parts.done(failure === undefined ? { status, bytes: this.#bytes } : { status, bytes: this.#bytes, failure });
  }
}

/** Methods that may be sent twice (RFC 9110 §9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);
/** Node writes strings of up to 16 KB, with the head, without allocating. */
const maxTextBytes = 12 * 1024;
const none: readonly string[] = [];
