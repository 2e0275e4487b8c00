import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { groupLives } from '../../src/render/process-group.ts';
import { until } from './processes.ts';

const program = path.resolve(import.meta.dirname, '../fixtures/hold-chromium.ts');

/** Root has no sandbox, so then it is `nobody` who starts the Chromium. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const can = (command: string, ...words: string[]) => spawnSync(command, words, user).status === 0;
/** The checkout may be out of that user's reach, and the machine or its container may forbid user namespaces. */
const isPossible = process.platform === 'linux' && can('test', '-r', program) && can('unshare', '-Ur', 'true');

describe.skipIf(!isPossible)('the Chromium of an ordinary user', () => {
  it('shuts its renderers into its sandbox, and tells none of them our secrets', async () => {
    const { child, pid, profile } = await startAs(user);
    try {
      // A renderer begins outside and shuts itself in.
      const areShutIn = async () =>
        renderersOf(await membersOf(pid)).some(({ status }) => /^Seccomp:\t2$/m.test(status));
      await until(areShutIn, 10_000);
      const members = await membersOf(pid);
      expect(members.get(pid)?.command).not.toContain('--no-sandbox');
      const renderers = renderersOf(members);
      expect(renderers.length).toBeGreaterThan(0);
      for (const { status } of renderers) {
        // System calls are filtered (2), and it has a process id of its own in a namespace of its own (proc(5)).
        expect(status).toMatch(/^Seccomp:\t2$/m);
        expect(status).toMatch(/^NSpid:(\t\d+){2,}$/m);
      }
      for (const { environment } of members.values()) expect(environment).not.toContain('a-secret-of-the-test');
    } finally {
      child.kill('SIGKILL');
      await until(async () => !(await groupLives(pid)), 5000);
      await rm(profile, { recursive: true, force: true });
    }
  });
});

async function startAs(who: {
  uid?: number;
  gid?: number;
}): Promise<{ child: ChildProcess; pid: number; profile: string }> {
  const env = { ...process.env, PREFACE_ADMIN_TOKEN: 'a-secret-of-the-test' };
  const child = spawn(process.execPath, [program], { ...who, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, ...JSON.parse(String(line)) };
}

interface Member {
  readonly command: string;
  readonly status: string;
  /** Empty where the system does not let us look. */
  readonly environment: string;
}

const renderersOf = (members: ReadonlyMap<number, Member>) =>
  [...members.values()].filter(({ command }) => command.includes('--type=renderer'));

/** The processes below this one. */
async function membersOf(root: number): Promise<ReadonlyMap<number, Member>> {
  const pids = [root];
  // The array grows while it is walked: children of children.
  for (const pid of pids) {
    const children = await textOf(`/proc/${pid}/task/${pid}/children`);
    pids.push(...children.split(' ').filter(Boolean).map(Number));
  }
  const member = async (pid: number): Promise<[number, Member]> => {
    const [command, status, environment] = await Promise.all(
      ['cmdline', 'status', 'environ'].map((name) => textOf(`/proc/${pid}/${name}`)),
    );
    return [pid, { command: command ?? '', status: status ?? '', environment: environment ?? '' }];
  };
  return new Map(await Promise.all(pids.map(member)));
}

const textOf = (file: string) => readFile(file, 'utf8').catch(() => '');
