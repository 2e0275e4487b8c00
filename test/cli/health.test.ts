import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/cli/command.ts';
import { readiness } from '../../src/cli/health.ts';
import { configFrom } from '../../src/config/load.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function adminListener(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

describe('the health command', () => {
  it('is content with 200, and shows its token', async () => {
    let authorization: string | undefined;
    const port = await adminListener((request, response) => {
      authorization = request.headers.authorization;
      response.end('{"ready":true}');
    });
    const token = 'sixteen-letters!';
    expect(await readiness(configFrom({ admin: { host: '0.0.0.0', port, token } }))).toBe('ready');
    expect(authorization).toBe(`Bearer ${token}`);
  });

  it('gives the reasons of 503', async () => {
    const port = await adminListener((_, response) => {
      response.writeHead(503).end('{"ready":false,"reasons":["no browser","draining"]}');
    });
    await expect(readiness(configFrom({ admin: { port } }))).rejects.toThrow(
      new Failure('not ready: no browser, draining'),
    );
  });

  it('says what it got from something that is no Preface', async () => {
    const port = await adminListener((_, response) => response.writeHead(404).end('<html>'));
    await expect(readiness(configFrom({ admin: { port } }))).rejects.toThrow(`127.0.0.1:${port}/readyz answered 404`);
  });

  it('says when nothing answers, and does not wait for ever', async () => {
    const port = await adminListener(() => {});
    await expect(readiness(configFrom({ admin: { port } }), 100)).rejects.toThrow('no answer within 100 ms');
    for (const close of open.splice(0)) close();
    await expect(readiness(configFrom({ admin: { port } }))).rejects.toThrow(
      /nothing answers at http:\/\/127\.0\.0\.1.*ECONNREFUSED/,
    );
  });
});
