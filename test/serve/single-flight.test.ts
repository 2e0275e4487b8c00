import { describe, expect, it } from 'vitest';
import { createSingleFlight } from '../../src/serve/single-flight.ts';

const stay = new AbortController().signal;

describe('single flight', () => {
  it('shares one piece of work by key and does other keys beside it', async () => {
    const flights = createSingleFlight<string, string>();
    const begun: string[] = [];
    const ask = (key: string) =>
      flights.join(key, 'job', stay, async () => {
        begun.push(key);
        return key.toUpperCase();
      });
    const answers = await Promise.all([ask('a').result, ask('a').result, ask('b').result]);
    expect(answers).toEqual(['A', 'A', 'B']);
    expect(begun).toEqual(['a', 'b']);
  });

  it('gives the failure to all who wait, and begins anew for the next', async () => {
    const flights = createSingleFlight<string, string>();
    const failing = [1, 2, 3].map(() => flights.join('a', 'job', stay, () => Promise.reject(new Error('no'))).result);
    const settled = await Promise.allSettled(failing);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await flights.join('a', 'job', stay, async () => 'yes').result).toBe('yes');
  });

  it('says which job is under way to those who join it', async () => {
    const flights = createSingleFlight<string, string>();
    const ask = (job: string) => flights.join('a', job, stay, async () => 'x').joined;
    expect([ask('first'), ask('second'), ask('third')]).toEqual([undefined, 'first', 'first']);
  });

  it('puts new work in the place of what must not be joined, which goes on for those who wait', async () => {
    const flights = createSingleFlight<string, string>();
    const old = Promise.withResolvers<string>();
    const first = flights.join('a', 'old', stay, () => old.promise);
    const second = flights.join(
      'a',
      'new',
      stay,
      async () => 'new',
      (job) => job !== 'old',
    );
    const third = flights.join('a', 'third', stay, async () => 'third');
    expect([second.joined, third.joined]).toEqual([undefined, 'new']);
    old.resolve('old');
    expect(await Promise.all([first.result, second.result, third.result])).toEqual(['old', 'new', 'new']);
    expect(flights.size).toBe(0);
  });

  it('keeps nothing of work that has landed', async () => {
    const flights = createSingleFlight<string, string>();
    await flights.join('a', 'job', stay, async () => 'x').result;
    expect(flights.size).toBe(0);
  });

  it('turns away at once who has left already', async () => {
    const flights = createSingleFlight<string, string>();
    const { result } = flights.join('a', 'job', AbortSignal.abort(), () => new Promise(() => {}));
    await expect(result).rejects.toMatchObject({ code: 'aborted' });
    expect(flights.size).toBe(0);
  });
});
