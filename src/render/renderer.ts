import type { RenderClient } from '../page/client.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';
import type { Variant } from '../page/variant.ts';

/** A waiting reader goes before the renewal of a stale page, which goes before warm-up. */
export const renderPriorities = ['interactive', 'renew', 'warm'] as const;
export type RenderPriority = (typeof renderPriorities)[number];

export function isMoreUrgent(one: RenderPriority, other: RenderPriority): boolean {
  return renderPriorities.indexOf(one) < renderPriorities.indexOf(other);
}

export interface RenderJob {
  readonly target: PageTarget;
  readonly priority: RenderPriority;
  /** Who asks, for fairness in the queue. */
  readonly client: RenderClient;
  /** What this render does otherwise. What it makes is no reader's page, and must not be kept as one. */
  readonly variant?: Variant | undefined;
  /**
   * Where others may come to wait for the same render: calls back when `priority` and `client` have become those of somebody
   * more urgent. Returns how to stop listening.
   */
  readonly onRise?: (listener: () => void) => () => void;
}

export interface Renderer {
  /**
   * Renders one page. Rejects with a `RenderError` and leaves no tab open, whatever happens;
   * an aborted signal ends the work at once with code `aborted`.
   */
  render(job: RenderJob, signal: AbortSignal): Promise<Snapshot>;
}
