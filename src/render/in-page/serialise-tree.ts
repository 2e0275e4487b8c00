import type { ActiveContent } from './serialise-active.ts';
import type { scopedRules } from './serialise-flatten.ts';
import type { SheetWriter } from './serialise-sheets.ts';
import type { StateWriters } from './serialise-state.ts';

export interface TreeTools {
  readonly active: ActiveContent;
  readonly sheets: SheetWriter;
  readonly states: StateWriters;
  readonly scopedRules: typeof scopedRules;
  /** Shadow roots that their host does not show. */
  readonly closedRoots: ReadonlyMap<Element, ShadowRoot>;
  readonly shadowDom: 'declarative' | 'flatten';
}

export interface TreeCopier {
  /** A copy of the element with all below it, shadow trees included, ready to be written as HTML. */
  copyElement(source: Element): Element;
  /** The shadow roots met so far. */
  readonly shadowRoots: readonly ShadowRoot[];
}

/** What belongs to one tree itself, not to trees within it. */
interface OwnParts {
  readonly slots: readonly Pair[];
  readonly styles: readonly Element[];
}

type Pair = readonly [live: Element, copy: Element];

/**
 * Copies live trees into a document that loads, runs and upgrades nothing, so that the live one stays as it is and the
 * browser's own serialiser can write the copy. (Self-contained: it is sent to the page as text.)
 */
export function treeCopier(inert: Document, tools: TreeTools): TreeCopier {
  // A form's own members can be hidden by fields of that name, so they are asked through the prototype.
  const shadowRootOf = Object.getOwnPropertyDescriptor(Element.prototype, 'shadowRoot')?.get;
  const localNameOf = Object.getOwnPropertyDescriptor(Element.prototype, 'localName')?.get;
  const { hasAttribute, remove, setAttribute } = Element.prototype;
  const { active, sheets, states } = tools;
  const special = new Set('style link slot script meta template'.split(' ').concat(...states.keys()));
  const shadowRoots: ShadowRoot[] = [];
  /** Slotted nodes keep the styles of the tree that they come from. */
  const copiesOfChildren = new Map<Node, Node>();
  const scopedTexts = new Map<string, string>();

  function copyElement(source: Element): Element {
    const copy = inert.importNode(source, true);
    finish(source, copy, 0);
    return copy;
  }

  /**
   * Both trees have the same shape here, so the n-th element of one is the n-th of the other. Most elements are right as they
   * are; their copies are not looked at, since giving ten thousand more of them to JavaScript takes as long as all the rest.
   */
  function finish(source: Element | ShadowRoot, copy: Element | DocumentFragment, tree: number): OwnParts {
    const lives = source.querySelectorAll('*');
    const copies = copy.querySelectorAll('*');
    const gone: Element[] = Array.from(copy.querySelectorAll('[data-preface-remove]'));
    const hosts: [...Pair, ShadowRoot][] = [];
    const styles: Pair[] = [];
    const slots: Pair[] = [];

    removeUnwritable(copy);
    for (let i = 0; i < lives.length; i++) {
      const live = lives[i] as Element;
      const name: string = localNameOf?.call(live);
      if (special.has(name)) keep(name, live, copies[i] as Element);
      const shadow: ShadowRoot | undefined = shadowRootOf?.call(live) ?? tools.closedRoots.get(live);
      if (shadow) hosts.push([live, copies[i] as Element, shadow]);
    }

    for (const [live, element, shadow] of hosts) if (isFlattened(shadow)) rememberChildren(live, element, tree);
    for (const [, element, shadow] of hosts) writeShadow(element, shadow);
    for (const element of gone) remove.call(element);
    for (const [live, element] of styles) sheets.write(live, element);
    return { slots, styles: styles.map(([, element]) => element) };

    function keep(name: string, live: Element, element: Element): void {
      if (active.mustGo(element, name)) gone.push(element);
      else if (name === 'style' || name === 'link') styles.push([live, element]);
      else if (name === 'slot') slots.push([live, element]);
      else if (name === 'script') active.enclose(element);
      else if (name === 'template') cleanTemplate((element as HTMLTemplateElement).content);
      else states.get(name)?.(live, element);
      // In the HTML this would become a shadow root, which it is not.
      if (name === 'template') element.removeAttribute('shadowrootmode');
    }
  }

  /** A template's content is not part of the page; it only must not become active. */
  function cleanTemplate(content: DocumentFragment): void {
    for (const element of content.querySelectorAll('script, noscript, link, meta, template, [data-preface-remove]')) {
      const isUnwanted = hasAttribute.call(element, 'data-preface-remove') || active.mustGo(element, element.localName);
      if (isUnwanted) remove.call(element);
      else if (element instanceof HTMLTemplateElement) cleanTemplate(element.content);
    }
  }

  /** Scripts do not make slots by hand in a page without scripts, so such a tree can be shown flattened only. */
  function isFlattened(shadow: ShadowRoot): boolean {
    return tools.shadowDom === 'flatten' || shadow.slotAssignment === 'manual';
  }

  function writeShadow(host: Element, shadow: ShadowRoot): void {
    const tree = shadowRoots.push(shadow);
    const copy = inert.createDocumentFragment();
    for (const child of shadow.childNodes) copy.append(inert.importNode(child, true));
    const { slots, styles } = finish(shadow, copy, tree);
    const adopted = sheets.adopted(shadow.adoptedStyleSheets);
    copy.append(...adopted);
    if (!isFlattened(shadow)) {
      host.prepend(template(shadow, copy));
      return;
    }
    for (const style of [...styles, ...adopted]) if (style.localName === 'style') scope(style, tree);
    for (const [slot, slotCopy] of slots) fillSlot(slot as HTMLSlotElement, slotCopy);
    host.setAttribute('data-preface-host', String(tree));
    host.replaceChildren(copy);
  }

  function template(shadow: ShadowRoot, content: DocumentFragment): HTMLTemplateElement {
    const element = inert.createElement('template');
    element.setAttribute('shadowrootmode', shadow.mode);
    if (shadow.delegatesFocus) element.setAttribute('shadowrootdelegatesfocus', '');
    if (shadow.clonable) element.setAttribute('shadowrootclonable', '');
    if (shadow.serializable) element.setAttribute('shadowrootserializable', '');
    element.content.append(content);
    return element;
  }

  function rememberChildren(live: Element, copy: Element, tree: number): void {
    const copies = Array.from(copy.childNodes);
    for (const [i, child] of Array.from(live.childNodes).entries()) {
      const childCopy = copies[i];
      if (childCopy === undefined) continue;
      copiesOfChildren.set(child, childCopy);
      if (childCopy instanceof Element) setAttribute.call(childCopy, 'data-preface-slotted', String(tree));
    }
  }

  function fillSlot(slot: HTMLSlotElement, copy: Element): void {
    const assigned = slot.assignedNodes().flatMap((node) => copiesOfChildren.get(node) ?? []);
    copy.replaceWith(...(assigned.length > 0 ? assigned : copy.childNodes));
  }

  /** Instances of one component have the same rules but for the number of their tree. */
  function scope(style: Element, tree: number): void {
    const text = style.textContent ?? '';
    let scoped = scopedTexts.get(text);
    if (scoped === undefined) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      scoped = tools.scopedRules(sheet.cssRules, 'tree');
      scopedTexts.set(text, scoped);
    }
    style.textContent = scoped.replaceAll('="tree"', `="${tree}"`);
  }

  /** Comments that would end early when parsed, and what HTML has no notation for. */
  function removeUnwritable(copy: Node): void {
    const walker = inert.createTreeWalker(copy, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION);
    const found: ChildNode[] = [];
    while (walker.nextNode()) {
      const node = walker.currentNode as CharacterData;
      const isWritable = node instanceof Comment && !/^-?>|--!?>|--!?$|<!--|<!-$/.test(node.data);
      if (!isWritable) found.push(node);
    }
    for (const node of found) node.remove();
  }

  return { copyElement, shadowRoots };
}
