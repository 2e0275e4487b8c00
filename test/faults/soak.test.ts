import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, buildApp } from '../../src/app.ts';
import { configFrom } from '../../src/config/load.ts';
import { parseStat } from '../../src/render/process-group.ts';
import { answerFrom } from '../fixtures/answer.ts';
import { isStill, type ProcessStat, treeOf } from '../fixtures/process-tree.ts';
import { untilReady } from '../fixtures/ready.ts';
import { type Handler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// Thousands of renders, and now and then a process of Chromium's is shot: any of them, the browser itself among them.
// SOAK_RENDERS and SOAK_KILL_EVERY say how many and how often.

const renders = Number(process.env.SOAK_RENDERS ?? 5_000);
const killEvery = Number(process.env.SOAK_KILL_EVERY ?? 50);
const warmUpRenders = Math.min(500, Math.ceil(renders / 4));
const atOnce = 6;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Like many applications, it says so in the page when its data does not come. That is no page to give to a reader. */
const shell = `<!doctype html><html lang="en"><head><title>Loading</title></head><body><main></main><script type="module">
const main = document.querySelector('main');
try {
  const { text } = await (await fetch('/api/page?path=' + encodeURIComponent(location.pathname))).json();
  main.innerHTML = '<p>' + text + '</p>';
} catch {
  main.innerHTML = '<p>Something went wrong. Please try again later.</p>';
}
</script></body></html>`;

const application: Handler = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://soak');
  const isData = pathname === '/api/page';
  response.writeHead(200, { 'content-type': isData ? 'application/json' : 'text/html; charset=utf-8' });
  response.end(isData ? JSON.stringify({ text: `Text of ${searchParams.get('path')}` }) : shell);
};

/** The longest time without any rendered page. */
let longestDroughtMs = 0;

let origin: TestOrigin;
let app: App;
let renderingThread: Worker;
let traffic: string;
let admin: string;

beforeAll(async () => {
  origin = await startOrigin(application);
  // The log may have one of its own, before.
  process.on('worker', (worker) => {
    renderingThread = worker;
  });
  app = await buildApp(
    configFrom({
      origin: origin.url,
      listen: { host: '127.0.0.1', port: 0 },
      admin: { port: 0 },
      log: { level: 'silent' },
      // Full early, so that what is kept on purpose does not look like a leak.
      cache: { maxBytes: '500kb' },
    }),
    { version: '0.0.0-test' },
  );
  ({ trafficUrl: traffic, adminUrl: admin } = await app.listen());
  await untilReady(admin);
});

afterAll(() => origin?.close());

it('is ready again ten seconds after its browser was shot, even when nobody asks for a page', async () => {
  await renderMany('first', 1, {}, async () => {});
  // Until its tab has been wiped, and nothing is going on any more.
  await sleep(1_000);
  const browser = treeOf(process.pid).find(({ pid }) => nameOf(pid) === 'browser');
  process.kill(browser?.pid ?? Number.NaN, 'SIGKILL');
  await expect.poll(isReady, { timeout: 5_000, interval: 10 }).toBe(false);
  await expect.poll(isReady, { timeout: 10_000, interval: 100 }).toBe(true);
});

it(`answers ${renders} readers rightly while Chromium is shot at, and keeps nothing of it`, {
  timeout: 3_600_000,
}, async () => {
  const counts: Record<string, number> = {};
  const seen = new Map<string, ProcessStat>();

  await renderMany('warm-up', warmUpRenders, counts, async () => {});
  const before = await standing();
  await renderMany('soak', renders, counts, async (done) => {
    for (const one of treeOf(process.pid)) seen.set(`${one.pid} ${one.startedAt}`, one);
    if (done % killEvery === 0) count(counts, `killed ${shootOne()}`);
    if (done % Math.ceil(renders / 20) === 0)
      process.stdout.write(`${done} of ${renders}: ${JSON.stringify(counts)}\n`);
  });
  const after = await standing();
  process.stdout.write(`${JSON.stringify({ counts, longestDroughtMs, before, after }, undefined, 2)}\n`);

  // However young it was when it was shot, it had worked: its successor is there for those who wait.
  expect(longestDroughtMs).toBeLessThan(10_000);
  expect(shells(counts)).toBeLessThanOrEqual(renders / 50);

  expect(after.heapBytes - before.heapBytes).toBeLessThan(8 * 2 ** 20);
  expect(after.renderingHeapBytes - before.renderingHeapBytes).toBeLessThan(8 * 2 ** 20);
  expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(12);
  expect(after.processes - before.processes).toBeLessThanOrEqual(2);
  expect(profileFolders()).toHaveLength(1);
  const left = () => [...seen.values()].filter((one) => isStill(one) && nameOf(one.pid) !== '');
  // Renderers whose zygote was shot go on without a parent, as members of their Chromium's group.
  const groups = new Set(treeOf(process.pid).map(({ pid }) => groupOf(pid)));
  expect(left().filter(({ pid }) => !groups.has(groupOf(pid)))).toEqual([]);

  await app.close();
  expect(left()).toEqual([]);
  expect(profileFolders()).toEqual([]);
});

/** Asks for pages, some at once, until so many have been rendered. Throws at the first answer that is neither the page nor the shell. */
async function renderMany(
  name: string,
  wanted: number,
  counts: Record<string, number>,
  between: (done: number) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  let asked = 0;
  let done = 0;
  let lastPageAt = performance.now();
  async function client(): Promise<void> {
    while (done < wanted) {
      const path = `/${name}/${asked++}`;
      const headers = { 'user-agent': 'Twitterbot/1.0' };
      const { status, headers: answered, body } = await answerFrom(traffic + path, headers, agent);
      const how = String(answered['x-preface']);
      const html = body.toString();
      if (how === 'page; reader=social; bot=Twitterbot') {
        expect({ path, status, text: /<p>(.*?)<\/p>/.exec(html)?.[1] }).toEqual({
          path,
          status: 200,
          text: `Text of ${path}`,
        });
        longestDroughtMs = Math.max(longestDroughtMs, performance.now() - lastPageAt);
        lastPageAt = performance.now();
        await between(++done);
      } else {
        // The rule for a render that failed: what a person gets.
        expect({ path, how, status, html }).toEqual({
          path,
          how: expect.stringMatching(/^shell; because=/),
          status: 200,
          html: shell,
        });
        // Others come meanwhile; this one comes again.
        await sleep(250);
      }
      count(counts, how);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client));
  agent.destroy();
}

const isReady = async () => (await fetch(`${admin}/readyz`)).ok;

/** Any process of Chromium's, without a word, each kind as likely as the others. Says what it was. */
function shootOne(): string {
  const chromium = treeOf(process.pid).flatMap(({ pid }) => {
    const name = nameOf(pid);
    return name === '' ? [] : [{ pid, name }];
  });
  const name = oneOf([...new Set(chromium.map((one) => one.name))]);
  const victim = oneOf(chromium.filter((one) => one.name === name));
  if (victim === undefined) return 'nothing: no browser just then';
  process.kill(victim.pid, 'SIGKILL');
  return victim.name;
}

function oneOf<T>(all: readonly T[]): T | undefined {
  return all[Math.floor(Math.random() * all.length)];
}

/** `browser`, `renderer`, `gpu-process`, …; empty for what is not Chromium. */
function nameOf(pid: number): string {
  // Chromium writes its children's words with spaces between them.
  const words = commandOf(pid).split(/[\0 ]/);
  if (!/chrom|headless.shell/.test(words[0] ?? '')) return '';
  const type = words.find((word) => word.startsWith('--type='))?.slice('--type='.length) ?? 'browser';
  const service = words
    .find((word) => word.startsWith('--utility-sub-type='))
    ?.split('.')
    .at(-1);
  return service ?? type;
}

function groupOf(pid: number): number {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).group;
  } catch {
    return Number.NaN;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** What is held when nobody asks for anything. */
async function standing() {
  origin.requests.length = 0;
  await untilReady(admin);
  await sleep(3_000);
  const heaps: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    collectGarbage();
    await sleep(200);
    heaps.push(process.memoryUsage().heapUsed);
  }
  return {
    heapBytes: Math.min(...heaps),
    renderingHeapBytes: await heapOf(renderingThread),
    descriptors: readdirSync('/proc/self/fd').length,
    processes: treeOf(process.pid).length,
  };
}

/** After a collection of its garbage, which a snapshot begins with. */
async function heapOf(thread: Worker): Promise<number> {
  await once((await thread.getHeapSnapshot()).resume(), 'end');
  return (await thread.getHeapStatistics()).used_heap_size;
}

function profileFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter(
    (name) => name.startsWith('preface-chromium-') && name.includes(`-${process.pid}-`),
  );
}

function shells(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [what, often]) => sum + (what.startsWith('shell') ? often : 0), 0);
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
