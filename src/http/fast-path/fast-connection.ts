import type { Socket } from 'node:net';
import { readText } from './connection-text.ts';
import { createRequestReader, type FastRequest } from './fast-request.ts';
import { type AnswerOwner, FastResponse } from './fast-response.ts';

export interface FastPathSettings {
  readonly maxHeaderBytes: number;
  /** For the first bytes of a connection to come. */
  readonly headersTimeoutMs: number;
  /** For the next request. */
  readonly keepAliveTimeoutMs: number;
}

export interface FastPathHandlers {
  request(request: FastRequest, response: FastResponse): void;
  /** Node's own parser takes the connection, from its next byte on and for good. */
  handOver(socket: Socket): void;
  /** The first request has not begun to come in time. */
  silent(socket: Socket): void;
}

/**
 * One connection, as long as nothing but the common kind of request comes on it: one after another, each in one piece and without a body. The first
 * that is anything else hands the connection over to Node's parser, with all its bytes, at a moment when no answer is owed.
 */
export class FastConnection implements AnswerOwner {
  readonly keepAliveSeconds: number;
  readonly #socket: Socket;
  readonly #read: (text: string) => FastRequest | undefined;
  readonly #keepAliveTimeoutMs: number;
  readonly #handlers: FastPathHandlers;
  readonly #maxHeaderBytes: number;
  #answer: FastResponse | undefined;
  /** What has come while an answer was owed. */
  #early = '';
  readonly #stopReading: () => void;
  #hasAsked = false;

  constructor(socket: Socket, settings: FastPathSettings, handlers: FastPathHandlers) {
    this.#socket = socket;
    this.#read = createRequestReader(socket, settings.maxHeaderBytes);
    this.#maxHeaderBytes = settings.maxHeaderBytes;
    this.#keepAliveTimeoutMs = settings.keepAliveTimeoutMs;
    this.#handlers = handlers;
    this.keepAliveSeconds = Math.floor(settings.keepAliveTimeoutMs / 1000);
    socket.setTimeout(settings.headersTimeoutMs);
    this.#stopReading = readText(socket, (text) => this.#onText(text));
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('timeout', this.#onTimeout);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  #onText(text: string): void {
    const isFree = this.#answer === undefined;
    const request = isFree ? this.#read(text) : undefined;
    if (request !== undefined) return this.#serve(request);
    if (isFree) return this.#handOver(text);
    // Kept here and not in the socket: one that is not read does not tell that its client has gone.
    this.#early += text;
    // A head is as much as anybody may send before its turn; whoever wants to send more can wait for the answer.
    if (this.#early.length > this.#maxHeaderBytes) this.#socket.destroy();
  }

  #serve(request: FastRequest): void {
    if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#socket.setTimeout(this.#keepAliveTimeoutMs + graceMs);
    }
    const answer = new FastResponse(request, this);
    this.#answer = answer;
    this.#handlers.request(request, answer);
  }

  onFinish(answer: FastResponse): void {
    this.#answer = undefined;
    if (!answer.shouldKeepAlive || this.#socket.readableEnded) this.#socket.destroySoon();
    else if (this.#early !== '') this.#handOver(this.#early);
  }

  #handOver(unread: string): void {
    const socket = this.#socket;
    this.#early = '';
    socket.pause();
    this.#stopReading();
    socket.unshift(Buffer.from(unread, 'latin1'));
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('timeout', this.#onTimeout);
    socket.off('error', ignore);
    socket.off('close', this.#onClose);
    socket.setTimeout(0);
    this.#handlers.handOver(socket);
    socket.resume();
  }

  /** The client has closed its side. That it still reads is nothing to rely on, and most often it is gone. */
  readonly #onEnd = (): void => {
    if (this.#answer === undefined || this.#answer.writableEnded) this.#socket.end();
    else this.#socket.destroy();
  };

  readonly #onDrain = (): void => void this.#answer?.emit('drain');

  readonly #onTimeout = (): void => {
    if (this.#answer !== undefined) return;
    if (this.#hasAsked) this.#socket.destroy();
    else this.#handlers.silent(this.#socket);
  };

  readonly #onClose = (): void => this.#answer?.onClosed();
}

/** Longer than what the client is told, as Node does: a request that it sends at the last moment must not meet a closed connection. */
const graceMs = 1_000;

function ignore(): void {}
