import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** What a CONNECT led to: every request on the connection inside goes there, whatever its own `Host` says. */
export interface Wire {
  readonly scheme: 'http' | 'https';
  /** `host:port` of the CONNECT. */
  readonly authority: string;
}

const tlsHandshake = 0x16;

/**
 * Accepts a CONNECT and hands over the connection inside. No upstream is opened yet: that is decided request by request.
 * The first byte tells TLS (ended here) from plain HTTP (`ws:` is tunnelled too).
 */
export function openTunnel(
  socket: Socket,
  head: Buffer,
  authority: string,
  context: SecureContext,
  serve: (inner: Socket, wire: Wire) => void,
): void {
  socket.on('error', () => socket.destroy());
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.byteLength > 0) socket.unshift(head);
  socket.once('readable', () => {
    const first: Buffer | null = socket.read();
    if (first === null) return socket.destroy();
    socket.unshift(first);
    if (first[0] !== tlsHandshake) return serve(socket, { scheme: 'http', authority });
    const inner = new TLSSocket(socket, { isServer: true, secureContext: context });
    inner.on('error', () => inner.destroy());
    serve(inner, { scheme: 'https', authority });
  });
}
