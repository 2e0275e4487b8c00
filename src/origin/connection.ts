import type { Socket } from 'node:net';
import type { AnswerHead } from './answer-head.ts';
import { AnswerParser, type AnswerSink } from './answer-parser.ts';
import { connect, type Destination } from './connect.ts';
import { ConnectionError } from './connection-error.ts';
import { type OutgoingHead, requestText } from './request-text.ts';

export interface ConnectionSettings extends Destination {
  readonly connectTimeoutMs: number;
  /** For the head of an answer to come, once the request has been sent. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body; 0 is no limit. */
  readonly bodyIdleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** Whoever has sent a request: gets the parts of its answer, or an error at any time; nothing after {@link onEnd} or {@link onError}. */
export interface ConnectionUser extends AnswerSink {
  /** More of the request's body may be written. */
  onDrain(): void;
  onError(error: Error): void;
}

/** What the connection tells its pool. */
export interface ConnectionOwner {
  onIdle(connection: OriginConnection): void;
  onGone(connection: OriginConnection): void;
}

/** One connection to the origin. It carries one exchange at a time and any number of them after each other. */
export class OriginConnection implements AnswerSink {
  /** Exchanges that have ended well on this connection. */
  served = 0;
  readonly #settings: ConnectionSettings;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #parser: AnswerParser;
  #user: ConnectionUser | undefined;
  #connected = false;
  #sending: OutgoingHead['body'] = 'none';
  #keepAlive = false;
  #idleLimitMs: number;
  #quietMs = 0;
  #error: Error | undefined;

  constructor(settings: ConnectionSettings, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#owner = owner;
    this.#idleLimitMs = settings.keepAliveTimeoutMs;
    this.#parser = new AnswerParser(this, settings.maxHeaderBytes);
    this.#socket = connect(settings, (bytes) => this.#read(bytes));
    this.#socket.on(settings.serverName === undefined ? 'connect' : 'secureConnect', () => {
      this.#connected = true;
      this.#quietMs = 0;
    });
    this.#socket.on('drain', () => {
      this.#quietMs = 0;
      this.#user?.onDrain();
    });
    this.#socket.on('error', (error) => {
      this.#error = error;
    });
    this.#socket.on('close', () => this.#onClose());
  }

  /** Another request may be sent: neither side has begun to end the connection, as far as is known here. */
  get isUsable(): boolean {
    return this.#socket.writable && !this.#socket.readableEnded;
  }

  /** Sends a request. Throws when it has a character that could end a line, and sends nothing then. */
  send(head: OutgoingHead, user: ConnectionUser): void {
    const text = requestText(head);
    this.#user = user;
    this.#sending = head.body;
    this.#quietMs = 0;
    this.#parser.begin(head.method);
    this.#socket.write(text, 'latin1');
  }

  /** Writes a piece of the body; false means that the next one should wait for {@link ConnectionUser.onDrain}. */
  write(chunk: Buffer): boolean {
    if (this.#sending === 'sized') return this.#socket.write(chunk);
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(chunk);
    const mayGoOn = this.#socket.write('\r\n', 'latin1');
    this.#socket.uncork();
    return mayGoOn;
  }

  endBody(): void {
    if (this.#sending === 'chunked') this.#socket.write('0\r\n\r\n', 'latin1');
    this.#sending = 'none';
    this.#quietMs = 0;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#quietMs = 0;
    this.#socket.resume();
  }

  /** Ends the connection at once; its user hears nothing more. */
  destroy(): void {
    this.#user = undefined;
    this.#socket.destroy();
  }

  /** Time has passed. */
  tick(ms: number): void {
    this.#quietMs += ms;
    const limitMs = this.#limitMs();
    if (limitMs === 0 || this.#quietMs < limitMs) return;
    this.#socket.destroy(new ConnectionError('PREFACE_ORIGIN_TIMEOUT', `nothing happened for ${limitMs} ms`));
  }

  /** How long nothing may happen; 0 is without limit. */
  #limitMs(): number {
    const { connectTimeoutMs, headersTimeoutMs, bodyIdleTimeoutMs } = this.#settings;
    if (!this.#connected) return connectTimeoutMs;
    if (this.#user === undefined) return this.#idleLimitMs;
    // While it is the client who is slow, the origin is not to blame.
    if (this.#sending !== 'none') return this.#socket.writableNeedDrain ? headersTimeoutMs : 0;
    if (this.#parser.awaitsHead) return headersTimeoutMs;
    return this.#socket.isPaused() ? 0 : bodyIdleTimeoutMs;
  }

  #read(chunk: Buffer): void {
    if (!this.#parser.awaitsHead) this.#quietMs = 0;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  onHead(head: AnswerHead): void {
    this.#quietMs = 0;
    if (head.status >= 200) {
      this.#keepAlive = head.keepAlive;
      this.#idleLimitMs = this.#limitFor(head);
    }
    this.#user?.onHead(head);
  }

  onBody(chunk: Buffer): void {
    this.#user?.onBody(chunk);
  }

  onEnd(trailers: readonly string[]): void {
    const user = this.#user;
    this.#user = undefined;
    this.served += 1;
    this.#quietMs = 0;
    // With a part of a request unsent, the next one would be taken for the rest of it.
    const isReusable = this.#keepAlive && this.#sending === 'none' && user !== undefined;
    if (!isReusable) this.#socket.destroy();
    // A slow client may have stopped the reading in the last piece.
    else if (this.#socket.isPaused()) this.#socket.resume();
    user?.onEnd(trailers);
    if (isReusable && !this.#socket.destroyed) this.#owner.onIdle(this);
  }

  /** What the origin says of its patience (`Keep-Alive: timeout=5`), with a second less, so that it is we who close. */
  #limitFor({ names, fields }: AnswerHead): number {
    const at = names.indexOf('keep-alive');
    const seconds = at < 0 ? undefined : /\btimeout=(\d{1,6})/i.exec(fields[at * 2 + 1] ?? '')?.[1];
    const ours = this.#settings.keepAliveTimeoutMs;
    return seconds === undefined ? ours : Math.max(1, Math.min(ours, Number(seconds) * 1000 - 1000));
  }

  #onClose(): void {
    this.#owner.onGone(this);
    // An answer without a length ends with its connection, if that ends well.
    if (this.#user !== undefined && this.#error === undefined && this.#parser.end()) return;
    const user = this.#user;
    this.#user = undefined;
    user?.onError(this.#error ?? new ConnectionError('PREFACE_ORIGIN_CLOSED', 'the origin closed the connection'));
  }
}
