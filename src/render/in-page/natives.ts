import type { Primordials } from './primordials.ts';

export type PageWindow = Window & typeof globalThis;

// biome-ignore lint/suspicious/noExplicitAny: the arguments of a page's own functions are the page's business.
export type AnyFunction = (...given: any[]) => any;

/** Gets the native function, the caller's `this` and arguments; its result is the caller's. */
export type Replacement = (native: AnyFunction, self: unknown, given: unknown[]) => unknown;

/** The platform as it was before any script of the page ran. */
export interface Natives extends Primordials {
  /** Real milliseconds, the page's `performance.now` before we moved it. */
  realNow(): number;
  after(ms: number, call: () => void): number;
  cancel(handle: number): void;
  /** Calls back in the next frame that is really produced. */
  frame(call: () => void): void;
  /** Asked within a frame: calls back when its layout is done, after all its callbacks. Never where the document shows nothing at all. */
  laidOut(call: () => void): void;
  /** Calls back in a fresh task, behind every task that waits already. */
  turn(call: () => void): void;
  /** Calls a function of the page; what it throws is reported as the page's own uncaught error. */
  call(callback: AnyFunction, self: unknown, given: unknown[]): void;
  apply(native: AnyFunction, self: unknown, given: unknown[]): unknown;
  listen(target: unknown, types: readonly string[], listener: (event: Event) => void): void;
  /** Calls back when the promise settles either way, before the page's own reactions. */
  follow(promise: unknown, settled: () => void): void;
  /** Calls back with what the promise is fulfilled with, if it is. */
  followValue(promise: unknown, fulfilled: (value: unknown) => void): void;
  followFailure(promise: unknown, failed: () => void): void;
  /** Puts a stand-in, which looks native, in the place of `owner[name]`; a name that is not there is left alone. */
  replace(owner: unknown, name: string, replacement: Replacement): void;
  /** The same for a constructor; `made` sees every new object, `prepare` may put other arguments in the place of those given. */
  replaceClass(
    owner: unknown,
    name: string,
    made: (instance: object, given: unknown[]) => void,
    prepare?: (given: unknown[]) => unknown[],
  ): void;
  replaceGetter(owner: unknown, name: string, read: (native: AnyFunction, self: unknown) => unknown): void;
  replaceSetter(
    owner: unknown,
    name: string,
    write: (native: AnyFunction, self: unknown, value: unknown) => void,
  ): void;
  /** The getter of `owner[name]`, for any element: a form's fields hide those of the form and of the document. */
  getter(owner: unknown, name: string): (self: unknown) => unknown;
  setter(owner: unknown, name: string): (self: unknown, value: unknown) => void;
  /** Plain data as JSON, whatever `toJSON` and `JSON.stringify` the page has made. */
  json(value: unknown): string;
}

/** Self-contained: runs inside the page. */
export function keepNatives(window: PageWindow, primordials: Primordials): Natives {
  const { performance, setTimeout, clearTimeout, requestAnimationFrame, reportError } = window;
  const { apply, construct } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor, keys } = Object;
  const { stringify } = JSON;
  const { isArray } = Array;
  const StandIn = Proxy;
  const now = performance.now;
  const addListener = window.EventTarget.prototype.addEventListener;
  const then = Promise.prototype.then;
  const realNow = () => apply(now, performance, []);

  // A message to ourselves is the shortest task there is: no clamping, and in order with the page's own messages.
  const channel = new window.MessageChannel();
  const port = channel.port2;
  const post = port.postMessage;
  const waiting = primordials.list<() => void>();
  channel.port1.onmessage = () => waiting.shift()?.();

  // An element that is newly observed is told of in the next layout.
  const sizes = window.ResizeObserver?.prototype;
  const observe = sizes?.observe as AnyFunction | undefined;
  const disconnect = sizes?.disconnect as AnyFunction | undefined;
  const rootOf = getOwnPropertyDescriptor(window.Document?.prototype ?? {}, 'documentElement')?.get;
  const awaitingLayout = primordials.list<() => void>();
  const laidOut = () => {
    if (disconnect) apply(disconnect, layouts, []);
    while (awaitingLayout.length > 0) awaitingLayout.shift()?.();
  };
  const layouts = sizes && new window.ResizeObserver(laidOut);

  const standIn = (native: AnyFunction, replacement: Replacement) =>
    // Function.prototype.toString gives a proxy of a native function a native look.
    new StandIn(native, { apply: (_native, self, given) => replacement(native, self, given) });

  /** Only primitives go through `stringify`: it asks every object, and its prototypes, for a `toJSON`. */
  function json(value: unknown): string {
    if (typeof value !== 'object' || value === null) return stringify(value) ?? 'null';
    const list = isArray(value);
    const names = keys(value);
    let text = '';
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string;
      const item = json((value as Record<string, unknown>)[name]);
      text += `${at > 0 ? ',' : ''}${list ? '' : `${stringify(name)}:`}${item}`;
    }
    return list ? `[${text}]` : `{${text}}`;
  }

  return {
    ...primordials,
    realNow,
    json,
    after: (ms, call) => apply(setTimeout as AnyFunction, window, [call, ms]),
    cancel: (handle) => apply(clearTimeout, window, [handle]),
    frame: (call) => void apply(requestAnimationFrame, window, [() => call()]),
    laidOut(call) {
      const root: unknown = rootOf && apply(rootOf, window.document, []);
      if (!observe || !root) return;
      awaitingLayout.push(call);
      apply(observe, layouts, [root]);
    },
    turn(call) {
      waiting.push(call);
      apply(post, port, [0]);
    },
    call(callback, self, given) {
      try {
        apply(callback, self, given);
      } catch (error) {
        apply(reportError, window, [error]);
      }
    },
    apply: (native, self, given) => apply(native, self, given),
    listen(target, types, listener) {
      for (let at = 0; at < types.length; at++) apply(addListener, target, [types[at], listener, true]);
    },
    follow(promise, settled) {
      try {
        apply(then, promise, [settled, settled]);
      } catch {
        settled();
      }
    },
    followValue: (promise, fulfilled) => void apply(then, promise, [fulfilled, () => {}]),
    followFailure: (promise, failed) => void apply(then, promise, [undefined, failed]),
    replace(owner, name, replacement) {
      const at = owner ? getOwnPropertyDescriptor(owner, name) : undefined;
      if (typeof at?.value !== 'function' || !at.configurable) return;
      defineProperty(owner as object, name, { ...at, value: standIn(at.value, replacement) });
    },
    replaceClass(owner, name, made, prepare = (given) => given) {
      const at = owner ? getOwnPropertyDescriptor(owner, name) : undefined;
      if (typeof at?.value !== 'function' || !at.configurable) return;
      const stand: object = new StandIn(at.value as AnyFunction, {
        construct(native, given, target): object {
          const instance: object = construct(native, prepare(given), target === stand ? native : target);
          made(instance, given);
          return instance;
        },
      });
      defineProperty(owner as object, name, { ...at, value: stand });
      if (at.value.prototype?.constructor === at.value) at.value.prototype.constructor = stand;
    },
    getter(owner, name) {
      const get = owner ? getOwnPropertyDescriptor(owner, name)?.get : undefined;
      return (self) => (get && self ? apply(get, self, []) : undefined);
    },
    setter(owner, name) {
      const set = owner ? getOwnPropertyDescriptor(owner, name)?.set : undefined;
      return (self, value) => void (set && self && apply(set, self, [value]));
    },
    replaceGetter(owner, name, read) {
      const at = owner ? getOwnPropertyDescriptor(owner, name) : undefined;
      if (typeof at?.get !== 'function' || !at.configurable) return;
      defineProperty(owner as object, name, { ...at, get: standIn(at.get, (native, self) => read(native, self)) });
    },
    replaceSetter(owner, name, write) {
      const at = owner ? getOwnPropertyDescriptor(owner, name) : undefined;
      if (typeof at?.set !== 'function' || !at.configurable) return;
      const set = standIn(at.set, (native, self, given) => write(native, self, given[0]));
      defineProperty(owner as object, name, { ...at, set });
    },
  };
}
