import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { isStill, treeOf } from '../fixtures/process-tree.ts';
import { untilReady } from '../fixtures/ready.ts';
import { spaHandler, startOrigin, type TestOrigin } from '../fixtures/spa.ts';

const person = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
const reader = { 'user-agent': 'Twitterbot/1.0' };

let origin: TestOrigin;
let preface: TestPreface;
let thread: Worker;

beforeAll(async () => {
  origin = await startOrigin(spaHandler);
  // The log may have one of its own, before.
  const begun = (worker: Worker) => {
    thread = worker;
  };
  process.on('worker', begun);
  preface = await startPreface({ origin: origin.url });
  process.off('worker', begun);
  await untilReady(preface.adminUrl);
});

afterAll(async () => {
  await preface?.close();
  await origin?.close();
});

it('answers people, and readers again, after the thread that renders has ended, and leaves not even a Chromium that hangs', async () => {
  expect((await preface.ask('/first', reader)).headers['x-preface']).toMatch(/^page/);
  const chromium = treeOf(process.pid).filter(({ pid }) => pid !== process.pid);
  expect(chromium.length).toBeGreaterThan(0);
  for (const { pid } of chromium) process.kill(pid, 'SIGSTOP');
  await thread.terminate();

  const meanwhile = await preface.ask('/second', reader);
  expect(meanwhile.headers['x-preface']).toMatch(/^shell/);
  const applications = await Promise.all(['/', '/second'].map((path) => preface.ask(path, person)));
  for (const { status, headers } of applications)
    expect([status, headers['x-preface']]).toEqual([200, 'pass; because=person']);
  // What was rendered before is still there.
  expect((await preface.ask('/first', reader)).headers['cache-status']).toContain('hit');

  await untilReady(preface.adminUrl);
  expect((await preface.ask('/third', reader)).headers['x-preface']).toMatch(/^page/);
  await expect.poll(() => chromium.filter(isStill), { timeout: 10_000 }).toEqual([]);
  // The one that is in use now.
  await expect.poll(profileFolders, { timeout: 10_000 }).toHaveLength(1);
});

function profileFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter(
    (name) => name.startsWith('preface-chromium-') && name.includes(`-${process.pid}-`),
  );
}
