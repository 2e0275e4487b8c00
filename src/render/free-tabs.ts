import { unless } from './deadline.ts';
import { type Candidate, mostAlike, type Wanted } from './tab-choice.ts';

/** The tabs that nobody has, and those who wait for one. Whenever there are some of the one, there are none of the other. */
export interface FreeTabs<T extends Candidate> {
  readonly size: number;
  /** Gives a tab to whoever has waited longest, else keeps it for the next to come. */
  offer(tab: T): void;
  /** The one that needs the least to serve this. */
  take(wanted: Wanted): T | undefined;
  /** The next one that is offered; rejects with the reason of the signal when that is aborted before. */
  next(signal: AbortSignal): Promise<T>;
  /** False when it was not here. */
  remove(tab: T): boolean;
  find(test: (tab: T) => boolean): T | undefined;
  /** Sends everybody away who waits. */
  refuse(cause: unknown): void;
}

interface Waiter<T> {
  readonly resolve: (tab: T) => void;
  readonly reject: (cause: unknown) => void;
}

export function createFreeTabs<T extends Candidate>(): FreeTabs<T> {
  /** The last one used is the last one here. */
  const idle: T[] = [];
  const waiting: Waiter<T>[] = [];

  function offer(tab: T): void {
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(tab);
    else idle.push(tab);
  }

  function remove(tab: T): boolean {
    const at = idle.indexOf(tab);
    if (at >= 0) idle.splice(at, 1);
    return at >= 0;
  }

  return {
    get size() {
      return idle.length;
    },
    offer,
    remove,
    take(wanted) {
      const found = mostAlike(idle, wanted);
      if (found !== undefined) remove(found);
      return found;
    },
    async next(signal) {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const waiter = { resolve, reject };
      waiting.push(waiter);
      try {
        return await unless(signal, promise);
      } catch (cause) {
        const at = waiting.indexOf(waiter);
        if (at >= 0) waiting.splice(at, 1);
        else promise.then(offer, () => {}); // it was given one in the same moment
        throw cause;
      }
    },
    find: (test) => idle.find(test),
    refuse(cause) {
      for (const waiter of waiting.splice(0)) waiter.reject(cause);
    },
  };
}
