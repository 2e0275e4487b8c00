import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An application being served on a port of this machine. */
export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  close(): void;
}

export async function listen(server: Server): Promise<Site> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
