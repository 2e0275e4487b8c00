import { createServer } from 'node:https';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { connect, exchangeRaw, listening, parseAnswer, rawGet, startEdge, type TestServer } from './edge.ts';

let origin: TestServer;
let certificate = '';
const names: (string | false | null | undefined)[] = [];
const trusted = tls.getCACertificates('default');

beforeAll(async () => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  certificate = pems.cert;
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    names.push((request.socket as tls.TLSSocket).servername);
    response.end(`secure ${request.url}`);
  });
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'));
  origin = await listening(server);
});

afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await origin[Symbol.asyncDispose]();
});

const handshake = rawGet('/', [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]);

describe('an origin behind TLS', () => {
  it('is not believed without a certificate that we trust', async () => {
    tls.setDefaultCACertificates(trusted);
    await using edge = await startEdge(`https://localhost:${origin.port}`);
    expect(parseAnswer(await exchangeRaw(edge.port, rawGet('/'))).status).toBe(502);
    expect(parseAnswer(await exchangeRaw(edge.port, handshake)).status).toBe(502);
    expect(await edge.settled(1)).toMatchObject([{ failure: 'origin-unreachable' }]);
  });

  it('is asked under its own name, whatever the host that people type', async () => {
    tls.setDefaultCACertificates([certificate]);
    await using edge = await startEdge(`https://localhost:${origin.port}`);
    for (const path of ['/1', '/2'])
      expect(parseAnswer(await exchangeRaw(edge.port, rawGet(path))).body).toBe(`secure ${path}`);
    expect(names).toEqual(['localhost', 'localhost']);
    using client = connect(edge.port, handshake);
    await client.until((text) => text.endsWith('hello'));
  });
});
