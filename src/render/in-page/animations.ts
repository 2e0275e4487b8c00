import type { Account } from './account.ts';
import type { PageClock } from './clock.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';
import type { ShadowRoots } from './shadow-roots.ts';

/** CSS transitions and animations, and those of scripts. */
export interface Animations {
  /** Page milliseconds until the first that is running ends; undefined when none will. */
  due(): number | undefined;
}

/** Has animations keep the page's time (Web Animations 1). Self-contained: runs inside the page. */
export function followAnimations(
  window: PageWindow,
  natives: Natives,
  clock: PageClock,
  account: Account,
  roots: ShadowRoots,
): Animations {
  const { abs, max, min } = Math;
  const timelineOf = natives.getter(window.Document?.prototype, 'timeline');
  const inDocument = window.Document?.prototype.getAnimations as AnyFunction | undefined;
  const inRoot = window.ShadowRoot?.prototype.getAnimations as AnyFunction | undefined;
  /** Started by scripts: what they move may be in no document. */
  let started = natives.list<Animation>();

  natives.replace(window.Element?.prototype, 'animate', (native, self, given) => {
    const animation = natives.apply(native, self, given) as Animation;
    started.push(animation);
    return animation;
  });
  natives.replace(window.Animation?.prototype, 'play', (native, self, given) => {
    started.push(self as Animation);
    return natives.apply(native, self, given);
  });

  // The platform counts from a beginning that does not move. Timelines of scrolling do not count in milliseconds.
  const inPageTime = (ms: unknown) => (typeof ms === 'number' ? ms + clock.skipped() : ms);
  const inRealTime = (ms: unknown) => (typeof ms === 'number' ? ms - clock.skipped() : ms);
  const toldIn = (native: AnyFunction, self: unknown) => inPageTime(natives.apply(native, self, []));
  natives.replaceGetter(window.AnimationTimeline?.prototype, 'currentTime', toldIn);
  natives.replaceGetter(window.Animation?.prototype, 'startTime', toldIn);
  natives.replaceSetter(window.Animation?.prototype, 'startTime', (native, self, ms) =>
    natives.apply(native, self, [inRealTime(ms)]),
  );

  /** Each once. A document does not count those in its shadow trees. */
  function running(): Animation[] {
    const timeline = timelineOf(window.document);
    const isRunning = (animation: Animation) => animation.playState === 'running' && animation.timeline === timeline;
    started = started.filter(isRunning);
    const found = natives.map<Animation, true>();
    const note = (animation: Animation) => void found.set(animation, true);
    const all = (native: AnyFunction | undefined, root: Document | ShadowRoot) =>
      native ? natives.list(natives.apply(native, root, []) as Animation[]) : natives.list<Animation>();
    started.forEach(note);
    all(inDocument, window.document).filter(isRunning).forEach(note);
    for (const root of roots.present()) all(inRoot, root).filter(isRunning).forEach(note);
    return natives.keysOf(found);
  }

  /** Page milliseconds that an animation still needs: infinite for one that never ends. */
  function leftMs(animation: Animation): number {
    const rate = animation.playbackRate;
    const end = Number(animation.effect?.getComputedTiming().endTime ?? 0);
    const at = Number(animation.currentTime ?? 0);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    return max(0, (rate > 0 ? end - at : at) / abs(rate));
  }

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
