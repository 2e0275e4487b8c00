import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { RenderError } from '../../src/errors.ts';
import { type Calls, createAnswerer, createCaller, type Question, type Reply } from '../../src/rendering/calls.ts';

// Both ends, with a real port between them: what goes over it is cloned.

const open: MessageChannel[] = [];
afterEach(() => {
  for (const { port1 } of open.splice(0)) port1.close();
});

function joined<C extends Calls>(calls: C) {
  const channel = new MessageChannel();
  open.push(channel);
  const caller = createCaller<C>((question) => channel.port1.postMessage(question));
  channel.port1.on('message', (reply: Reply) => caller.take(reply));
  const answer = createAnswerer(calls, (reply) => channel.port2.postMessage(reply));
  channel.port2.on('message', (question: Question) => answer(question));
  return caller;
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const leave = () => reject(new RenderError('aborted', 'nobody waits'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
  });

it('gives each caller the answer to its own question, in whatever order they come', async () => {
  const first = Promise.withResolvers<string>();
  const caller = joined({ say: async (word: string) => (word === 'first' ? first.promise : word) });
  const slow = caller.call('say', 'first');
  expect(await caller.call('say', 'second')).toBe('second');
  first.resolve('at last');
  expect(await slow).toBe('at last');
});

it('rejects with the same failure code as the other side', async () => {
  const caller = joined({
    render: async (_: undefined) => {
      throw new RenderError('too-large', 'more than 10 MB');
    },
    other: async (_: undefined) => {
      throw new TypeError('not ours');
    },
  });
  const failure = await caller.call('render', undefined).catch((cause: unknown) => cause);
  expect(failure).toBeInstanceOf(RenderError);
  expect(failure).toMatchObject({ code: 'too-large', message: 'more than 10 MB' });
  await expect(caller.call('other', undefined)).rejects.toThrow('not ours');
});

it('tells the other side that nobody waits any more, be it before or after the call', async () => {
  const caller = joined({ wait: async (_: undefined, signal: AbortSignal) => untilAborted(signal) });
  const leaving = new AbortController();
  const left = caller.call('wait', undefined, leaving.signal);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'aborted' });
  await expect(caller.call('wait', undefined, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});

it('rejects what is under way, and all that is called later, once the other side is gone', async () => {
  const caller = joined({ wait: async (_: undefined, signal: AbortSignal) => untilAborted(signal) });
  const waiting = caller.call('wait', undefined);
  caller.fail(new RenderError('crash', 'gone'));
  await expect(waiting).rejects.toMatchObject({ code: 'crash' });
  await expect(caller.call('wait', undefined)).rejects.toMatchObject({ code: 'crash' });
});

it('rejects what cannot be sent, there and back, instead of leaving its caller waiting', async () => {
  const caller = joined({ give: async (_: unknown) => () => 'a function' });
  await expect(caller.call('give', () => 'another')).rejects.toThrow(/could not be cloned/);
  await expect(caller.call('give', undefined)).rejects.toThrow(/could not be cloned/);
});
