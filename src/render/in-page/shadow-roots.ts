import type { Natives, PageWindow } from './natives.ts';

/** The shadow roots that scripts have made, closed ones too. */
export interface ShadowRoots {
  /** Those that are in the document now. */
  present(): ShadowRoot[];
  /** Calls back with each that is made from now on. */
  onMade(call: (root: ShadowRoot) => void): void;
}

/** Self-contained: runs inside the page. */
export function noteShadowRoots(window: PageWindow, natives: Natives): ShadowRoots {
  const roots = natives.list<ShadowRoot>();
  const listeners = natives.list<(root: ShadowRoot) => void>();
  const isConnected = natives.getter(window.Node?.prototype, 'isConnected');

  natives.replace(window.Element?.prototype, 'attachShadow', (native, self, given) => {
    const root = natives.apply(native, self, given) as ShadowRoot;
    roots.push(root);
    for (const call of listeners) call(root);
    return root;
  });

  return {
    present: () => roots.filter(isConnected),
    onMade: (call) => void listeners.push(call),
  };
}
