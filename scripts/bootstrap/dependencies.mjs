import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, step } from './run.mjs';

/** Installs the dependencies when what is in `node_modules` is not what `package-lock.json` asks for. */
export async function ensureDependencies(root) {
  const why = whyInstall(read(join(root, 'package-lock.json')), read(join(root, 'node_modules', '.package-lock.json')));
  if (why === undefined) return;
  // Not `npm ci`: it refuses where a registry lacks another platform's optional packages. `--include=dev`: the Node that
  // the project runs on is a development dependency, also when NODE_ENV is production.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'];
  await step(`installing dependencies: ${why}`, () => npm(args, root));
}

/** npm's own record of what it has installed, held against the lock; undefined when nothing is to be done. */
export function whyInstall(lock, installed) {
  if (lock === undefined) return 'there is no package-lock.json';
  if (installed === undefined) return 'there is no node_modules';
  for (const [path, { version, optional, link }] of Object.entries(lock.packages ?? {})) {
    const isRoot = path === '';
    const there = installed.packages?.[path];
    if (isRoot || link || there?.version === version || (optional && there === undefined)) continue;
    const name = path.replace(/^.*node_modules\//, '');
    return there === undefined ? `${name} is missing` : `${name} is ${there.version}, not ${version}`;
  }
  return undefined;
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The npm that runs us, by its script: on Windows `npm` itself is no program that can be spawned. */
function npm(args, root) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) return run(process.execPath, [script, ...args], { cwd: root });
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd: root });
}
