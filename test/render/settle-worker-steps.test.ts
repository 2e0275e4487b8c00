import { describe, expect, it } from 'vitest';
import { WorkerSteps } from '../../src/render/settle-worker-steps.ts';

const rules = { mostMs: 1000, unheard: 4, unheardMs: 200 };

/** A worker that sets its next timer, of `everyMs`, whenever one has run: how long it is waited for, up to `times` of them. */
function waitedFor(everyMs: number, times: number, heardMs: (step: number) => number = () => 0): number {
  const steps = new WorkerSteps(rules);
  let nowMs = 0;
  for (let made = 0; made < times; made += 1) {
    steps.tell({ dueMs: nowMs + everyMs, made });
    const untilMs = steps.waitedUntilMs(heardMs(made), nowMs);
    if (untilMs <= nowMs) break;
    nowMs = untilMs;
  }
  return nowMs;
}

describe('a worker is waited for', () => {
  it('while it has a few steps of its job before it', () => {
    expect(waitedFor(200, 4)).toBe(800);
    expect(waitedFor(700, 1)).toBe(700);
  });

  it('not for a second in vain where it goes on and on without a word', () => {
    expect(waitedFor(50, 100)).toBe(200);
    expect(waitedFor(100, 100)).toBe(400);
    expect(waitedFor(1, 1000)).toBe(200);
  });

  it('for more steps where it says something meanwhile, and not for ever either', () => {
    expect(waitedFor(50, 12, (step) => Math.floor(step / 3))).toBe(600);
    expect(waitedFor(50, 100, (step) => step)).toBe(1000);
  });

  it('not for a step that is further away than any is waited for', () => {
    expect(waitedFor(1500, 1)).toBe(0);
  });

  it('for a step no longer than before when it is asked about it twice', () => {
    const steps = new WorkerSteps(rules);
    steps.tell({ dueMs: 100, made: 0 });
    expect([0, 30, 99].map((nowMs) => steps.waitedUntilMs(0, nowMs))).toEqual([100, 100, 100]);
  });
});
