import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { credentialCheck, newCredentials } from './credentials.ts';
import { type ExchangeParts, HttpExchange } from './exchange.ts';
import type { TabExit } from './exit.ts';
import { createServedVersions } from './inputs.ts';
import { targetOf } from './proxy-target.ts';
import type { EgressSettings } from './settings.ts';
import { Traffic } from './traffic.ts';
import { openTunnel, type Wire } from './tunnel.ts';
import { failAsUnreachable, refuseHandshake } from './unreachable.ts';
import { carryWebSocket, type WebSocketParts } from './web-socket.ts';

export interface TabExitParts extends ExchangeParts, WebSocketParts {
  readonly tls: SecureContext;
  readonly settings: Pick<EgressSettings, 'clock' | 'report'>;
}

/** A request here means nothing: it makes Chromium send, and keep, the tab's credentials before the first render. */
const greetingHost = 'preface.invalid';

const challenge = 'Proxy-Authenticate: Basic realm="preface"';

/** A listener of its own for one tab, so that every request, a worker's too, belongs to a known render. */
export async function openTabExit(
  parts: TabExitParts,
  closed: (port: number) => void,
): Promise<TabExit & { port: number }> {
  const credentials = newCredentials();
  const isRight = credentialCheck(credentials);
  const served = createServedVersions();
  const sockets = new Set<Socket>();
  const wires = new WeakMap<Duplex, Wire>();
  /** The public origin whose pages have filled the browser's caches. */
  let cachedFor: string | undefined;
  let traffic: Traffic | undefined;

  const server = createServer({
    // Its only client is our own browser, whose idle connections serve the next render.
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 15_000,
    maxHeaderSize: 64 * 1024,
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.on('error', () => request.socket.destroy());
    const isInner = wires.has(request.socket);
    if (!isInner && !isRight(request.headers['proxy-authorization'])) {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="preface"', 'Content-Length': 0 }).end();
      return;
    }
    const asked = targetOf(request.url ?? '', wires.get(request.socket));
    if (asked === undefined) {
      response.writeHead(400, { 'Content-Length': 0 }).end();
    } else if (!isInner && asked.url.host === greetingHost) {
      response.writeHead(204).end();
    } else if (traffic === undefined) {
      failAsUnreachable(request, 'no-render');
    } else {
      response.sendDate = false;
      void new HttpExchange(parts, traffic, served, { request, response, ...asked }).run();
    }
  });

  server.on('connect', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const authority = request.url ?? '';
    // Only `ws:` is tunnelled to port 80; elsewhere the scheme does not show, nor matter, before the first byte.
    const url = URL.parse(`${authority.endsWith(':80') ? 'http' : 'https'}://${authority}`);
    if (!isRight(request.headers['proxy-authorization'])) {
      socket.end(
        `HTTP/1.1 407 Proxy Authentication Required\r\n${challenge}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    } else if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '') {
      refuseHandshake(socket, '400 Bad Request', 'malformed');
    } else {
      admitTunnel(socket, head, authority, url);
    }
  });

  /**
   * What can be refused at once is refused before its TLS handshake. A name that must be resolved first does not wait
   * for that: the requests inside are judged one by one, and those for blocked things need no address at all.
   */
  function admitTunnel(socket: Socket, head: Buffer, authority: string, url: URL): void {
    if (traffic === undefined) return refuseHandshake(socket, '403 Forbidden', 'no-render');
    const { site } = traffic.rules;
    const isBlocked = parts.policyOf(site).blocked(url, 'other', false) !== undefined;
    const way = isBlocked ? undefined : parts.wayOut(url, site);
    if (way !== undefined && !(way instanceof Promise) && way.kind === 'refuse') {
      traffic.refused(url);
      return refuseHandshake(socket, '403 Forbidden', way.because);
    }
    openTunnel(socket, head, authority, parts.tls, (inner, wire) => {
      wires.set(inner, wire);
      server.emit('connection', inner);
    });
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = targetOf(request.url ?? '', wires.get(request.socket));
    const isWebSocket = request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
    if (!isWebSocket || asked === undefined || !wires.has(socket)) {
      refuseHandshake(socket, '400 Bad Request', 'malformed');
    } else if (traffic === undefined) {
      refuseHandshake(socket, '403 Forbidden', 'no-render');
    } else {
      void carryWebSocket(parts, traffic, request, socket, head, asked.url);
    }
  });

  server.on('clientError', (_error, socket) => refuseHandshake(socket, '400 Bad Request', 'malformed'));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    proxyServer: `http://127.0.0.1:${port}`,
    credentials,
    mayKeepCaches: ({ publicUrl }) => cachedFor === undefined || cachedFor === publicUrl.origin,
    begin(rules) {
      traffic?.end();
      cachedFor = rules.site.publicUrl.origin;
      const begun = new Traffic(rules, parts.settings.clock, parts.settings.report, () => {
        if (traffic === begun) traffic = undefined;
      });
      traffic = begun;
      return begun;
    },
    served: (url) => served.of(url),
    close() {
      traffic?.end();
      for (const socket of sockets) socket.destroy();
      closed(port);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
