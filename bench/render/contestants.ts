import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askToEnd, endTree } from '../../test/fixtures/process-tree.ts';
import type { Target } from './load.ts';
import { type PeerName, peerFolder, peers } from './peers.ts';
import { listen } from './site.ts';

export type ContestantName = 'preface' | PeerName;

export const contestantNames: readonly ContestantName[] = ['preface', ...(Object.keys(peers) as PeerName[])];

export interface Contestant {
  readonly name: ContestantName;
  /** The root of all its processes. */
  readonly pid: number;
  /** Where and how to ask it for a page. */
  target(pageUrl: string): Target;
  close(): Promise<void>;
}

export interface Surroundings {
  readonly chromium: string;
  /** Everything that it will be asked to render. */
  readonly origins: readonly string[];
  readonly cache: string;
}

const root = join(import.meta.dirname, '../..');
const startLimitMs = 60_000;

export function startContestant(name: ContestantName, surroundings: Surroundings): Promise<Contestant> {
  return name === 'preface' ? startPreface(surroundings) : startPeer(name, surroundings);
}

/** With nothing configured but where the applications are. */
async function startPreface({ chromium, origins, cache }: Surroundings): Promise<Contestant> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const config = join(cache, 'preface.config.json');
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    config,
    JSON.stringify({ sites: origins.map((origin) => ({ hosts: [new URL(origin).host], origin })) }),
  );
  const places = ['--host', '127.0.0.1', '--port', String(port), '--admin-port', String(adminPort)];
  const child = start([join(root, 'src/main.ts'), 'serve', '--config', config, ...places], chromium, cache, 'preface');
  await answers(child, `http://127.0.0.1:${adminPort}/readyz`);
  return contestant('preface', child, (pageUrl) => {
    const { host, pathname, search } = new URL(pageUrl);
    return { port, path: pathname + search, host };
  });
}

async function startPeer(name: PeerName, { chromium, cache }: Surroundings): Promise<Contestant> {
  const folder = await peerFolder(name, join(cache, 'peers'));
  const port = await freePort();
  const child = start(
    [join(import.meta.dirname, 'peer-server.cjs'), name, folder, String(port)],
    chromium,
    cache,
    name,
  );
  await answers(child, `http://127.0.0.1:${port}/`);
  const host = `127.0.0.1:${port}`;
  return contestant(name, child, (pageUrl) => ({ port, host, path: peerPaths[name](pageUrl) }));
}

const peerPaths: Readonly<Record<PeerName, (pageUrl: string) => string>> = {
  prerender: (pageUrl) => `/render?url=${encodeURIComponent(pageUrl)}`,
  rendertron: (pageUrl) => `/render/${encodeURIComponent(pageUrl)}`,
  // One of it stands before one application; a request in absolute form (RFC 9112 §3.2.2) lets one stand before all of them.
  'ssr-proxy-js': (pageUrl) => pageUrl,
};

function contestant(name: ContestantName, child: ChildProcess, target: Contestant['target']): Contestant {
  const pid = child.pid ?? 0;
  return {
    name,
    pid,
    target,
    async close() {
      if (name === 'preface') await askToEnd(pid);
      endTree(pid);
    },
  };
}

/** What it writes goes to a file, as it would in production; that costs everybody the same. */
function start(args: readonly string[], chromium: string, cache: string, name: string): ChildProcess {
  mkdirSync(join(cache, 'logs'), { recursive: true });
  const log = openSync(join(cache, 'logs', `${name}.log`), 'w');
  const env = { ...process.env, NODE_ENV: 'production', PUPPETEER_EXECUTABLE_PATH: chromium };
  return spawn(process.execPath, args, { cwd: cache, env, stdio: ['ignore', log, log] });
}

/** Any answer will do, but for a 503: that is "not ready". */
async function answers(child: ChildProcess, url: string): Promise<void> {
  const until = performance.now() + startLimitMs;
  while (performance.now() < until && child.exitCode === null) {
    const status = await fetch(url).then(
      ({ status }) => status,
      () => 503,
    );
    if (status !== 503) return;
    await sleep(100);
  }
  endTree(child.pid ?? 0);
  throw new Error(`it did not start: ${child.spawnargs.join(' ')}`);
}

async function freePort(): Promise<number> {
  const site = await listen(createServer());
  site.close();
  return Number(new URL(site.url).port);
}
