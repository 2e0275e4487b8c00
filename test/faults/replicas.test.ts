import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisIsMissing, startRedis, type TestRedis } from '../cache/start-redis.ts';
import type { Answered, Done, Order } from './replica-process.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(redisIsMissing !== undefined)('three replicas, each a process, and one Redis', () => {
  let redis: TestRedis;
  const processes: ChildProcess[] = [];
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    await redis.stop();
  });

  async function replica({ waitMs = 50, maxUncheckedMs = 60_000 } = {}) {
    const file = path.join(import.meta.dirname, 'replica-process.ts');
    const child = fork(file, [redis.url, String(waitMs), String(maxUncheckedMs)]);
    processes.push(child);
    await once(child, 'message');
    return {
      child,
      async order(what: Order): Promise<Done> {
        child.send(what);
        const [done] = await once(child, 'message');
        return done as Done;
      },
    };
  }
  const three = (options?: Parameters<typeof replica>[0]) =>
    Promise.all([replica(options), replica(options), replica(options)]);

  it('render each of 300 pages exactly once, when all are asked for all at once', async () => {
    const replicas = await three({ waitMs: 5_000 });
    const paths = Array.from({ length: 300 }, (_, n) => `/product/${n}`);
    const done = await Promise.all(replicas.map(({ order }) => order({ do: 'ask', paths })));
    expect(done.flatMap(({ answers }) => answers.filter(({ from }) => from.startsWith('failed')))).toEqual([]);
    expect(done.map(({ answers }) => answers.length)).toEqual([300, 300, 300]);
    expect(done.map(({ failures }) => failures)).toEqual([[], [], []]);
    expect(done.reduce((sum, { renders }) => sum + renders, 0)).toBe(300);
  });

  it('all see a purge of one within a second', async () => {
    const replicas = await three();
    for (const { order } of replicas) await order({ do: 'ask', paths: ['/a', '/b'] });
    const before = Date.now();
    await replicas[0].order({ do: 'purge', tag: 'all' });
    await sleep(Math.max(0, 900 - (Date.now() - before)));
    const [first] = (await replicas[1].order({ do: 'ask', paths: ['/a'] })).answers;
    const [second] = (await replicas[2].order({ do: 'ask', paths: ['/b'] })).answers;
    expect([first?.from, second?.from]).toEqual(['render', 'render']);
  });

  it('take over the pages of one that dies while it renders', async () => {
    const [one, two] = await three();
    one.child.send({ do: 'ask', paths: ['/a'] } satisfies Order);
    await expect.poll(() => redis.command('KEYS', '*lock*'), { interval: 2 }).not.toBe('');
    one.child.kill('SIGKILL');
    const begun = Date.now();
    const { answers } = await two.order({ do: 'ask', paths: ['/a'] });
    expect(answers.map(({ from }) => from)).toEqual(['render']);
    expect(Date.now() - begun).toBeLessThan(9_000);
  });

  it('serve on when Redis hangs and then dies: no error, hits at most 50 ms later, and share again when it is back', async () => {
    // Memory must ask again after half a second: the hits of this test do depend on Redis.
    const replicas = await three({ maxUncheckedMs: 500 });
    const loads = replicas.map(({ order }) => order({ do: 'load', forMs: 9_000, pages: 40 }));
    await sleep(3_000);
    redis.process.kill('SIGSTOP');
    await sleep(2_500);
    redis.process.kill('SIGKILL');
    await sleep(1_500);
    await redis.restart();
    const done = await Promise.all(loads);

    const answers = done.flatMap((one) => one.answers);
    expect(answers.length).toBeGreaterThan(1_000);
    expect(answers.filter(({ from }) => from.startsWith('failed'))).toEqual([]);
    expect(done.every(({ failures }) => failures.length > 0)).toBe(true);
    const isHit = ({ from, path: page }: Answered) => from === 'hit' && page.startsWith('/page/');
    const before = answers.filter((answer) => isHit(answer) && answer.atMs > 1_000 && answer.atMs < 2_900);
    const without = answers.filter((answer) => isHit(answer) && answer.atMs > 3_000 && answer.atMs < 7_000);
    expect(without.length).toBeGreaterThan(300);
    const [p99Before, p99Without] = [p99(before), p99(without)];
    process.stdout.write(
      `hits: p99 ${p99Before.toFixed(2)} ms with Redis (${before.length}), ${p99Without.toFixed(2)} ms without (${without.length}); ` +
        `${done.map(({ failures }) => failures.length)} events\n`,
    );
    expect(p99Without).toBeLessThanOrEqual(p99Before + 50);

    await expect
      .poll(
        async () => {
          const fresh = `/again/${Math.random()}`;
          await replicas[0].order({ do: 'ask', paths: [fresh] });
          await sleep(100);
          return (await replicas[1].order({ do: 'ask', paths: [fresh] })).answers[0]?.from;
        },
        { timeout: 15_000, interval: 300 },
      )
      .toBe('hit');
  });
});

function p99(answers: readonly Answered[]): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
