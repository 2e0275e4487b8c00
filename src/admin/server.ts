import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors.ts';
import { readJson } from '../json-body.ts';
import { refusalOf } from './guard.ts';
import { type AdminAnswer, type AdminRoutes, type AdminStream, createRouteTable, type RouteTable } from './routes.ts';

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** Bearer token; empty only on a loopback address. */
  readonly token: string;
}

export interface AdminServer {
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  close(): Promise<void>;
}

/** What an orchestrator's probe may ask without a token: it tells nothing that an attacker could use. */
const open = new Set(['GET /healthz', 'GET /readyz']);

/** Room for the thousand addresses that a purge may name. */
const maxBodyBytes = 1024 * 1024;
const maxConnections = 256;

/** The operator's own listener: health, metrics and the API. Never on the traffic port. */
export function createAdminServer(settings: AdminSettings, routes: AdminRoutes): AdminServer {
  const table = createRouteTable(routes);
  const server = createServer((request, response) => {
    answer(request)
      .catch((cause): AdminAnswer => ({ status: 500, body: { error: messageOf(cause) } }))
      .then((result) => write(response, request.method, result));
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = maxConnections;

  async function answer(request: IncomingMessage): Promise<AdminAnswer | AdminStream> {
    const { url: target = '/', headers } = request;
    const [path = '/'] = target.split('?', 1);
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
    const found = table.find(method, path);
    const refusal = open.has(found?.name ?? '') ? undefined : refusalOf(method, headers, settings.token);
    if (refusal !== undefined) return { status: refusal.status, body: { error: refusal.error } };
    if (found === undefined) return notFound(table, path);
    const body = await readJson(request, maxBodyBytes);
    if (body.kind === 'bad') return { status: body.status, body: { error: body.error } };
    const url = new URL(`http://admin${target.startsWith('/') ? target : '/'}`);
    return found.route({ method, target, url, id: found.id, headers, body: body.value });
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

function notFound({ methodsFor, names }: RouteTable, path: string): AdminAnswer {
  const methods = methodsFor(path);
  if (methods.length === 0) return { status: 404, body: { error: 'There is nothing here', routes: names } };
  return { status: 405, headers: { Allow: methods.join(', ') }, body: { error: `Use ${methods.join(' or ')} here` } };
}

function write(response: ServerResponse, method: string | undefined, answer: AdminAnswer | AdminStream): void {
  if ('stream' in answer) return answer.stream(response);
  const { status, contentType, headers, body } = answer;
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'),
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 413 ? { Connection: 'close' } : {}),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : text);
}
