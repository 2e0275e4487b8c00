import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, answerTo } from './answer.ts';
import { sitemap } from './sitemap.ts';
import { type Resource, readStaticFiles, resource } from './static-files.ts';

/** The bundled demo shop, being served. */
export interface Demo {
  /** Without a slash at its end. */
  readonly url: string;
  /** Resolves when the port is free again; open connections are cut. */
  close(): Promise<void>;
}

const directory = join(import.meta.dirname, 'dist');

/** Serves the built demo. Rejects with the cure in its message when it has not been built. */
export async function startDemo(port = 0, host = '127.0.0.1'): Promise<Demo> {
  const files = await builtFiles();
  const server = createServer((request, response) => {
    void handle(request.method ?? '', request.url ?? '/', request.headers, response, files);
  });
  await listening(server, port, host);
  const bound = server.address() as AddressInfo;
  return {
    url: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: () => closed(server),
  };
}

interface BuiltFiles {
  readonly byPath: ReadonlyMap<string, Resource>;
  readonly shell: Resource;
}

async function builtFiles(): Promise<BuiltFiles> {
  const byPath = await readStaticFiles(directory).catch(() => new Map<string, Resource>());
  const shell = byPath.get('/index.html');
  if (shell === undefined) throw new Error('The demo is not built. Build it with: npx vite build demo');
  return { byPath, shell };
}

async function handle(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
  files: BuiltFiles,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
    return;
  }
  const path = target.split('?', 1)[0] ?? '/';
  const answer = path === '/sitemap.xml' ? sitemapAnswer(headers) : answerTo(path, files.byPath, files.shell);
  if (answer.delayMs > 0) await sleep(answer.delayMs);
  write(method, headers['if-none-match'], response, answer);
}

function sitemapAnswer(headers: IncomingHttpHeaders): Answer {
  const forwarded = headers['x-forwarded-host'];
  const host = (typeof forwarded === 'string' ? forwarded : headers.host) ?? 'localhost';
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const base = URL.canParse(`${scheme}://${host}`) ? new URL(`${scheme}://${host}`) : new URL('http://localhost');
  return { status: 200, resource: resource(sitemap(base), 'application/xml', 'no-cache'), delayMs: 0 };
}

function write(method: string, ifNoneMatch: string | undefined, response: ServerResponse, answer: Answer): void {
  const { body, contentType, cacheControl, etag } = answer.resource;
  response.setHeader('cache-control', cacheControl);
  response.setHeader('etag', etag);
  if (answer.status === 200 && matches(ifNoneMatch, etag)) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(answer.status, { 'content-type': contentType, 'content-length': body.byteLength });
  response.end(method === 'HEAD' ? undefined : body);
}

// If-None-Match compares weakly (RFC 9110 §13.1.2), so a validator that a proxy has weakened still counts.
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.argv[2] ?? process.env.PORT ?? 3000);
  const demo = await startDemo(port, process.env.HOST ?? '127.0.0.1');
  process.stdout.write(`Nightjar, the demo shop, on ${demo.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void demo.close());
}
