import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** Bearer token; empty only on a loopback address. */
  readonly token: string;
}

export interface AdminRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  /** The body as JSON; undefined when there is none. */
  readonly body: unknown;
}

export interface AdminAnswer {
  readonly status: number;
  readonly contentType?: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

/** A route by `METHOD path`, compared byte for byte before anything is decoded. */
export type AdminRoutes = Readonly<Record<string, (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>>>;

export interface AdminServer {
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  close(): Promise<void>;
}

/** What an orchestrator's probe may ask without a token: it tells nothing that an attacker could use. */
const open = new Set(['GET /healthz', 'GET /readyz']);

const maxBodyBytes = 64 * 1024;

/** The operator's own listener: health, metrics and the API. Never on the traffic port. */
export function createAdminServer(settings: AdminSettings, routes: AdminRoutes): AdminServer {
  const server = createServer((request, response) => {
    answer(request)
      .catch(
        (cause): AdminAnswer => ({
          status: 500,
          body: { error: cause instanceof Error ? cause.message : String(cause) },
        }),
      )
      .then((result) => write(response, request.method, result));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;

  async function answer(request: IncomingMessage): Promise<AdminAnswer> {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    // PURGE names the page in its target, whatever that is.
    const name = method === 'PURGE' ? 'PURGE *' : `${method} ${path}`;
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (!open.has(name) && !isAllowed(request.headers.authorization, settings.token)) {
      return { status: 401, body: { error: 'A token is required: Authorization: Bearer <admin.token>' } };
    }
    if (route === undefined) return notFound(routes, path);
    const body = await readJson(request);
    if (body === tooLarge) return { status: 413, body: { error: `The body is larger than ${maxBodyBytes} bytes` } };
    if (body === notJson) return { status: 400, body: { error: 'The body is not JSON' } };
    return route({ method, url: new URL(request.url ?? '/', 'http://admin'), headers: request.headers, body });
  }

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(settings.port, settings.host, () => {
          const { address, port, family } = server.address() as AddressInfo;
          resolve({ url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Hashes are compared, so that neither the token's length nor a common beginning can be timed. */
function isAllowed(authorization: string | undefined, token: string): boolean {
  if (token === '') return true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

function notFound(routes: AdminRoutes, path: string): AdminAnswer {
  const methods = Object.keys(routes).flatMap((name) =>
    name.endsWith(` ${path}`) ? [name.split(' ', 1)[0] ?? ''] : [],
  );
  if (methods.length > 0) return { status: 405, body: { error: `Use ${methods.join(' or ')} here` } };
  return { status: 404, body: { error: 'There is nothing here', routes: Object.keys(routes) } };
}

const tooLarge = Symbol('too large');
const notJson = Symbol('not JSON');

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) return tooLarge;
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return notJson;
  }
}

function write(response: ServerResponse, method: string | undefined, { status, contentType, body }: AdminAnswer): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'),
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 413 ? { Connection: 'close' } : {}),
  });
  response.end(method === 'HEAD' ? undefined : text);
}
