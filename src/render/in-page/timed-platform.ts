import type { Account } from './account.ts';
import type { PageClock } from './clock.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';
import type { Scheduler } from './scheduler.ts';

/** Times of the platform itself that must follow the page's clock. */
export interface TimedPlatform {
  /** Page milliseconds until the first running animation or transition ends; undefined when none will. */
  due(): number | undefined;
}

/** `AbortSignal.timeout`, `scheduler.postTask`, CSS transitions and animations, WAAPI. Self-contained: runs inside the page. */
export function followClock(
  window: PageWindow,
  natives: Natives,
  clock: PageClock,
  scheduler: Scheduler,
  account: Account,
): TimedPlatform {
  const { AbortController, DOMException } = window;
  const { abs, max, min } = Math;
  const Pledge = Promise;
  const timelineOf = natives.getter(window.Document?.prototype, 'timeline');
  const getAnimations = window.Document?.prototype.getAnimations;

  natives.replace(window.AbortSignal, 'timeout', (native, self, given) => {
    const ms = Number(given[0]);
    if (!(ms >= 0)) return natives.apply(native, self, given);
    const controller = new AbortController();
    scheduler.after(ms, () => controller.abort(new DOMException('signal timed out', 'TimeoutError')));
    return controller.signal;
  });

  const tasks = (window as unknown as { Scheduler?: { prototype: object } }).Scheduler?.prototype;
  natives.replace(tasks, 'postTask', (native, self, asked) => {
    const callback = asked[0];
    const options = asked[1];
    const { delay, ...rest } = (options ?? {}) as { delay?: number; signal?: AbortSignal };
    if (typeof callback !== 'function') return natives.apply(native, self, [callback, options]);
    const post = () => {
      const end = account.begin('task', 'scheduler.postTask');
      const run = (...given: unknown[]) => {
        end();
        return natives.apply(callback as AnyFunction, undefined, given);
      };
      const posted = natives.apply(native, self, [run, rest]);
      natives.follow(posted, end);
      return posted;
    };
    if (!((delay ?? 0) > 0)) return post();
    return new Pledge((resolve, reject) => {
      const { signal } = rest;
      if (signal?.aborted) return reject(signal.reason);
      const forget = scheduler.after(delay as number, () => resolve(post()));
      if (signal) {
        natives.listen(signal, ['abort'], () => {
          forget();
          reject(signal.reason);
        });
      }
    });
  });
  natives.replace(tasks, 'yield', (native, self, given) =>
    account.during('task', 'scheduler.yield', natives.apply(native, self, given)),
  );

  function running(): Animation[] {
    if (!getAnimations) return natives.list();
    const all = natives.apply(getAnimations as AnyFunction, window.document, []) as Animation[];
    return natives
      .list(all)
      .filter((animation) => animation.playState === 'running' && animation.timeline === timelineOf(window.document));
  }

  /** Page milliseconds that an animation still needs: infinite for one that never ends. */
  function leftMs(animation: Animation): number {
    const rate = animation.playbackRate;
    const end = Number(animation.effect?.getComputedTiming().endTime ?? 0);
    const at = Number(animation.currentTime ?? 0);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    return max(0, (rate > 0 ? end - at : at) / abs(rate));
  }

  // The platform counts them from a beginning that does not move. Timelines of scrolling do not count in milliseconds.
  const inPageTime = (ms: unknown) => (typeof ms === 'number' ? ms + clock.skipped() : ms);
  const inRealTime = (ms: unknown) => (typeof ms === 'number' ? ms - clock.skipped() : ms);
  const toldIn = (native: AnyFunction, self: unknown) => inPageTime(natives.apply(native, self, []));
  natives.replaceGetter(window.AnimationTimeline?.prototype, 'currentTime', toldIn);
  natives.replaceGetter(window.Animation?.prototype, 'startTime', toldIn);
  natives.replaceSetter(window.Animation?.prototype, 'startTime', (native, self, ms) =>
    natives.apply(native, self, [inRealTime(ms)]),
  );

  clock.onShift((ms) => {
    // One without end goes along, but nothing waits for it.
    for (const animation of running()) {
      const left = leftMs(animation);
      const at = Number(animation.currentTime ?? 0);
      // Its time is that of the last frame, a little behind ours: what is as good as over, ends.
      const ends = ms >= left - 20;
      if (ends) account.touch();
      animation.currentTime = at + (ends ? left : ms) * animation.playbackRate;
    }
  });

  return {
    due() {
      const ends = running()
        .map(leftMs)
        .filter((ms) => ms > 0 && ms < Number.POSITIVE_INFINITY);
      return ends.length > 0 ? min(...ends) : undefined;
    },
  };
}
