import type { Lease, Leases } from '../cache/leases.ts';
import type { Clock } from '../clock.ts';

/** Whoever dies with it keeps the others waiting for this long. */
const ttlMs = 60_000;

/**
 * Does `work` unless another replica is at it; resolves when it is done or left to the other. Replicas that cannot be heard do it each: pages that are
 * prepared twice are better than none. A lease that is lost meanwhile ends nothing, for the same reason.
 */
export async function inOneReplica(
  leases: Leases | undefined,
  name: string,
  clock: Clock,
  work: () => Promise<void>,
): Promise<void> {
  if (leases === undefined) return work();
  let lease: Lease | undefined;
  try {
    lease = await leases.take(name, ttlMs);
  } catch {
    return work();
  }
  if (lease === undefined) return;
  const held = lease;
  let cancel = () => {};
  const extend = () => {
    cancel = clock.after(ttlMs / 3, () => {
      void held.extend().catch(() => {});
      extend();
    });
  };
  extend();
  try {
    await work();
  } finally {
    cancel();
    await held.release().catch(() => {});
  }
}
