import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Listeners that nobody may ever reach. Each hit is noted with the first bytes that came. */
export interface Canary {
  /** The same number on every address, over TCP and UDP. */
  readonly port: number;
  /** What came, e.g. `tcp 127.0.0.1 GET /fetch`. */
  readonly hits: string[];
  close(): Promise<void>;
}

const addresses = ['127.0.0.1', '127.0.0.2', '::1'];

export async function startCanary(): Promise<Canary> {
  const hits: string[] = [];
  const sockets = new Set<Socket>();
  const first = await listen(note('127.0.0.1'), '127.0.0.1', 0);
  const { port } = first.address() as AddressInfo;
  const servers = [first];
  for (const address of addresses.slice(1)) {
    // A machine without IPv6 has one way less to test.
    const server = await listen(note(address), address, port).catch(() => undefined);
    if (server !== undefined) servers.push(server);
  }
  const datagrams = createSocket('udp4', (message, { address }) => {
    hits.push(`udp ${address} ${message.subarray(0, 8).toString('hex')}`);
  });
  await new Promise<void>((resolve) => datagrams.bind(port, '0.0.0.0', resolve));

  function note(address: string): Server {
    return createServer((socket) => {
      sockets.add(socket);
      let noted = false;
      const tell = (bytes = '') => {
        if (!noted) hits.push(`tcp ${address} ${bytes}`);
        noted = true;
      };
      socket.once('data', (bytes) => {
        tell(bytes.toString('latin1').split('\r\n', 1)[0]?.slice(0, 80));
        const body = 'canary';
        const cors = 'Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Private-Network: true';
        socket.end(`HTTP/1.1 200 OK\r\n${cors}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => tell('(no data)'));
    });
  }

  return {
    port,
    hits,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      await new Promise<void>((resolve) => datagrams.close(resolve));
    },
  };
}

function listen(server: Server, address: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve(server));
  });
}
