import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { treeOf } from '../fixtures/process-tree.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const isRoot = process.getuid?.() === 0;
/** On every Linux: somebody who owns nothing. */
const nobody = 65_534;
/** A checkout below root's own folder is closed to everybody else. */
const canBeRead = !isRoot || spawnSync('test', ['-r', main], { uid: nobody, gid: nobody }).status === 0;

/** What the kernel says of Chromium's renderer processes while a page is being rendered. */
interface Seen {
  readonly output: string;
  readonly code: number | null;
  readonly renderers: readonly { readonly commandLine: string; readonly seccomp: string }[];
}

async function render(sandbox: string, user: number | undefined): Promise<Seen> {
  let renderers: Seen['renderers'] = [];
  const origin = createServer((request, response) => {
    if (request.url === '/page') renderers = renderersOf(child.pid ?? 0);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title><p>text');
  }).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const home = tempFolder();
  if (user !== undefined) chownSync(home, user, user);
  const { PATH, PUPPETEER_EXECUTABLE_PATH } = process.env;
  const child = spawn(process.execPath, [main, 'render', '/page', '--origin', urlOf(origin.address() as AddressInfo)], {
    ...(user === undefined ? {} : { uid: user, gid: user }),
    cwd: home,
    env: { PATH, PUPPETEER_EXECUTABLE_PATH, HOME: home, TMPDIR: home, PREFACE_RENDER__SANDBOX: sandbox },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  origin.close().closeAllConnections();
  return { output: output + errors, code, renderers };
}

const urlOf = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;

function renderersOf(root: number): Seen['renderers'] {
  return treeOf(root)
    .map(({ pid }) => ({
      commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      seccomp: /^Seccomp:\s+(\d)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '',
    }))
    .filter(({ commandLine }) => commandLine.includes('--type=renderer'));
}

describe.runIf(process.platform === 'linux')('Chromium’s sandbox', () => {
  it.runIf(canBeRead)('is on for an ordinary user, and filters the system calls of every renderer', async () => {
    const seen = await render('required', isRoot ? nobody : undefined);
    expect(seen.output).toContain('<p>text');
    expect(seen.code).toBe(0);
    expect(seen.renderers.length).toBeGreaterThan(0);
    for (const { commandLine, seccomp } of seen.renderers) {
      expect(commandLine).not.toContain('--no-sandbox');
      expect(seccomp).toBe('2');
    }
  });

  it.runIf(isRoot)('is impossible for root: nothing is rendered where it is required', async () => {
    const seen = await render('required', undefined);
    expect(seen.code).toBe(1);
    expect(seen.output).toContain('Chromium has none for root');
    expect(seen.renderers).toEqual([]);
  });

  it.runIf(isRoot)('is left out for root otherwise', async () => {
    const seen = await render('auto', undefined);
    expect(seen.code).toBe(0);
    expect(seen.renderers.map(({ seccomp }) => seccomp)).not.toContain('2');
  });
});
