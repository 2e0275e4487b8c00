import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

const prefix = `preface-chromium-${hostname().replace(/[^\w-]/g, '')}-`;

/** A fresh, empty folder for one Chromium; its name tells whose it is. */
export async function makeProfileDir(parent = tmpdir()): Promise<string> {
  return mkdtemp(path.join(parent, `${prefix}${process.pid}-`));
}

export async function removeProfileDir(folder: string): Promise<void> {
  // A process of the group may still be writing while it ends.
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Removes what processes of this host left behind that are gone now. Resolves to the number of folders. */
export async function sweepProfileDirs(parent = tmpdir(), alive = isAlive): Promise<number> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  const folders = names.map((name) => path.join(parent, name));
  const left = await Promise.all(folders.map(isOrphan));
  const orphans = folders.filter((_, index) => left[index]);
  await Promise.all(orphans.map((folder) => rm(folder, { recursive: true, force: true }).catch(() => {})));
  return orphans.length;

  async function isOrphan(folder: string): Promise<boolean> {
    const pid = Number(path.basename(folder).slice(prefix.length).split('-', 1)[0]);
    if (pid !== process.pid) return !alive(pid);
    // In a container every start has the same pid: a folder from before our start is our predecessor's. A younger one may be another thread's.
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    return mtimeMs < Date.now() - process.uptime() * 1000;
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
