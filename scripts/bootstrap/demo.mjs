import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode, run, step } from './run.mjs';

/** Builds the demo when it has not been built from the sources that are there now. */
export async function ensureDemo(root) {
  const demo = join(root, 'demo');
  const built = join(demo, 'dist', 'index.html');
  const stamp = join(demo, 'dist', '.built-from');
  if (!existsSync(join(demo, 'index.html'))) return;
  const sources = hashOf(demo);
  const isBuilt = existsSync(built);
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;

  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const why = isBuilt ? 'its sources have changed' : 'it has not been built yet';
  await step(`building the demo shop: ${why}`, () =>
    run(projectNode(root), [vite, 'build', 'demo', '--logLevel', 'warn'], {
      cwd: root,
      env: { NODE_ENV: 'production' },
    }),
  );
  writeFileSync(stamp, sources);
}

/** What the build is made from: names and contents of all files, without its own result and the server's. */
export function hashOf(folder) {
  const hash = createHash('sha256');
  for (const path of filesIn(folder))
    hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
}
