import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askToEnd, cpuSeconds, endTree } from '../fixtures/process-tree.ts';
import { untilReady } from '../fixtures/ready.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// The whole program with real Chromium: what it costs to renew pages whose data has not changed, which are rendered again when some has, and what is
// answered when the origin is dead. One story: each test begins where the one before it ended.

const pageCount = 100;
const freshMs = 40_000;
const reader = { 'user-agent': 'Twitterbot/1.0' };
const shell = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head><body><div id="root"></div>
<script type="module" src="/app.js"></script></body></html>`;
const script = `
const [, n] = /(\\d+)$/.exec(location.pathname);
const [item, family] = await Promise.all(['/api/item/' + n, '/api/family/' + n % 10].map(async (url) => (await fetch(url)).json()));
document.title = item.name;
document.getElementById('root').innerHTML = '<h1>' + item.name + '</h1><p>' + item.price + ' in ' + family.name + '</p>';
`;
const items = Array.from({ length: pageCount + 10 }, (_, n) => ({ name: `Item ${n}`, price: 100 + n, stock: 5 }));
const families = Array.from({ length: 10 }, (_, n) => ({ name: `Family ${n}` }));

let origin: TestOrigin;
let preface: ChildProcess;
let traffic = '';
let admin = '';

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const [, kind, n = 0] = /^\/api\/(item|family)\/(\d+)$/.exec(request.url ?? '') ?? [];
    if (kind !== undefined) {
      const found = (kind === 'item' ? items : families)[Number(n)];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    } else if (request.url === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(shell);
  });
  const main = join(import.meta.dirname, '../../src/main.ts');
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  preface = spawn(process.execPath, [main, 'serve', '--origin', origin.url, ...ports, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PREFACE_CACHE__FRESH: `${freshMs}ms`, PREFACE_CACHE__STALE_WHILE_REVALIDATE: '100s' },
  });
  [traffic, admin] = await addresses(preface);
  await untilReady(admin);
  // Chromium is started and its code is warm.
  await inTurn(range(pageCount, pageCount + 10), 4, ask);
});

afterAll(async () => {
  await askToEnd(preface.pid ?? 0);
  endTree(preface.pid ?? 0);
  await origin.close();
});

it('renews 100 unchanged pages at less than 5 % of the CPU time of 100 renders', { timeout: 300_000 }, async () => {
  const atStart = cpu();
  await inTurn(range(0, pageCount), 4, ask);
  const rendering = cpu() - atStart;
  expect(await renders()).toBe(pageCount + 10);

  await sleep(freshMs);
  const before = cpu();
  const answers = await inTurn(range(0, pageCount), 10, ask);
  await expect.poll(unchanged, { timeout: 30_000 }).toBe(pageCount);
  const renewing = cpu() - before;
  expect(answers.every(({ status, cache }) => status === 200 && cache.includes('fwd=stale'))).toBe(true);
  expect(await renders()).toBe(pageCount + 10);
  tell(
    `100 renders ${rendering.toFixed(2)} CPU s, 100 renewals ${renewing.toFixed(2)} s: ${percent(renewing / rendering)}`,
  );
  expect(renewing / rendering).toBeLessThan(0.05);
});

it('renders exactly the pages that used what has changed', { timeout: 300_000 }, async () => {
  const [changed, family] = [items[7], families[3]];
  if (changed === undefined || family === undefined) throw new Error('there is nothing to change');
  changed.price = 4_711;
  family.name = 'Renamed family';
  const affected = range(0, pageCount).filter((n) => n === 7 || n % 10 === 3);
  await sleep(freshMs);
  const rendersBefore = await renders();
  const unchangedBefore = await unchanged();
  await inTurn(range(0, pageCount), 10, ask);
  await expect.poll(unchanged, { timeout: 60_000 }).toBe(unchangedBefore + pageCount - affected.length);
  await expect.poll(renders, { timeout: 60_000 }).toBe(rendersBefore + affected.length);
  const again = await inTurn(range(0, pageCount), 10, ask);
  const wrong = again.filter(({ n, html }) => !html.includes(`${items[n]?.price} in ${families[n % 10]?.name}`));
  tell(
    `${affected.length} of ${pageCount} pages used what changed, as many were rendered, ${wrong.length} wrong answers`,
  );
  expect(wrong).toEqual([]);
});

it('answers a thousand requests for one stale page at once, and renews it once', { timeout: 120_000 }, async () => {
  await sleep(freshMs);
  const unchangedBefore = await unchanged();
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask(50)));
  expect(answers.filter(({ status, cache }) => status !== 200 || !cache.includes('hit'))).toEqual([]);
  await expect.poll(unchanged, { timeout: 10_000 }).toBe(unchangedBefore + 1);
  tell(`1000 answers, 1 renewal, slowest ${Math.max(...answers.map(({ ms }) => ms)).toFixed(0)} ms from its client`);
});

it('answers every stored page when the origin is dead, without waiting', { timeout: 400_000 }, async () => {
  await origin.close();
  // Beyond stale-while-revalidate: pages are renewed before they are answered, and nobody may wait for each of them to fail.
  await sleep(freshMs + 100_000);
  const waiting = await Promise.all(Array.from({ length: 20 }, () => ask(0)));
  const answers = await inTurn(range(0, pageCount), 10, ask);
  expect([...waiting, ...answers].filter(({ status }) => status !== 200)).toEqual([]);
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  tell(
    `dead origin: ${waiting.length} waiters ${Math.max(...waiting.map(({ ms }) => ms)).toFixed(0)} ms, then p99 ${p99.toFixed(1)} ms`,
  );
  expect(p99).toBeLessThan(50);
});

async function ask(n: number) {
  const began = performance.now();
  const response = await fetch(`${traffic}/item/${n}`, { headers: reader });
  const html = await response.text();
  const { status, headers } = response;
  return { n, status, html, cache: headers.get('cache-status') ?? '', ms: performance.now() - began };
}

/** So many at once. */
async function inTurn<T, R>(all: readonly T[], atOnce: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const waiting = [...all];
  const done: R[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done.push(await work(next));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}

async function metric(line: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length) ?? 0,
  );
}

const renders = () => metric('preface_renders_total{result="ok"}');
const unchanged = () => metric('preface_revalidations_total{result="unchanged"}');
const cpu = () => cpuSeconds(preface.pid ?? 0);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const tell = (line: string) => process.stdout.write(`${line}\n`);

async function addresses(child: ChildProcess): Promise<[string, string]> {
  let said = '';
  for await (const chunk of child.stderr ?? []) {
    said += chunk;
    const [, trafficUrl, adminUrl] = /(http:\S+) in front of .*, admin (http:\S+)\n/.exec(said) ?? [];
    if (trafficUrl !== undefined && adminUrl !== undefined) {
      child.stderr?.resume();
      return [trafficUrl, adminUrl];
    }
  }
  throw new Error(`it ended: ${said}`);
}
