import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/cache/memory-store.ts';
import { describeCacheStore, entryOf } from '../contract/cache-store.ts';

describeCacheStore('the memory store', () => createMemoryStore({ maxBytes: 1e6 }));

describe('the memory store', () => {
  it('stays within its bytes by forgetting what was used least recently', () => {
    const store = createMemoryStore({ maxBytes: 100_000 });
    const body = Buffer.alloc(5000);
    for (let n = 0; n < 100; n += 1) {
      store.set(entryOf(`/${n}`, { body }));
      store.get(entryOf('/0').key);
    }
    expect(store.size().bytes).toBeLessThanOrEqual(100_000);
    expect(store.get(entryOf('/0').key)).toBeDefined();
    expect(store.get(entryOf('/1').key)).toBeUndefined();
    expect(store.get(entryOf('/99').key)).toBeDefined();
  });

  it('does not let one huge page push out all the others', () => {
    const store = createMemoryStore({ maxBytes: 100_000 });
    store.set(entryOf('/small'));
    store.set(entryOf('/huge', { body: Buffer.alloc(90_000) }));
    expect(store.get(entryOf('/small').key)).toBeDefined();
    expect(store.get(entryOf('/huge').key)).toBeUndefined();
  });

  it('forgets the tags of pages that were pushed out', () => {
    const store = createMemoryStore({ maxBytes: 50_000 });
    for (let n = 0; n < 50; n += 1) store.set(entryOf(`/${n}`, { body: Buffer.alloc(5000), tags: ['all'] }));
    expect(store.purge({ tags: ['all'] }, 'hard')).toBeLessThan(10);
    expect(store.size().entries).toBe(0);
  });
});
