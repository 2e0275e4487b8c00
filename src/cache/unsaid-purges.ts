import type { PurgeMode, PurgeSelector } from '../page/purge.ts';

export interface UnsaidPurge {
  readonly selector: PurgeSelector;
  readonly mode: PurgeMode;
}

/** Purges that a store could not be told of, in order. More than `maxCount` become one of everything: that purges too much, never too little. */
export interface UnsaidPurges {
  readonly size: number;
  add(purge: UnsaidPurge): void;
  /** Tells them one after the other; those that were told are forgotten, also when a later one fails. */
  say(tell: (purge: UnsaidPurge) => unknown): Promise<void>;
}

export function createUnsaidPurges(maxCount = 1000): UnsaidPurges {
  let purges: UnsaidPurge[] = [];
  return {
    get size() {
      return purges.length;
    },
    add(purge) {
      purges.push(purge);
      if (purges.length <= maxCount) return;
      const mode = purges.some((one) => one.mode === 'hard') ? 'hard' : 'soft';
      purges = [{ selector: { everything: true }, mode }];
    },
    async say(tell) {
      for (let next = purges[0]; next !== undefined; next = purges[0]) {
        await tell(next);
        if (purges[0] === next) purges.shift();
      }
    },
  };
}
