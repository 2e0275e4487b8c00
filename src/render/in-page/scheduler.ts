import type { Account } from './account.ts';
import type { PageClock } from './clock.ts';
import type { Frames } from './frames.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';
import type { Entry, TimerQueue } from './timer-queue.ts';

/**
 * What may run:
 * - `all`: everything;
 * - `once`: one-shot timers that were set before this was said; whatever repeats itself stands still;
 * - `nothing`.
 */
export type RunMode = 'all' | 'once' | 'nothing';

export interface Scheduler {
  /** Page milliseconds until the next thing that may run; undefined when there is none. */
  due(): number | undefined;
  /** Moves the clock to the next thing due by then, and runs it; false when there was none. */
  runNext(until: number): boolean;
  setMode(mode: RunMode): void;
  /** A timer of our own making, for things the platform times by itself. */
  after(ms: number, callback: () => void): () => void;
  /** Real milliseconds spent in the page's callbacks so far. */
  ranMs(): number;
  /** The nearest timers, in words. */
  waiting(): string[];
}

/** Takes over timers, animation frames and idle callbacks. Self-contained: runs inside the page. */
export function makeScheduler(
  window: PageWindow,
  natives: Natives,
  clock: PageClock,
  account: Account,
  queue: TimerQueue,
  realFrames: Frames,
): Scheduler {
  const frames = natives.map<number, AnyFunction>();
  const { max, min, round } = Math;
  const { create, prototype: anyPrototype } = Object;
  const runEval = window.eval;
  const rootOf = natives.getter(window.Document?.prototype, 'documentElement');
  const flushLayout = window.Element?.prototype.getBoundingClientRect;
  let lastId = 0;
  let nesting = 0;
  let mode: RunMode = 'all';
  /** In mode `once`: what was set later repeats something. */
  let cutOff = 0;
  let frameDue = 0;
  let framesRun = 0;
  let idleRun = 0;
  let ranMs = 0;
  /** Callbacks of the frame that is being run out of turn. */
  let batch = natives.list<number>();
  let batchAt = 0;
  let armed: { handle: number; at: number } | undefined;

  // A loop that goes on and on is run as a starved machine would run it: at a half, then at a sixth of the rate.
  const frameMs = () => (framesRun < 90 ? 1000 / 60 : framesRun < 180 ? 1000 / 30 : 100);
  const idleMs = () => (idleRun < 60 ? 1 : 50);
  // Five timers deep, four milliseconds is the least (HTML, "timer initialization steps").
  const leastMs = (depth: number) => (depth < 5 ? 0 : depth < 50 ? 4 : depth < 150 ? 16 : 100);
  const mayRun = (entry: Entry) => mode === 'all' || (mode === 'once' && entry.kind === 'timer' && entry.id <= cutOff);

  const next = () => (mode === 'nothing' ? undefined : queue.first(mayRun));

  function insert(entry: Entry) {
    queue.insert(entry);
    arm();
  }

  /** One native timer stands for all of ours: it wakes us when the next one is due in real time. */
  function arm() {
    const entry = next();
    if (!entry) return;
    const wait = max(0, entry.due - clock.now());
    const at = natives.realNow() + wait;
    if (armed) {
      if (armed.at <= at) return;
      natives.cancel(armed.handle);
    }
    armed = { handle: natives.after(wait, wake), at };
  }

  function rearm() {
    if (armed) natives.cancel(armed.handle);
    armed = undefined;
    arm();
  }

  function wake() {
    armed = undefined;
    const entry = next();
    if (!entry) return;
    if (entry.due <= clock.now()) run(entry);
    const following = next();
    if (following && following.due <= clock.now()) natives.turn(wake);
    else arm();
  }

  function call(callback: AnyFunction, given: unknown[]) {
    const began = natives.realNow();
    natives.call(callback, window, given);
    ranMs += natives.realNow() - began;
  }

  function run(entry: Entry) {
    queue.remove(entry);
    if (entry.kind === 'interval') {
      const everyMs = max(entry.everyMs, leastMs(entry.nesting));
      insert({ ...entry, nesting: entry.nesting + 1, due: max(entry.due, clock.now() - everyMs) + everyMs });
    }
    if (entry.kind === 'idle') idleRun++;
    nesting = entry.nesting;
    account.touch();
    call(entry.callback, entry.given);
    nesting = 0;
  }

  /** Takes what `setTimeout` is given: a handler, a delay, arguments for the handler. */
  function set(kind: Entry['kind'], asked: readonly unknown[]): number {
    const handler = asked[0];
    const delay = asked[1];
    const given = natives.list(asked).slice(2);
    const ms = max(Number(delay) | 0, kind === 'interval' ? 4 : leastMs(nesting));
    const callback = typeof handler === 'function' ? (handler as AnyFunction) : () => runEval(String(handler));
    insert({ id: ++lastId, kind, callback, given, everyMs: ms, nesting: nesting + 1, due: clock.now() + ms });
    account.touch();
    return lastId;
  }

  function requestFrame(callback: AnyFunction): number {
    const id = ++lastId;
    if (frames.size === 0) frameDue = max(frameDue, clock.now() + 1);
    frames.set(id, callback);
    awaitFrame(id);
    return id;
  }

  function awaitFrame(id: number) {
    realFrames.request(() => mode === 'all' && runFrame(id, clock.now()), 'soon');
  }

  function runFrame(id: number, at: number) {
    const callback = frames.get(id);
    if (!callback) return;
    frames.delete(id);
    call(callback, [at]);
  }

  /** Runs one callback of a frame made by us; a page that measures or animates must find the layout done between two of them. */
  function runBatch() {
    const id = batch.shift();
    account.touch();
    if (id !== undefined) runFrame(id, batchAt);
    const root = rootOf(window.document);
    if (batch.length === 0 && root && flushLayout) natives.apply(flushLayout, root, []);
  }

  function idleDeadline(didTimeout: boolean) {
    const until = clock.now() + 50;
    const prototype = (window as { IdleDeadline?: { prototype: object } }).IdleDeadline?.prototype ?? anyPrototype;
    return create(prototype, {
      didTimeout: { value: didTimeout, enumerable: true },
      timeRemaining: { value: () => max(0, until - clock.now()), enumerable: true },
    });
  }

  natives.replace(window, 'setTimeout', (_native, _self, given) => set('timer', given));
  natives.replace(window, 'setInterval', (_native, _self, given) => set('interval', given));
  for (const name of ['clearTimeout', 'clearInterval']) {
    natives.replace(window, name, (_native, _self, given) => {
      const entry = queue.get(Number(given[0]));
      if (entry && entry.kind !== 'idle') queue.remove(entry);
    });
  }
  natives.replace(window, 'requestAnimationFrame', (native, self, given) =>
    typeof given[0] === 'function' ? requestFrame(given[0] as AnyFunction) : natives.apply(native, self, given),
  );
  natives.replace(window, 'cancelAnimationFrame', (_native, _self, given) => void frames.delete(Number(given[0])));
  natives.replace(window, 'requestIdleCallback', (native, self, given) =>
    typeof given[0] === 'function'
      ? set('idle', [() => (given[0] as AnyFunction)(idleDeadline(false)), idleMs()])
      : natives.apply(native, self, given),
  );
  natives.replace(window, 'cancelIdleCallback', (_native, _self, given) => {
    const entry = queue.get(Number(given[0]));
    if (entry?.kind === 'idle') queue.remove(entry);
  });
  clock.onShift(rearm);

  const nextDue = () => {
    if (batch.length > 0 && mode === 'all') return clock.now();
    const timer = next()?.due ?? Number.POSITIVE_INFINITY;
    return min(timer, frames.size > 0 && mode === 'all' ? frameDue : Number.POSITIVE_INFINITY);
  };

  function runDue(at: number) {
    if (batch.length > 0) return runBatch();
    const entry = next();
    if (entry && entry.due <= at) return run(entry);
    batch = natives.keysOf(frames);
    batchAt = clock.now();
    frameDue = batchAt + frameMs();
    framesRun++;
    runBatch();
  }

  return {
    due() {
      const at = nextDue();
      return at === Number.POSITIVE_INFINITY ? undefined : max(0, at - clock.now());
    },
    runNext(until) {
      const at = nextDue();
      if (at > until) return false;
      if (at > clock.now()) clock.shift(at - clock.now());
      runDue(at);
      return true;
    },
    ranMs: () => ranMs,
    setMode(wanted) {
      if (wanted === 'once' && mode === 'all') cutOff = lastId;
      const before = mode;
      mode = wanted;
      if (before !== wanted) {
        for (const id of wanted === 'all' ? natives.keysOf(frames) : natives.list<number>()) awaitFrame(id);
        rearm();
      }
    },
    after(ms, callback) {
      const id = set('timer', [callback, ms]);
      return () => queue.remove(queue.get(id));
    },
    waiting: () => queue.nearest(5).map((entry) => `${entry.kind} ${max(0, round(entry.due - clock.now()))} ms`),
  };
}
