import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';

const pageBytes = 4096;

/** Ends every process of a group: a friendly word first, then force. Resolves to whether they are all gone. */
export async function endProcessGroup(leader: number, clock: Clock, graceMs = 2000): Promise<boolean> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    sendToGroup(leader, signal);
    for (let waitedMs = 0; waitedMs < graceMs; waitedMs += 20) {
      if (!(await groupLives(leader))) return true;
      await clock.sleep(20);
    }
  }
  return !(await groupLives(leader));
}

/** At once and without waiting, for when there is no time for manners. */
export function sendToGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined || leader <= 1) return; // kill(2): 0 and -1 mean our own group and everybody
  if (process.platform === 'win32') {
    execFile('taskkill', ['/pid', String(leader), '/T', '/F'], () => {});
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone already, or not ours any more: either way there is nothing left to signal.
  }
}

/** Whether any process of the group still runs. One that is dead but not yet fetched by its parent does not. */
export async function groupLives(leader: number): Promise<boolean> {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || (await groupUsage(leader)).processes > 0;
}

export interface GroupUsage {
  readonly processes: number;
  /** Resident memory, pages that several processes share counted once for each. */
  readonly rssBytes: number;
}

/** Nothing (zeros) where there is no `/proc`. */
export async function groupUsage(leader: number): Promise<GroupUsage> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  const members = stats.map(parseStat).filter((stat) => stat.group === leader && stat.state !== 'Z');
  return { processes: members.length, rssBytes: members.reduce((sum, { rssPages }) => sum + rssPages * pageBytes, 0) };
}

/** The fields of `/proc/<pid>/stat` that matter here; the name before them may hold spaces and brackets (proc(5)). */
export function parseStat(line: string): { state: string; group: number; rssPages: number } {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), rssPages: Number(fields[21]) };
}
