import { describe, expect, it } from 'vitest';
import { createProgressNotes, type JobProgress, lastWord, progressLine } from '../../src/cli/warm-progress.ts';
import { createFakeTerminal } from './fake-terminal.ts';

const job: JobProgress = {
  state: 'running',
  listed: true,
  found: 1000,
  rendered: 200,
  fresh: 40,
  foreign: 3,
  excluded: 4,
  disallowed: 2,
  failed: 1,
  failures: [],
  unread: [],
  elapsedMs: 100_000,
  perSecond: 2,
};
const withDone = (rendered: number): JobProgress => ({
  ...job,
  rendered,
  fresh: 0,
  foreign: 0,
  excluded: 0,
  disallowed: 0,
  failed: 0,
});

describe('the progress of a warm-up', () => {
  it('has the share, the rate, the time that is left and the failures', () => {
    expect(progressLine(job)).toBe('25 %: 250 of 1000 pages, 2 renders a second, 5 min 11 s left, 1 failed');
    expect(progressLine({ ...job, state: 'paused' })).toBe(
      '25 %: 250 of 1000 pages, 2 renders a second, paused, 1 failed',
    );
    expect(progressLine({ ...withDone(0), perSecond: 0 })).toBe('0 %: 0 of 1000 pages, 0 renders a second');
    expect(progressLine({ ...job, listed: false })).toBe('reading the list: 1000 pages so far');
    expect(progressLine({ ...withDone(10), elapsedMs: 100_000 })).toContain('2 h 45 min left');
  });

  it('does not count what was left out while the list was read as work that was quick', () => {
    expect(progressLine({ ...withDone(10), disallowed: 890, elapsedMs: 10_000 })).toContain('1 min 40 s left');
    expect(progressLine({ ...withDone(0), disallowed: 890 })).not.toContain('left');
  });

  it('writes one line over and over on a terminal', () => {
    const terminal = createFakeTerminal(true);
    const notes = createProgressNotes(terminal);
    notes.tell(withDone(1));
    notes.tell(withDone(2));
    notes.end();
    const backToTheBeginning = '\r\u001b[K';
    const [before, one = '', two = '', after] = terminal.err().split(backToTheBeginning);
    expect([before, one.split(' pages', 1)[0], two.split(' pages', 1)[0], after]).toEqual([
      '',
      '0 %: 1 of 1000',
      '0 %: 2 of 1000',
      '',
    ]);
    expect(terminal.err()).not.toContain('\n');
  });

  it('writes a line for every tenth elsewhere', () => {
    const terminal = createFakeTerminal();
    const notes = createProgressNotes(terminal);
    notes.tell({ ...withDone(0), listed: false });
    for (let done = 0; done <= 1000; done += 1) notes.tell(withDone(done));
    notes.end();
    const lines = terminal.err().split('\n').slice(0, -1);
    expect(lines.map((line) => line.split(':', 1)[0])).toEqual(
      Array.from({ length: 10 }, (_, tenth) => `${10 * (tenth + 1)} %`),
    );
    expect(terminal.err()).not.toContain('\u001b');
  });

  it('ends with an account of all pages', () => {
    expect(lastWord({ ...job, state: 'done', found: 250 })).toBe(
      '250 pages: 200 rendered, 40 fresh already, 1 failed, 4 passed through, 2 disallowed by robots.txt, 3 on other hosts, in 1 min 40 s',
    );
    expect(lastWord({ ...withDone(0), state: 'done', found: 0, elapsedMs: 40 })).toBe('0 pages, in 0 s');
    expect(lastWord({ ...withDone(10), state: 'stopped' })).toBe(
      'stopped at 10 of 1000 pages: 10 rendered, in 1 min 40 s',
    );
  });
});
