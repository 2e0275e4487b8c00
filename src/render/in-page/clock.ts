import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/** The page's time: real time plus everything that was jumped over. */
export interface PageClock {
  /** Page milliseconds, as the page's own `performance.now()` gives them. */
  now(): number;
  /** Milliseconds jumped over so far. */
  skipped(): number;
  /** Moves the page's time forward, by a whole millisecond where a part is asked for, and tells everyone who asked. */
  shift(ms: number): void;
  onShift(call: (ms: number) => void): void;
}

/**
 * Makes `Date`, `performance` and event timestamps tell the page's time. `Temporal` is left alone: to look at it is to have
 * all of it made, which takes longer than the rest of this together. Self-contained: runs inside the page.
 */
export function makeClock(window: PageWindow, natives: Natives): PageClock {
  const listeners = natives.list<(ms: number) => void>();
  const NativeDate = window.Date;
  const dateNow = NativeDate.now;
  const { construct } = Reflect;
  const { ceil } = Math;
  const inWords = NativeDate.prototype.toString;
  let skipped = alreadySkipped();

  /** A frame that is made later starts at its parent's hour, else the two would disagree. */
  function alreadySkipped(): number {
    try {
      const parent = window.parent as PageWindow;
      return parent === window ? 0 : Math.max(0, parent.Date.now() - dateNow());
    } catch {
      return 0;
    }
  }

  const now = () => natives.realNow() + skipped;
  const epochNow = () => dateNow() + skipped;

  natives.replace(
    window.Performance?.prototype,
    'now',
    (native, self, given) => (natives.apply(native, self, given) as number) + skipped,
  );
  natives.replace(NativeDate, 'now', epochNow);
  const PageDate: DateConstructor = new Proxy(NativeDate, {
    apply: () => natives.apply(inWords, new NativeDate(epochNow()), []),
    construct: (target, given, maker): object =>
      construct(target, given.length === 0 ? [epochNow()] : given, maker === PageDate ? target : maker),
  });
  NativeDate.prototype.constructor = PageDate;
  window.Date = PageDate;

  /** What was jumped over, and when: a thing keeps the time at which it happened. */
  const jumps = natives.list([{ realMs: Number.NEGATIVE_INFINITY, skipped }]);
  function skippedBy(realMs: number): number {
    let at = jumps.length - 1;
    while (at > 0 && (jumps[at] as { realMs: number }).realMs > realMs) at--;
    return (jumps[at] as { skipped: number }).skipped;
  }
  const toldIn = (native: AnyFunction, self: unknown) => {
    const realMs = natives.apply(native, self, []) as number;
    return realMs + skippedBy(realMs);
  };
  natives.replaceGetter(window.Event?.prototype, 'timeStamp', toldIn);
  natives.replaceGetter(window.IntersectionObserverEntry?.prototype, 'time', toldIn);
  agreeOnMarks();

  function agreeOnMarks() {
    const prototype = window.Performance?.prototype;
    natives.replace(prototype, 'mark', (native, self, given) =>
      natives.apply(native, self, [given[0], { startTime: now(), ...(given[1] as object | undefined) }]),
    );
    natives.replace(prototype, 'measure', (native, self, asked) => {
      const start = asked[1];
      const end = asked[2];
      const given = typeof start === 'object' && start !== null ? { ...start } : { start, end };
      const span = given as { start?: unknown; end?: unknown; duration?: unknown };
      if (span.end === undefined && span.duration === undefined) span.end = now();
      if (span.start === undefined && span.duration === undefined) span.start = 0;
      return natives.apply(native, self, [asked[0], span]);
    });
  }

  return {
    now,
    skipped: () => skipped,
    shift(ms) {
      // In whole milliseconds, as `Date` counts: by parts of them it would fall short of a delay that is over.
      const wholeMs = ceil(ms);
      skipped += wholeMs;
      jumps.push({ realMs: natives.realNow(), skipped });
      for (const call of listeners) call(wholeMs);
    },
    onShift: (call) => void listeners.push(call),
  };
}
