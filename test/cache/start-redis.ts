import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TestRedis {
  /** What `cache.redisUrl` would be. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Started again at the same place, empty. */
  restart(): Promise<void>;
  /** Runs a command by redis-cli. */
  command(...words: string[]): string;
  stop(): Promise<void>;
}

/** Why tests with Redis cannot run here; undefined when they can. */
export const redisIsMissing: string | undefined = ['redis-server', 'valkey-server'].some(isInstalled)
  ? undefined
  : 'neither redis-server nor valkey-server is installed (Debian: apt-get install redis-server)';

/** A server of its own on a socket in a new folder, with nothing on disk. */
export async function startRedis(...options: string[]): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(tmpdir(), 'preface-redis-'));
  const socket = path.join(folder, 'redis.sock');
  const words = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
    ...options,
  ];
  let server = await start(words, socket);
  return {
    url: `redis://localhost?socket=${encodeURIComponent(socket)}`,
    get process() {
      return server;
    },
    async restart() {
      await end(server);
      rmSync(socket, { force: true });
      server = await start(words, socket);
    },
    command: (...command) =>
      spawnSync('redis-cli', ['-s', socket, ...command], { encoding: 'utf8', timeout: 20_000 }).stdout.trim(),
    async stop() {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function start(words: readonly string[], socket: string): Promise<ChildProcess> {
  const binary = isInstalled('redis-server') ? 'redis-server' : 'valkey-server';
  const server = spawn(binary, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const chunk of server.stdout) if (String(chunk).includes('eady to accept connections')) break;
  if (!existsSync(socket)) throw new Error(`${binary} ended: ${server.exitCode}`);
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

function isInstalled(binary: string): boolean {
  return spawnSync(binary, ['--version']).status === 0;
}
