import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { TabExit } from '../../src/egress/exit.ts';
import { listen, openExit, openTunnelTo, siteAt } from './support.ts';

async function echoServer() {
  const http = createServer((_request, response) => response.writeHead(200).end('not a socket'));
  const sockets = new WebSocketServer({ server: http, path: '/ws' });
  const seen: Record<string, unknown>[] = [];
  sockets.on('connection', (socket, request) => {
    seen.push(request.headers);
    socket.send('welcome');
    socket.on('message', (data) => socket.send(`echo ${data}`));
    socket.on('error', () => {});
  });
  return { port: await listen(http), sockets, seen };
}

/** As Chromium does it: a tunnel for `ws:` too. */
async function openSocket(exit: TabExit, url: string): Promise<WebSocket> {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'wss:';
  const tunnel = await openTunnelTo(exit, `${hostname}:${port || (secure ? 443 : 80)}`);
  const inner: Duplex = secure ? connectTls({ socket: tunnel, rejectUnauthorized: false }) : tunnel;
  return new WebSocket(url.replace('wss:', 'ws:'), {
    createConnection: () => inner as never,
    headers: { host: hostname },
  });
}

describe.each(['ws', 'wss'])('a WebSocket by %s:', (scheme) => {
  it('reaches the site, both ways, and ends with the render', async () => {
    const { port, seen } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)));
    const traffic = begin();
    const socket = await openSocket(exit, `${scheme}://www.example.com/ws`);
    const [welcome] = await once(socket, 'message');
    socket.send('hi');
    const [answer] = await once(socket, 'message');
    expect([String(welcome), String(answer)]).toEqual(['welcome', 'echo hi']);
    expect(seen).toMatchObject([{ host: 'www.example.com', 'x-prerender': '1' }]);
    expect(traffic.inFlight).toBe(0);

    const closed = once(socket, 'close');
    expect(traffic.end()).toMatchObject([
      { url: `${scheme}://www.example.com/ws`, type: 'websocket', status: 101, verdict: 'allowed' },
    ]);
    await closed;
  });

  it('is refused by the same policy as everything else', async () => {
    const { port, seen } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')));
    begin();
    const socket = await openSocket(exit, `${scheme}://evil.example:${port}/ws`);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
    await expect(openSocket(exit, `${scheme}://127.0.0.1:${port}/ws`)).rejects.toThrow('loopback');
    expect(seen).toEqual([]);
  });
});

describe('a WebSocket', () => {
  it('reaches an allowed host, without the marks of a render', async () => {
    const { port, seen } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), { allowHosts: ['live.example'] });
    begin();
    const socket = await openSocket(exit, `ws://live.example:${port}/ws`);
    await once(socket, 'message');
    expect(seen[0]).not.toHaveProperty('x-prerender');
    socket.terminate();
  });

  it('is not opened to what a render does without', async () => {
    const { port, seen } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), {
      allowHosts: ['*'],
      block: ['session-recorders'],
      blockData: { 'session-recorders': { hosts: ['recorder.example'], paths: [] } },
    });
    const traffic = begin();
    const socket = await openSocket(exit, `ws://live.recorder.example:${port}/ws`);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
    expect(traffic.end()).toMatchObject([{ type: 'websocket', verdict: 'blocked' }]);
    expect(seen).toEqual([]);
  });

  it('fails where the server does not speak it', async () => {
    const { port } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)));
    const traffic = begin();
    const socket = await openSocket(exit, 'ws://www.example.com/elsewhere');
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('400');
    expect(traffic.end()).toMatchObject([{ status: 400 }]);
  });

  it('fails where nobody listens', async () => {
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')));
    const traffic = begin();
    const socket = await openSocket(exit, 'ws://www.example.com/ws');
    await once(socket, 'error');
    expect(traffic.end()).toMatchObject([{ status: 0, verdict: 'failed' }]);
  });

  it('is refused after the end of the render, on a tunnel that was open before', async () => {
    const { port, seen } = await echoServer();
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)));
    const traffic = begin();
    const tunnel = await openTunnelTo(exit, 'www.example.com:80');
    traffic.end();
    const socket = new WebSocket('ws://www.example.com/ws', { createConnection: () => tunnel as never });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
    expect(seen).toEqual([]);
  });

  it('ends when it has used up the bytes of its render', async () => {
    const { port, sockets } = await echoServer();
    sockets.on('connection', (socket) => socket.send('x'.repeat(100_000)));
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)));
    begin({ maxBytes: 10_000 });
    const socket = await openSocket(exit, 'ws://www.example.com/ws');
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
