import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeProfileDir, removeProfileDir, sweepProfileDirs } from '../../src/render/profile-dir.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'profile-dir-'));
});
afterEach(() => rm(parent, { recursive: true }));

/** A profile as another process would have left it. */
async function leftBehind(pid: number): Promise<string> {
  const mine = await makeProfileDir(parent);
  const theirs = mine.replace(`-${process.pid}-`, `-${pid}-x`);
  await rename(mine, theirs);
  await mkdir(path.join(theirs, 'Default'));
  return theirs;
}

it('removes what dead processes left behind and nothing else', async () => {
  const mine = await makeProfileDir(parent);
  const [dead, alive] = [await leftBehind(111), await leftBehind(222)];
  const foreign = path.join(parent, 'somebody-else');
  await mkdir(foreign);
  expect(await sweepProfileDirs(parent, (pid) => pid === 222)).toBe(1);
  expect([mine, dead, alive, foreign].map(existsSync)).toEqual([true, false, true, true]);
});

it('removes what a predecessor with the same process id left behind, as in a container', async () => {
  const predecessor = await leftBehind(process.pid);
  const beforeUs = new Date(Date.now() - process.uptime() * 1000 - 1000);
  await utimes(predecessor, beforeUs, beforeUs);
  const mine = await makeProfileDir(parent);
  await sweepProfileDirs(parent);
  expect([predecessor, mine].map(existsSync)).toEqual([false, true]);
});

it('leaves what another thread of the same process has made', async () => {
  const another = await leftBehind(process.pid);
  expect(await sweepProfileDirs(parent)).toBe(0);
  expect(existsSync(another)).toBe(true);
});

it('removes a profile with all that is in it', async () => {
  const folder = await makeProfileDir(parent);
  await mkdir(path.join(folder, 'Default', 'Cache'), { recursive: true });
  await removeProfileDir(folder);
  expect(await readdir(parent)).toEqual([]);
});
