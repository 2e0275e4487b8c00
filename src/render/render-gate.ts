import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { createFairQueue, type Place } from './fair-queue.ts';
import type { Renderer, RenderJob, RenderPriority } from './renderer.ts';

export interface RenderGateSettings {
  /** Renders at once. */
  readonly limit: number;
  readonly maxWaiting: number;
  /** Nobody waits in the queue for longer. */
  readonly maxWaitMs: number;
}

export interface RenderGateState {
  readonly running: number;
  readonly waiting: number;
  readonly limit: number;
}

export interface RenderGate extends Renderer {
  state(): RenderGateState;
}

interface Waiter extends Place {
  readonly go: () => void;
  readonly refuse: (why: string) => void;
}

/** A `Renderer` before a `Renderer`: lets so many through at once, keeps the others in a fair queue, and says no in time. */
export function createRenderGate(
  renderer: Renderer,
  { limit, maxWaiting, maxWaitMs }: RenderGateSettings,
  clock: Clock,
): RenderGate {
  const queue = createFairQueue<Waiter>(maxWaiting);
  // Warming up leaves a place free: a reader never has to wait for a page that nobody has asked for.
  const warmLimit = Math.max(1, limit - 1);
  const isFull = `${maxWaiting} renders are waiting already`;
  let running = 0;

  const hasRoom = (priority: RenderPriority) => running < (priority === 'warm' ? warmLimit : limit);

  function letIn(): void {
    for (let next = queue.take(hasRoom); next !== undefined; next = queue.take(hasRoom)) {
      running += 1;
      next.go();
    }
  }

  /** Resolves when it is this job's turn; a place is then taken. */
  function turn(job: RenderJob, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let leaveQueue = () => {};
      const ending = (then: () => void) => {
        leaveQueue();
        stopListening?.();
        signal.removeEventListener('abort', gone);
        then();
      };
      const go = () => ending(resolve);
      const refuse = (why: string) => ending(() => reject(new RenderError('overloaded', why)));
      const gone = () => ending(() => reject(new RenderError('aborted', 'nobody waits for the page any more')));
      const enter = () => {
        leaveQueue();
        const waiter: Waiter = { priority: job.priority, client: job.client, go, refuse };
        const cancel = clock.after(maxWaitMs, () => refuse(`no render was free within ${maxWaitMs} ms`));
        leaveQueue = () => {
          cancel();
          queue.remove(waiter);
        };
        queue.add(waiter)?.refuse(isFull);
        letIn();
      };
      signal.addEventListener('abort', gone, { once: true });
      const stopListening = job.onRise?.(enter);
      enter();
    });
  }

  return {
    state: () => ({ running, waiting: queue.size, limit }),
    async render(job, signal) {
      if (signal.aborted) throw new RenderError('aborted', 'nobody waits for the page any more');
      const asked = clock.now();
      if (queue.size === 0 && hasRoom(job.priority)) running += 1;
      else if (queue.refuses(job)) throw new RenderError('overloaded', isFull);
      else await turn(job, signal);
      const queueMs = clock.now() - asked;
      try {
        return afterQueue(await renderer.render(job, signal), queueMs);
      } finally {
        running -= 1;
        letIn();
      }
    },
  };
}

function afterQueue(snapshot: Snapshot, queueMs: number): Snapshot {
  const { stages } = snapshot.report;
  const total = stages.total + queueMs;
  return { ...snapshot, report: { ...snapshot.report, stages: { ...stages, queue: queueMs, total } } };
}
