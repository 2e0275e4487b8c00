import type { Account } from './account.ts';
import type { Frames } from './frames.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/**
 * What a frame has painted is told some time after it: to observers that ask before, or for what has been. Others, and those in frames inside, may
 * never hear a thing. Who asks again and again hears of it, too, since a frame is drawn for each question. Self-contained: runs inside the page.
 */
export function hearOfPaints(window: PageWindow, natives: Natives, account: Account, frames: Frames): void {
  const w = window as unknown as Record<string, { prototype?: object } | undefined>;
  const paints = natives.list(['paint', 'largest-contentful-paint']);
  const { performance } = window;
  const entriesOf = window.Performance?.prototype.getEntriesByType;
  const isInside = window.parent !== window;
  const hearing = natives.weakMap<object, () => void>();
  const heard = (observer: unknown) => hearing.get(observer as object)?.();
  const hasPainted = () => natives.list(natives.apply(entriesOf, performance, ['paint']) as unknown[]).length > 0;
  natives.replaceClass(
    window,
    'PerformanceObserver',
    () => {},
    (given) => {
      const callback = given[0];
      if (typeof callback !== 'function') return given;
      return [
        (...told: unknown[]) => {
          heard(told[1]);
          return natives.apply(callback as AnyFunction, told[1], told);
        },
      ];
    },
  );
  natives.replace(w.PerformanceObserver?.prototype, 'observe', (native, self, given) => {
    const result = natives.apply(native, self, given);
    const { type, entryTypes, buffered } = given[0] as PerformanceObserverInit;
    const isForPaints = natives.list(entryTypes ?? [`${type}`]).some((wanted) => paints.includes(wanted));
    if (!isForPaints || isInside || (!buffered && hasPainted())) return result;
    heard(self);
    const painted = frames.paint();
    const told = account.begin('question', 'what has been painted');
    hearing.set(self as object, () => {
      painted();
      told();
    });
    return result;
  });
  const readers = frames.onDemand && !isInside ? ['getEntries', 'getEntriesByType', 'getEntriesByName'] : [];
  for (const name of readers) {
    natives.replace(window.Performance?.prototype, name, (native, self, given) => {
      const asked = given[0];
      const isForPaints = name === 'getEntries' || (typeof asked === 'string' && natives.includes(asked, 'paint'));
      if (isForPaints && !hasPainted()) frames.paintOnce();
      return natives.apply(native, self, given);
    });
  }
  natives.replace(w.PerformanceObserver?.prototype, 'disconnect', (native, self, given) => {
    heard(self);
    return natives.apply(native, self, given);
  });
}
