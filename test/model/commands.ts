import fc from 'fast-check';
import { expect } from 'vitest';
import type { CacheSettings } from '../../src/cache/open-cache.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { openReplica, type ReplicaUnderTest, type Tally } from './cache-under-test.ts';
import { type Condition, Oracle, type Purge, paths } from './oracle.ts';

interface Real {
  readonly clock: FakeClock;
  readonly replicas: ReplicaUnderTest[];
  readonly tally: Tally;
  reopen(replica: number): Promise<void>;
}

type Command = fc.AsyncCommand<Oracle, Real>;
type Step = (oracle: Oracle, real: Real) => Promise<void>;

/** Steps that were taken, by name: a run that took none of a kind has shown nothing about it. */
export type Taken = Map<string, number>;

/** One step: done to the cache and to the oracle. After each both must have rendered as often, and no tier may have failed. */
function step(
  taken: Taken,
  name: string,
  detail: unknown,
  run: Step,
  check: (oracle: Oracle) => boolean = () => true,
): Command {
  return {
    check,
    async run(oracle, real) {
      taken.set(name, (taken.get(name) ?? 0) + 1);
      await run(oracle, real);
      for (const replica of real.replicas) await replica.idle();
      expect(real.tally).toEqual({ renders: oracle.renders, failures: [] });
    },
    toString: () => `${name} ${JSON.stringify(detail)}`,
  };
}

const replicaOf = ({ replicas }: Real, n: number): ReplicaUnderTest => {
  const replica = replicas[n];
  if (replica === undefined) throw new Error(`there is no replica ${n}`);
  return replica;
};

/** A cache that does not do what the oracle expects would otherwise be waited for without end. */
function atMost(done: Promise<void>, ms: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('nothing is being made')), ms);
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** What is purged and what is rendered in the same millisecond count as together, and the purge wins. */
function tick(oracle: Oracle, { clock }: Real, ms = 1): void {
  clock.advance(ms);
  oracle.now += ms;
}

function commandsFor(replicas: number, taken: Taken): fc.Arbitrary<Command>[] {
  const path = fc.constantFrom(...paths);
  const replica = fc.nat({ max: replicas - 1 });
  const purge: fc.Arbitrary<Purge> = fc.record({
    path,
    mode: fc.constantFrom('soft', 'hard'),
    by: fc.constantFrom('url', 'prefix', 'tag', 'everything'),
  });
  const condition = fc.constantFrom<Condition>(
    'good',
    'good',
    'good',
    'gone',
    'error',
    'incomplete',
    'private',
    'failing',
  );

  const ask = fc.tuple(replica, path).map(([n, asked]) =>
    step(taken, 'ask', [n, asked], async (oracle, real) => {
      const answer = await replicaOf(real, n).ask(asked);
      expect(answer).toEqual(oracle.ask(n, asked));
    }),
  );
  const askAtOnce = fc.tuple(replica, path, fc.integer({ min: 2, max: 5 })).map(([n, asked, times]) =>
    step(taken, 'ask at once', [n, asked, times], async (oracle, real) => {
      const answers = await Promise.all(Array.from({ length: times }, () => replicaOf(real, n).ask(asked)));
      const expected = oracle.ask(n, asked);
      for (const answer of answers) expect(answer).toEqual(expected);
    }),
  );
  const purgeDuring = fc.tuple(replica, replica, path, purge).map(([n, m, asked, what]) =>
    step(
      taken,
      'purge while it is made',
      [n, m, asked, what],
      async (oracle, real) => {
        const held = replicaOf(real, n).hold();
        const answer = replicaOf(real, n).ask(asked);
        await atMost(held.reached, 1_000);
        real.clock.advance(1);
        await replicaOf(real, m).purge(what);
        held.release();
        expect(await answer).toEqual(oracle.ask(n, asked, what));
        oracle.now += 1;
        tick(oracle, real);
      },
      (oracle) => oracle.causesWork(n, asked),
    ),
  );
  const purgeNow = fc.tuple(replica, purge).map(([n, what]) =>
    step(taken, `purge ${what.mode}`, [n, what], async (oracle, real) => {
      await replicaOf(real, n).purge(what);
      oracle.purge(what);
      tick(oracle, real);
    }),
  );
  const pass = fc
    .constantFrom(1_000, 5_000, 11_000, 30_000, 61_000, 130_000, 700_000)
    .map((ms) => step(taken, 'time passes', ms, async (oracle, real) => tick(oracle, real, ms)));
  const change = fc.tuple(fc.nat({ max: 3 }), fc.constantFrom('value', 'stamp')).map(([source, what]) =>
    step(taken, `${what} changes`, source, async ({ world }) => {
      const changed = world.sources[source];
      if (changed !== undefined) changed[what] += 1;
    }),
  );
  const deploy = fc.constant(
    step(taken, 'deploy', '', async ({ world }) => {
      world.shell += 1;
    }),
  );
  const become = fc.tuple(path, condition).map(([changed, next]) =>
    step(taken, `becomes ${next}`, changed, async ({ world }) => {
      world.conditions.set(changed, next);
    }),
  );
  const restart = replica.map((n) =>
    step(taken, 'restart', n, async (oracle, real) => {
      await real.reopen(n);
      oracle.restart(n);
    }),
  );
  return [ask, ask, ask, askAtOnce, purgeDuring, purgeNow, pass, pass, change, deploy, become, restart];
}

export interface ModelRun {
  readonly steps: number;
  readonly replicas: number;
  /** Where pages are kept; opened anew for each sequence. */
  open(): Promise<{ readonly beside: CacheSettings['beside']; close(): Promise<void> }>;
}

/** Runs random sequences of steps until there were `steps` of them. Rejects with the shortest sequence that fails. */
export async function runModel({ steps, replicas, open }: ModelRun): Promise<Taken> {
  const taken: Taken = new Map();
  const total = () => [...taken.values()].reduce((sum, count) => sum + count, 0);
  const sequence = fc.commands(commandsFor(replicas, taken), { maxCommands: 120, size: 'max' });
  while (total() < steps) {
    await fc.assert(
      fc.asyncProperty(sequence, async (commands) => {
        const { beside, close } = await open();
        const clock = createFakeClock();
        const oracle = new Oracle(clock.now(), replicas, beside.kind !== 'nothing');
        const listeners = new Set<(url: string) => Promise<void>>();
        const tally: Tally = { renders: 0, failures: [] };
        const openOne = () => openReplica({ beside, world: oracle.world, clock, tally, listeners });
        const opened: ReplicaUnderTest[] = [];
        for (let n = 0; n < replicas; n += 1) opened.push(await openOne());
        const real: Real = {
          clock,
          replicas: opened,
          tally,
          async reopen(n) {
            await replicaOf(real, n).close();
            opened[n] = await openOne();
          },
        };
        try {
          await fc.asyncModelRun(() => ({ model: oracle, real }), commands);
        } finally {
          for (const replica of opened) await replica.close();
          await close();
        }
      }),
      { numRuns: 10, endOnFailure: false },
    );
  }
  return taken;
}
