import { expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { needRestart } from '../../src/config/restart.ts';

const origin = 'http://127.0.0.1:4000';

it('names what a reload cannot change, and nothing else', () => {
  const before = configFrom({ origin });
  const after = configFrom({
    origin: 'http://127.0.0.1:4001',
    paths: [{ match: '/a', render: false }],
    cache: { fresh: '5m', maxBytes: '1mb' },
    listen: { trustedProxies: ['10.0.0.0/8'] },
    render: { timeout: '5s' },
  });
  expect(needRestart(before, before)).toEqual([]);
  expect(needRestart(before, after)).toEqual(['listen', 'render', 'cache.maxBytes']);
});
