import type { AnyFunction, Natives } from './natives.ts';

export interface Entry {
  /** Rises in the order in which timers are set. */
  readonly id: number;
  readonly kind: 'timer' | 'interval' | 'idle';
  readonly callback: AnyFunction;
  readonly given: unknown[];
  readonly everyMs: number;
  /** How many timers deep it was set. */
  readonly nesting: number;
  /** Page milliseconds. */
  readonly due: number;
}

/** Timers in the order in which they are due; equal ones in the order in which they were set. */
export interface TimerQueue {
  insert(entry: Entry): void;
  remove(entry: Entry | undefined): void;
  get(id: number): Entry | undefined;
  /** The first one that fits. */
  first(fits: (entry: Entry) => boolean): Entry | undefined;
  nearest(count: number): Entry[];
}

/** Self-contained: runs inside the page. */
export function makeTimerQueue(natives: Natives): TimerQueue {
  /** The last one due comes first, so that the next one is taken from the end. */
  const queue = natives.list<Entry>();
  const entries = natives.map<number, Entry>();

  return {
    insert(entry) {
      let low = 0;
      let high = queue.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = queue[middle] as Entry;
        if (other.due > entry.due || (other.due === entry.due && other.id > entry.id)) low = middle + 1;
        else high = middle;
      }
      queue.splice(low, 0, entry);
      entries.set(entry.id, entry);
    },
    remove(entry) {
      if (!entry) return;
      entries.delete(entry.id);
      const at = queue.lastIndexOf(entry);
      if (at >= 0) queue.splice(at, 1);
    },
    get: (id) => entries.get(id),
    first(fits) {
      for (let at = queue.length - 1; at >= 0; at--) if (fits(queue[at] as Entry)) return queue[at];
      return undefined;
    },
    nearest: (count) => queue.slice(-count).reverse(),
  };
}
