export interface ActiveContent {
  /** Whether an element of this name has no business in a page without scripts. */
  mustGo(element: Element, localName: string): boolean;
  /** Makes the text of a script that stays unable to end its own element. */
  enclose(script: Element): void;
  /** Whether there may be attributes in the HTML that would run something. */
  mayBeArmed(html: string): boolean;
  /** Removes these attributes, in the content of templates too. */
  disarm(root: Element | DocumentFragment): void;
}

/**
 * Knows what of a page is active: scripts that a browser would run, what is fetched for them, handlers, `javascript:` URLs,
 * and the fallback text for when there are none. (Self-contained: it is sent to the page as text.)
 */
export function activeContent(): ActiveContent {
  const { getAttribute, getAttributeNames, hasAttribute, removeAttribute } = Element.prototype;

  // The list of the MIME Sniffing Standard, "JavaScript MIME type", and the words that HTML gives a meaning of their own.
  const scriptType =
    /^(?:module|importmap|speculationrules|(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:livescript|jscript|javascript1\.[0-5]))$/i;
  const signMeta = /^(?:prerender-(?:status-code|header)|preface-tags|render:\w+)$/i;
  const urlAttributes = new Set(
    'href src action formaction data xlink:href poster background to from values ping'.split(' '),
  );
  // The URL parser drops leading control characters and spaces, and tabs and line ends anywhere.
  const scriptUrl = /^[\0- ]*j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:/i;

  function mustGo(element: Element, localName: string): boolean {
    if (element.hasAttribute('data-preface-keep')) return false;
    switch (localName) {
      case 'script':
        return runs(element);
      case 'noscript':
        return true;
      case 'link':
        return loadsScript(element);
      case 'meta':
        return signMeta.test(element.getAttribute('name')?.trim() ?? '') || forbidsInlineStyles(element);
      default:
        return false;
    }
  }

  function runs(script: Element): boolean {
    const type = script.getAttribute('type');
    // Without a type, or with an empty one, it is JavaScript, whatever the long dead `language` says.
    if (type === null || type.trim() === '') return true;
    return scriptType.test((type.split(';')[0] ?? '').trim());
  }

  function loadsScript(link: Element): boolean {
    const rel = (link.getAttribute('rel') ?? '').toLowerCase().split(/\s+/);
    if (rel.includes('modulepreload')) return true;
    if (!rel.includes('preload') && !rel.includes('prefetch')) return false;
    const as = (link.getAttribute('as') ?? '').toLowerCase();
    if (as === '') return /\.m?js(?:[?#]|$)/i.test(link.getAttribute('href') ?? '');
    return /^(?:script|worker|sharedworker|serviceworker)$/.test(as);
  }

  /** Rules that scripts had put into memory are written as inline styles; such a policy would switch them off. */
  function forbidsInlineStyles(meta: Element): boolean {
    if (meta.getAttribute('http-equiv')?.trim().toLowerCase() !== 'content-security-policy') return false;
    const directives = new Map<string, string>();
    for (const directive of (meta.getAttribute('content') ?? '').toLowerCase().split(';')) {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      if (!directives.has(name)) directives.set(name, sources.join(' '));
    }
    return ['style-src-elem', 'style-src-attr'].some((name) => {
      const sources = directives.get(name) ?? directives.get('style-src') ?? directives.get('default-src');
      return sources !== undefined && (!sources.includes("'unsafe-inline'") || /'(?:nonce|sha\d+)-/.test(sources));
    });
  }

  /**
   * Going through all attributes one by one takes longer than all else together, and most pages have nothing to find. In text
   * this may match too, which costs time only.
   */
  function mayBeArmed(html: string): boolean {
    return / (?:on[a-z][^\s=]*|nonce|[a-z:]+="[\0- ]*j[\t\n\r]*a[\t\n\r]*v[^"]*)[="]/i.test(html);
  }

  function disarm(root: Element | DocumentFragment): void {
    if (root instanceof Element) disarmElement(root);
    for (const element of root.querySelectorAll('*')) {
      disarmElement(element);
      if (element instanceof HTMLTemplateElement) disarm(element.content);
    }
  }

  function disarmElement(element: Element): void {
    if (hasAttribute.call(element, 'data-preface-keep')) return;
    for (const name of getAttributeNames.call(element)) {
      const isArmed =
        name === 'nonce' ||
        isHandler(element, name) ||
        (urlAttributes.has(name) && scriptUrl.test(getAttribute.call(element, name) ?? ''));
      if (isArmed) removeAttribute.call(element, name);
    }
  }

  /** A custom element may have attributes of its own that begin with `on` (`online`). */
  function isHandler(element: Element, name: string): boolean {
    return /^on[a-z]/i.test(name) && (name in element || !element.tagName.includes('-'));
  }

  function enclose(script: Element): void {
    const text = script.textContent ?? '';
    if (!/<(?:\/?script|!--)/i.test(text)) return;
    const isJson = /json/i.test(script.getAttribute('type') ?? '');
    script.textContent = isJson
      ? text.replace(/<(?=\/?script|!--)/gi, '\\u003c')
      : text.replace(/<\/(?=script)/gi, '<\\/').replace(/<!--/g, '<\\!--');
  }

  return { mustGo, enclose, mayBeArmed, disarm };
}
