import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The versions that are compared. They live in a folder of their own each, outside of this project's dependencies. */
export const peers = {
  prerender: '5.21.6',
  rendertron: '3.1.0',
  'ssr-proxy-js': '1.0.1',
} as const;

export type PeerName = keyof typeof peers;

/** The folder that a peer is installed in; fetched from npm when it is not there. Its install scripts are not run. */
export async function peerFolder(name: PeerName, cache: string): Promise<string> {
  const folder = join(cache, name);
  const version = peers[name];
  if (installedVersion(folder, name) === version) return folder;
  console.error(`installing ${name} ${version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const skip = { PUPPETEER_SKIP_DOWNLOAD: '1', PUPPETEER_SKIP_CHROMIUM_DOWNLOAD: '1' };
  await promisify(execFile)(
    'npm',
    ['install', `${name}@${version}`, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'],
    { cwd: folder, env: { ...process.env, ...skip }, timeout: 300_000 },
  );
  return folder;
}

function installedVersion(folder: string, name: string): string | undefined {
  const file = join(folder, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}
