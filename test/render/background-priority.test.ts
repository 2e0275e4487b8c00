import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, expect, it } from 'vitest';
import { yieldAsGroup, yielding } from '../../src/render/background-priority.ts';

describe.runIf(existsSync('/usr/bin/nice'))('a program that yields', () => {
  it('is itself, and below everybody else', () => {
    const script = 'process.stdout.write(String(os.getPriority()) + " " + process.argv.slice(1))';
    const { executablePath, args } = yielding(
      { executablePath: process.execPath, args: ['-e', script, 'a b', '--c'] },
      10,
    );
    const { stdout } = spawnSync(executablePath, args, { encoding: 'utf8' });
    expect(stdout).toBe(`${Math.min(19, getPriority() + 10)} a b,--c`);
  });
});

describe.runIf(existsSync('/proc/self/autogroup'))('the group of a session that yields', () => {
  it('is below everybody else, too', () => {
    const script = `
      const { yieldAsGroup } = await import(${JSON.stringify(import.meta.resolve('../../src/render/background-priority.ts'))});
      await yieldAsGroup(process.pid, 10);`;
    const self = spawnSync('setsid', [
      '-w',
      process.execPath,
      '--input-type=module',
      '-e',
      `${script}
      process.stdout.write((await import('node:fs')).readFileSync('/proc/self/autogroup', 'utf8'));`,
    ]);
    expect(self.stdout.toString()).toMatch(/nice 10$/m);
    expect(readFileSync('/proc/self/autogroup', 'utf8')).not.toMatch(/nice 10$/m);
  });

  it('may be there no more', async () => {
    await expect(yieldAsGroup(2 ** 30, 10)).resolves.toBeUndefined();
  });
});
