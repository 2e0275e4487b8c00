import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

const prefix = `preface-chromium-${hostname().replace(/[^\w-]/g, '')}-`;
const mine = new Set<string>();

/** A fresh, empty folder for one Chromium; its name tells whose it is. */
export async function makeProfileDir(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(path.join(parent, `${prefix}${process.pid}-`));
  mine.add(folder);
  return folder;
}

export async function removeProfileDir(folder: string): Promise<void> {
  // A process of the group may still be writing while it ends.
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  mine.delete(folder);
}

/** Removes what processes of this host left behind that are gone now. Resolves to the number of folders. */
export async function sweepProfileDirs(parent = tmpdir(), alive = isAlive): Promise<number> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  const orphans = names
    .map((name) => path.join(parent, name))
    .filter((folder) => !mine.has(folder) && isOrphan(folder));
  await Promise.all(orphans.map((folder) => rm(folder, { recursive: true, force: true }).catch(() => {})));
  return orphans.length;

  function isOrphan(folder: string): boolean {
    const pid = Number(path.basename(folder).slice(prefix.length).split('-', 1)[0]);
    // In a container every start has the same pid: a folder with ours that we did not make is our predecessor's.
    return pid === process.pid || !alive(pid);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
