import net, { type Socket } from 'node:net';
import tls from 'node:tls';

export interface Destination {
  readonly originUrl: URL;
  /** The name that the origin's certificate must have; undefined without TLS. */
  readonly serverName: string | undefined;
}

/** Opens a connection, which may be written to at once. Its event `secureConnect` tells that it stands where a server name is given, else `connect`. */
export function connect({ originUrl, serverName }: Destination): Socket {
  const host = originUrl.hostname.replace(/^\[|\]$/g, '');
  if (serverName === undefined) return net.connect({ host, port: Number(originUrl.port || 80), noDelay: true });
  const port = Number(originUrl.port || 443);
  return tls.connect({ host, port, servername: serverName, ALPNProtocols: ['http/1.1'] }).setNoDelay(true);
}
