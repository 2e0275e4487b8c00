import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { Config } from '../../config/schema.ts';
import { type Finding, ok, warning } from './finding.ts';

const mb = 1024 ** 2;

/**
 * The sandbox needs a user that is not root, and user namespaces. `seen`: whether a Chromium that was started here has it. That
 * counts before any setting of the kernel: a container's rules stand in none of them.
 */
export async function sandboxFinding(
  { render }: Pick<Config, 'render'>,
  seen: boolean | undefined,
  uid = process.getuid?.(),
): Promise<Finding> {
  const subject = 'sandbox';
  if (render.sandbox === 'off') {
    return warning(
      subject,
      'switched off (render.sandbox)',
      'set render.sandbox to auto unless something else isolates Chromium',
    );
  }
  if (uid === 0) {
    return warning(
      subject,
      'running as root, who cannot have it: pages run unconfined',
      'run as another user (in a container: user: "1000:1000")',
    );
  }
  if (seen === true) return ok(subject, 'on');
  const restriction = await userNamespaceRestriction();
  const profile = 'a seccomp or AppArmor profile that allows user namespaces (docs/operations.md)';
  if (restriction !== undefined) {
    const { name, is, wanted } = restriction;
    return warning(
      subject,
      `user namespaces are restricted (${name}=${is})`,
      `sysctl -w ${name}=${wanted}, or ${profile}`,
    );
  }
  if (seen === undefined) {
    const says =
      render.sandbox === 'required' ? 'required, and Chromium did not start' : 'not tried: nothing was rendered';
    return warning(subject, says, `mend what kept Chromium from starting; it may have been the lack of ${profile}`);
  }
  return warning(subject, 'Chromium does not start with it here: pages run unconfined', profile);
}

async function userNamespaceRestriction() {
  const clone = await numberIn('/proc/sys/kernel/unprivileged_userns_clone');
  if (clone === 0) return { name: 'kernel.unprivileged_userns_clone', is: 0, wanted: 1 };
  const restricted = await numberIn('/proc/sys/kernel/apparmor_restrict_unprivileged_userns');
  return restricted === 1 ? { name: 'kernel.apparmor_restrict_unprivileged_userns', is: 1, wanted: 0 } : undefined;
}

/** Chromium's processes share pictures and more through `/dev/shm`; containers have 64 MB unless told otherwise. */
export async function sharedMemoryFinding(): Promise<Finding> {
  const subject = '/dev/shm';
  const stats = await statfs('/dev/shm').catch(() => undefined);
  if (stats === undefined) return ok(subject, 'not used on this system');
  const size = stats.blocks * stats.bsize;
  const says = `${Math.round(size / mb)} MB`;
  if (size >= 256 * mb) return ok(subject, says);
  return warning(
    subject,
    `${says}: Chromium writes to the disk instead`,
    'give the container more: docker run --shm-size=1g',
  );
}

/** A tab takes some 150 MB, Chromium itself as much again. */
export async function memoryFinding({ render }: Config): Promise<Finding> {
  const subject = 'memory';
  const limit =
    (await numberIn('/sys/fs/cgroup/memory.max')) ?? (await numberIn('/sys/fs/cgroup/memory/memory.limit_in_bytes'));
  const isLimited = limit !== undefined && limit < totalmem();
  const usable = isLimited ? limit : totalmem();
  const tabs = render.tabs === 'auto' ? availableParallelism() * 2 : render.tabs;
  const says = `${Math.round(usable / mb)} MB${isLimited ? ' (limit of this container)' : ''}, ${availableParallelism()} processors`;
  const wanted = (300 + 150 * tabs) * mb;
  if (usable >= wanted) return ok(subject, says);
  return warning(
    subject,
    `${says}: little for ${tabs} tabs`,
    `give it ${Math.ceil(wanted / mb / 256) * 256} MB, or set render.tabs lower`,
  );
}

export async function processesFinding(): Promise<Finding> {
  const subject = 'processes';
  const limit = await numberIn('/sys/fs/cgroup/pids.max');
  if (limit === undefined) return ok(subject, 'no limit');
  if (limit >= 256) return ok(subject, `at most ${limit}`);
  return warning(subject, `at most ${limit}: Chromium may need more`, 'raise the limit: docker run --pids-limit=512');
}

/** The number in a file of the kernel's; undefined when there is none (`max`, no such file). */
async function numberIn(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
