import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import { Connections } from './connections.ts';
import { FastConnection } from './fast-path/fast-connection.ts';
import { createIntake, type IntakeHandlers } from './intake.ts';
import { rawAnswer, statusOfParserError } from './plain-answers.ts';
import { isWebSocketHandshake, judgeHead } from './request-head.ts';
import { type SlowClientSettings, SlowClients } from './slow-clients.ts';

export interface EdgeServerSettings extends SlowClientSettings {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
  /** For a request's head to come. */
  readonly headersTimeoutMs: number;
  /** For the next request on a kept connection. Longer than that of a load balancer in front, or requests get lost. */
  readonly keepAliveTimeoutMs: number;
  /** Whether a `Host` is one of ours; asked for absolute-form targets only. */
  readonly isOwnHost: (host: string) => boolean;
}

export interface EdgeHandlers extends IntakeHandlers {
  /** A well-formed WebSocket handshake. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

export interface EdgeParts {
  readonly clock: Clock;
  readonly report: Report;
}

export interface EdgeServer {
  /** Resolves with the port; rejects when it cannot be had (EADDRINUSE). */
  listen(): Promise<number>;
  /**
   * Takes no new connections, answers what is under way with `Connection: close`, cuts off what is left when the signal is aborted. Resolves
   * when every connection has gone, tunnels too.
   */
  drain(signal: AbortSignal): Promise<void>;
  readonly openConnections: () => number;
}

const sweepEveryMs = 5_000;

/** The port that people and readers come to: takes no request that could be understood in two ways, and survives whatever it is sent. */
export function createEdgeServer(
  settings: EdgeServerSettings,
  handlers: EdgeHandlers,
  { clock, report }: EdgeParts,
): EdgeServer {
  const slow = new SlowClients(settings);
  const connections = new Connections();
  let draining = false;
  let stopSweeping = (): void => {};
  const intake = createIntake(handlers, {
    isOwnHost: settings.isOwnHost,
    isDraining: () => draining,
    connections,
    slow,
    clock,
    report,
  });

  const server = http.createServer(
    {
      maxHeaderSize: settings.maxHeaderBytes,
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(sweepEveryMs, settings.headersTimeoutMs),
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      insecureHTTPParser: false,
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: isWebSocketHandshake,
    } as http.ServerOptions,
    intake.request,
  );
  // `server.close` calls it. Node's own takes an answer that has been written whole for one that has been sent, and cuts it off.
  server.closeIdleConnections = () => connections.closeIdle();
  server.maxConnections = settings.maxConnections;
  // Node's own way with a connection; the fast path stands before it.
  const [serveByNode] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    connections.add(socket);
    slow.watchConnection(socket, clock.now());
    new FastConnection(socket, settings, fastPath);
  });
  // A refused head must not be told to go on with its body.
  server.on('checkContinue', (request, response) => {
    if (intake.accepts(request, response)) {
      response.writeContinue();
      intake.handle(request, response);
    }
  });
  // RFC 9110 §10.1.1; Node's own answer would not be known to be owed when more bytes come behind the request.
  server.on('checkExpectation', (request, response) => intake.refuse(request, response, 417, 'unknown-expectation'));
  server.on('upgrade', onUpgrade);
  server.on('connect', (request, socket) => {
    socket.on('error', ignore);
    handlers.refused?.({ status: 405, because: 'bad-target', request });
    // Node leaves the socket to us, half open if the client likes.
    socket.end(rawAnswer(405), () => socket.destroy());
  });
  server.on('clientError', onClientError);

  const fastPath = {
    request: intake.request,
    handOver: (socket: Socket) => void serveByNode?.call(server, socket),
    silent(socket: Socket) {
      handlers.refused?.({ status: 408, because: 'too-slow', request: undefined });
      refuseRaw(socket, 408);
    },
  };

  function onUpgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const socket = duplex as Socket;
    socket.on('error', ignore);
    connections.handOver(socket);
    // Node before 24.9 does not ask `shouldUpgradeCallback`.
    const verdict = isWebSocketHandshake(request) ? judgeHead(request, settings.isOwnHost) : notWebSocket;
    if (verdict.kind !== 'good' || draining) {
      const status = verdict.kind === 'bad' ? verdict.status : 503;
      if (verdict.kind === 'bad') handlers.refused?.({ status, because: verdict.because, request });
      socket.end(rawAnswer(status), () => socket.destroy());
      return;
    }
    if (verdict.target !== undefined) request.url = verdict.target;
    try {
      handlers.upgrade(request, socket, head);
    } catch (cause) {
      report({ type: 'error', message: 'an upgrade could not be handled', cause });
      socket.destroy();
    }
  }

  function onClientError(error: Error & { code?: string }, duplex: Duplex): void {
    const socket = duplex as Socket;
    if (error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const owed = connections.owedAnswer(socket);
    if (owed !== undefined) {
      // What follows a good request does not take its answer away; the connection ends after it.
      if (!owed.headersSent) owed.shouldKeepAlive = false;
      return;
    }
    const status = statusOfParserError(error.code);
    handlers.refused?.({ status, because: status === 408 ? 'too-slow' : 'malformed', request: undefined });
    refuseRaw(socket, status);
  }

  /** Ends a connection with an answer where one may be given. */
  function refuseRaw(socket: Socket, status: number): void {
    if (connections.awaitsAnswer(socket)) socket.end(rawAnswer(status), () => socket.destroy());
    else socket.destroy();
  }

  function sweep(): void {
    for (const request of slow.slowUploads(clock.now())) {
      handlers.refused?.({ status: 408, because: 'too-slow', request });
      refuseRaw(request.socket, 408);
    }
    for (const socket of slow.stuckReaders(clock.now())) socket.destroy();
    stopSweeping = clock.after(sweepEveryMs, sweep);
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: settings.host, port: settings.port }, () => {
          server.off('error', reject);
          server.on('error', (cause) => report({ type: 'error', message: 'the traffic port failed', cause }));
          stopSweeping = clock.after(sweepEveryMs, sweep);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    drain: (signal) =>
      new Promise((resolve) => {
        draining = true;
        connections.endAfterAnswers();
        const cut = () => connections.destroyAll();
        server.close(() => {
          stopSweeping();
          signal.removeEventListener('abort', cut);
          resolve();
        });
        if (signal.aborted) cut();
        else signal.addEventListener('abort', cut, { once: true });
      }),
    openConnections: () => connections.size,
  };
}

const notWebSocket = { kind: 'bad', status: 400, because: 'bad-target' } as const;

function ignore(): void {}
