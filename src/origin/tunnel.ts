import { type ClientRequest, type IncomingMessage, STATUS_CODES } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import type { Forwarding } from './forwarding.ts';
import { FrameBoundary } from './frame-boundary.ts';
import { handshakeFields, unframe } from './handshake.ts';
import type { ForwardOutcome } from './origin.ts';
import { createProxyServer } from './tunnel-proxy.ts';

export interface TunnelSettings {
  readonly originUrl: URL;
  readonly maxTunnels: number;
  /** For the origin's answer to the handshake. */
  readonly handshakeTimeoutMs: number;
  /** How long the other side of a tunnel may take to end after the first one has. */
  readonly closeGraceMs: number;
}

interface TunnelParts {
  readonly clock: Clock;
  readonly report: Report;
  readonly forwarding: (request: IncomingMessage) => Forwarding;
}

export interface Tunnels {
  /** Never throws; `done` is called once, when the client's connection has ended. */
  open(request: IncomingMessage, socket: Socket, head: Buffer, done: (outcome: ForwardOutcome) => void): void;
  /** Tells every client to go away (1001); resolves when all have gone. */
  close(): Promise<void>;
  /** Open ones. */
  size(): number;
  destroy(): void;
}

/** WebSocket connections, handed to http-proxy. It joins the sockets; that they end together, and well, is seen to here. */
export function createTunnels(settings: TunnelSettings, { clock, report, forwarding }: TunnelParts): Tunnels {
  const { originUrl, maxTunnels, handshakeTimeoutMs, closeGraceMs } = settings;
  const { protocol, hostname, port } = originUrl;
  const target = { protocol, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? '' : Number(port) };
  const servername = isIP(target.host) === 0 ? { servername: target.host } : {};
  const proxy = createProxyServer();
  const open = new Map<Duplex, Tunnel>();
  let allGone: (() => void) | undefined;

  // Emitted inside `proxy.ws`, before the handshake is sent.
  proxy.on('proxyReqWs', (handshake: ClientRequest, request: IncomingMessage, socket: Duplex) => {
    // http-proxy makes one slash of many; the origin must get what the client has sent.
    handshake.path = request.url ?? '/';
    open.get(socket)?.follow(handshake);
  });
  proxy.on('error', (cause) => report({ type: 'error', message: 'a tunnel failed', cause }));

  const begin: Tunnels['open'] = (request, socket, head, done) => {
    // First of all: from here on the socket has no other listener, and a reset would end the process.
    socket.on('error', ignore);
    if (open.size >= maxTunnels) {
      socket.on('close', () => done({ status: 503, bytes: socket.bytesWritten }));
      return refuse(socket, 503);
    }
    const tunnel = new Tunnel(socket, clock, closeGraceMs);
    open.set(socket, tunnel);
    socket.on('close', () => {
      open.delete(socket);
      done({ ...tunnel.outcome, bytes: socket.bytesWritten });
      if (open.size === 0) allGone?.();
    });
    tunnel.limitHandshake(handshakeTimeoutMs);
    request.headers = handshakeFields(request, forwarding(request));
    try {
      // `toProxy` keeps it from parsing the path.
      const options = { target, toProxy: true, ssl: { ...servername } };
      proxy.ws(request, socket, head, options as object, (error) => tunnel.fail(error));
    } catch (cause) {
      report({ type: 'error', message: 'a WebSocket handshake could not be sent', cause });
      tunnel.fail(cause);
    }
  };

  return {
    open: begin,
    size: () => open.size,
    close() {
      if (open.size === 0) return Promise.resolve();
      for (const tunnel of open.values()) tunnel.goAway();
      return new Promise((resolve) => {
        allGone = resolve;
      });
    },
    destroy() {
      for (const tunnel of open.values()) tunnel.destroy();
    },
  };
}

/** One client and its WebSocket at the origin. */
class Tunnel {
  readonly #client: Duplex;
  readonly #clock: Clock;
  readonly #closeGraceMs: number;
  readonly #boundary = new FrameBoundary();
  #handshake: ClientRequest | undefined;
  #origin: Duplex | undefined;
  #state: 'asking' | 'refused' | 'open' | 'leaving' = 'asking';
  #stopTimer = (): void => {};
  /** How the handshake was answered. */
  outcome: Omit<ForwardOutcome, 'bytes'> = { status: 0, failure: 'client-gone' };

  constructor(client: Duplex, clock: Clock, closeGraceMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#closeGraceMs = closeGraceMs;
    client.on('end', () => this.#endSoon());
    client.on('close', () => {
      this.#stopTimer();
      this.#handshake?.destroy();
      endThenDestroy(this.#origin);
      this.#endSoon();
    });
  }

  limitHandshake(timeoutMs: number): void {
    this.#stopTimer = this.#clock.after(timeoutMs, () => this.#handshake?.destroy(new HandshakeTimeout()));
  }

  /** Sees to what http-proxy leaves open; its listeners come after these. */
  follow(handshake: ClientRequest): void {
    this.#handshake = handshake;
    handshake.on('response', (answer) => {
      this.#stopTimer();
      this.#state = 'refused';
      this.outcome = { status: answer.statusCode ?? 502 };
      unframe(answer.headers);
      // http-proxy ends the client's socket then; a client that does not end its own would hold it.
      answer.on('end', () => this.#endSoon());
      answer.on('close', () => {
        if (!answer.complete) this.#client.destroy();
      });
    });
    handshake.on('upgrade', (answer, origin) => {
      this.#stopTimer();
      if (answer.headers.upgrade?.toLowerCase() !== 'websocket') {
        origin.destroy();
        return this.fail(undefined);
      }
      this.#join(origin);
    });
  }

  #join(origin: Duplex): void {
    this.#state = 'open';
    this.outcome = { status: 101 };
    this.#origin = origin;
    origin.on('error', ignore);
    origin.on('end', () => this.#endSoon());
    origin.on('close', () => {
      endThenDestroy(this.#client);
      this.#endSoon();
    });
    // Not at once: http-proxy puts back what came with the answer before it joins the two, and this listener alone would swallow it.
    process.nextTick(() => origin.on('data', (chunk: Buffer) => this.#watch(chunk)));
  }

  #watch(chunk: Buffer): void {
    if (this.#state === 'open') for (let at = 0; at < chunk.length; ) at += this.#boundary.advance(chunk.subarray(at));
    else if (!this.#boundary.reached) {
      this.#client.write(chunk.subarray(0, this.#boundary.advance(chunk)));
      this.#sayGoodbye();
    }
  }

  /** Closes with 1001 between two frames; the client's reply still reaches the origin, which then closes too. */
  goAway(): void {
    if (this.#state !== 'open') return this.destroy();
    this.#state = 'leaving';
    this.#origin?.unpipe(this.#client);
    this.#origin?.resume();
    this.#sayGoodbye();
    this.#endSoon();
  }

  #sayGoodbye(): void {
    if (this.#boundary.reached && this.#client.writable) this.#client.write(goingAway);
  }

  /** The handshake failed. http-proxy ends the client's socket after this. */
  fail(error: unknown): void {
    this.#stopTimer();
    if (this.#state !== 'asking') return this.destroy();
    this.#state = 'refused';
    this.outcome =
      error instanceof HandshakeTimeout
        ? { status: 504, failure: 'origin-timeout' }
        : { status: 502, failure: 'origin-unreachable' };
    refuse(this.#client, this.outcome.status);
  }

  destroy(): void {
    this.#handshake?.destroy();
    this.#origin?.destroy();
    this.#client.destroy();
  }

  #endSoon(): void {
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(this.#closeGraceMs, () => this.destroy());
  }
}

class HandshakeTimeout extends Error {}

/** RFC 6455 §7.4.1: an endpoint is going away. Final, not masked, two bytes of payload. */
const goingAway = Buffer.from([0x88, 2, 1001 >> 8, 1001 & 0xff]);

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

/** What has been written still goes out. */
function endThenDestroy(stream: Duplex | undefined): void {
  if (stream === undefined || stream.destroyed) return;
  stream.end(() => stream.destroy());
}

function ignore(): void {}
