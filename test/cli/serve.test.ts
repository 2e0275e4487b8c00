import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../fixtures/temp-folder.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

const processes: ChildProcess[] = [];
const servers: Server[] = [];
const groups: number[] = [];
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  for (const group of groups.splice(0)) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function application(
  answer: RequestListener = (_, response) => response.end('the application'),
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Serving {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  /** Without a Chromium: these tests are about the process. */
  constructor(args: readonly string[], cwd = tmpdir()) {
    const env = { PATH: process.env.PATH, PUPPETEER_EXECUTABLE_PATH: '/nowhere/chromium' };
    this.child = spawn(process.execPath, [main, '--admin-port', '0', ...args], { cwd, env });
    processes.push(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk) => (this.output += chunk));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  /** Resolves once something has been written; the test's own time limit is the limit. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found;
      const more = new Promise<void>((resolve) => {
        for (const stream of [this.child.stdout, this.child.stderr]) stream?.once('data', () => resolve());
      });
      await Promise.race([more, this.ended.then(() => Promise.reject(new Error(`ended without it: ${this.output}`)))]);
    }
  }

  async urls(): Promise<{ traffic: string; admin: string }> {
    const [, traffic = '', admin = ''] = await this.says(/: (http:\S+) in front of .*, admin (http:\S+)\n/);
    return { traffic, admin };
  }
}

function folder(config: string): string {
  const path = tempFolder();
  writeFileSync(join(path, 'preface.config.yaml'), config);
  return path;
}

describe('preface serve', () => {
  it('finishes what is under way first, but ends at once with a second signal', async () => {
    const asked = Promise.withResolvers<void>();
    const origin = await application((request) => {
      if (request.url === '/slow') asked.resolve();
    });
    const serving = new Serving(['--origin', origin, '--port', '0']);
    const { traffic, admin } = await serving.urls();
    const slow = fetch(`${traffic}/slow`).then(
      () => 'answered',
      () => 'cut',
    );
    await asked.promise;
    serving.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${admin}/readyz`)).text()).toContain('draining');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(143);
    expect(await slow).toBe('cut');
  });

  it('goes on with a sound new configuration after SIGHUP and without an unsound one, until SIGTERM', async () => {
    const [before, after] = [
      await application(),
      await application((_, response) => response.end('another application')),
    ];
    const cwd = folder(`origin: ${before}\n`);
    const serving = new Serving(['--port', '0'], cwd);
    const { traffic } = await serving.urls();

    writeFileSync(join(cwd, 'preface.config.yaml'), 'origin: nowhere\n');
    serving.child.kill('SIGHUP');
    await serving.says(
      /the old configuration stays, the new one is wrong: preface\.config\.yaml:1:9: origin must begin/,
    );
    expect(await (await fetch(traffic)).text()).toBe('the application');

    writeFileSync(join(cwd, 'preface.config.yaml'), `origin: ${after}\n`);
    serving.child.kill('SIGHUP');
    await serving.says(/the configuration has been read again/);
    expect(await (await fetch(traffic)).text()).toBe('another application');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
  });

  it('says which port is taken and how to choose another, and ends with 1', async () => {
    const origin = await application();
    const taken = new URL(await application()).port;
    const serving = new Serving(['--origin', origin, '--host', '127.0.0.1', '--port', taken]);
    expect(await serving.ended).toBe(1);
    expect(serving.output).toContain(
      `port ${taken} is taken by another program (127.0.0.1). Choose another: --port PORT`,
    );
  });

  it('says where the rendering service is, and what is wrong when its port is taken', async () => {
    const origin = await application();
    const config = (port: string) =>
      folder(`origin: ${origin}\nlisten: { host: 127.0.0.1, port: 0 }\nservice: { enabled: true, port: ${port} }\n`);
    const serving = new Serving([], config('0'));
    const [, url = ''] = await serving.says(/, rendering service (http:\S+), admin/);
    expect(await (await fetch(`${url}/_ah/health`)).text()).toBe('OK\n');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);

    const taken = new URL(await application()).port;
    const refused = new Serving([], config(taken));
    expect(await refused.ended).toBe(1);
    expect(refused.output).toContain(
      `port ${taken} is taken by another program (127.0.0.1). Choose another: service.port (PREFACE_SERVICE__PORT)`,
    );
  });

  it('starts in front of an application that does not answer yet, with a warning', async () => {
    const serving = new Serving(['--origin', 'http://127.0.0.1:1', '--port', '0']);
    await serving.says(/the application at http:\/\/127\.0\.0\.1:1 does not answer/);
    serving.child.kill('SIGINT');
    expect(await serving.ended).toBe(0);
  });

  it('does not stay behind when npm, which started it, is ended', async () => {
    const environment = {
      PATH: process.env.PATH,
      PUPPETEER_EXECUTABLE_PATH: '/nowhere/chromium',
      npm_lifecycle_event: 'start',
    };
    const command = `"${process.execPath}" "${main}" --origin ${await application()} --port 0 --admin-port 0; true`;
    // As npm does it: a shell in between, which ends without telling its child.
    const shell = spawn('/bin/sh', ['-c', command], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    groups.push(shell.pid ?? 0);
    let output = '';
    for await (const chunk of shell.stderr) {
      output += chunk;
      if (output.includes('in front of')) shell.kill('SIGTERM');
    }
    // The pipe ends when the last process that holds it has ended.
    expect(output).toContain('preface: stopped');
  });

  it('shows the bundled demo when it is told of no application', async () => {
    const serving = new Serving(['--port', '0']);
    const { traffic } = await serving.urls();
    const [, command = ''] = await serving.says(/curl (.*) \| head/);
    expect(command).toContain(traffic);
    expect(await (await fetch(`${traffic}/`)).text()).toContain('<div id="root">');
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(0);
  });
});
