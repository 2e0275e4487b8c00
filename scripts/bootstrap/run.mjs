import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** One line about what is being done and why. Standard error, so that a command's own output stays clean. */
export function say(line) {
  process.stderr.write(`bootstrap: ${line}\n`);
}

/** Runs a program to its end and rejects with what it wrote when it fails. Its output is not shown otherwise. */
export function run(program, args, { cwd, env = {}, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const command = [program, ...args].join(' ');
      reject(new Error(`${command} failed (${signal ?? `exit code ${code}`})\n${output.trim()}`));
    });
  });
}

/** Says what begins and how long it took. */
export async function step(what, work) {
  say(what);
  const startedAt = Date.now();
  const result = await work();
  say(`  done: ${what.split(':', 1)[0]} (${Math.round((Date.now() - startedAt) / 100) / 10} s)`);
  return result;
}

/** The Node that the project brings along; the running one until it is installed. */
export function projectNode(root) {
  const names = process.platform === 'win32' ? ['node.exe', 'bin/node.exe'] : ['bin/node'];
  const paths = names.map((name) => join(root, 'node_modules', 'node', name));
  return paths.find((path) => existsSync(path)) ?? process.execPath;
}
