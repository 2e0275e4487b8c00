import type { Natives, PageWindow } from './natives.ts';

/** What the page itself says about being done (conventions: `prerenderReady`, `renderComplete`, `render-complete`). */
export interface PageSignals {
  /** The page said that it is not ready yet. */
  unready(): boolean;
  /** The page said that it is done. */
  given(): boolean;
}

/** Self-contained: runs inside the page. `said` is called whenever the page's word changes. */
export function hearSignals(window: PageWindow, natives: Natives, said: () => void): PageSignals {
  const { defineProperty } = Object;
  let unready = false;
  let given = false;

  function done() {
    unready = false;
    given = true;
    said();
  }

  /** Behaves as the plain property that it stands for, until the page defines one of its own. */
  function hear(name: string, heard: (value: boolean) => void) {
    let held: unknown;
    defineProperty(window, name, {
      configurable: true,
      enumerable: false,
      get: () => held,
      set(value: unknown) {
        held = value;
        if (typeof value === 'boolean') heard(value);
      },
    });
  }

  for (const name of ['prerenderReady', 'renderComplete']) {
    hear(name, (value) => {
      if (value) return done();
      unready = true;
      said();
    });
  }
  natives.listen(window, ['render-complete'], done);

  return { unready: () => unready, given: () => given };
}
