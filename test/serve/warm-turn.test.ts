import { describe, expect, it } from 'vitest';
import type { Leases } from '../../src/cache/leases.ts';
import { inOneReplica } from '../../src/serve/warm-turn.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

/** Leases as a shared store has them, without their end. */
function sharedLeases() {
  const held = new Set<string>();
  let extended = 0;
  const leases: Leases = {
    async take(name) {
      if (held.has(name)) return undefined;
      held.add(name);
      return {
        async extend() {
          extended += 1;
          return true;
        },
        release: async () => void held.delete(name),
      };
    },
  };
  return { leases, held, extended: () => extended };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what one replica does for all', () => {
  it('is done by one, held while it lasts, and free afterwards', async () => {
    const clock = createFakeClock();
    const { leases, held, extended } = sharedLeases();
    const { promise, resolve } = Promise.withResolvers<void>();
    let done = 0;
    const work = async () => {
      done += 1;
      await promise;
    };
    const first = inOneReplica(leases, 'warm', clock, work);
    await turn();
    await inOneReplica(leases, 'warm', clock, work);
    expect(done).toBe(1);
    clock.advance(60_000);
    expect(extended()).toBe(3);
    resolve();
    await first;
    expect([...held]).toEqual([]);
    await inOneReplica(leases, 'warm', clock, work);
    expect(done).toBe(2);
  });

  it('is done by each while they cannot hear each other', async () => {
    let done = 0;
    const deaf: Leases = { take: () => Promise.reject(new Error('connection refused')) };
    await inOneReplica(deaf, 'warm', createFakeClock(), async () => {
      done += 1;
    });
    expect(done).toBe(1);
  });
});
