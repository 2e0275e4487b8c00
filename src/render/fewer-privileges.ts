import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from './background-priority.ts';

const setpriv = '/usr/bin/setpriv';
const given = ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'];

/**
 * The same program, started without what root may do beyond its files (capabilities(7)): a renderer that is broken into has less to offer, and
 * Chromium's threads cannot raise themselves above people's requests, which they do wherever they may. `setpriv` becomes the program itself.
 * Nothing for an ordinary user, who has none of this, nor where that cannot be done: a container may have taken the right to it, other `setpriv`s know less.
 */
export async function withFewerPrivileges(
  { executablePath, args }: Command,
  uid = process.getuid?.(),
  tool = setpriv,
): Promise<Command> {
  if (uid !== 0 || !(await reaches(tool, executablePath))) return { executablePath, args };
  return { executablePath: tool, args: [...given, executablePath, ...args] };
}

/** Root without its capabilities is a stranger in the folders of others. */
function reaches(tool: string, program: string): Promise<boolean> {
  return promisify(execFile)(tool, [...given, '/usr/bin/test', '-x', program], { timeout: 2000 }).then(
    () => true,
    () => false,
  );
}
