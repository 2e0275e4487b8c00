import { expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { plain, revived } from '../../src/rendering/plain-data.ts';

it('brings a whole configuration through a clone', () => {
  const config = configFrom({
    origin: 'http://127.0.0.1:4000',
    publicUrl: 'https://a.example',
    sites: [{ origin: 'http://127.0.0.1:5000', publicUrl: 'https://b.example', render: { timeout: '9s' } }],
  });
  const there = revived(structuredClone(plain(config)));
  expect(there).toEqual(config);
  expect((there as typeof config).publicUrl).toBeInstanceOf(URL);
  expect((there as typeof config).sites[0]?.origin.host).toBe('127.0.0.1:5000');
});

it('leaves a page as it is, data that looks like ours among it', () => {
  const page = { html: '<p>{"$url":"x"}</p>', none: undefined, nothing: null, list: [1, 'two', [3]] };
  expect(revived(structuredClone(plain(page)))).toEqual(page);
});

it('takes nothing that an operator may write for something of its own', () => {
  const config = configFrom({ origin: 'http://127.0.0.1:4000', render: { headers: { $url: 'x', url: 'y' } } });
  expect(revived(structuredClone(plain(config)))).toEqual(config);
});
