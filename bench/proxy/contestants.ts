import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNginxFiles } from './nginx.ts';

export interface Contestant {
  readonly name: string;
  readonly kind: 'pass' | 'hit';
  readonly pid: number;
  readonly baseUrl: string;
  readonly userAgent: string;
}

export interface Field extends AsyncDisposable {
  readonly contestants: readonly Contestant[];
  readonly pages: readonly string[];
}

const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const reader = 'Twitterbot/1.0';
const here = import.meta.dirname;
const main = join(here, '..', '..', 'src', 'main.ts');

/** Starts an nginx as origin and everything that is to be compared in front of it. */
export async function startField(): Promise<Field> {
  const directory = mkdtempSync(join(tmpdir(), 'preface-bench-'));
  const pages = writePages(directory);
  const [origin, proxy, cache] = [await freePort(), await freePort(), await freePort()];
  const [plain, rooms, preface, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const files = writeNginxFiles(directory, { origin, proxy, cache });
  const originUrl = `http://127.0.0.1:${origin}`;
  const children: ChildProcess[] = [];
  const start = (command: string, args: readonly string[]): number => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child.pid ?? 0;
  };
  const nginx = (file: string) => start('nginx', ['-c', file]);
  const node = (file: string, ...args: readonly string[]) => start(process.execPath, [file, ...args]);

  nginx(files.origin);
  await answering(originUrl, pages[0] ?? '');
  const ports = ['--port', String(preface), '--admin-port', String(admin)];
  const prefacePid = node(main, 'serve', '--origin', originUrl, ...ports, '--host', '127.0.0.1', '--log-level', 'warn');
  const contestants: Contestant[] = [
    pass('nginx, proxy_pass', nginx(files.proxy), proxy),
    pass('http-proxy 1.18.1', node(join(here, 'plain-http-proxy.ts'), originUrl, String(plain)), plain),
    pass('Preface, pass-through', prefacePid, preface),
    pass('Preface, edge and origin rooms alone', node(join(here, 'rooms-alone.ts'), originUrl, String(rooms)), rooms),
    { ...pass('nginx, proxy_cache', nginx(files.cache), cache), kind: 'hit' },
    { ...pass('Preface, cache hits', prefacePid, preface), kind: 'hit', userAgent: reader },
  ];
  for (const contestant of contestants) for (const page of pages) await ready(contestant, page);
  return {
    contestants,
    pages,
    async [Symbol.asyncDispose]() {
      const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(gone);
      rmSync(directory, { recursive: true });
    },
  };
}

const pass = (name: string, pid: number, port: number): Contestant => ({
  name,
  kind: 'pass',
  pid,
  baseUrl: `http://127.0.0.1:${port}`,
  userAgent: person,
});

/** Two pages with text enough to be kept: of 1 KB and of 10 KB. */
function writePages(directory: string): string[] {
  mkdirSync(join(directory, 'pages'));
  return [1, 10].map((kilobytes) => {
    const name = `/${kilobytes}k.html`;
    const frame = (text: string) =>
      `<!DOCTYPE html><html lang="en"><head><title>A page</title></head><body><h1>A page</h1><p>${text}</p></body></html>`;
    const text = 'Some words for the reader of this page. '.repeat(kilobytes * 26);
    const room = kilobytes * 1024 - frame('').length;
    writeFileSync(join(directory, 'pages', name), frame(text.slice(0, room)));
    return name;
  });
}

/** Asks until a page comes, from the cache where it should; the first render may take a while. */
async function ready({ kind, name, baseUrl, userAgent }: Contestant, page: string): Promise<void> {
  await answering(baseUrl, page);
  if (kind === 'pass' || !name.startsWith('Preface')) return;
  for (let tries = 0; tries < 40; tries += 1) {
    const answer = await fetch(baseUrl + page, { headers: { 'user-agent': userAgent } });
    await answer.arrayBuffer();
    if (/\bhit\b/.test(answer.headers.get('cache-status') ?? '')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${name} never answered ${page} from its cache`);
}

async function answering(baseUrl: string, page: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(baseUrl + page).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${baseUrl} did not answer`);
}

/** A port that nobody listens on at the moment. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
