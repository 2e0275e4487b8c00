import { expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { notYetDone } from '../../src/config/not-yet.ts';

const origin = 'http://127.0.0.1:4000';

it('says nothing about a configuration that is fully done', () => {
  expect(
    notYetDone(
      configFrom({
        origin,
        cache: { fresh: '2h' },
        sites: [{ origin: 'http://127.0.0.1:4001', publicUrl: 'https://b.example', egress: { block: [] } }],
        paths: [{ match: '/blog/**', fresh: '1h', settle: { horizon: '10s' } }],
      }),
    ),
  ).toEqual([]);
});

it('names every setting that has no effect yet', () => {
  const config = configFrom({
    origin,
    listen: { workers: 2 },
  });
  expect(notYetDone(config).map((sentence) => sentence.split(':')[0])).toEqual(['listen.workers']);
});
