import { expect, it } from 'vitest';
import type { FrameMessage, FrameState } from '../../../src/render/in-page/control.ts';
import { settlePage } from '../../../src/render/in-page/settle-page.ts';
import { pageFunctions } from '../../../src/render/settle-source.ts';
import { FakePage } from './fake-page.ts';

function controlled() {
  const page = new FakePage();
  const messages: FrameMessage[] = [];
  const control = settlePage(pageFunctions, page.window, (message) => messages.push(JSON.parse(message)), false);
  const states = () => messages.flatMap((message) => (message.type === 'state' ? [message.state] : []));
  /** Asks, produces the frame that the answer needs, and gives the answer. */
  async function answer(ask: Omit<Parameters<typeof control.ask>[0], 'number'>): Promise<FrameState | undefined> {
    const number = states().length + 1;
    control.ask({ number, ...ask });
    await page.drain();
    await page.frame();
    return states().find(({ answers }) => answers === number);
  }
  return { page, window: page.window, control, messages, states, answer };
}

it('says hello before the page can do anything', () => {
  const { messages } = controlled();
  expect(messages).toEqual([{ type: 'hello', top: true }]);
});

it('tells how it stands once it is quiet', async () => {
  const { page, states } = controlled();
  await page.drain();
  expect(states()).toMatchObject([{ answers: 0, operations: [], dueMs: null, skippedMs: 0, complete: true }]);
});

it('does not answer before a frame has been produced', async () => {
  const { page, control, states } = controlled();
  await page.drain();
  control.ask({ number: 7, mode: 'all' });
  await page.drain();
  expect(states().some(({ answers }) => answers === 7)).toBe(false);
  await page.frame();
  expect(states().at(-1)).toMatchObject({ answers: 7 });
});

it('gives up waiting for a frame where none is ever produced', async () => {
  const { page, control, states } = controlled();
  control.ask({ number: 7, mode: 'all' });
  await page.pass(5000);
  expect(states().at(-1)).toMatchObject({ answers: 7 });
});

it('does not answer while the page goes on posting messages', async () => {
  const { page, window, control, states } = controlled();
  await page.drain();
  const channel = new window.MessageChannel();
  let left = 100;
  channel.port1.onmessage = () => {
    page.change();
    if (--left > 0) channel.port2.postMessage(0);
  };
  channel.port2.postMessage(0);
  control.ask({ number: 7, mode: 'nothing' });
  await page.drain(60);
  await page.frame();
  expect(left).toBe(0);
  await page.frame();
  expect(states().at(-1)).toMatchObject({ answers: 7 });
});

it('moves its clock when it is told to, and runs what is due on the way', async () => {
  const { window, answer } = controlled();
  const ran: number[] = [];
  window.setTimeout(() => ran.push(window.performance.now()), 2000);
  window.setTimeout(() => ran.push(window.performance.now()), 2100);
  window.setTimeout(() => ran.push(window.performance.now()), 9000);
  expect(await answer({ mode: 'all' })).toMatchObject({ dueMs: 2000 });
  expect(await answer({ mode: 'all', byMs: 2000, extendMs: 250 })).toMatchObject({ skippedMs: 2100, dueMs: 6900 });
  expect(ran).toEqual([2000, 2100]);
});

it('goes exactly as far as it is told when nothing is due on the way', async () => {
  const { answer } = controlled();
  expect(await answer({ mode: 'all', byMs: 800 })).toMatchObject({ skippedMs: 800 });
});

it('stops its clock as soon as a callback has begun real work, and goes on when that has ended', async () => {
  const { page, window, answer } = controlled();
  const ran: string[] = [];
  window.setTimeout(() => {
    ran.push('asked');
    void window.fetch('/data').then(() => ran.push('answered'));
  }, 100);
  window.setTimeout(() => ran.push('gave up'), 200);
  expect(await answer({ mode: 'all', byMs: 100, extendMs: 1000 })).toMatchObject({
    skippedMs: 100,
    operations: [['fetch', expect.stringContaining('/data'), expect.any(Number)]],
  });
  page.fetches[0]?.resolve({});
  await page.drain();
  expect(ran).toEqual(['asked', 'answered']);
  expect(await answer({ mode: 'all', byMs: 100 })).toMatchObject({ skippedMs: 200, operations: [] });
  expect(ran).toEqual(['asked', 'answered', 'gave up']);
});

it('tells of work without being asked as soon as it begins and ends', async () => {
  const { page, window, states } = controlled();
  void window.fetch('/data');
  await page.drain();
  expect(states().at(-1)?.operations).toHaveLength(1);
  page.fetches[0]?.resolve({});
  await page.drain();
  expect(states().at(-1)?.operations).toEqual([]);
});

it('tells when the page calls itself ready or unready, by a boolean only', () => {
  const { window, messages } = controlled();
  const page = window as unknown as { prerenderReady: unknown };
  page.prerenderReady = 'true';
  page.prerenderReady = 1;
  expect(messages).toHaveLength(1);
  page.prerenderReady = false;
  page.prerenderReady = true;
  expect(messages.slice(1)).toEqual([
    { type: 'signal', unready: true, given: false },
    { type: 'signal', unready: false, given: true },
  ]);
});

it('takes a page at its word that calls itself ready without ever having been unready', () => {
  const { window, messages } = controlled();
  (window as unknown as { prerenderReady: unknown }).prerenderReady = true;
  expect(messages.slice(1)).toEqual([{ type: 'signal', unready: false, given: true }]);
});
