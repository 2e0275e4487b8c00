import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Site {
  readonly origin: string;
  /** Serves a page with this script at its end and gives its URL. `add(text)` is there for it. */
  page(script: string, parts?: { readonly head?: string; readonly body?: string }): string;
  close(): Promise<void>;
}

const add = `const add=text=>{const p=document.createElement('p');p.textContent=text;document.body.append(p)};`;
const serviceWorker = `self.addEventListener('activate',event=>event.waitUntil(clients.claim()))`;

/** A server with slow answers, streams, sockets and whatever pages a test puts on it. */
export async function startSite(): Promise<Site> {
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    const ms = Number(url.searchParams.get('ms'));
    const script = (text: string) => response.setHeader('content-type', 'text/javascript').end(text);
    switch (url.pathname) {
      case '/slow':
        return void setTimeout(() => response.end('{}'), ms);
      case '/module': {
        const left = Number(url.searchParams.get('left'));
        return void setTimeout(() => script(left > 0 ? `import('/module?left=${left - 1}')` : `add('DONE')`), 40);
      }
      case '/chunks': {
        response.write('a');
        return void setTimeout(() => response.end('b'), 200);
      }
      case '/lines': {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        for (const at of [1, 2, 3, 4]) setTimeout(() => response.write(`{"line":${at}}\n`), at * 200);
        return void setTimeout(() => response.end(), 1_000);
      }
      case '/events':
        response.setHeader('content-type', 'text/event-stream');
        return void response.write('data: 1\n\n');
      case '/service-worker.js':
        return void script(serviceWorker);
      default: {
        const html = pages.get(url.pathname);
        response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
        return void response.end(html);
      }
    }
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    const gaps = (new URL(request.url ?? '/', 'http://site').searchParams.get('gaps') ?? '').split(',').filter(Boolean);
    let afterMs = 0;
    for (const gap of gaps) {
      afterMs += Number(gap);
      setTimeout(() => socket.send('message'), afterMs);
    }
    socket.on('message', () => setTimeout(() => socket.send('answer'), 100));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    page(script, { head = '', body = '' } = {}) {
      const path = `/page/${pages.size + 1}`;
      pages.set(
        path,
        `<!doctype html><html><head><title>t</title>${head}</head><body>${body}<script>${add}${script}</script></body></html>`,
      );
      return origin + path;
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
