import { readdir, readFile } from 'node:fs/promises';

export interface ChromiumProcesses {
  readonly leader: number;
  /** Command lines by process id, the leader's among them. */
  readonly members: ReadonlyMap<number, string>;
}

/** The processes of the one Chromium that this test has started. Rejects when there is none, or more than one. */
export async function chromiumProcesses(): Promise<ChromiumProcesses> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(
    pids.map(async (pid) => ({ pid, group: await groupOf(pid), line: await textOf(`/proc/${pid}/cmdline`) })),
  );
  const profile = /--user-data-dir=\S*preface-chromium-[\w-]*-(\d+)-/;
  const leaders = all.filter(
    ({ line }) => !line.includes('--type=') && profile.exec(line)?.[1] === String(process.pid),
  );
  const [leader, other] = leaders;
  if (leader === undefined || other !== undefined) throw new Error(`${leaders.length} Chromiums`);
  const members = all.filter(({ group }) => group === leader.pid).map(({ pid, line }) => [pid, line] as const);
  return { leader: leader.pid, members: new Map(members) };
}

export async function groupOf(pid: number): Promise<number> {
  const stat = await textOf(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');

/** Waits for something outside to become true. */
export async function until(condition: () => Promise<boolean>, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
