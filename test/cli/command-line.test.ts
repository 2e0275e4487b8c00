import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { tempFolder } from '../fixtures/temp-folder.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function preface(args: readonly string[], environment: Record<string, string> = {}, cwd = tmpdir()): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { PATH: process.env.PATH, ...environment } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

function folder(config: string): string {
  const path = tempFolder();
  writeFileSync(join(path, 'preface.config.yaml'), config);
  return path;
}

describe('the command line', () => {
  it('prints its bare version', async () => {
    expect(await preface(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it('prints help without colour into a pipe, and with colour where it is forced', async () => {
    const [plain, forced] = await Promise.all([
      preface(['render', '--help']),
      preface(['--help'], { FORCE_COLOR: '1' }),
    ]);
    expect(plain).toMatchObject({ code: 0, err: '' });
    expect(plain.out).toContain('Usage: preface render URL [options]');
    expect(plain.out).not.toContain('\u001b');
    expect(forced.out).toContain('\u001b[1mUsage:');
  });

  it('ends wrong usage with 2 and the nearest name, on standard error', async () => {
    expect(await preface(['--orgin', 'http://127.0.0.1:3000'])).toEqual({
      code: 2,
      out: '',
      err: 'preface: unknown option --orgin; did you mean --origin?\nTry preface --help\n',
    });
  });

  it('ends a wrong configuration with 78 and every problem in a line', async () => {
    const cwd = folder('cache:\n  fresh: soon\n');
    expect(await preface(['--port', 'http'], { PREFACE_LOG__LEVEL: 'loud' }, cwd)).toEqual({
      code: 78,
      out: '',
      err: expect.stringMatching(
        /^preface: the configuration has 3 problems:\n(?: {2}(?:--port|PREFACE_LOG__LEVEL|preface\.config\.yaml:2:10): .+\n){3}$/,
      ),
    });
  });

  it('refuses to stand in front of itself', async () => {
    const { code, err } = await preface(['--origin', 'http://localhost:8080']);
    expect(code).toBe(78);
    expect(err).toContain('--origin: origin is Preface itself (listen 0.0.0.0:8080)');
  });

  it('shows the effective configuration without its secrets', async () => {
    const cwd = folder('origin: http://127.0.0.1:3000\n');
    const { code, out } = await preface(['config', '--port', '8081'], { PREFACE_ADMIN_TOKEN: 'not-to-be-shown!' }, cwd);
    expect(code).toBe(0);
    expect(out).toMatch(/^origin: http:\/\/127\.0\.0\.1:3000 +# preface\.config\.yaml:1:9$/m);
    expect(out).toMatch(/^ {2}port: 8081 +# --port$/m);
    expect(out).toMatch(/^ {2}token: "\*{8}" +# PREFACE_ADMIN_TOKEN$/m);
    expect(out).not.toContain('not-to-be-shown');
  });

  it('prints the JSON Schema whole, and stops quietly when nobody reads on', async () => {
    const { code, out } = await preface(['config', '--schema']);
    expect(code).toBe(0);
    expect(JSON.parse(out).properties.cache.properties.fresh.default).toBe('1h');

    const child = spawn(process.execPath, [main, 'config', '--schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(err).toBe('');
  });

  it('tells a health check why it is not ready', async () => {
    const server = createServer((_, response) =>
      response.writeHead(503).end('{"ready":false,"reasons":["no browser"]}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await preface(['health', '--admin-port', String(port)])).toEqual({
      code: 1,
      out: '',
      err: 'preface: not ready: no browser\n',
    });
    server.close();
  });

  it('needs an origin to render a path', async () => {
    const { code, err } = await preface(['render', '/products']);
    expect(code).toBe(2);
    expect(err).toContain('/products is only a path: give a whole URL, or --origin URL with it');
  });
});
