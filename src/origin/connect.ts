import net, { type Socket } from 'node:net';
import tls from 'node:tls';

export interface Destination {
  readonly originUrl: URL;
  /** The name that the origin's certificate must have; undefined without TLS. */
  readonly serverName: string | undefined;
}

/**
 * Opens a connection, which may be written to at once. Its event `secureConnect` tells that it stands where a server name is given, else `connect`.
 * `onRead` gets the bytes that come; they are its own only until it returns, since the next ones are read into the same place.
 */
export function connect({ originUrl, serverName }: Destination, onRead: (bytes: Buffer) => void): Socket {
  const host = originUrl.hostname.replace(/^\[|\]$/g, '');
  if (serverName === undefined) {
    const onread = { buffer: readBuffer, callback: (length: number) => take(onRead, length) };
    return net.connect({ host, port: Number(originUrl.port || 80), noDelay: true, onread });
  }
  const port = Number(originUrl.port || 443);
  const socket = tls.connect({ host, port, servername: serverName, ALPNProtocols: ['http/1.1'] });
  return socket.setNoDelay(true).on('data', onRead);
}

/** One for all: reading into memory of its own costs more than everything else that is done with a small answer. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

function take(onRead: (bytes: Buffer) => void, length: number): boolean {
  onRead(readBuffer.subarray(0, length));
  return true;
}
