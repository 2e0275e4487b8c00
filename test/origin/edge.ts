import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Refusal } from '../../src/http/intake.ts';
import { createEdgeServer, type EdgeServerSettings } from '../../src/http/server.ts';
import type { ForwardOptions, ForwardOutcome, Origin } from '../../src/origin/origin.ts';
import { createOrigin, type OriginSettings } from '../../src/origin/proxy-origin.ts';

export const publicHost = 'www.example.com';

export const edgeDefaults: EdgeServerSettings = {
  host: '127.0.0.1',
  port: 0,
  maxHeaderBytes: 16 * 1024,
  maxConnections: 1_000,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 10_000,
  minUploadBytesPerSecond: 1024,
  uploadGraceMs: 30_000,
  sendTimeoutMs: 60_000,
  isOwnHost: (host) => host === publicHost,
};

export const originDefaults = (originUrl: URL): OriginSettings => ({
  originUrl,
  publicUrl: new URL(`http://${publicHost}`),
  hosts: [publicHost],
  hostHeader: 'public',
  trustsPeer: () => false,
  maxConnections: 100,
  connectTimeoutMs: 2_000,
  headersTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 10_000,
  keepAliveTimeoutMs: 4_000,
  queueTimeoutMs: 5_000,
  maxHeaderBytes: 32 * 1024,
  maxTunnels: 100,
  handshakeTimeoutMs: 5_000,
  closeGraceMs: 1_000,
});

export interface EdgeOptions {
  readonly edge?: Partial<EdgeServerSettings>;
  readonly origin?: Partial<OriginSettings>;
  readonly forward?: ForwardOptions;
  readonly clock?: Clock;
}

/** The edge server in front of the origin room, with nothing between them. */
export interface TestEdge extends AsyncDisposable {
  readonly port: number;
  readonly origin: Origin;
  readonly server: ReturnType<typeof createEdgeServer>;
  readonly outcomes: ForwardOutcome[];
  /** What became of WebSockets. */
  readonly tunnels: ForwardOutcome[];
  readonly refusals: Refusal[];
  readonly events: PrefaceEvent[];
  /** Resolves when that many exchanges have ended. */
  settled(count: number): Promise<readonly ForwardOutcome[]>;
}

export async function startEdge(originUrl: string, options: EdgeOptions = {}): Promise<TestEdge> {
  const outcomes: ForwardOutcome[] = [];
  const tunnels: ForwardOutcome[] = [];
  const refusals: Refusal[] = [];
  const events: PrefaceEvent[] = [];
  const waiting: (() => void)[] = [];
  const parts = { clock: options.clock ?? systemClock, report: (event: PrefaceEvent) => void events.push(event) };
  const origin = createOrigin({ ...originDefaults(new URL(originUrl)), ...options.origin }, parts);
  const server = createEdgeServer(
    { ...edgeDefaults, ...options.edge },
    {
      request: (request, response) =>
        origin.forward(request, response, options.forward ?? {}, (outcome) => {
          outcomes.push(outcome);
          for (const check of waiting) check();
        }),
      upgrade: (request, socket, head) =>
        origin.upgrade(request, socket, head, (outcome) => void tunnels.push(outcome)),
      refused: (refusal) => void refusals.push(refusal),
    },
    parts,
  );
  const port = await server.listen();
  return {
    port,
    origin,
    server,
    outcomes,
    tunnels,
    refusals,
    events,
    settled: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (outcomes.length >= count) resolve(outcomes);
        };
        waiting.push(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      await origin.close(AbortSignal.abort());
      await server.drain(AbortSignal.abort());
    },
  };
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
}

/** An origin that speaks HTTP as Node does. */
export function startHttpOrigin(handle: RequestListener): Promise<TestServer> {
  return listening(createServer({ keepAliveTimeout: 60_000 }, handle));
}

/** An origin that says exactly what the test says. */
export function startRawOrigin(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listening(
    net.createServer((socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    }),
  );
}

export async function listening(server: net.Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A client that sends and reads bytes; `text` has all that has come so far. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  readonly text: string;
  readonly reset: boolean;
  send(bytes: string | Buffer): void;
  /** Resolves when the text fulfils the condition; rejects when the connection ends before. */
  until(condition: (text: string) => boolean): Promise<string>;
  /** Resolves with all that came when the connection has ended. */
  readonly ended: Promise<string>;
}

export function connect(port: number, first?: string | Buffer): RawClient {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: false });
  let text = '';
  let reset = false;
  const checks = new Set<() => void>();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (const check of checks) check();
  });
  socket.on('error', (error: Error & { code?: string }) => {
    reset = error.code === 'ECONNRESET';
  });
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  if (first !== undefined) socket.write(first, 'latin1');
  return {
    socket,
    get text() {
      return text;
    },
    get reset() {
      return reset;
    },
    send: (bytes) => void socket.write(bytes, 'latin1'),
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(text)) return;
          checks.delete(check);
          resolve(text);
        };
        checks.add(check);
        void ended.then(() => reject(new Error(`the connection ended after: ${JSON.stringify(text.slice(0, 300))}`)));
        check();
      }),
    ended,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Sends one raw request that ends its connection, and resolves with everything that comes back. */
export async function exchangeRaw(port: number, request: string | Buffer): Promise<string> {
  const client = connect(port, request);
  return client.ended;
}

export interface Answer {
  readonly head: string;
  readonly status: number;
  readonly statusLine: string;
  /** Field lines in order, as they came. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  field(name: string): string | undefined;
}

export function parseAnswer(text: string): Answer {
  const split = text.indexOf('\r\n\r\n');
  const head = text.slice(0, split);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return {
    head,
    status: Number(statusLine.split(' ')[1]),
    statusLine,
    fields,
    body: text.slice(split + 4),
    field: (name) => fields.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1],
  };
}

/** A `GET` as raw bytes, with more field lines; `Connection: close` unless one of them says otherwise. */
export function rawGet(path: string, lines: readonly string[] = [], version = '1.1'): string {
  const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${publicHost}`];
  const close = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'];
  return [`GET ${path} HTTP/${version}`, ...host, ...lines, ...close, '', ''].join('\r\n');
}

/** Collects a request's body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A promise and the function that fulfils it. */
export function pending<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}
