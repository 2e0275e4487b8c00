import { isMoreUrgent, type RenderJob } from '../render/renderer.ts';

export interface RisingJob extends RenderJob {
  /** Somebody else waits for the same page: the more urgent of the two counts from now on. */
  join(other: RenderJob): void;
}

/** A render that several wait for. It stands in the queue where the most urgent of them would, whoever came first. */
export function risingJob(first: RenderJob): RisingJob {
  const listeners = new Set<() => void>();
  let foremost = first;
  return {
    target: first.target,
    get priority() {
      return foremost.priority;
    },
    get client() {
      return foremost.client;
    },
    onRise(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    join(other) {
      if (!isMoreUrgent(other.priority, foremost.priority)) return;
      foremost = other;
      for (const listener of [...listeners]) listener();
    },
  };
}
