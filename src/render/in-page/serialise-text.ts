export interface VisibleContent {
  readonly textLength: number;
  readonly embeds: number;
}

/**
 * Counts, up to `enough` characters, what a person could read: the characters of text that is laid out, with the alternative text of images and the text
 * in buttons and fields. (Self-contained: it is sent to the page as text.)
 */
export function visibleContent(roots: readonly (Element | ShadowRoot)[], enough: number): VisibleContent {
  const unseen = new Set(['script', 'style', 'noscript', 'template', 'title', 'iframe', 'textarea', 'option']);
  const { checkVisibility } = Element.prototype;
  const { createTreeWalker } = Document.prototype;
  let textLength = 0;
  let embeds = 0;

  const folded = (text: string) => text.replace(/\s+/g, ' ').trim().length;

  for (const root of roots) {
    const texts = createTreeWalker.call(document, root, NodeFilter.SHOW_TEXT);
    let parent: Node | null = null;
    let isSeen = false;
    while (textLength < enough && texts.nextNode()) {
      const text = texts.currentNode as Text;
      const length = folded(text.data);
      if (length === 0) continue;
      if (text.parentNode !== parent) {
        parent = text.parentNode;
        const element = parent instanceof Element ? parent : (parent as ShadowRoot).host;
        isSeen = !unseen.has(element.localName) && checkVisibility.call(element);
      }
      if (isSeen) textLength += length;
    }

    for (const field of root.querySelectorAll('img[alt], input, textarea, select')) {
      if (textLength < enough && field.checkVisibility()) textLength += folded(words(field));
    }
    for (const embed of root.querySelectorAll('iframe, frame, video, canvas, object, embed')) {
      const box = embed.getBoundingClientRect();
      // Smaller ones are spinners, counters and the frames that scripts talk through.
      if (box.width >= 100 && box.height >= 100 && embed.checkVisibility()) embeds++;
    }
  }

  function words(field: Element): string {
    if (field instanceof HTMLImageElement) return field.alt;
    if (field instanceof HTMLSelectElement) return field.selectedOptions[0]?.label ?? '';
    const input = field as HTMLInputElement | HTMLTextAreaElement;
    return input.type === 'hidden' || input.type === 'password' ? '' : input.value || input.placeholder;
  }

  return { textLength: Math.min(textLength, enough), embeds };
}
