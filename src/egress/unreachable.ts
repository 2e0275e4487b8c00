import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RefusalReason } from './policy.ts';

/**
 * Makes a request fail in the browser as an unreachable host does: `fetch` rejects, `onerror` fires.
 * Two different lengths are an error that a client cannot recover from (RFC 9112 §6.3). A plain close would be retried
 * by Chromium on a kept-alive connection (measured: two requests instead of one), and a 403 would be an answer:
 * `fetch` resolves, and a frame starts a process to show nothing.
 */
export function failAsUnreachable(request: IncomingMessage, because: RefusalReason | 'failed'): void {
  const status = because === 'failed' ? '502 Bad Gateway' : '403 Forbidden';
  request.socket.end(
    `HTTP/1.1 ${status}\r\nX-Preface-Egress: ${because}\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n`,
  );
}

/** The same for a tunnel or an upgrade: the handshake is refused, which Chromium reports as a failed connection. */
export function refuseHandshake(socket: Duplex, status: string, because: string): void {
  if (!socket.writable) return void socket.destroy();
  const head = `HTTP/1.1 ${status}\r\nX-Preface-Egress: ${because}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}
