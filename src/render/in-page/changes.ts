import type { Account } from './account.ts';
import type { PageClock } from './clock.ts';
import type { Natives, PageWindow } from './natives.ts';

/** What has been changing in the document. */
export interface Changes {
  /** Tasks in which text or elements changed. */
  count(): number;
  /** Page milliseconds since the last one. */
  agoMs(): number;
  /** Real milliseconds since the last one. */
  realAgoMs(): number;
  /** Watches the document that the window has now; a frame may get another one while it keeps its window. */
  watch(): void;
}

/** Observes text and elements, shadow roots included; attributes alone are no news. Self-contained: runs inside the page. */
export function observeChanges(window: PageWindow, natives: Natives, clock: PageClock, account: Account): Changes {
  let count = 0;
  let lastAt = clock.now();
  let lastRealAt = natives.realNow();
  let watched: Document | undefined;
  const what = { subtree: true, childList: true, characterData: true };
  const observer = new window.MutationObserver(() => {
    count++;
    lastAt = clock.now();
    lastRealAt = natives.realNow();
    account.touch();
  });

  natives.replace(window.Element?.prototype, 'attachShadow', (native, self, given) => {
    const root = natives.apply(native, self, given);
    observer.observe(root as ShadowRoot, what);
    return root;
  });
  for (const name of ['IntersectionObserver', 'ResizeObserver'] as const) {
    natives.replace(window[name]?.prototype, 'observe', (native, self, given) => {
      account.touch();
      return natives.apply(native, self, given);
    });
  }

  return {
    count: () => count,
    agoMs: () => clock.now() - lastAt,
    realAgoMs: () => natives.realNow() - lastRealAt,
    watch() {
      if (watched === window.document) return;
      watched = window.document;
      observer.observe(watched, what);
    },
  };
}
