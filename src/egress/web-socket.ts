import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Duplex } from 'node:stream';
import { upstreamFields } from './fields.ts';
import type { Gatekeeper, WayOut } from './gatekeeper.ts';
import { isOfSite, type PolicyOf } from './site-policy.ts';
import type { Exchange, Traffic } from './traffic.ts';
import { refuseHandshake } from './unreachable.ts';
import { pinnedLookup } from './upstreams.ts';

export interface WebSocketParts {
  readonly policyOf: PolicyOf;
  readonly wayOut: Gatekeeper;
  readonly connectMs: number;
  readonly ca: string[] | undefined;
}

type Open = Exclude<WayOut, { kind: 'refuse' }>;

/** Carries one WebSocket: the handshake by policy, then bytes both ways until either side or the render ends. */
export async function carryWebSocket(
  parts: WebSocketParts,
  traffic: Traffic,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  url: URL,
): Promise<void> {
  let upstream: ClientRequest | undefined;
  const shown = url.href.replace(/^http/, 'ws');
  const exchange = traffic.start({
    method: 'GET',
    url: shown,
    host: url.host,
    type: 'websocket',
    waitedFor: false,
    cut: () => socket.destroy(),
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    upstream?.destroy();
    exchange.finishCut();
  });
  try {
    const { site } = traffic.rules;
    const over = traffic.admit();
    if (over === undefined && parts.policyOf(site).blocked(url, 'websocket', isOfSite(url, site)) !== undefined) {
      exchange.finish({ status: 0, verdict: 'blocked' });
      return refuseHandshake(socket, '403 Forbidden', 'blocked');
    }
    const way = over ?? (await parts.wayOut(url, site));
    if (typeof way === 'string' || way.kind === 'refuse') {
      const because = typeof way === 'string' ? way : way.because;
      exchange.finish({ status: 0, verdict: 'refused', because });
      return refuseHandshake(socket, '403 Forbidden', because);
    }
    if (socket.destroyed) return;
    upstream = askUpgrade(parts, way, url, request);
  } catch {
    exchange.finish({ status: 0, verdict: 'failed' });
    return refuseHandshake(socket, '502 Bad Gateway', 'failed');
  }
  upstream.on('upgrade', (answer, inner, first) => {
    exchange.note({ status: 101, verdict: 'allowed' });
    socket.write(headOf(answer));
    if (head.byteLength > 0) inner.write(head);
    if (first.byteLength > 0) inner.unshift(first);
    join(inner, socket, exchange);
  });
  upstream.on('response', (answer) => {
    exchange.finish({ status: answer.statusCode ?? 0, verdict: 'allowed' });
    refuseHandshake(socket, `${answer.statusCode} ${answer.statusMessage}`, 'not-upgraded');
    answer.destroy();
  });
  upstream.on('error', () => {
    exchange.finish({ status: 0, verdict: 'failed' });
    if (!socket.destroyed) refuseHandshake(socket, '502 Bad Gateway', 'failed');
  });
  upstream.end();
}

function askUpgrade({ connectMs, ca }: WebSocketParts, way: Open, url: URL, request: IncomingMessage): ClientRequest {
  const site = way.kind === 'site';
  const base = site ? way.originUrl : url;
  const headers = upstreamFields({
    rawHeaders: request.rawHeaders,
    host: way.host,
    ...(site ? { site: way.mark } : {}),
  });
  headers.push('connection', 'Upgrade', 'upgrade', 'websocket');
  const ask = base.protocol === 'https:' ? requestSecure : requestPlain;
  const upstream = ask({
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port === '' ? undefined : Number(base.port),
    path: request.url,
    headers,
    setDefaultHeaders: false,
    agent: false,
    timeout: connectMs,
    ...(site ? {} : { lookup: pinnedLookup(way.addresses) }),
    ...(ca === undefined ? {} : { ca }),
  });
  // Only the handshake has a deadline; a joined socket may be silent for as long as the render lasts.
  upstream.on('timeout', () => upstream.destroy(new Error('no answer to the handshake')));
  upstream.on('upgrade', (_answer, inner) => void ('setTimeout' in inner && inner.setTimeout(0)));
  return upstream;
}

function headOf(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 101 ${answer.statusMessage}`];
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    lines.push(`${answer.rawHeaders[index]}: ${answer.rawHeaders[index + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Two sockets that end together. What comes in is counted; a flood ends the connection like the render's other limits. */
function join(inner: Duplex, socket: Duplex, exchange: Exchange): void {
  inner.on('data', (piece: Buffer) => {
    if (!exchange.spend(piece.byteLength)) socket.destroy();
  });
  inner.pipe(socket);
  socket.pipe(inner);
  inner.on('error', () => inner.destroy());
  inner.on('close', () => socket.destroy());
  socket.on('close', () => inner.destroy());
}
