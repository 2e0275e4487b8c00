import { describe, expect, it } from 'vitest';
import { createWarmSchedule, type Scheduled } from '../../src/serve/warm-schedule.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const hour = 3_600_000;

function setUp() {
  const clock = createFakeClock();
  const begun: string[] = [];
  const finish: (() => void)[] = [];
  const site = (name: string, rest: Partial<Scheduled> = {}): Scheduled => ({
    name,
    everyMs: hour,
    afterPurge: false,
    afterDeploy: false,
    warm: () => {
      begun.push(name);
      return new Promise((resolve) => finish.push(resolve));
    },
    ...rest,
  });
  /** Lets what is under way end. */
  async function end(): Promise<void> {
    for (const one of finish.splice(0)) one();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { clock, begun, site, end, schedule: createWarmSchedule(clock) };
}

describe('the schedule of warm-ups', () => {
  it('begins at once and then again and again', async () => {
    const { schedule, clock, begun, site, end } = setUp();
    schedule.follow([site('a'), site('on request', { everyMs: undefined })], true);
    expect(begun).toEqual(['a']);
    await end();
    clock.advance(hour - 1);
    expect(begun).toEqual(['a']);
    clock.advance(1);
    await end();
    clock.advance(hour);
    expect(begun).toEqual(['a', 'a', 'a']);
  });

  it('lets a warm-up that takes longer than its period finish first', async () => {
    const { schedule, clock, begun, site, end } = setUp();
    schedule.follow([site('a')], true);
    clock.advance(5 * hour);
    expect(begun).toEqual(['a']);
    await end();
    clock.advance(hour);
    expect(begun).toEqual(['a', 'a']);
  });

  it('begins after a purge of everything, where that is wanted, and once more when it was under way', async () => {
    const { schedule, begun, site, end } = setUp();
    schedule.follow([site('a', { afterPurge: true }), site('b')], false);
    schedule.purgedEverything();
    expect(begun).toEqual(['a']);
    schedule.purgedEverything();
    schedule.purgedEverything();
    await end();
    expect(begun).toEqual(['a', 'a']);
    await end();
    expect(begun).toEqual(['a', 'a']);
  });

  it('goes by the new sites after a change, without beginning again what is under way', async () => {
    const { schedule, clock, begun, site, end } = setUp();
    schedule.follow([site('a'), site('b')], true);
    schedule.follow([site('a')], true);
    expect(begun).toEqual(['a', 'b']);
    await end();
    clock.advance(hour);
    expect(begun).toEqual(['a', 'b', 'a']);
    schedule.follow([], false);
    await end();
    clock.advance(10 * hour);
    expect(begun).toEqual(['a', 'b', 'a']);
  });

  it('bears a period that no timer knows', async () => {
    const { schedule, clock, begun, site } = setUp();
    const waits: number[] = [];
    const after = clock.after;
    clock.after = (ms, call) => {
      waits.push(ms);
      return after(ms, call);
    };
    schedule.follow([site('a', { everyMs: 60 * 24 * hour })], false);
    clock.advance(60 * 24 * hour - 1);
    expect(begun).toEqual([]);
    clock.advance(1);
    expect(begun).toEqual(['a']);
    expect(Math.max(...waits)).toBeLessThan(2 ** 31);
  });
});
