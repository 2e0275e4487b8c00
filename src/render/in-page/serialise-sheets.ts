export interface SheetWriter {
  /** Gives the copy of a `<style>` or `<link>` what is in force in the live one. */
  write(live: Element, copy: Element): void;
  /** The constructed sheets of a document or shadow root, in their order, as `<style>` elements. */
  adopted(adoptedSheets: readonly CSSStyleSheet[]): HTMLStyleElement[];
}

/**
 * Knows how style rules that are in memory only become text: inserted rules, constructed sheets, sheets switched off or given
 * other media by a script, sheets under a `blob:` URL. (Self-contained: it is sent to the page as text.)
 */
export function sheetWriter(inert: Document): SheetWriter {
  /** Comparing rule by rule costs too much in a larger text; there only the numbers are compared. */
  const maxComparedLength = 300_000;
  const written = new Map<CSSStyleSheet, string>();

  function write(live: Element, copy: Element): void {
    const sheet = (live as HTMLStyleElement | HTMLLinkElement).sheet;
    if (!sheet) return;
    if (live.localName === 'style') {
      const text = live.textContent ?? '';
      const current = currentText(sheet, text);
      if (current !== text || /<\/style|:defined/i.test(text)) copy.textContent = portable(current);
      writeMedia(sheet, copy);
      if (sheet.disabled) copy.setAttribute('media', 'not all');
      return;
    }
    // An alternative sheet is off by nature, and says so by its `rel`.
    if (sheet.disabled && !/\balternate\b/i.test(copy.getAttribute('rel') ?? '')) copy.setAttribute('disabled', '');
    if (live.getAttribute('href')?.startsWith('blob:')) replaceByStyle(sheet, copy);
  }

  function currentText(sheet: CSSStyleSheet, text: string): string {
    const rules = readable(sheet);
    if (rules === undefined) return text;
    if (text.trim() === '') return rulesText(rules);
    const own = rules.filter((rule) => !(rule instanceof CSSImportRule));
    const parsed = parse(text);
    const isChanged = parsed.length !== own.length || (text.length <= maxComparedLength && !beginsWith(own, parsed));
    if (!isChanged) return text;
    // The usual case: rules were added at the end. The text before them stays as it was written, where that reads the same.
    if (own.length > parsed.length && beginsWith(own, parsed)) {
      const longer = `${text}\n${rulesText(own.slice(parsed.length))}`;
      if (parse(longer).length === own.length) return longer;
    }
    return rulesText(rules);
  }

  function beginsWith(rules: readonly CSSRule[], beginning: readonly CSSRule[]): boolean {
    return beginning.every((rule, i) => rule.cssText === rules[i]?.cssText);
  }

  /** The rules of a text, without its imports. A constructed sheet loads nothing, and the page's policy does not forbid it. */
  function parse(text: string): CSSRule[] {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return Array.from(sheet.cssRules);
  }

  function readable(sheet: CSSStyleSheet): CSSRule[] | undefined {
    try {
      return Array.from(sheet.cssRules);
    } catch {
      return undefined; // another origin's: it stays a link
    }
  }

  function rulesText(rules: readonly CSSRule[]): string {
    return rules.map((rule) => rule.cssText).join('\n');
  }

  /** The text as it can stand in a `<style>` of a page in which no custom element will ever be defined. */
  function portable(text: string): string {
    // In CSS an escaped solidus means the same, in strings as elsewhere.
    return text.replace(/<\/(?=style)/gi, '<\\/').replaceAll(':defined', ':not(.preface-undefined)');
  }

  function writeMedia(sheet: CSSStyleSheet, copy: Element): void {
    const media = sheet.media.mediaText;
    if (media === (copy.getAttribute('media') ?? '')) return;
    if (media === '') copy.removeAttribute('media');
    else copy.setAttribute('media', media);
  }

  function replaceByStyle(sheet: CSSStyleSheet, copy: Element): void {
    const rules = readable(sheet);
    if (rules === undefined || sheet.disabled) return;
    const style = inert.createElement('style');
    style.textContent = portable(rulesText(rules));
    writeMedia(sheet, style);
    copy.replaceWith(style);
  }

  function adopted(adoptedSheets: readonly CSSStyleSheet[]): HTMLStyleElement[] {
    const styles: HTMLStyleElement[] = [];
    for (const sheet of adoptedSheets) {
      if (sheet.disabled || sheet.cssRules.length === 0) continue;
      const style = inert.createElement('style');
      style.textContent = textOnce(sheet);
      writeMedia(sheet, style);
      styles.push(style);
    }
    return styles;
  }

  /** A hundred instances of one component share one sheet. */
  function textOnce(sheet: CSSStyleSheet): string {
    const known = written.get(sheet);
    if (known !== undefined) return known;
    const text = portable(rulesText(Array.from(sheet.cssRules)));
    written.set(sheet, text);
    return text;
  }

  return { write, adopted };
}
