import { describe, expect, it } from 'vitest';
import type { AnswerEvent, Outcome } from '../../src/events.ts';
import { createRecent } from '../../src/observe/recent.ts';

const answer = (outcome: Outcome, requestId = ''): AnswerEvent => ({
  type: 'answer',
  requestId,
  traceId: undefined,
  method: 'GET',
  host: 'shop.example',
  target: '/',
  status: 200,
  reader: { class: 'social' },
  verified: undefined,
  outcome,
  because: undefined,
  bytes: 1,
  durationMs: 1,
  renderMs: undefined,
  queueMs: undefined,
});

describe('what happened lately', () => {
  it('shows the last answers, the newest first, and forgets older ones', () => {
    const recent = createRecent(3);
    for (const id of ['a', 'b']) recent.report(answer('hit', id));
    expect(recent.answers().map(({ requestId }) => requestId)).toEqual(['b', 'a']);
    for (const id of ['c', 'd']) recent.report(answer('hit', id));
    expect(recent.answers().map(({ requestId }) => requestId)).toEqual(['d', 'c', 'b']);
  });

  it('takes the hit ratio of pages alone, not of what is passed through', () => {
    const recent = createRecent();
    expect(recent.hitRatio()).toBeUndefined();
    for (const outcome of ['hit', 'stale', 'not-modified', 'render', 'pass', 'pass'] as const)
      recent.report(answer(outcome));
    expect(recent.hitRatio()).toBe(0.75);
    expect(recent.counts()).toEqual({ hit: 1, stale: 1, 'not-modified': 1, render: 1, pass: 2 });
  });
});
