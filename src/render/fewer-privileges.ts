import { existsSync } from 'node:fs';
import type { Command } from './background-priority.ts';

const setpriv = '/usr/bin/setpriv';

/**
 * The same program, started without what root may do beyond its files (capabilities(7)): a renderer that is broken into has less to offer, and
 * Chromium's threads cannot raise themselves above people's requests, which they do wherever they may. `setpriv` becomes the program itself.
 * Nothing for an ordinary user, who has none of this, nor where there is no such program.
 */
export function withFewerPrivileges({ executablePath, args }: Command, uid = process.getuid?.()): Command {
  if (uid !== 0 || !existsSync(setpriv)) return { executablePath, args };
  const given = ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'];
  return { executablePath: setpriv, args: [...given, executablePath, ...args] };
}
