import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisIsMissing, startRedis, type TestRedis } from '../cache/start-redis.ts';
import { runModel, type Taken } from './commands.ts';

/** Runs so many random steps with each arrangement of tiers. */
export function describeCacheAgainstOracle(steps: number): void {
  function told(where: string, taken: Taken): void {
    const kinds = [...taken].map(([kind, count]) => `${kind} ${count}`).sort();
    process.stdout.write(`${where}: ${kinds.join(', ')}\n`);
    expect(taken.size).toBeGreaterThanOrEqual(12);
  }

  describe(`the whole cache beside an oracle, ${steps} random steps`, () => {
    it('gives every answer that it should, in memory', async () => {
      const open = async () => ({ beside: { kind: 'nothing' } as const, close: async () => {} });
      told('memory', await runModel({ steps, replicas: 1, open }));
    }, 600_000);

    it('gives every answer that it should, with SQLite, restarts included', async () => {
      async function open() {
        const directory = mkdtempSync(path.join(tmpdir(), 'preface-model-'));
        return {
          beside: { kind: 'sqlite', directory, maxBytes: 1e8 } as const,
          close: async () => rmSync(directory, { recursive: true, force: true }),
        };
      }
      told('sqlite', await runModel({ steps, replicas: 1, open }));
    }, 600_000);

    describe.skipIf(redisIsMissing !== undefined)('with Redis', () => {
      let redis: TestRedis;
      beforeAll(async () => {
        redis = await startRedis();
      });
      afterAll(() => redis.stop());

      it('gives every answer that it should, from either of two replicas', async () => {
        async function open() {
          redis.command('FLUSHALL');
          return { beside: { kind: 'redis', url: redis.url } as const, close: async () => {} };
        }
        told('redis', await runModel({ steps, replicas: 2, open }));
      }, 600_000);
    });
  });
}
