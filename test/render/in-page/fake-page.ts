import { runInThisContext } from 'node:vm';
import type { PageWindow } from '../../../src/render/in-page/natives.ts';

interface NativeTimer {
  readonly handle: number;
  readonly due: number;
  readonly call: () => void;
}

/** A window without a browser: time, tasks and frames happen when the test says so. */
export class FakePage {
  readonly window: PageWindow;
  readonly errors: unknown[] = [];
  /** Answers the oldest request that `fetch` has begun. */
  readonly fetches: PromiseWithResolvers<unknown>[] = [];
  #nowMs = 0;
  #handles = 0;
  #tasks: (() => void)[] = [];
  #timers: NativeTimer[] = [];
  #frames: (() => void)[] = [];
  readonly #mutations: (() => void)[] = [];

  constructor() {
    const page = this;
    class Performance {
      now() {
        return page.#nowMs;
      }
    }
    class MessageChannel {
      port1 = { onmessage: undefined as undefined | (() => void) };
      port2 = { postMessage: () => page.#tasks.push(() => this.port1.onmessage?.()) };
    }
    class Document extends EventTarget {
      get readyState() {
        return 'complete';
      }
      get documentElement() {
        return null;
      }
      get body() {
        return null;
      }
    }
    class MutationObserver {
      constructor(call: () => void) {
        page.#mutations.push(call);
      }
      observe() {}
    }
    const DateHere = class extends Date {
      constructor(...given: []) {
        super(...(given.length === 0 ? ([Math.floor(page.#nowMs)] as unknown as []) : given));
      }
      static override now() {
        return Math.floor(page.#nowMs);
      }
    };
    const window = Object.assign(new EventTarget(), {
      EventTarget,
      Performance,
      performance: new Performance(),
      MessageChannel,
      MutationObserver,
      Date: DateHere,
      Event: class {},
      Element: class {},
      AbortController,
      DOMException,
      Document,
      document: new Document(),
      eval: (code: string) => runInThisContext(code),
      reportError: (error: unknown) => page.errors.push(error),
      setTimeout: (call: () => void, ms: number) => {
        const timer = { handle: ++page.#handles, due: page.#nowMs + ms, call };
        page.#timers.push(timer);
        return timer.handle;
      },
      clearTimeout: (handle: number) => {
        page.#timers = page.#timers.filter((timer) => timer.handle !== handle);
      },
      setInterval: () => 0,
      clearInterval: () => {},
      requestAnimationFrame: (call: () => void) => page.#frames.push(call),
      cancelAnimationFrame: () => {},
      requestIdleCallback: () => 0,
      cancelIdleCallback: () => {},
      fetch: () => {
        const fetched = Promise.withResolvers<unknown>();
        page.fetches.push(fetched);
        return fetched.promise;
      },
    });
    this.window = Object.assign(window, { parent: window, top: window }) as unknown as PageWindow;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Text or elements have changed. */
  change(): void {
    for (const call of this.#mutations) call();
  }

  /** Runs all tasks that wait and those that they post; at most as many as given. */
  async drain(most = 1000): Promise<void> {
    for (let count = 0; count < most; count++) {
      await microtasks();
      const task = this.#tasks.shift();
      if (!task) return;
      task();
    }
    await microtasks();
  }

  /** Lets real time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.#nowMs + ms;
    for (;;) {
      await this.drain();
      const timer = this.#timers.toSorted((a, b) => a.due - b.due)[0];
      if (!timer || timer.due > until) break;
      this.#timers = this.#timers.filter((other) => other !== timer);
      this.#nowMs = Math.max(this.#nowMs, timer.due);
      timer.call();
    }
    this.#nowMs = until;
    await this.drain();
  }

  /** Produces a frame. */
  async frame(): Promise<void> {
    const calls = this.#frames;
    this.#frames = [];
    for (const call of calls) call();
    await this.drain();
  }
}

async function microtasks(): Promise<void> {
  for (let count = 0; count < 10; count++) await Promise.resolve();
}
