import type { CacheChange } from './cache-store.ts';

export interface ChangeListeners {
  tell(change: CacheChange): void;
  add(listener: (change: CacheChange) => void): () => void;
}

export function createChangeListeners(): ChangeListeners {
  const listeners = new Set<(change: CacheChange) => void>();
  return {
    tell(change) {
      for (const listener of listeners) listener(change);
    },
    add(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
