import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

const nice = '/usr/bin/nice';

export interface Command {
  readonly executablePath: string;
  readonly args: readonly string[];
}

/**
 * The same program, started so that it yields the processor: people's requests go through this process and must not wait for pages
 * that are being rendered. `nice` becomes the program itself (the pid is the program's), and what it starts inherits from it.
 */
export function yielding({ executablePath, args }: Command, niceness: number): Command {
  if (niceness === 0 || !existsSync(nice)) return { executablePath, args };
  return { executablePath: nice, args: ['-n', String(niceness), executablePath, ...args] };
}

/**
 * Where Linux groups processes by session, niceness counts only within a session, and Chromium has one of its own: its whole
 * group yields too (sched(7), "The autogroup feature"). Nothing where there is no such thing.
 */
export async function yieldAsGroup(pid: number, niceness: number): Promise<void> {
  if (niceness === 0) return;
  await writeFile(`/proc/${pid}/autogroup`, String(niceness)).catch(() => {});
}
