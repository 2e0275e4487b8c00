/**
 * Runs in the page's own world before any of its scripts, in every frame. A closed shadow root can be reached by nobody but
 * its maker, so it must be noted while it is made. The page sees no difference: the wrapped function has the same name,
 * length, source text and results as the native one. (Self-contained: it is sent to the page as text.)
 */
export function installSerialiseHooks(): void {
  const closed: WeakRef<ShadowRoot>[] = [];

  Element.prototype.attachShadow = new Proxy(Element.prototype.attachShadow, {
    apply(attachShadow, host, parameters) {
      const root: ShadowRoot = Reflect.apply(attachShadow, host, parameters);
      if (root.mode === 'closed') closed.push(new WeakRef(root));
      return root;
    },
  });

  Object.defineProperty(globalThis, Symbol.for('preface.closed-roots'), {
    value: () => closed.map((reference) => reference.deref()).filter((root) => root?.isConnected),
  });
}
