import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryRender } from '../../src/cli/doctor/chromium.ts';
import { configFrom } from '../../src/config/load.ts';
import { pictureSize } from '../fixtures/pictures.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const page =
  '<!doctype html><title>before</title><body><script>document.title = "after"; document.body.append("drawn by a script in " + navigator.userAgent)</script>';
const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
let origin = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close().closeAllConnections());

async function render(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [main, 'render', ...args], { cwd: tmpdir(), env: process.env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

describe('preface render', () => {
  it('prints the finished page and nothing else', async () => {
    const { code, out, err } = await render(`${origin}/`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('<title>after</title>');
    expect(out).toContain('drawn by a script');
  });

  it('takes a path where an origin is given, and tells everything as JSON', async () => {
    const { code, out } = await render('/products?b=2', '--origin', origin, '--json', '--device', 'mobile');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      url: `${origin}/products?b=2`,
      device: 'mobile',
      status: 200,
      stoppedBy: 'settled',
      inputs: [{ url: `${origin}/products?b=2`, type: 'document', status: 200 }],
      html: expect.stringContaining('drawn by a script'),
    });
  });

  it('also writes a picture, and says the user agent that it is told', async () => {
    const file = join(tempFolder(), 'page.png');
    const { code, out } = await render(`${origin}/`, '--screenshot', file, '--user-agent', 'Kiosk/7');
    expect(code).toBe(0);
    expect(out).toContain('drawn by a script in Kiosk/7');
    expect(pictureSize(await readFile(file))).toBe('png 1280x900');
  });

  it('ends with 1 and the reason when the page cannot be had', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/`;
    gone.close();
    const { code, out, err } = await render(url);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^preface: .+\n$/);
  });
});

describe('the doctor', () => {
  it('makes a real render of a page of its own', async () => {
    const { finding, sandbox } = await tryRender(async (own) =>
      configFrom({ origin: own, render: { sandbox: 'off' } }),
    );
    expect(finding).toMatchObject({ level: 'ok', subject: 'a real render' });
    expect(sandbox).toBe(false);
  });

  it('says what kept it from rendering, and what to do', async () => {
    const { finding } = await tryRender(async (own) =>
      configFrom({ origin: own, render: { browserPath: '/nowhere/chromium' } }),
    );
    expect(finding).toMatchObject({ level: 'error', cure: expect.stringContaining('preface render') });
  });
});
