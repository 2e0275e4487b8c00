import { describe, expect, it } from 'vitest';
import type { PurgeMode, PurgeSelector } from '../../src/page/purge.ts';
import { createRecache } from '../../src/service/recache.ts';

const site = 'https://www.example.com';

function setUp(job: string | undefined) {
  const done: unknown[] = [];
  const recache = createRecache({
    // As a site has it whose pages ignore what is behind a question mark.
    pagesOf: (url) => (url.startsWith(site) ? (url.endsWith('.pdf') ? [] : [url.split('?', 1)[0] ?? '']) : undefined),
    purge: async (selector: PurgeSelector, mode: PurgeMode) => {
      done.push({ purge: selector, mode });
      return 1;
    },
    warm: (urls) => {
      done.push({ warm: urls });
      return job;
    },
  });
  return { recache, done };
}

describe('recaching', () => {
  it('makes stale first and renders then, each page once', async () => {
    const { recache, done } = setUp('job-1');
    const answer = await recache([`${site}/a?utm=1`, `${site}/a`, `${site}/b`]);
    const urls = [`${site}/a`, `${site}/b`];
    expect(done).toEqual([{ purge: { urls }, mode: 'soft' }, { warm: urls }]);
    expect(answer).toEqual({ status: 200, body: { recached: 2, purged: 1, refused: [], job: 'job-1' } });
  });

  it('touches nothing when no page of ours is named', async () => {
    const { recache, done } = setUp('job-1');
    expect(await recache([`${site}/a.pdf`, 'https://evil.example/'])).toMatchObject({
      status: 403,
      body: { recached: 0, purged: 0, refused: [{ url: `${site}/a.pdf` }, { url: 'https://evil.example/' }] },
    });
    expect(done).toEqual([]);
  });

  it('says so when the pages are stale, but nobody can render them now', async () => {
    const { recache } = setUp(undefined);
    expect(await recache([`${site}/a`])).toMatchObject({
      status: 429,
      body: { recached: 0, purged: 1, error: expect.stringContaining('stale now') },
    });
  });
});
