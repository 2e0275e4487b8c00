import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectCache } from '../cache/connect-cache.ts';
import { redisIsMissing } from '../cache/start-redis.ts';
import { describeCacheStore, entryOf } from '../contract/cache-store.ts';

/** A port that was free a moment ago, and whose cluster bus (10,000 above) exists. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    if (port < 55_000) return port;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function command(port: number, ...words: string[]): string {
  return spawnSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8', timeout: 20_000 }).stdout.trim();
}

function until(isSo: () => boolean): Promise<void> {
  const check = () => {
    if (!isSo()) throw new Error('it never came to be');
  };
  return vi.waitFor(check, { timeout: 30_000, interval: 200 });
}

describe.skipIf(redisIsMissing !== undefined)('several Redis servers', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'preface-redis-'));
  const servers: ChildProcess[] = [];

  async function server(port: number, ...options: string[]): Promise<ChildProcess> {
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', [...place, ...options], { stdio: 'ignore' });
    servers.push(started);
    await until(() => command(port, 'PING') === 'PONG');
    return started;
  }

  afterAll(() => {
    for (const started of servers) started.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  describe('in a cluster', () => {
    let url = '';
    beforeAll(async () => {
      const ports = [await freePort(), await freePort()] as const;
      for (const port of ports) {
        await server(port, '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`);
      }
      command(ports[0], 'CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
      command(ports[1], 'CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
      command(ports[1], 'CLUSTER', 'SET-CONFIG-EPOCH', '2');
      command(ports[0], 'CLUSTER', 'MEET', '127.0.0.1', String(ports[1]));
      const isReady = (port: number) => /cluster_state:ok/.test(command(port, 'CLUSTER', 'INFO'));
      await until(() => ports.every(isReady));
      url = `redis://127.0.0.1:${ports[0]}?cluster&node=127.0.0.1:${ports[1]}`;
    }, 60_000);

    describeCacheStore(
      'a cluster of two nodes',
      async () => {
        const { store, subscribed } = await connectCache(url);
        await subscribed;
        await store.purge({ everything: true }, 'hard');
        return store;
      },
      { counts: false },
    );

    it('shares pages and purges, and lets one at a time render', async () => {
      const [one, two] = [await connectCache(url), await connectCache(url)];
      await Promise.all([one.subscribed, two.subscribed]);
      for (let n = 0; n < 20; n += 1) await one.store.set(entryOf(`/shared/${n}`, { tags: ['t'] }));
      const found = async () =>
        (await Promise.all(Array.from({ length: 20 }, (_, n) => two.store.get(entryOf(`/shared/${n}`).key)))).filter(
          (entry) => entry !== undefined,
        ).length;
      expect(await found()).toBe(20);
      await two.store.purge({ tags: ['t'] }, 'hard');
      await expect.poll(() => one.changes.map(({ kind }) => kind)).toContain('purged');
      expect(await found()).toBe(0);

      const stay = new AbortController().signal;
      const turns = await Promise.all(
        Array.from({ length: 10 }, async (_, n) => {
          const { key } = entryOf(`/locked/${n}`);
          const turn = await one.lock.enter(key, stay);
          const waiting = two.lock.enter(key, stay);
          if (turn.kind === 'mine') await one.store.set(entryOf(`/locked/${n}`), turn.claim);
          if (turn.kind === 'mine') turn.end({ kind: 'stored' });
          return [turn.kind === 'mine' && turn.claim.fence > 0, (await waiting).kind];
        }),
      );
      // A waiter that begins when all is over has a turn of its own, and finds the page.
      for (const [first, second] of turns) {
        expect(first).toBe(true);
        expect(['stored', 'mine']).toContain(second);
      }
      await Promise.all([one.store.close(), two.store.close()]);
    });
  });

  describe('behind a sentinel', () => {
    it('are found by the name of their primary, and again after it has changed', async () => {
      const [first, second, sentinel] = [await freePort(), await freePort(), await freePort()];
      const primary = await server(first);
      await server(second, '--replicaof', '127.0.0.1', String(first));
      const config = path.join(folder, 'sentinel.conf');
      writeFileSync(
        config,
        [
          `port ${sentinel}`,
          'bind 127.0.0.1',
          `dir ${folder}`,
          `sentinel monitor shop 127.0.0.1 ${first} 1`,
          'sentinel down-after-milliseconds shop 1000',
          'sentinel failover-timeout shop 5000',
          '',
        ].join('\n'),
      );
      servers.push(spawn('redis-server', [config, '--sentinel'], { stdio: 'ignore' }));
      const known = () => /slaves=1/.test(command(sentinel, 'INFO', 'sentinel'));
      await until(known);

      const { store } = await connectCache(`redis://127.0.0.1:${sentinel}?sentinel=shop`);
      await store.set(entryOf('/a'));
      expect(await store.get(entryOf('/a').key)).toBeDefined();
      await expect.poll(() => command(second, 'DBSIZE'), { timeout: 10_000 }).not.toBe('0');
      primary.kill('SIGKILL');
      const works = async () => {
        await store.set(entryOf('/b'));
        return (await store.get(entryOf('/b').key)) !== undefined;
      };
      await expect.poll(() => works().catch(() => false), { timeout: 60_000, interval: 500 }).toBe(true);
      await store.close();
    }, 120_000);
  });
});
