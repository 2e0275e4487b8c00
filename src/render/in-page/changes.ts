import type { Account } from './account.ts';
import type { PageClock } from './clock.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';
import type { ShadowRoots } from './shadow-roots.ts';

/** What has been changing in the document. */
export interface Changes {
  /** Tasks in which text or elements changed. */
  count(): number;
  /** Page milliseconds since the last one. */
  agoMs(): number;
  /** The same in real milliseconds. */
  stillMs(): number;
  /** Something changed after a request of the page's own had been answered. */
  drewAnswer(): boolean;
  /** Watches the document that the window has now; a frame may get another one while it keeps its window. */
  watch(): void;
}

/** Observes text and elements, shadow roots included; attributes alone are no news. Self-contained: runs inside the page. */
export function observeChanges(
  window: PageWindow,
  natives: Natives,
  clock: PageClock,
  account: Account,
  roots: ShadowRoots,
): Changes {
  const mostCalls = 100;
  let count = 0;
  let lastAt = clock.now();
  let lastRealAt = natives.realNow();
  let drewAnswer = false;
  let watched: Document | undefined;
  const what = { subtree: true, childList: true, characterData: true };
  const { observe } = window.MutationObserver.prototype;
  const observer = new window.MutationObserver(() => {
    count++;
    lastAt = clock.now();
    lastRealAt = natives.realNow();
    drewAnswer ||= account.answers() > 0;
    account.touch();
  });

  roots.onMade((root) => natives.apply(observe, observer, [root, what]));
  for (const name of ['IntersectionObserver', 'ResizeObserver'] as const) {
    natives.replace(window[name]?.prototype, 'observe', (native, self, given) => {
      account.touch();
      return natives.apply(native, self, given);
    });
    // It runs after its frame's layout, so what it does is seen in the next: hence a turn later, when this frame is over. One
    // that sees something move without end is no news.
    let called = 0;
    natives.replaceClass(
      window,
      name,
      () => {},
      (asked) => {
        const callback = asked[0];
        if (typeof callback !== 'function') return asked;
        const heard = (...given: unknown[]) => {
          if (++called <= mostCalls) natives.turn(() => account.touch());
          return natives.apply(callback as AnyFunction, given[1], given);
        };
        return [heard, asked[1]];
      },
    );
  }

  return {
    count: () => count,
    agoMs: () => clock.now() - lastAt,
    stillMs: () => natives.realNow() - lastRealAt,
    drewAnswer: () => drewAnswer,
    watch() {
      if (watched === window.document) return;
      watched = window.document;
      natives.apply(observe, observer, [watched, what]);
    },
  };
}
