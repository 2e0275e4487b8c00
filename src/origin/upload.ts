import type { IncomingMessage } from 'node:http';
import type { OriginConnection } from './connection.ts';

/** After the origin has answered without waiting for all of an upload, this much more of it is read and thrown away. */
const maxDiscardedBytes = 64 * 1024 * 1024;

/** A request's body on its way to the origin, no faster than the origin takes it. */
export class Upload {
  readonly #request: IncomingMessage;
  readonly #connection: OriginConnection;

  constructor(request: IncomingMessage, connection: OriginConnection) {
    this.#request = request;
    this.#connection = connection;
    request.on('data', this.#onData);
    request.on('end', this.#onEnd);
  }

  /** The origin can take more. */
  resume(): void {
    this.#request.resume();
  }

  /** Sends no more. The rest is still read, so that the client can take its answer and use its connection again. */
  stop(): void {
    this.#request.off('data', this.#onData);
    this.#request.off('end', this.#onEnd);
    if (!this.#request.complete) discard(this.#request);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#connection.write(chunk)) this.#request.pause();
  };

  readonly #onEnd = (): void => this.#connection.endBody();
}

/** Reads what is left of a body, but not without end. */
export function discard(request: IncomingMessage): void {
  let left = maxDiscardedBytes;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
