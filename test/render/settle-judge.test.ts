import { describe, expect, it } from 'vitest';
import { type Facts, judge, looksOf, type Pending, type Quiet } from '../../src/render/settle-judge.ts';
import { settleRules } from '../../src/render/settle-rules.ts';

const rules = settleRules({ horizonMs: 5000, longRequestMs: 2000, quietMs: 0 }).judge;

const quiet: Quiet = {
  mode: 'all',
  unmoved: true,
  frames: 1,
  dueMs: undefined,
  unchangedMs: 10,
  changedAtMs: 9_990,
  answeredMs: 10_000,
};
const calm: Facts = {
  nowMs: 10_000,
  pending: [],
  progressMs: 9_000,
  sinceNewsMs: 1_000,
  quiet,
  askedMs: 9_990,
  looks: undefined,
  seen: undefined,
  unready: false,
  latestMs: 20_000,
  polling: false,
  jumps: {
    skippedMs: 0,
    realMs: 0,
    idleRunMs: 0,
    changes: 0,
    strides: 0,
    lastStrideMs: 0,
    lastChanged: false,
    stirs: 0,
  },
};
const request = (sinceMs: number): Pending => ({ kind: 'request', label: 'fetch /x', sinceMs });
const verdict = (facts: Partial<Facts>) => judge({ ...calm, ...facts }, rules);

describe('something pending', () => {
  it('is waited for', () => {
    expect(verdict({ pending: [request(9_000)] })).toEqual({ kind: 'wait', untilMs: 11_000 });
  });

  it('forbids to move the clock, whatever is due', () => {
    expect(verdict({ pending: [request(9_000)], quiet: { ...quiet, dueMs: 1 } }).kind).toBe('wait');
  });

  it('is looked into when it has been open for long', () => {
    expect(verdict({ pending: [request(7_000)] })).toEqual({ kind: 'look' });
  });

  it('is a long poll when the page looks finished', () => {
    expect(verdict({ pending: [request(7_000)], looks: 'finished' })).toEqual({ kind: 'ask', mode: 'nothing' });
  });

  it('is waited for as long as it takes when the page is empty', () => {
    expect(verdict({ pending: [request(-90_000)], looks: 'empty' })).toEqual({ kind: 'wait', untilMs: undefined });
  });

  it('is waited for longer when the page says that it is loading', () => {
    expect(verdict({ pending: [request(7_000)], looks: 'unfinished' })).toEqual({ kind: 'wait', untilMs: 15_000 });
  });

  it('is waited for no longer once the page has come to look otherwise, so it is looked at again', () => {
    const facts = { pending: [request(7_000)], looks: 'empty' } as const;
    const seenAt = (atMs: number) => ({ atMs, looks: 'empty', engaged: false }) as const;
    expect(verdict({ ...facts, seen: seenAt(9_800) })).toEqual({ kind: 'wait', untilMs: 10_300 });
    expect(verdict({ ...facts, seen: seenAt(9_500) })).toEqual({ kind: 'look' });
  });

  it('is not looked at for what is waited for in any case', () => {
    const seen = { atMs: 1_000, looks: 'empty', engaged: false } as const;
    const facts = { pending: [request(9_000)], looks: 'empty', seen } as const;
    expect(verdict(facts)).toEqual({ kind: 'wait', untilMs: undefined });
  });

  it('is given up in the end even then', () => {
    expect(verdict({ pending: [request(1_000)], looks: 'unfinished' }).kind).toBe('ask');
  });

  it('is no long poll as long as other things still move', () => {
    const facts = { pending: [request(1_000)], progressMs: 9_900, looks: 'finished' } as const;
    expect(verdict(facts)).toEqual({ kind: 'wait', untilMs: 10_400 });
  });

  it('that is only hoped for counts as long as the page shows nothing', () => {
    const hope: Pending = { kind: 'hope', label: 'service worker ready', sinceMs: 9_500 };
    expect(verdict({ pending: [hope] })).toEqual({ kind: 'look' });
    expect(verdict({ pending: [hope], looks: 'finished' }).kind).toBe('ask');
    expect(verdict({ pending: [hope], looks: 'unfinished' }).kind).toBe('wait');
  });
});

describe('a page that has not answered', () => {
  it('is asked', () => {
    expect(verdict({ quiet: undefined, askedMs: undefined })).toEqual({ kind: 'ask', mode: 'all' });
  });

  it('is waited for', () => {
    expect(verdict({ quiet: undefined })).toEqual({ kind: 'wait', untilMs: 11_990 });
  });

  const seen = { atMs: 9_500, looks: 'finished', engaged: false } as const;

  it('is looked at after a while, since it may be stuck', () => {
    expect(verdict({ quiet: undefined, askedMs: 7_000 })).toEqual({ kind: 'look' });
    expect(verdict({ quiet: undefined, askedMs: 7_000, seen: { ...seen, atMs: 8_000 } })).toEqual({ kind: 'look' });
  });

  it('is done when it shows something and works without end', () => {
    expect(verdict({ quiet: undefined, askedMs: 7_000, seen })).toEqual({ kind: 'done', because: 'restless' });
  });

  it.each([
    ['when it shows nothing', { looks: 'empty' }],
    ['when it says that it is loading', { looks: 'unfinished' }],
    ['while it waits for a frame', { engaged: true }],
  ] as const)('is not called done %s', (_, saw) => {
    const facts = { quiet: undefined, askedMs: 1_000, seen: { ...seen, ...saw } };
    expect(verdict(facts)).toEqual({ kind: 'wait', untilMs: 11_500 });
    expect(verdict({ ...facts, nowMs: 11_500 })).toEqual({ kind: 'look' });
  });
});

describe('a quiet page', () => {
  it('is held before it is called done, and done when it does not stir then', () => {
    expect(verdict({})).toEqual({ kind: 'ask', mode: 'nothing' });
    expect(verdict({ quiet: { ...quiet, mode: 'nothing' } })).toEqual({ kind: 'done', because: 'quiet' });
  });

  it('that stirs while it is held is let go and asked again, but not for ever', () => {
    const stirred = { ...quiet, mode: 'nothing', unmoved: false } as const;
    expect(verdict({ quiet: stirred })).toEqual({ kind: 'ask', mode: 'all' });
    expect(verdict({ quiet: stirred, jumps: { ...calm.jumps, stirs: 20 } })).toEqual({
      kind: 'done',
      because: 'restless',
    });
  });

  it('has its clock moved to what is due within the horizon', () => {
    expect(verdict({ quiet: { ...quiet, dueMs: 4_200.4 } })).toEqual({
      kind: 'ask',
      mode: 'all',
      byMs: 4_201,
      extendMs: 250,
    });
  });

  it('counts the horizon from the last change or the last news', () => {
    const later = { ...quiet, dueMs: 3_000, unchangedMs: 4_000 };
    expect(verdict({ looks: 'finished', quiet: later, sinceNewsMs: 4_000 })).toEqual({ kind: 'ask', mode: 'nothing' });
    expect(verdict({ looks: 'finished', quiet: later, sinceNewsMs: 1_000 }).kind).toBe('ask');
    expect(verdict({ looks: 'finished', quiet: later, sinceNewsMs: 1_000 })).toHaveProperty('byMs', 3_000);
    expect(verdict({ looks: 'finished', quiet: { ...later, unchangedMs: 5 }, sinceNewsMs: 9_000 })).toHaveProperty(
      'byMs',
      3_000,
    );
  });

  it('of several frames keeps one time in all of them', () => {
    expect(verdict({ quiet: { ...quiet, frames: 2, dueMs: 100 } })).toMatchObject({ byMs: 350, extendMs: 0 });
  });

  it('goes in longer strides where nothing changes', () => {
    const due = { ...quiet, dueMs: 10 };
    const strides = [0, 250, 500, 1000].map((lastStrideMs) =>
      verdict({ quiet: due, jumps: { ...calm.jumps, lastStrideMs } }),
    );
    expect(strides.map((ask) => 'extendMs' in ask && ask.extendMs)).toEqual([250, 500, 1000, 1000]);
  });

  it('that said that it is not ready is waited for, and its clock moved beyond the horizon', () => {
    expect(verdict({ unready: true })).toEqual({ kind: 'wait', untilMs: undefined });
    expect(verdict({ unready: true, quiet: { ...quiet, dueMs: 12_000 } })).toHaveProperty('byMs', 12_000);
  });
});

describe('endless repetition', () => {
  const due = { ...quiet, dueMs: 10 };

  it.each([
    ['polls', { polling: true }],
    ['changes the page again and again', { jumps: { ...calm.jumps, changes: 301 } }],
    ['draws without changing anything', { looks: 'finished', jumps: { ...calm.jumps, idleRunMs: 601 } }],
    ['takes too much time', { jumps: { ...calm.jumps, realMs: 6_001 } }],
  ] as const)('of a page that %s is left out of the account', (_, facts) => {
    expect(verdict({ quiet: due, ...facts })).toEqual({ kind: 'ask', mode: 'once' });
    expect(verdict({ quiet: { ...due, mode: 'once' }, ...facts })).toMatchObject({ mode: 'once', byMs: 10 });
  });

  it.each([
    ['unfinished', 'all'],
    ['empty', 'all'],
    ['doubtful', 'once'],
    ['finished', 'once'],
  ] as const)('is no repetition but work, in a page that changes nothing and looks %s: %s', (looks, mode) => {
    const jumps = { ...calm.jumps, idleRunMs: 601 };
    expect(verdict({ quiet: { ...due, mode }, jumps, looks })).toMatchObject({ kind: 'ask', mode, byMs: 10 });
    expect(verdict({ quiet: { ...due, mode }, jumps })).toEqual({ kind: 'look' });
  });

  it('ends with the page time that may be skipped at all', () => {
    expect(verdict({ quiet: due, jumps: { ...calm.jumps, skippedMs: 14_995 } })).toEqual({
      kind: 'ask',
      mode: 'nothing',
    });
  });
});

describe('the look of a page', () => {
  it.each([
    [{ textLength: 0, busy: false, drewAnswer: false }, 'empty'],
    [{ textLength: 900, busy: true, drewAnswer: true }, 'unfinished'],
    [{ textLength: 900, busy: false, drewAnswer: false }, 'finished'],
    [{ textLength: 12, busy: false, drewAnswer: true }, 'finished'],
    [{ textLength: 12, busy: false, drewAnswer: false }, 'doubtful'],
  ] as const)('%o is %s', (look, looks) => {
    expect(looksOf(look, 200)).toBe(looks);
  });
});

describe('a timer beyond the horizon', () => {
  const late = { ...quiet, dueMs: 1_000, unchangedMs: 6_000 };
  const facts = { quiet: late, sinceNewsMs: 6_000 };

  it('is worth a look at the page', () => {
    expect(verdict(facts)).toEqual({ kind: 'look' });
  });

  it.each(['unfinished', 'empty'] as const)('is run where the page is %s', (looks) => {
    expect(verdict({ ...facts, looks })).toMatchObject({ kind: 'ask', byMs: 1_000 });
  });

  it.each(['finished', 'doubtful'] as const)('is left alone where the page looks %s', (looks) => {
    expect(verdict({ ...facts, looks })).toEqual({ kind: 'ask', mode: 'nothing' });
  });
});

describe('a page that must have been quiet for a second', () => {
  const verdict = (facts: Partial<Facts>) => judge({ ...calm, ...facts }, { ...rules, quietMs: 1000 });
  const held = { ...quiet, mode: 'nothing' } as const;

  it('is waited for until it and its network have been', () => {
    expect(verdict({ quiet: held, progressMs: 9_000 })).toEqual({ kind: 'wait', untilMs: 10_990 });
    expect(verdict({ quiet: { ...held, changedAtMs: 2_000 }, progressMs: 9_500 })).toEqual({
      kind: 'wait',
      untilMs: 10_500,
    });
  });

  it('is asked again then, and done when it has not stirred meanwhile', () => {
    expect(verdict({ quiet: held, nowMs: 10_990 })).toEqual({ kind: 'ask', mode: 'nothing' });
    expect(verdict({ quiet: { ...held, answeredMs: 10_995 }, nowMs: 10_996 }).kind).toBe('done');
    const stirred = { ...held, answeredMs: 10_995, unmoved: false };
    expect(verdict({ quiet: stirred, nowMs: 10_996 })).toEqual({ kind: 'ask', mode: 'all' });
  });

  it('is not waited for beyond what its limit leaves', () => {
    expect(verdict({ quiet: held, latestMs: 10_200 })).toEqual({ kind: 'wait', untilMs: 10_200 });
    expect(verdict({ quiet: { ...held, answeredMs: 10_201 }, latestMs: 10_200, nowMs: 10_201 }).kind).toBe('done');
  });

  it('still has its clock moved first, and is still called restless in the end', () => {
    expect(verdict({ quiet: { ...quiet, dueMs: 300 } })).toHaveProperty('byMs', 300);
    const stirred = { quiet: { ...held, unmoved: false }, jumps: { ...calm.jumps, stirs: 20 } };
    expect(verdict(stirred)).toEqual({ kind: 'done', because: 'restless' });
  });
});
