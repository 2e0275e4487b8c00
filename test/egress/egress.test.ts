import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createEgress } from '../../src/egress/egress.ts';
import {
  ask,
  authorization,
  egressSettings,
  latch,
  listen,
  openExit,
  openTunnelTo,
  siteAt,
  startOrigin,
  stoppedClock,
} from './support.ts';

const hello = () => startOrigin((_request, response) => response.end('hello'));

describe('the way in', () => {
  it('asks for credentials and takes no others', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const wrong = authorization({ ...exit.credentials, password: 'guess' });

    const answer = await ask(exit, 'http://www.example.com/', { authorization: wrong });
    expect(answer.status).toBe(407);
    expect(answer.headers['proxy-authenticate']).toContain('Basic');
    await expect(openTunnelTo(exit, 'www.example.com:443', wrong)).rejects.toThrow('407');
    expect(origin.seen).toEqual([]);
  });

  it('gives every tab other credentials, and its own port', async () => {
    const egress = await createEgress(egressSettings());
    const [one, two] = [await egress.openTab(), await egress.openTab()];
    expect(one.credentials.password).not.toBe(two.credentials.password);
    expect(one.proxyServer).not.toBe(two.proxyServer);
    await egress.close();
  });

  it('answers its greeting at once, between renders too', async () => {
    const { exit } = await openExit(siteAt(new URL('http://127.0.0.1:1')));
    expect((await ask(exit, 'http://preface.invalid/')).status).toBe(204);
  });

  it.each([
    'GET / HTTP/1.1\r\nHost: x\r\n',
    'GET http://[/ HTTP/1.1\r\nHost: x\r\n',
    'GET ftp://example.com/ HTTP/1.1\r\nHost: x\r\n',
    'GET //x HTTP/1.1\r\nHost: x\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: x\r\n',
    'CONNECT a:b:c HTTP/1.1\r\nHost: x\r\n',
    'CONNECT example.com/x HTTP/1.1\r\nHost: x\r\n',
    'CONNECT user@example.com:443 HTTP/1.1\r\nHost: x\r\n',
    'NONSENSE\r\n',
    'GET http://www.example.com/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
  ])('answers 400 to %j, and lives', async (head) => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const status = await rawStatus(exit, `${head}Proxy-Authorization: ${authorization(exit.credentials)}\r\n\r\n`);
    expect(status).toContain('400');
    expect((await ask(exit, 'https://www.example.com/')).body).toBe('hello');
  });

  it('lives through garbage in a tunnel, and through clients that leave in the middle of something', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const garbage = [
      '',
      '\x16',
      `\x16\x03\x01\x00\x05hello${'x'.repeat(200)}`,
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'GET http://other.example/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 100\r\n\r\nhalf',
      'GET / HTTP/1.1\r\nHost: www.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
    ];
    for (const text of garbage) {
      for (const leave of ['end', 'resetAndDestroy'] as const) {
        const socket = await openTunnelTo(exit, 'www.example.com:80');
        socket.on('error', () => {});
        const closed = new Promise((resolve) => socket.on('close', resolve));
        socket.resume().write(Buffer.from(text, 'latin1'), () => socket[leave]());
        await closed;
      }
    }
    expect((await ask(exit, 'https://www.example.com/')).body).toBe('hello');
  });

  it('takes the host of a request from its tunnel, not from its Host field', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    await ask(exit, 'https://www.example.com/a', { headers: { host: 'other.example' } });
    expect(origin.seen[0]?.headers.host).toBe('www.example.com');
    expect(traffic.end()[0]?.url).toBe('https://www.example.com/a');
  });
});

describe('the render that a request belongs to', () => {
  it('refuses everything before it begins and after it has ended', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    await expect(ask(exit, 'https://www.example.com/')).rejects.toThrow('no-render');
    await expect(ask(exit, 'http://www.example.com/')).rejects.toThrow();

    const traffic = begin();
    expect((await ask(exit, 'https://www.example.com/')).status).toBe(200);
    traffic.end();
    await expect(ask(exit, 'https://www.example.com/')).rejects.toThrow('no-render');

    begin();
    expect((await ask(exit, 'https://www.example.com/')).status).toBe(200);
    expect(origin.seen).toHaveLength(2);
  });

  it('cuts what is still open when it ends, at the origin too', async () => {
    const gone = latch();
    const asked = latch();
    const origin = await startOrigin((_request, response) => {
      response.write('begun');
      response.on('close', gone.open);
      asked.open();
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    const answer = ask(exit, 'https://www.example.com/poll');
    const cut = expect(answer).rejects.toThrow();
    await asked.opened;
    expect(traffic.inFlight).toBe(1);

    const inputs = traffic.end();
    await cut;
    await gone.opened;
    expect(inputs).toMatchObject([{ url: 'https://www.example.com/poll' }]);
    expect(inputs[0]?.bodyHash).toBeUndefined();
    expect(traffic.inFlight).toBe(0);
  });

  it('does not count an event stream as in flight', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const traffic = begin();
    const stream = ask(exit, 'https://www.example.com/events');
    const cut = expect(stream).rejects.toThrow();
    while (origin.seen.length === 0 || traffic.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(traffic.end()).toMatchObject([{ status: 200, verdict: 'allowed' }]);
    await cut;
  });

  it('records every request with what is known of it, and tells it as an event', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(200, {
        etag: '"v1"',
        'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT',
        'cache-control': 'no-store',
      });
      response.end('hello');
    });
    const { exit, begin, events } = await openExit(siteAt(origin.url));
    const traffic = begin();
    await ask(exit, 'https://www.example.com/api?x=1', {
      method: 'POST',
      body: 'question',
      headers: { 'sec-fetch-dest': 'empty' },
    });
    await expect(ask(exit, 'http://127.0.0.1:1/')).rejects.toThrow();

    expect(traffic.end()).toEqual([
      {
        method: 'POST',
        url: 'https://www.example.com/api?x=1',
        status: 200,
        type: 'fetch',
        etag: '"v1"',
        lastModified: 'Mon, 02 Mar 2026 10:00:00 GMT',
        bodyHash: 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ',
        requestHash: expect.stringMatching(/^[\w-]{43}$/),
        requestBody: 'question',
        noStore: true,
        bytes: 5,
        startedMs: expect.any(Number),
        durationMs: expect.any(Number),
        verdict: 'allowed',
      },
      expect.objectContaining({ url: 'http://127.0.0.1:1/', status: 0, verdict: 'refused' }),
    ]);
    expect(events).toEqual([
      { type: 'egress', verdict: 'allowed', host: 'www.example.com' },
      { type: 'egress', verdict: 'refused', host: '127.0.0.1:1' },
    ]);
  });

  it('knows which version of a URL the tab was given last, also behind a 304', async () => {
    const origin = await startOrigin((request, response) => {
      response.setHeader('etag', '"v1"');
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.end('hello');
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    const first = begin();
    await ask(exit, 'https://www.example.com/api');
    const [input] = first.end();
    expect(exit.served('https://www.example.com/api')).toMatchObject({ etag: '"v1"', bodyHash: input?.bodyHash });

    const second = begin();
    const answer = await ask(exit, 'https://www.example.com/api', { headers: { 'if-none-match': '"v1"' } });
    expect(answer.status).toBe(304);
    expect(second.end()).toMatchObject([{ status: 304, etag: '"v1"', bodyHash: input?.bodyHash }]);
  });
});

describe('what may be reached', () => {
  it('goes to the checked address, whatever the name says a moment later', async () => {
    const clock = stoppedClock();
    const canary = await startOrigin((_request, response) => response.end('secret'));
    const allowed = await startOrigin((_request, response) => response.end('allowed'), '127.0.0.2', canary.port);
    let answers = ['127.0.0.2'];
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), {
      clock,
      privateNetworks: ['127.0.0.2/32'],
      resolve: async () => answers,
    });
    begin();
    const url = `http://rebind.example:${canary.port}/`;
    expect((await ask(exit, url)).body).toBe('allowed');
    answers = ['127.0.0.1'];
    expect((await ask(exit, url)).body).toBe('allowed');
    clock.advance(60_000);
    await expect(ask(exit, url)).rejects.toThrow();
    answers = ['127.0.0.2', '127.0.0.1'];
    clock.advance(60_000);
    await expect(ask(exit, url)).rejects.toThrow();
    expect([allowed.seen.length, canary.seen.length]).toEqual([2, 0]);
  });

  it('checks a redirect as a new request', async () => {
    const canary = await hello();
    const origin = await startOrigin((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${canary.port}/` }).end(),
    );
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    const answer = await ask(exit, 'https://www.example.com/');
    expect(answer.status).toBe(302);
    await expect(ask(exit, answer.headers.location ?? '')).rejects.toThrow();
    expect(canary.seen).toEqual([]);
  });

  it('refuses its own listeners, other tabs included, even where their host is allowed', async () => {
    const own = await hello();
    const { exit, begin } = await openExit(siteAt(own.url), {
      allowHosts: ['*'],
      ownPorts: () => [own.port],
    });
    begin();
    await expect(ask(exit, `http://127.0.0.1:${own.port}/`)).rejects.toThrow();
    await expect(ask(exit, `https://localhost:${own.port}/`)).rejects.toThrow('own-port');
    await expect(ask(exit, `https://named.example:${own.port}/`)).rejects.toThrow();
    await expect(ask(exit, `${exit.proxyServer}/`)).rejects.toThrow();
    expect(own.seen).toEqual([]);
  });

  it('does not reach the origin by its own address, only as the public site', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await expect(ask(exit, origin.url.href)).rejects.toThrow();
    expect((await ask(exit, 'https://www.example.com/')).body).toBe('hello');
  });

  it('serves a site whose public address is its origin on loopback', async () => {
    const origin = await hello();
    const { exit, begin } = await openExit(siteAt(origin.url, origin.url.href));
    begin();
    expect((await ask(exit, `${origin.url.href}x`)).body).toBe('hello');
  });

  it('fails at once when a server cannot be reached, and once only', async () => {
    let connections = 0;
    const port = await listen(
      createServer().on('connection', (socket) => {
        connections += 1;
        socket.destroy();
      }),
    );
    const { exit, begin } = await openExit(siteAt(new URL(`http://127.0.0.1:${port}`)));
    const traffic = begin();
    await expect(ask(exit, 'https://www.example.com/', { method: 'POST', body: 'x' })).rejects.toThrow();
    expect(connections).toBe(1);
    expect(traffic.end()).toMatchObject([{ status: 0, verdict: 'failed' }]);
  });

  it('asks again when a kept-alive connection was closed under a request', async () => {
    let requests = 0;
    const origin = await startOrigin((request, response) => {
      requests += 1;
      if (requests === 2) request.socket.destroy();
      else response.end('hello');
    });
    const { exit, begin } = await openExit(siteAt(origin.url));
    begin();
    await ask(exit, 'https://www.example.com/');
    expect((await ask(exit, 'https://www.example.com/')).body).toBe('hello');
    expect(requests).toBe(3);
  });

  it('checks the certificate of a third party, as Chromium no longer can', async () => {
    const { createCertificate } = await import('../../src/egress/certificate.ts');
    const { createServer: createSecure } = await import('node:tls');
    const { context } = await createCertificate(Date.now());
    let requests = 0;
    const server = createSecure({ SNICallback: (_name, answer) => answer(null, context) }, () => void requests++);
    server.on('tlsClientError', () => {});
    const port = await listen(server);
    const { exit, begin } = await openExit(siteAt(new URL('http://127.0.0.1:1')), { allowHosts: ['api.example'] });
    begin();
    await expect(ask(exit, `https://api.example:${port}/`)).rejects.toThrow();
    expect(requests).toBe(0);
  });
});

describe('the end', () => {
  it('closes its listeners and what is open on them', async () => {
    const egress = await createEgress(egressSettings());
    const exit = await egress.openTab();
    const { hostname, port } = new URL(exit.proxyServer);
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('connect', resolve));
    await egress.close();
    await closed;
    await expect(ask(exit, 'http://preface.invalid/')).rejects.toThrow('ECONNREFUSED');
  });
});

function rawStatus(exit: { proxyServer: string }, text: string): Promise<string> {
  const { hostname, port } = new URL(exit.proxyServer);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    socket.write(text);
  });
}
