/**
 * Runs in the page's own world before any of its scripts, in every frame. A closed shadow root can be reached by nobody but
 * its maker, so it must be noted while it is made. The page sees no difference: the wrapped function has the same name,
 * length, source text and results as the native one. (Self-contained: it is sent to the page as text.)
 */
export function installSerialiseHooks(): void {
  const closed: WeakRef<ShadowRoot>[] = [];
  // Neither of the two functions asks prototypes that the page may have changed since.
  const { apply } = Reflect;
  const Weak = WeakRef;
  const { deref } = WeakRef.prototype;
  const isConnected = Object.getOwnPropertyDescriptor(Node.prototype, 'isConnected')?.get as () => boolean;

  Element.prototype.attachShadow = new Proxy(Element.prototype.attachShadow, {
    apply(attachShadow, host, parameters) {
      const root: ShadowRoot = apply(attachShadow, host, parameters);
      if (root.mode === 'closed') closed[closed.length] = new Weak(root);
      return root;
    },
  });

  Object.defineProperty(globalThis, Symbol.for('preface.closed-roots'), {
    value: () => {
      const present: ShadowRoot[] = [];
      for (let at = 0; at < closed.length; at++) {
        const root: ShadowRoot | undefined = apply(deref, closed[at] as WeakRef<ShadowRoot>, []);
        if (root && apply(isConnected, root, [])) present[present.length] = root;
      }
      return present;
    },
  });
}
