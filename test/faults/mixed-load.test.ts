import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { answerFrom } from '../fixtures/answer.ts';
import { askToEnd, endTree } from '../fixtures/process-tree.ts';
import { untilReady } from '../fixtures/ready.ts';
import { spaHandler, spaShell } from '../fixtures/spa.ts';

// Two hundred clients of all kinds at once, for MIXED_SECONDS, at a Preface in a process of its own: every answer is checked, and its
// memory is watched from outside.

const seconds = Number(process.env.MIXED_SECONDS ?? 60);
const clients = { person: 120, reader: 40, socket: 20, events: 10, download: 5, upload: 5 };
const bigBytes = 50 * 2 ** 20;
const person = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'text/html',
};
const reader = { 'user-agent': 'Twitterbot/1.0' };

const block = randomBytes(64 * 1024);
const bigDigest = digestOfBig();

let origin: Server;
let preface: ChildProcess;
let traffic = '';
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  origin = createServer(application);
  const sockets = new WebSocketServer({ server: origin });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');

  const args = ['--origin', `http://127.0.0.1:${(origin.address() as AddressInfo).port}`, '--host', '127.0.0.1'];
  preface = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../../src/main.ts'),
      'serve',
      ...args,
      '--port',
      '0',
      '--admin-port',
      '0',
      '--log-level',
      'error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const [, trafficUrl = '', adminUrl = ''] = await saying(preface, /(http:\S+) in front of .*, admin (http:\S+)\n/);
  traffic = trafficUrl;
  await untilReady(adminUrl);
});

afterAll(async () => {
  agent.destroy();
  await askToEnd(preface.pid ?? 0);
  endTree(preface.pid ?? 0);
  origin?.close().closeAllConnections();
});

it('serves all of them without an error, in the same memory', { timeout: (seconds + 120) * 1000 }, async () => {
  const counts: Record<string, number> = {};
  const until = performance.now() + seconds * 1000;
  const work: readonly Promise<void>[] = [
    ...several(clients.person, (n) => asPerson(n, until, counts)),
    ...several(clients.reader, (n) => asReader(n, until, counts)),
    ...several(clients.socket, () => overASocket(until, counts)),
    ...several(clients.events, () => followingEvents(until, counts)),
    ...several(clients.download, () => downloading(until, counts)),
    ...several(clients.upload, () => uploading(until, counts)),
  ];
  const memory = watchMemory(until);
  await Promise.all(work);
  const { early, late, most } = await memory;
  process.stdout.write(`${JSON.stringify({ counts, residentMb: { early, late, most } })}\n`);

  for (const kind of Object.keys(clients)) expect(counts[kind], kind).toBeGreaterThan(0);
  // The middle of its second quarter against that of its last one.
  expect(late - early).toBeLessThan(40);
  // A few uploads and downloads would show if they were held.
  expect(most).toBeLessThan(400);
});

// What the clients do, again and again.

async function asPerson(n: number, until: number, counts: Record<string, number>): Promise<void> {
  while (performance.now() < until) {
    const { status, body } = await answerFrom(`${traffic}/lamps/${n}`, person, agent);
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: spaShell });
    count(counts, 'person');
    await sleep(200);
  }
}

/** Mostly pages that others asked for before; every tenth is new. */
async function asReader(n: number, until: number, counts: Record<string, number>): Promise<void> {
  for (let turn = 0; performance.now() < until; turn++) {
    const path = (turn + n) % 10 === 0 ? `/fresh/${n}-${turn}` : `/lamps/${turn % 20}`;
    const { status, headers, body } = await answerFrom(traffic + path, reader, agent);
    const how = headers['x-preface'];
    expect({ path, status, how }).toEqual({ path, status: 200, how: 'page; reader=social; bot=Twitterbot' });
    expect(body.toString()).toContain(`<p>Text of ${path}</p>`);
    count(counts, 'reader');
    await sleep(500);
  }
}

async function overASocket(until: number, counts: Record<string, number>): Promise<void> {
  const socket = new WebSocket(`${traffic.replace('http', 'ws')}/echo`);
  await once(socket, 'open');
  while (performance.now() < until) {
    const sent = randomBytes(1 + Math.floor(Math.random() * 20_000));
    const back = once(socket, 'message');
    socket.send(sent);
    const [received] = await back;
    if (!sent.equals(received)) throw new Error('the echo was not what was said');
    count(counts, 'socket');
    await sleep(100);
  }
  socket.close();
  await once(socket, 'close');
}

/** One connection for the whole time; no event may be missing, and none may be late. */
async function followingEvents(until: number, counts: Record<string, number>): Promise<void> {
  const leave = new AbortController();
  const response = await fetch(`${traffic}/events`, { headers: { accept: 'text/event-stream' }, signal: leave.signal });
  let expected = 0;
  let rest = '';
  for await (const piece of response.body ?? []) {
    const lines = (rest + Buffer.from(piece).toString()).split('\n\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { n, at } = JSON.parse(line.replace('data: ', ''));
      expect(n).toBe(expected++);
      expect(Date.now() - at).toBeLessThan(5_000);
      count(counts, 'events');
    }
    if (performance.now() >= until) break;
  }
  expect(expected).toBeGreaterThan(0);
  leave.abort();
}

async function downloading(until: number, counts: Record<string, number>): Promise<void> {
  while (performance.now() < until) {
    const response = await fetch(`${traffic}/big.bin`);
    const hash = createHash('sha256');
    for await (const piece of response.body ?? []) hash.update(piece);
    expect(hash.digest('hex')).toBe(bigDigest);
    count(counts, 'download');
    await sleep(1_000);
  }
}

async function uploading(until: number, counts: Record<string, number>): Promise<void> {
  while (performance.now() < until) {
    expect(await upload()).toBe(bigDigest);
    count(counts, 'upload');
    await sleep(1_000);
  }
}

function upload(): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = request(`${traffic}/upload`, { method: 'POST', agent, headers: { 'content-length': bigBytes } });
    sending.once('error', reject);
    sending.once('response', (response: IncomingMessage) => {
      text(response).then(resolve, reject);
    });
    Readable.from(big()).pipe(sending);
  });
}

// The application.

function application(incoming: IncomingMessage, response: ServerResponse): void {
  const path = incoming.url ?? '/';
  if (path === '/big.bin') {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bigBytes });
    Readable.from(big()).pipe(response);
    return;
  }
  if (path === '/upload') {
    const hash = createHash('sha256');
    incoming.on('data', (piece) => hash.update(piece)).on('end', () => response.end(hash.digest('hex')));
    return;
  }
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let n = 0;
    const beat = setInterval(() => response.write(`data: ${JSON.stringify({ n: n++, at: Date.now() })}\n\n`), 200);
    response.once('close', () => clearInterval(beat));
    return;
  }
  spaHandler(incoming, response);
}

function* big(): Generator<Buffer> {
  for (let sent = 0; sent < bigBytes; sent += block.length) yield block;
}

function digestOfBig(): string {
  const hash = createHash('sha256');
  for (const piece of big()) hash.update(piece);
  return hash.digest('hex');
}

// Watching.

/** Resident memory of the process without Chromium, in MB. */
async function watchMemory(until: number): Promise<{ early: number; late: number; most: number }> {
  const samples: number[] = [];
  while (performance.now() < until) {
    await sleep(500);
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${preface.pid}/status`, 'utf8')) ?? [];
    samples.push(Math.round(Number(kilobytes) / 1024));
  }
  const quarter = Math.floor(samples.length / 4);
  const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    early: middle(samples.slice(quarter, 2 * quarter)),
    late: middle(samples.slice(3 * quarter)),
    most: Math.max(...samples),
  };
}

/** What a program writes goes on being read, or it would stop one day. */
function saying(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (piece) => {
      output = (output + piece).slice(-10_000);
      const found = pattern.exec(output);
      if (found !== null) resolve(found);
    });
    child.once('close', () => reject(new Error(`it ended without a word of it: ${output}`)));
  });
}

function several<T>(howMany: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: howMany }, (_, n) => make(n));
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
