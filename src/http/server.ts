import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import { Connections } from './connections.ts';
import { answerPlain, rawAnswer, statusOfParserError } from './plain-answers.ts';
import { type HeadFault, isWebSocketHandshake, judgeHead } from './request-head.ts';
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

/** A request that was answered by the edge itself. */
export interface Refusal {
  readonly status: number;
  readonly because: HeadFault | 'malformed' | 'too-slow';
  readonly request: IncomingMessage | undefined;
}

export interface EdgeHandlers {
  /** A well-formed request with an origin-form target. What it throws or rejects with becomes a 500. */
  request(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
  /** A well-formed WebSocket handshake. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  refused?(refusal: Refusal): void;
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
    onRequest,
  );
  // `server.close` calls it. Node's own takes an answer that has been written whole for one that has been sent, and cuts it off.
  server.closeIdleConnections = () => connections.closeIdle();
  server.maxConnections = settings.maxConnections;
  server.on('connection', (socket) => {
    connections.add(socket);
    slow.watchConnection(socket, clock.now());
  });
  // A refused head must not be told to go on with its body.
  server.on('checkContinue', (request, response) => {
    if (accepts(request, response)) {
      response.writeContinue();
      handle(request, response);
    }
  });
  server.on('upgrade', onUpgrade);
  server.on('connect', (request, socket) => {
    socket.on('error', ignore);
    handlers.refused?.({ status: 405, because: 'bad-target', request });
    // Node leaves the socket to us, half open if the client likes.
    socket.end(rawAnswer(405), () => socket.destroy());
  });
  server.on('clientError', onClientError);

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (accepts(request, response)) handle(request, response);
  }

  function accepts(request: IncomingMessage, response: ServerResponse): boolean {
    const verdict = judgeHead(request, settings.isOwnHost);
    if (verdict.kind === 'good') {
      if (verdict.target !== undefined) request.url = verdict.target;
      return true;
    }
    connections.answering(request.socket, response);
    if (verdict.kind === 'server-options') {
      if (draining) response.shouldKeepAlive = false;
      response.writeHead(204, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' }).end();
      return false;
    }
    handlers.refused?.({ status: verdict.status, because: verdict.because, request });
    answerPlain(response, verdict.status, `${verdict.because}\n`);
    return false;
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    connections.answering(request.socket, response);
    if (hasBody(request)) slow.watchUpload(request, clock.now());
    // Of bytes behind an upgrade that was not taken up, Node's parser loses those that came with it: no second request may follow.
    if (draining || request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
    try {
      const handled = handlers.request(request, response);
      if (handled instanceof Promise) handled.catch((cause) => onFault(response, cause));
    } catch (cause) {
      onFault(response, cause);
    }
  }

  function onFault(response: ServerResponse, cause: unknown): void {
    report({ type: 'error', message: 'a request could not be handled', cause });
    if (response.headersSent) response.destroy();
    else answerPlain(response, 500, 'internal error\n');
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignore);
    connections.handOver(socket as Socket);
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
    handlers.refused?.({ status, because: 'malformed', request: undefined });
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

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

const notWebSocket = { kind: 'bad', status: 400, because: 'bad-target' } as const;

function ignore(): void {}
