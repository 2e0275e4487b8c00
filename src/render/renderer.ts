import type { RenderClient } from '../page/client.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';

/** A waiting reader goes before the renewal of a stale page, which goes before warm-up. */
export type RenderPriority = 'interactive' | 'renew' | 'warm';

export interface RenderJob {
  readonly target: PageTarget;
  readonly priority: RenderPriority;
  /** Who asks, for fairness in the queue. */
  readonly client: RenderClient;
}

export interface Renderer {
  /**
   * Renders one page. Rejects with a `RenderError` and leaves no tab open, whatever happens;
   * an aborted signal ends the work at once with code `aborted`.
   */
  render(job: RenderJob, signal: AbortSignal): Promise<Snapshot>;
}
