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
  const { Animation, AnimationTimeline, AnimationEffect, Document, Element, ShadowRoot } = window;
  const inDocument = Document?.prototype.getAnimations as AnyFunction | undefined;
  const inRoot = ShadowRoot?.prototype.getAnimations as AnyFunction | undefined;
  const computedTiming = AnimationEffect?.prototype.getComputedTiming as AnyFunction | undefined;
  const stateOf = natives.getter(Animation?.prototype, 'playState');
  const rateOf = natives.getter(Animation?.prototype, 'playbackRate');
  const effectOf = natives.getter(Animation?.prototype, 'effect');
  const timeOf = natives.getter(Animation?.prototype, 'currentTime');
  const setTime = natives.setter(Animation?.prototype, 'currentTime');
  const timelineOf = natives.getter(Animation?.prototype, 'timeline');
  const timelineTimeOf = natives.getter(AnimationTimeline?.prototype, 'currentTime');

  /** Set going by scripts: what they move may be in no document. */
  const begun = natives.map<object, true>();
  natives.replace(Element?.prototype, 'animate', (native, self, given) => {
    const animation = natives.apply(native, self, given);
    begun.set(animation as object, true);
    return animation;
  });
  for (const name of ['play', 'reverse']) {
    natives.replace(Animation?.prototype, name, (native, self, given) => {
      const result = natives.apply(native, self, given);
      begun.set(self as object, true);
      return result;
    });
  }

  // The platform counts from a beginning that does not move. Timelines of scrolling do not count in milliseconds.
  const inPageTime = (ms: unknown) => (typeof ms === 'number' ? ms + clock.skipped() : ms);
  const inRealTime = (ms: unknown) => (typeof ms === 'number' ? ms - clock.skipped() : ms);
  const toldIn = (native: AnyFunction, self: unknown) => inPageTime(natives.apply(native, self, []));
  natives.replaceGetter(AnimationTimeline?.prototype, 'currentTime', toldIn);
  natives.replaceGetter(Animation?.prototype, 'startTime', toldIn);
  natives.replaceSetter(Animation?.prototype, 'startTime', (native, self, ms) => {
    natives.apply(native, self, [inRealTime(ms)]);
    begun.set(self as object, true);
  });

  const isRunning = (animation: object) =>
    stateOf(animation) === 'running' && typeof timelineTimeOf(timelineOf(animation)) === 'number';

  /** Each once. A document does not count those in its shadow trees. */
  function running(): object[] {
    const found = natives.map<object, true>();
    const note = (animation: object) => void (isRunning(animation) && found.set(animation, true));
    const noteAll = (native: AnyFunction | undefined, root: Document | ShadowRoot) => {
      if (native) natives.list(natives.apply(native, root, []) as object[]).forEach(note);
    };
    for (const animation of natives.keysOf(begun)) {
      if (isRunning(animation)) note(animation);
      else begun.delete(animation);
    }
    noteAll(inDocument, window.document);
    for (const root of roots.present()) noteAll(inRoot, root);
    return natives.keysOf(found);
  }

  /** Page milliseconds that an animation still needs: infinite for one that never ends. */
  function leftMs(animation: object): number {
    const rate = Number(rateOf(animation));
    const effect = effectOf(animation);
    const timing = effect && computedTiming && natives.apply(computedTiming, effect, []);
    const end = Number((timing as ComputedEffectTiming | undefined)?.endTime ?? 0);
    const at = Number(timeOf(animation) ?? 0);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    return max(0, (rate > 0 ? end - at : at) / abs(rate));
  }

  clock.onShift((ms) => {
    // One without end goes along, but nothing waits for it.
    for (const animation of running()) {
      const left = leftMs(animation);
      // Its time is that of the last frame, a little behind ours: what is as good as over, ends.
      const ends = ms >= left - 20;
      if (ends) account.touch();
      setTime(animation, Number(timeOf(animation) ?? 0) + (ends ? left : ms) * Number(rateOf(animation)));
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
