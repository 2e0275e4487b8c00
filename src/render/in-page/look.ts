import type { Changes } from './changes.ts';
import type { PageWindow } from './natives.ts';

/** How far a page seems to be from showing what it is for. */
export interface Look {
  /** Characters of visible text. */
  readonly textLength: number;
  /** Something on it says that more is to come, or the place for what it is about is empty. */
  readonly busy: boolean;
  /** Text or elements changed after a request of the page's scripts had been answered. */
  readonly drewAnswer: boolean;
}

/** Self-contained: runs inside the page. */
export function lookAtPage(window: PageWindow, changes: Changes): Look {
  const marks =
    '[aria-busy="true"],[role="progressbar"]:not([aria-valuenow]),progress:not([value]),[class*="spinner" i],[class*="skeleton" i]';
  const mounts = '#root,#app,#__next,#__nuxt,app-root,main,[role="main"]';
  const { body } = window.document;
  const text = visibleText(body);

  function all(selector: string): HTMLElement[] {
    return body ? [...body.querySelectorAll<HTMLElement>(selector)] : [];
  }
  function visibleText(element: HTMLElement | null): string {
    // biome-ignore lint/performance/useDomNodeTextContent: text that nobody sees is not what the page is for.
    return (element?.innerText ?? '').trim();
  }
  function shown(element: Element): boolean {
    const { width, height } = element.getBoundingClientRect();
    return width * height > 0 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  }
  function isEmpty(): boolean {
    const places = all(mounts);
    return places.length > 0 && places.every((place) => visibleText(place) === '' && !place.shadowRoot);
  }

  return {
    textLength: text.length,
    busy: isEmpty() || (text.length < 500 && /loading|please wait/i.test(text)) || all(marks).some(shown),
    drewAnswer: changes.drewAnswer(),
  };
}
