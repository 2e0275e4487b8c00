import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import blockData from '../../config/blocked-requests.json' with { type: 'json' };
import { type Clock, systemClock } from '../../src/clock.ts';
import { createEgress } from '../../src/egress/egress.ts';
import type { ExitRules, TabExit } from '../../src/egress/exit.ts';
import type { EgressSettings } from '../../src/egress/settings.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Site } from '../../src/page/site.ts';
import { closedEgress } from '../fixtures/egress-settings.ts';

/** Settings under which nothing but the site can be reached on this machine. */
export function egressSettings(changes: Partial<EgressSettings> = {}): EgressSettings {
  return closedEgress({
    blockData,
    timeouts: { connectMs: 2_000, headersMs: 5_000, idleMs: 5_000 },
    // A test's names all live on this machine; which of them may be reached is for the policy to say.
    resolve: async () => ['127.0.0.1'],
    ...changes,
  });
}

/** A clock that stands still until it is told the time. */
export function stoppedClock(start = 1_000_000): Clock & { advance(ms: number): void } {
  let now = start;
  return { ...systemClock, now: () => now, advance };

  function advance(ms: number): void {
    now += ms;
  }
}

export async function listen(server: Server, address = '127.0.0.1', onPort = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(onPort, address, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

export interface Origin {
  readonly port: number;
  readonly url: URL;
  /** Every request it got. */
  readonly seen: { method: string; url: string; headers: IncomingHttpHeaders }[];
}

export async function startOrigin(handle: RequestListener, address?: string, onPort?: number): Promise<Origin> {
  const seen: Origin['seen'] = [];
  const port = await listen(
    createServer((incoming, outgoing) => {
      seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers });
      handle(incoming, outgoing);
    }),
    address,
    onPort,
  );
  return { port, url: new URL(`http://127.0.0.1:${port}`), seen };
}

export function siteAt(originUrl: URL, publicUrl = 'https://www.example.com'): Site {
  const url = new URL(publicUrl);
  return { publicUrl: url, originUrl, hosts: [url.host] };
}

export const generous = { documentUrl: 'https://www.example.com/', maxBytes: 50_000_000, maxRequests: 1_000 };

export interface Opened {
  readonly exit: TabExit;
  readonly events: PrefaceEvent[];
  readonly begin: (changes?: Partial<ExitRules>) => ReturnType<TabExit['begin']>;
}

/** An egress with one tab, closed at the end of the test. */
export async function openExit(site: Site, changes: Partial<EgressSettings> = {}): Promise<Opened> {
  const events: PrefaceEvent[] = [];
  const egress = await createEgress(egressSettings({ report: (event) => void events.push(event), ...changes }));
  onTestFinished(() => egress.close());
  const exit = await egress.openTab();
  return { exit, events, begin: (rules = {}) => exit.begin({ site, ...generous, ...rules }) };
}

export function authorization({ username, password }: TabExit['credentials']): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly authorization?: string;
}

/** Asks as Chromium does: absolute form for `http:`, a tunnel for `https:`. Rejects where the browser sees a network error. */
export async function ask(exit: TabExit, url: string, options: AskOptions = {}): Promise<Answer> {
  const right = options.authorization ?? authorization(exit.credentials);
  const { hostname, port } = new URL(exit.proxyServer);
  const target = new URL(url);
  if (target.protocol === 'http:') {
    const headers = { host: target.host, 'proxy-authorization': right, ...options.headers };
    return exchange({ host: hostname, port: Number(port), path: url, agent: false, headers }, options);
  }
  const socket = await openTunnelTo(exit, `${target.hostname}:${target.port || 443}`, right);
  const tls = connectTls({ socket, rejectUnauthorized: false });
  const headers = { host: target.host, ...options.headers };
  return exchange({ createConnection: () => tls, path: target.pathname + target.search, headers }, options);
}

function exchange(
  where: Parameters<typeof request>[1] & object,
  { method = 'GET', body }: AskOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, method }, async (answer: IncomingMessage) => {
      const pieces: Buffer[] = [];
      try {
        for await (const piece of answer) pieces.push(piece);
        const bytes = Buffer.concat(pieces);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes.toString(), bytes });
      } catch (cause) {
        reject(cause);
      } finally {
        asked.destroy();
      }
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** CONNECT; rejects with the status line when it is refused. */
export function openTunnelTo(
  exit: TabExit,
  authority: string,
  credentials = authorization(exit.credentials),
): Promise<Socket> {
  const { hostname, port } = new URL(exit.proxyServer);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', reject);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${credentials}\r\n\r\n`);
    socket.once('data', (head) => {
      if (head.toString().startsWith('HTTP/1.1 200')) return resolve(socket);
      socket.destroy();
      reject(new Error(head.toString().split('\r\n\r\n')[0]));
    });
  });
}

/** A promise and its key. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
