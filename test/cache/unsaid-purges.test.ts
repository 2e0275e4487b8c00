import { describe, expect, it } from 'vitest';
import { createUnsaidPurges, type UnsaidPurge } from '../../src/cache/unsaid-purges.ts';

const purge = (tag: string, mode: 'soft' | 'hard' = 'soft'): UnsaidPurge => ({ selector: { tags: [tag] }, mode });

describe('purges that could not be told', () => {
  it('are told in order, each until it worked', async () => {
    const unsaid = createUnsaidPurges();
    for (const tag of ['a', 'b', 'c']) unsaid.add(purge(tag));
    const told: UnsaidPurge[] = [];
    const failing = (one: UnsaidPurge) => {
      if (told.length === 1) throw new Error('gone');
      told.push(one);
    };
    await expect(unsaid.say(failing)).rejects.toThrow('gone');
    expect(unsaid.size).toBe(2);
    await unsaid.say((one) => void told.push(one));
    expect(told).toEqual([purge('a'), purge('b'), purge('c')]);
    expect(unsaid.size).toBe(0);
  });

  it('become a purge of everything when they are too many, as hard as the hardest', async () => {
    const unsaid = createUnsaidPurges(2);
    for (const one of [purge('a'), purge('b', 'hard'), purge('c'), purge('d')]) unsaid.add(one);
    const told: UnsaidPurge[] = [];
    await unsaid.say((one) => void told.push(one));
    expect(told).toEqual([{ selector: { everything: true }, mode: 'hard' }, purge('d')]);
  });
});
