import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** After the origin has answered without waiting for all of an upload, this much more of it is read and thrown away. */
const maxDiscardedBytes = 64 * 1024 * 1024;

/**
 * A request's body on its way to the origin. It stands between the two so that whoever sends it may destroy it at any time: the
 * client's connection then stays usable, since the rest of the body is still read from it.
 */
export class Upload extends Readable {
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    super({ highWaterMark: 64 * 1024 });
    this.#request = request;
    request.on('data', this.#onData);
    request.on('end', this.#onEnd);
    request.on('close', this.#onClose);
    request.on('error', this.#onClose);
  }

  override _read(): void {
    this.#request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#request.off('data', this.#onData);
    if (!this.#request.complete) discard(this.#request);
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#request.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#request.complete) this.destroy(new Error('the client went away in the middle of its request'));
  };
}

/** Reads what is left of a body, so that the client can take its answer, but not without end. */
export function discard(request: IncomingMessage): void {
  let left = maxDiscardedBytes;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
