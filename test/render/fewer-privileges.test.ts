import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withFewerPrivileges } from '../../src/render/fewer-privileges.ts';

const status = { executablePath: '/bin/cat', args: ['/proc/self/status'] };

it.skipIf(process.getuid?.() !== 0 || !existsSync('/usr/bin/setpriv'))(
  'what root starts has none of the capabilities of root, and cannot get them',
  async () => {
    const { executablePath, args } = await withFewerPrivileges(status);
    const told = execFileSync(executablePath, [...args], { encoding: 'utf8' });
    for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapInh']) expect(told).toMatch(new RegExp(`${set}:\\s+0+\\n`));
    expect(told).toMatch(/NoNewPrivs:\s+1/);
  },
);

it('leaves the program of an ordinary user as it is', async () => {
  expect(await withFewerPrivileges(status, 1000)).toEqual(status);
});

it.each(['/bin/false', '/nowhere/setpriv'])('leaves it as it is where that cannot be done: %s', async (tool) => {
  expect(await withFewerPrivileges(status, 0, tool)).toEqual(status);
});
