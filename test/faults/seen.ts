import type { Page } from 'puppeteer';

/** What of a page can be seen: shadow trees included, white space normalised. */
export interface Seen {
  /** One piece for each element that has text of its own. */
  readonly text: readonly string[];
  /** Where links lead, each once, in order of the alphabet. */
  readonly links: readonly string[];
}

export function seenIn(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const text: string[] = [];
    const links = new Set<string>();
    const silent = /^(?:script|style|noscript|template|iframe|head|title)$/;

    const say = (words: string) => {
      const piece = words.replace(/\s+/g, ' ').trim();
      if (piece !== '') text.push(piece);
    };
    const look = (nodes: Iterable<Node>, isVisible: boolean): void => {
      let words = '';
      for (const node of nodes) {
        if (node instanceof Text) {
          if (isVisible) words += node.data;
        } else if (node instanceof Element) {
          say(words);
          words = '';
          lookAt(node);
        }
      }
      say(words);
    };
    const lookAt = (element: Element): void => {
      if (element instanceof HTMLAnchorElement && element.hasAttribute('href')) links.add(element.href);
      const { display, visibility } = getComputedStyle(element);
      if (silent.test(element.localName) || display === 'none') return;
      if (element instanceof HTMLImageElement) {
        // One from elsewhere may be out of reach here, and an application that hides it then is not at fault.
        if (new URL(element.src, location.href).origin === location.origin) say(element.alt);
        return;
      }
      if (element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement) return say(element.value);
      const assigned = element instanceof HTMLSlotElement ? element.assignedNodes() : [];
      look(assigned.length > 0 ? assigned : (element.shadowRoot ?? element).childNodes, visibility === 'visible');
    };

    lookAt(document.documentElement);
    return { text, links: [...links].sort() };
  });
}
