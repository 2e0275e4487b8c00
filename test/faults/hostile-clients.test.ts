import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerFrom } from '../fixtures/answer.ts';
import { askToEnd, endTree } from '../fixtures/process-tree.ts';

// Clients that hold connections without using them, and more of them than there are file descriptors. People go on being served.

const person = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const large = Buffer.alloc(8 * 2 ** 20, 'x');
const main = join(import.meta.dirname, '../../src/main.ts');

let origin: Server;
let preface: ChildProcess;
let traffic: URL;
const sockets: Socket[] = [];

beforeEach(async () => {
  origin = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(request.url === '/large' ? large : 'the application');
  }).listen(0, '127.0.0.1');
  await once(origin, 'listening');
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await askToEnd(preface.pid ?? 0);
  endTree(preface.pid ?? 0);
  origin.close().closeAllConnections();
});

/** Without a Chromium: people only. `files` bounds its file descriptors. */
async function start(files?: number): Promise<void> {
  const serve = [main, 'serve', '--origin', `http://127.0.0.1:${(origin.address() as AddressInfo).port}`];
  const options = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--log-level', 'error'];
  const command = [process.execPath, ...serve, ...options];
  const [program = '', ...args] =
    files === undefined ? command : ['sh', '-c', `ulimit -n ${files}; exec "$@"`, 'sh', ...command];
  const env = { ...process.env, PUPPETEER_EXECUTABLE_PATH: '/nowhere/chromium' };
  preface = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let output = '';
  for await (const piece of preface.stderr ?? []) {
    output += piece;
    const [, url] = /(http:\S+) in front of /.exec(output) ?? [];
    if (url === undefined) continue;
    traffic = new URL(url);
    break;
  }
}

function hold(count: number, first: string): Promise<void> {
  const opened = Array.from({ length: count }, () => {
    const socket = net.connect(Number(traffic.port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pause();
    return new Promise<void>((resolve) => {
      socket.on('connect', () => socket.write(first, () => resolve()));
      socket.on('close', () => resolve());
    });
  });
  return Promise.all(opened).then(() => {});
}

/** Milliseconds that a hundred people wait, one after the other; the longest. */
async function longestWait(): Promise<number> {
  let longest = 0;
  for (let n = 0; n < 100; n++) {
    const beganAt = performance.now();
    const { status, body } = await answerFrom(`${traffic.href}person-${n}`, person);
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'the application' });
    longest = Math.max(longest, performance.now() - beganAt);
  }
  return longest;
}

function residentMb(): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${preface.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

describe('a thousand clients', () => {
  it('that never end their heads are not noticed by people, and lose their connections', async () => {
    await start();
    await hold(1_000, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    expect(await longestWait()).toBeLessThan(1_000);
    // 15 s for a head, looked at every 5 s. A paused socket does not see its end.
    for (const socket of sockets) socket.resume();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
  });

  it('that read nothing of a large answer take little memory', async () => {
    await start();
    const before = residentMb();
    await hold(1_000, 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await sleep(2_000);
    expect(await longestWait()).toBeLessThan(1_000);
    const taken = residentMb() - before;
    process.stdout.write(`1,000 clients that read nothing of 8 MB each: ${Math.round(taken)} MB more\n`);
    // 8 GB were asked for.
    expect(taken).toBeLessThan(500);
  });
});

describe('more clients than file descriptors', () => {
  it('do not end the process, and are forgotten when they leave', async () => {
    await start(128);
    await hold(400, 'GET / HTTP/1.1\r\nHost: localhost\r\n');
    await sleep(500);
    for (const socket of sockets.splice(0)) socket.destroy();
    await sleep(500);
    expect(preface.exitCode).toBeNull();
    expect(await longestWait()).toBeLessThan(1_000);
  });
});
