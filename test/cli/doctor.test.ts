import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { clockFinding } from '../../src/cli/doctor/clock.ts';
import { sandboxFinding } from '../../src/cli/doctor/machine.ts';
import { lookAtOrigin, portFinding, redisFinding } from '../../src/cli/doctor/network.ts';
import { configFrom } from '../../src/config/load.ts';

const defaults = configFrom({});
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening<S extends Server>(server: S): Promise<{ server: S; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return { server, port: (server.address() as AddressInfo).port };
}

/** Speaks as much of Redis as PING and AUTH take. */
function redis(password?: string): Server {
  return createServer((socket) => {
    let isKnown = password === undefined;
    socket.on('data', (data) => {
      for (const [, command] of String(data).matchAll(/\r\n(AUTH|PING)\r\n/g)) {
        if (command === 'AUTH') isKnown = String(data).includes(`\r\n${password}\r\n`);
        if (!isKnown) socket.write('-WRONGPASS invalid username-password pair\r\n');
        else socket.write(command === 'AUTH' ? '+OK\r\n' : '+PONG\r\n');
      }
    });
  });
}

describe('the doctor', () => {
  it('finds a Redis that answers, with and without a password', async () => {
    const { port } = await listening(redis());
    expect(await redisFinding(`redis://127.0.0.1:${port}`)).toMatchObject({ level: 'ok' });
    const guarded = await listening(redis('p ss'));
    expect(await redisFinding(`redis://:p%20ss@127.0.0.1:${guarded.port}`)).toMatchObject({ level: 'ok' });
  });

  it('says what Redis refuses, without the password, and how to mend it', async () => {
    const { port } = await listening(redis('right'));
    const finding = await redisFinding(`redis://me:wrong@127.0.0.1:${port}`);
    expect(finding).toMatchObject({ level: 'error', cure: expect.stringContaining('password') });
    expect(finding.says).toContain('WRONGPASS');
    expect(finding.says).not.toContain('wrong@');
  });

  it('finds an application by any answer, and tells its troubles', async () => {
    let status = 200;
    const { port, server } = await listening(
      createHttpServer((_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end()),
    );
    const origin = new URL(`http://127.0.0.1:${port}`);
    expect((await lookAtOrigin(origin)).finding.level).toBe('ok');
    status = 404;
    expect((await lookAtOrigin(origin)).finding.level).toBe('ok');
    status = 502;
    expect((await lookAtOrigin(origin)).finding).toMatchObject({ level: 'warning', cure: 'look into its log' });
    server.close();
    await once(server, 'close');
    expect((await lookAtOrigin(origin)).finding).toMatchObject({
      level: 'error',
      says: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('finds a taken port an error, unless a running Preface has it', async () => {
    const { port, server } = await listening(createServer());
    expect(await portFinding('traffic port', '127.0.0.1', port, false)).toMatchObject({ level: 'error' });
    expect(await portFinding('traffic port', '127.0.0.1', port, true)).toMatchObject({ level: 'ok' });
    const { cure } = await portFinding('service port', '127.0.0.1', port, false);
    expect(cure).toBe('stop the program that has it, or set service.port');
    server.close();
    await once(server, 'close');
    expect(await portFinding('traffic port', '127.0.0.1', port, false)).toMatchObject({ level: 'ok' });
  });

  it('believes a Chromium that was started, not the settings of the kernel, about the sandbox', async () => {
    const auto = { render: { ...defaults.render, sandbox: 'auto' as const } };
    expect(await sandboxFinding(auto, true, 1000)).toMatchObject({ level: 'ok', says: 'on' });
    expect(await sandboxFinding(auto, false, 1000)).toMatchObject({
      level: 'warning',
      cure: expect.stringContaining('seccomp'),
    });
    expect((await sandboxFinding(auto, undefined, 1000)).level).toBe('warning');
    expect((await sandboxFinding(auto, false, 0)).says).toContain('root');
  });

  it("compares the clock with the application's", () => {
    const now = Date.UTC(2026, 5, 1, 12);
    expect(clockFinding(now, 'Mon, 01 Jun 2026 12:00:30 GMT').level).toBe('ok');
    expect(clockFinding(now, 'Mon, 01 Jun 2026 11:00:00 GMT')).toMatchObject({
      level: 'warning',
      says: expect.stringContaining('3600 s ahead'),
    });
    expect(clockFinding(now, undefined).level).toBe('ok');
    expect(clockFinding(Date.UTC(1970, 0, 1), undefined).level).toBe('error');
  });
});
