import type { Changes } from './changes.ts';
import type { AnyFunction, Natives, PageWindow } from './natives.ts';

/** How far a page seems to be from showing what it is for. */
export interface Look {
  /** Characters of visible text. */
  readonly textLength: number;
  /** Something on it says that more is to come, or the place for what it is about is empty. */
  readonly busy: boolean;
  /** Text or elements changed after a request of the page's scripts had been answered. */
  readonly drewAnswer: boolean;
}

/**
 * Asks the document by the platform's own means: a field with the right name hides those of a form, and a form those of the
 * document. Self-contained: runs inside the page; the result is called each time that the page is looked at.
 */
export function lookAtPage(window: PageWindow, natives: Natives, changes: Changes): () => Look {
  const marks =
    '[aria-busy="true"],[role="progressbar"]:not([aria-valuenow]),progress:not([value]),[class*="spinner" i],[class*="skeleton" i]';
  const mounts = '#root,#app,#__next,#__nuxt,app-root,main,[role="main"]';
  const { HTMLElement } = window;
  const { querySelectorAll, getBoundingClientRect, checkVisibility } = window.Element?.prototype ?? {};
  const bodyOf = natives.getter(window.Document?.prototype, 'body');
  const innerTextOf = natives.getter(HTMLElement?.prototype, 'innerText');
  const shadowRootOf = natives.getter(window.Element?.prototype, 'shadowRoot');

  function all(selector: string): Element[] {
    const body = bodyOf(window.document);
    if (!body) return natives.list();
    return natives.list(natives.apply(querySelectorAll as AnyFunction, body, [selector]) as NodeListOf<Element>);
  }
  /** An element that is not HTML has no such text. */
  function visibleText(element: unknown): string {
    return element instanceof HTMLElement ? natives.trim(`${innerTextOf(element) ?? ''}`) : '';
  }
  function shown(element: Element): boolean {
    const { width, height } = natives.apply(getBoundingClientRect as AnyFunction, element, []) as DOMRect;
    const visible = [{ opacityProperty: true, visibilityProperty: true }];
    return width * height > 0 && natives.apply(checkVisibility as AnyFunction, element, visible) === true;
  }
  function isEmpty(): boolean {
    const places = all(mounts);
    return places.length > 0 && places.every((place) => visibleText(place) === '' && !shadowRootOf(place));
  }

  function saysLoading(text: string): boolean {
    const words = natives.lowerCase(text);
    return natives.includes(words, 'loading') || natives.includes(words, 'please wait');
  }

  return () => {
    const text = visibleText(bodyOf(window.document));
    return {
      textLength: text.length,
      busy: isEmpty() || (text.length < 500 && saysLoading(text)) || all(marks).some(shown),
      drewAnswer: changes.drewAnswer(),
    };
  };
}
