import type { Config } from '../config/schema.ts';
import { Failure } from './command.ts';

/** What a failed listen means and how to mend it; undefined when it is something else. */
export function listenFailure(cause: unknown, { listen, admin, service }: Config): Failure | undefined {
  const { code, port, address, syscall } = cause as NodeJS.ErrnoException & { port?: number; address?: string };
  if (syscall !== 'listen' && syscall !== 'getaddrinfo' && code !== 'EADDRINUSE') return undefined;
  const owner = ownerOf(port, { listen, admin, service });
  switch (code) {
    case 'EADDRINUSE':
      return failure(
        `port ${port} is taken by another program (${address ?? owner.host}). Choose another: ${owner.portFlag}`,
        cause,
      );
    case 'EACCES':
      return failure(`port ${port} may not be used by this user. Choose one above 1023: ${owner.portFlag}`, cause);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure(
        `${address ?? owner.host} is not an address of this machine. Choose another: ${owner.hostFlag}`,
        cause,
      );
    default:
      return undefined;
  }
}

function ownerOf(port: number | undefined, { listen, admin, service }: Pick<Config, 'listen' | 'admin' | 'service'>) {
  if (port !== undefined && port === admin.port) {
    return { host: admin.host, portFlag: '--admin-port PORT', hostFlag: '--admin-host ADDRESS' };
  }
  if (port !== undefined && service.enabled && port === service.port) {
    return { host: listen.host, portFlag: 'service.port (PREFACE_SERVICE__PORT)', hostFlag: '--host ADDRESS' };
  }
  return { host: listen.host, portFlag: `--port PORT`, hostFlag: '--host ADDRESS' };
}

function failure(message: string, cause: unknown): Failure {
  return new Failure(message, { cause });
}
