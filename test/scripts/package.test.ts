import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerFrom } from '../fixtures/answer.ts';
import { askToEnd, endTree } from '../fixtures/process-tree.ts';
import { untilReady } from '../fixtures/ready.ts';
import { spaHandler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// The package as it is published: JavaScript alone, below a folder that has the dependencies.

const root = join(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

let folder: string;
let origin: TestOrigin;

beforeAll(async () => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(join(root, '.cache', 'package-'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  const project = join(root, 'tsconfig.build.json');
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', join(folder, 'dist')], { stdio: 'inherit' });
  origin = await startOrigin(spaHandler);
}, 120_000);

afterAll(async () => {
  await origin?.close();
  rmSync(folder, { recursive: true });
});

it('serves readers the page and people the application', async () => {
  const main = join(folder, 'dist/src/main.js');
  const options = ['--origin', origin.url, '--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  const serving = spawn(process.execPath, [main, 'serve', ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    let said = '';
    serving.stderr.on('data', (piece) => (said += piece));
    while (!said.includes('\n') && serving.exitCode === null) await once(serving.stderr, 'data');
    const [, traffic = '', admin = ''] =
      /^preface \d\S+: (http:\S+) in front of .*, admin (http:\S+)\n/m.exec(said) ?? [];
    await untilReady(admin);
    const page = await answerFrom(`${traffic}/first`, { 'user-agent': 'Twitterbot/1.0' });
    expect(page.headers['x-preface']).toMatch(/^page/);
    const application = await answerFrom(`${traffic}/first`, { 'user-agent': 'Mozilla/5.0 Firefox/140.0' });
    expect(application.headers['x-preface']).toBe('pass; because=person');
  } finally {
    await askToEnd(serving.pid ?? 0);
    endTree(serving.pid ?? 0);
  }
});
