import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A request at the edge, as all rooms see it: Node's `IncomingMessage` is one, and so is a request without a body that the edge has read itself.
 * Only an `IncomingMessage` has a body that can be read.
 */
export interface EdgeRequest {
  readonly method?: string | undefined;
  /** The request target; in origin form once the edge has accepted it. */
  url?: string | undefined;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** Flat `[name, value, …]` as they came. */
  readonly rawHeaders: string[];
  readonly httpVersion: string;
  readonly httpVersionMinor: number;
  /** All of it has come. */
  readonly complete: boolean;
  readonly socket: Socket;
}

/** The answer to a request at the edge; Node's `ServerResponse` is one. `writeHead` throws for characters that cannot stand in a head, and the second time. */
export interface EdgeResponse {
  readonly req: { readonly complete: boolean };
  /** The connection may carry another exchange after this one; has no effect once the head is written. */
  shouldKeepAlive: boolean;
  readonly statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Everything has been handed to the operating system. */
  readonly writableFinished: boolean;
  /** The answer is over: it has left whole, or its connection has ended. */
  readonly destroyed: boolean;
  /** @param fields flat `[name, value, …]` */
  writeHead(status: number, reason: string, fields: string[]): this;
  /** Sends the head without waiting for the body. */
  flushHeaders(): void;
  /** False when the next piece should wait for `drain`. */
  write(chunk: Uint8Array): boolean;
  end(): this;
  end(body: Uint8Array): this;
  /** The coding is that of a string. */
  end(body: string | Uint8Array | undefined, encoding: 'latin1' | 'utf8'): this;
  addTrailers(fields: [string, string][]): void;
  writeEarlyHints(hints: { readonly link: string[] }): void;
  destroy(): unknown;
  on(event: 'close' | 'drain' | 'finish', listener: () => void): this;
  once(event: 'close' | 'drain' | 'finish', listener: () => void): this;
}
