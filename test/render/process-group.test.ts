import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { endProcessGroup, groupLives, groupUsage, parseStat } from '../../src/render/process-group.ts';

/** A shell that leads a group of its own, with a child in it. */
async function group(script: string): Promise<number> {
  const shell = spawn('sh', ['-c', `${script}\nsleep 60 & echo ready; wait`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(shell.stdout, 'data');
  return shell.pid ?? 0;
}

describe.skipIf(process.platform === 'win32')('a process group', () => {
  it('is ended with all its members', async () => {
    const leader = await group('');
    expect((await groupUsage(leader)).processes).toBe(2);
    expect(await endProcessGroup(leader, systemClock)).toBe(true);
    expect(await groupLives(leader)).toBe(false);
  });

  it('is ended by force when it does not listen', async () => {
    const leader = await group("trap '' TERM");
    expect(await endProcessGroup(leader, systemClock, 200)).toBe(true);
    expect(await groupLives(leader)).toBe(false);
  });
});

it('reads a line of /proc/<pid>/stat whose program has an odd name', () => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index));
  fields[2] = '4711';
  fields[21] = '88';
  expect(parseStat(`12 (a b) c) S ${fields.slice(1).join(' ')}`)).toEqual({ state: 'S', group: 4711, rssPages: 88 });
});
