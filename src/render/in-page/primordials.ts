/** Built-in things that keep the methods of before the page's scripts, whatever a page does to the prototypes it sees. */
export interface Primordials {
  /** An array, with what is given in it; what its methods make of it is one of the same kind. */
  list<T>(items?: ArrayLike<T>): T[];
  map<K, V>(): Map<K, V>;
  weakMap<K extends object, V>(): WeakMap<K, V>;
  keysOf<K>(map: Map<K, unknown>): K[];
  trim(text: string): string;
  lowerCase(text: string): string;
  includes(text: string, part: string): boolean;
}

/**
 * The rules for what runs after the page's scripts: `for`, `...` and `[first, second]` ask the page's `Array.prototype` where
 * they are given a plain array, hence only lists are gone through so; maps, by `forEach`.
 * Self-contained: runs inside the page.
 */
export function keepPrimordials(): Primordials {
  const { defineProperty, getOwnPropertyDescriptors, setPrototypeOf } = Object;
  const { apply } = Reflect;
  const { trim, toLowerCase, includes } = String.prototype;

  class OwnList<T> extends Array<T> {}
  class OwnMap<K, V> extends Map<K, V> {}
  class OwnWeakMap<K extends WeakKey, V> extends WeakMap<K, V> {}
  keepMethods(OwnList.prototype, Array.prototype);
  keepMethods(OwnMap.prototype, Map.prototype);
  keepMethods(OwnWeakMap.prototype, WeakMap.prototype);
  // The iterator of an array has its `next` on a prototype that is the page's too.
  defineProperty(OwnList.prototype, Symbol.iterator, { value: iterate });
  defineProperty(OwnList, Symbol.species, { value: OwnList });

  function keepMethods(own: object, native: object) {
    const { constructor: _, ...methods } = getOwnPropertyDescriptors(native) as Record<PropertyKey, PropertyDescriptor>;
    for (const name of Reflect.ownKeys(methods)) defineProperty(own, name, methods[name] as PropertyDescriptor);
    setPrototypeOf(own, null);
  }

  function iterate<T>(this: T[]) {
    let at = 0;
    return { next: () => (at < this.length ? { done: false, value: this[at++] } : { done: true, value: undefined }) };
  }

  function list<T>(items?: ArrayLike<T>) {
    const own = new OwnList<T>();
    for (let at = 0; items && at < items.length; at++) own.push(items[at] as T);
    return own;
  }

  return {
    list,
    keysOf<K>(map: Map<K, unknown>) {
      const keys = list<K>();
      map.forEach((_value, key) => {
        keys.push(key);
      });
      return keys;
    },
    map: () => new OwnMap(),
    weakMap: () => new OwnWeakMap(),
    trim: (text) => apply(trim, text, []),
    lowerCase: (text) => apply(toLowerCase, text, []),
    includes: (text, part) => apply(includes, text, [part]),
  };
}
