import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';

/** What became of a forwarded request; told once, when the exchange has ended. */
export interface ForwardOutcome {
  /** The status the client saw, 101 for a tunnel; 0 when its connection was destroyed before a status was sent. */
  readonly status: number;
  /** Body bytes sent to the client; of a tunnel, all bytes. */
  readonly bytes: number;
  /** Why it did not end well, in one of a few words. */
  readonly failure?: 'origin-unreachable' | 'origin-timeout' | 'origin-aborted' | 'origin-invalid' | 'client-gone';
}

export interface ForwardOptions {
  /** Field lines for the answer, flat `[name, value, …]`, beside the origin's own. */
  readonly addHeaders?: readonly string[];
  /** Tokens that the answer's `Vary` must have when the answer is HTML. */
  readonly varyHtml?: string;
  /** Fields for the request to the origin, flat `[name, value, …]`; they replace the client's of the same name. */
  readonly requestHeaders?: readonly string[];
}

/** The application's own server, as seen from the edge. */
export interface Origin {
  /** Streams one request to the origin and its answer back, byte for byte. Never throws; `done` is called exactly once. */
  forward(
    request: EdgeRequest,
    response: EdgeResponse,
    options: ForwardOptions,
    done: (outcome: ForwardOutcome) => void,
  ): void;
  /** Hands a WebSocket handshake to the origin. Never throws; the sockets end together, and `done` is called once when they have. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, done: (outcome: ForwardOutcome) => void): void;
  /** Tells open WebSockets to go away (1001). */
  endTunnels(): void;
  /** Resolves when nothing is under way any more, tunnels too; closed then. New requests are taken until that moment. */
  retire(): Promise<void>;
  /** Ends idle connections; resolves when those in use have ended or the signal is aborted. Open tunnels are closed with 1001. */
  close(signal?: AbortSignal): Promise<void>;
}
