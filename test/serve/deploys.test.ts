import { describe, expect, it } from 'vitest';
import type { RenderInput } from '../../src/page/snapshot.ts';
import { createDeployWatch, documentTags } from '../../src/serve/deploys.ts';
import { entryOf } from '../contract/cache-store.ts';

const document = (hash: string, status = 200): RenderInput => ({
  method: 'GET',
  url: 'https://shop.example/a',
  status,
  type: 'document',
  bodyHash: hash,
  bytes: 1,
  startedMs: 0,
  durationMs: 1,
  verdict: 'allowed',
});
const made = (path: string, hash: string) => entryOf(path, { tags: ['own', ...documentTags([document(hash)])] });

describe('a watch for deploys', () => {
  it('knows a page by the document that it ended at', () => {
    expect(documentTags([document('redirect', 301), document('shell')])).toEqual(['document shell']);
    expect(documentTags([])).toEqual([]);
  });

  it('takes a document that two URLs had, and that one of them has no more, for the shell of before a deploy', () => {
    const watch = createDeployWatch();
    watch.saw(made('/a', 'old'));
    expect(watch.outdatedBy(made('/b', 'old'), made('/b', 'new'))).toBe('document old');
  });

  it('notices after a restart with the second page that is renewed', () => {
    const watch = createDeployWatch();
    expect(watch.outdatedBy(made('/a', 'old'), made('/a', 'new'))).toBeUndefined();
    expect(watch.outdatedBy(made('/b', 'old'), made('/b', 'new'))).toBe('document old');
  });

  it('says nothing of documents that each URL has for itself', () => {
    const watch = createDeployWatch();
    watch.saw(made('/b', 'of b'));
    expect(watch.outdatedBy(made('/a', 'of a'), made('/a', 'of a, later'))).toBeUndefined();
  });

  it('is not taken in by two versions behind one balancer', () => {
    const watch = createDeployWatch();
    watch.saw(made('/a', 'one'));
    watch.saw(made('/a', 'two'));
    watch.saw(made('/b', 'two'));
    expect(watch.outdatedBy(made('/b', 'one'), made('/b', 'two'))).toBe('document one');
    expect(watch.outdatedBy(made('/b', 'two'), made('/b', 'one'))).toBeUndefined();
  });
});
