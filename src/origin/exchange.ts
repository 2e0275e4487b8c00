import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Dispatcher } from 'undici';
import { answerFields, reasonPhrase, trailerFields } from './answer-fields.ts';
import { isBrokenConnection, type OriginFailure, originFailure } from './failure.ts';
import type { Flushable, Flushes } from './flushes.ts';
import type { Forwarding } from './forwarding.ts';
import type { Lane, Lanes, LaneUser } from './lanes.ts';
import type { ForwardOptions, ForwardOutcome } from './origin.ts';
import { requestFields } from './request-fields.ts';
import { Upload } from './upload.ts';

type Controller = Dispatcher.DispatchController;

/** What an exchange needs beside the two messages. */
export interface ExchangeParts {
  readonly lanes: Lanes;
  readonly flushes: Flushes;
  readonly forwarding: Forwarding;
  /** The name to verify the origin's certificate by. */
  readonly serverName: string | undefined;
  readonly options: ForwardOptions;
  readonly done: (outcome: ForwardOutcome) => void;
}

/**
 * One request to the origin and its answer back. Whichever connection ends first ends the other; `done` is called once, when the client's
 * response has closed. One object for each request and no promise: this is the path of every person.
 */
export class Exchange implements Dispatcher.DispatchHandler, LaneUser, Flushable {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #parts: ExchangeParts;
  readonly #fields: string[];
  readonly #upload: Upload | null;
  #lane: Lane | undefined;
  #controller: Controller | undefined;
  /** The first piece of the body, kept until the present piece of input is read: head, body and end can then leave together. */
  #held: Buffer | undefined;
  #flushed = false;
  #drains = false;
  #retried = false;
  #closed = false;
  #bytes = 0;
  #failure: ForwardOutcome['failure'];

  constructor(request: IncomingMessage, response: ServerResponse, parts: ExchangeParts) {
    this.#request = request;
    this.#response = response;
    this.#parts = parts;
    const { forwarding, options } = parts;
    const { fields, hasBody } = requestFields(request, forwarding, options.requestHeaders ?? none);
    this.#fields = fields;
    this.#upload = hasBody ? new Upload(request) : null;
  }

  start(): void {
    if (this.#response.destroyed) return this.#onClose();
    this.#response.on('close', () => this.#onClose());
    this.#parts.lanes.take(this);
  }

  run(lane: Lane): void {
    this.#lane = lane;
    const { url: path = '/', method = 'GET' } = this.#request;
    // undici takes the name for TLS from `Host` unless it is given here; its types do not know that.
    const message = { path, method, headers: this.#fields, body: this.#upload, servername: this.#parts.serverName };
    lane.client.dispatch(message, this);
  }

  refuse(error: Error): void {
    this.#fail(originFailure(error));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#closed) controller.abort(clientGone);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, statusText = ''): void {
    if (status < 200) return this.#passOnHint(status, headers);
    const { options } = this.#parts;
    const raw = (controller.rawHeaders ?? none) as readonly Buffer[];
    const fields = answerFields(raw, headers, {
      status,
      varyHtml: options.varyHtml,
      addHeaders: options.addHeaders ?? none,
      takesTrailers: this.#request.httpVersionMinor > 0 && this.#request.method !== 'HEAD',
    });
    this.#response.writeHead(status, reasonPhrase(status, statusText), fields);
    this.#parts.flushes.add(this);
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.#flushed && this.#held === undefined) {
      this.#held = chunk;
      return;
    }
    this.flush();
    this.#write(chunk);
  }

  onResponseEnd(controller: Controller): void {
    if (this.#lane) this.#lane.served += 1;
    this.#leaveLane();
    const trailers = (controller.rawTrailers ?? none) as readonly Buffer[];
    if (trailers.length > 0) this.#response.addTrailers(trailerFields(trailers));
    this.#flushed = true;
    const held = this.#held;
    // Node writes a string together with the head in one piece; of a buffer it makes a second one.
    if (held !== undefined && held.length <= maxTextBytes) this.#response.end(held.toString('latin1'), 'latin1');
    else this.#response.end(held);
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    const retry = this.#mayRetry(error);
    this.#leaveLane();
    if (this.#closed) return;
    if (!retry) return this.#fail(originFailure(error));
    this.#retried = true;
    // Not at once: undici is still busy with the end of the connection.
    queueMicrotask(() => {
      if (!this.#closed) this.#parts.lanes.take(this);
    });
  }

  /** Sends what there is of the answer. */
  flush(): void {
    if (this.#flushed || this.#closed) return;
    this.#flushed = true;
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) this.#response.flushHeaders();
    else this.#write(held);
  }

  #write(chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    this.#controller?.pause();
    if (this.#drains) return;
    this.#drains = true;
    this.#response.on('drain', () => this.#controller?.resume());
  }

  /** Informational answers: hints are passed on, the rest says nothing to the client. HTTP/1.0 does not know them. */
  #passOnHint(status: number, { link }: IncomingHttpHeaders): void {
    if (status !== 103 || link === undefined || this.#request.httpVersionMinor === 0) return;
    try {
      this.#response.writeEarlyHints({ link });
    } catch {
      // Node takes well-formed links only; a hint may always be left out (RFC 8297 §2).
    }
  }

  /** A kept-alive connection may end while a request is on its way; once, and where twice does no harm, we try again (RFC 9110 §9.2.2). */
  #mayRetry(error: Error): boolean {
    const lane = this.#lane;
    return (
      lane !== undefined &&
      lane.served > 0 &&
      !this.#retried &&
      this.#upload === null &&
      !this.#response.headersSent &&
      idempotent.has(this.#request.method ?? '') &&
      isBrokenConnection(error)
    );
  }

  #fail({ status, failure }: OriginFailure): void {
    if (this.#closed) return;
    this.#failure = failure;
    this.#upload?.destroy();
    if (this.#response.headersSent) return this.#breakOff();
    const text = `${status} ${STATUS_CODES[status]}\n`;
    const fields = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(text.length)];
    fields.push('Cache-Control', 'no-store', ...(this.#parts.options.addHeaders ?? none));
    this.#bytes = text.length;
    this.#flushed = true;
    this.#response.writeHead(status, STATUS_CODES[status] ?? '', fields).end(text);
  }

  /** The client must see that the answer is not whole: without a length, only a reset says so. */
  #breakOff(): void {
    const { socket, httpVersionMinor } = this.#request;
    if (httpVersionMinor === 0) socket.resetAndDestroy();
    else socket.destroy();
  }

  #leaveLane(): void {
    const lane = this.#lane;
    if (lane === undefined) return;
    this.#lane = undefined;
    this.#parts.lanes.giveBack(lane);
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.lanes.leave(this);
    this.#controller?.abort(clientGone);
    this.#upload?.destroy();
    const response = this.#response;
    const failure = this.#failure ?? (response.writableFinished ? undefined : 'client-gone');
    const status = response.headersSent ? response.statusCode : 0;
    this.#parts.done(failure === undefined ? { status, bytes: this.#bytes } : { status, bytes: this.#bytes, failure });
  }
}

/** Methods that may be sent twice (RFC 9110 §9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY']);
/** Up to here, copying a body is cheaper than a second piece of output. */
const maxTextBytes = 4 * 1024;
const none: readonly string[] = [];
const clientGone = new Error('the client went away');
