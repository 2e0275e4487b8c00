import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/**
 * Builds the demo when it has not been built. It is built aside and moved into place, so that test files that need it at the
 * same moment never see half of it.
 */
export async function buildDemoOnce(): Promise<void> {
  const dist = join(root, 'demo/dist');
  if (existsSync(join(dist, 'index.html'))) return;
  const aside = join(root, `node_modules/.cache/demo-${process.pid}`);
  // In a process of its own: here NODE_ENV is `test`, which would build React's development version in.
  await promisify(execFile)(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', 'demo', '--logLevel', 'warn', '--outDir', aside, '--emptyOutDir'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
  // Somebody else may have been quicker; then theirs is as good.
  await rename(aside, dist).catch(() => rm(aside, { recursive: true, force: true }));
}
