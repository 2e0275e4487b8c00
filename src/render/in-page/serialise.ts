import type { SerialisedPage, SerialiseOptions } from '../page-signs.ts';
import type { activeContent } from './serialise-active.ts';
import type { scopedRules } from './serialise-flatten.ts';
import type { orderHead, readSigns } from './serialise-head.ts';
import type { sheetWriter } from './serialise-sheets.ts';
import type { stateWriters } from './serialise-state.ts';
import type { visibleContent } from './serialise-text.ts';
import type { treeCopier } from './serialise-tree.ts';

/** The functions that `serialiseDocument` is made of; they travel to the page beside it. */
export interface SerialiseParts {
  readonly activeContent: typeof activeContent;
  readonly scopedRules: typeof scopedRules;
  readonly orderHead: typeof orderHead;
  readonly readSigns: typeof readSigns;
  readonly sheetWriter: typeof sheetWriter;
  readonly stateWriters: typeof stateWriters;
  readonly visibleContent: typeof visibleContent;
  readonly treeCopier: typeof treeCopier;
}

export type WrittenDocument =
  | Omit<SerialisedPage, 'htmlBytes'>
  | { readonly tooLarge: true; readonly htmlBytes: number };

/**
 * Runs inside the page, in a world of its own, and changes nothing of it: everything is done to a copy.
 * (Self-contained: it is sent to the page as text, with its parts.)
 */
export function serialiseDocument(
  options: SerialiseOptions,
  closedRoots: readonly ShadowRoot[],
  parts: SerialiseParts,
): WrittenDocument {
  /** Nobody asks for a page of more visible text than this, and counting it all takes long. */
  const enoughText = 10_000;
  /** A form or an image may have the name of something of the document's, and hides it there, but not in the prototype. */
  const own = <K extends keyof Document>(name: K): Document[K] => Reflect.get(Document.prototype, name, document);
  const signs = parts.readSigns(own('head'));
  const url = own('URL');
  const root = own('documentElement') as Element | null;
  if (root === null) return { html: '', signs, url, textLength: 0, embeds: 0 };

  // No element takes fewer than four bytes (`<br>`): a page that is far too large is refused before it is doubled.
  const leastBytes = 4 * own('getElementsByTagName').call(document, '*').length;
  if (leastBytes > options.maxHtmlBytes) return { tooLarge: true, htmlBytes: leastBytes };

  const inert = own('implementation').createHTMLDocument('');
  const active = parts.activeContent();
  const sheets = parts.sheetWriter(inert);
  const copier = parts.treeCopier(inert, {
    active,
    sheets,
    states: parts.stateWriters(),
    scopedRules: parts.scopedRules,
    closedRoots: new Map(closedRoots.map((shadow) => [shadow.host, shadow])),
    shadowDom: options.shadowDom,
  });
  const copy = copier.copyElement(root);
  finishHead();

  const html = (doctype(own('doctype')) + written()).toWellFormed();
  // A UTF-16 unit takes three bytes at most, so that the exact number is of interest near the limit only.
  const mostBytes = 3 * html.length;
  const htmlBytes = mostBytes <= options.maxHtmlBytes ? mostBytes : new TextEncoder().encode(html).length;
  if (htmlBytes > options.maxHtmlBytes) return { tooLarge: true, htmlBytes };
  const roots = [own('body') ?? root, ...copier.shadowRoots];
  return { html, signs, url, ...parts.visibleContent(roots, enoughText) };

  function written(): string {
    const text = copy.outerHTML;
    if (!active.mayBeArmed(text)) return text;
    active.disarm(copy);
    return copy.outerHTML;
  }

  function finishHead(): void {
    const head = copy.querySelector(':scope > head') ?? inert.createElement('head');
    if (head.parentNode === null && copy.localName === 'html') copy.prepend(head);
    // Adopted sheets come after all others in the cascade (CSSOM §6.2, "final CSS style sheets").
    const body = copy.querySelector(':scope > body');
    const hasLaterSheets = body?.querySelector('style, link[rel~="stylesheet" i]');
    (hasLaterSheets ? body : head)?.append(...sheets.adopted(own('adoptedStyleSheets')));
    parts.orderHead(head);
  }

  function doctype(type: DocumentType | null): string {
    if (type === null) return '';
    const system = type.systemId === '' ? '' : ` "${type.systemId}"`;
    if (type.publicId !== '') return `<!DOCTYPE ${type.name} PUBLIC "${type.publicId}"${system}>`;
    return `<!DOCTYPE ${type.name}${system === '' ? '' : ` SYSTEM${system}`}>`;
  }
}
