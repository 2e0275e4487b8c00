import { describe, expect, it } from 'vitest';
import { madeStale } from '../../src/cache/stored-entry.ts';
import type { InputState } from '../../src/egress/exit.ts';
import type { RenderInput } from '../../src/page/snapshot.ts';
import { askInputs, rerendered, revalidated, whyNotRevalidated } from '../../src/serve/revalidate.ts';
import { entryOf } from '../contract/cache-store.ts';

const input = (url: string, rest: Partial<RenderInput> = {}): RenderInput => ({
  method: 'GET',
  url,
  status: 200,
  type: 'fetch',
  bodyHash: 'hash',
  bytes: 10,
  startedMs: 0,
  durationMs: 1,
  verdict: 'allowed',
  ...rest,
});

const document = input('https://shop.example/a', { type: 'document' });
const api = input('https://shop.example/api');
const settings = {
  enabled: true,
  maxRevalidations: 3,
  renderAtLeastEveryMs: 100_000,
  isRepeatable: (url: string) => url.endsWith('/graphql'),
};
const entry = entryOf('/a', { inputs: [document, api] });
const stay = new AbortController().signal;

describe('a stale page', () => {
  it('may be renewed by its inputs when all of them can be asked again', () => {
    expect(whyNotRevalidated(entry, 2500, settings)).toBeUndefined();
  });

  it.each([
    ['it is switched off', entry, { enabled: false }, 'off'],
    ['a purge made it stale', madeStale(entry), {}, 'purged'],
    ['it was renewed so too often', { ...entry, revalidations: { count: 3, misses: 0 } }, {}, 'too-often'],
    ['its last render is long ago', entry, { renderAtLeastEveryMs: 1000 }, 'too-old'],
    ['changes never mattered', { ...entry, revalidations: { count: 0, misses: 3 } }, {}, 'pointless'],
    ['nothing is known of its making', { ...entry, inputs: [] }, {}, 'no-inputs'],
    [
      'it was made with an undeclared POST',
      { ...entry, inputs: [document, { ...api, method: 'POST' }] },
      {},
      'unrepeatable',
    ],
    [
      'it was told something over a WebSocket',
      { ...entry, inputs: [document, { ...api, type: 'websocket' }] },
      {},
      'unrepeatable',
    ],
    [
      'it was made with a declared POST whose body was not kept',
      { ...entry, inputs: [document, input('https://shop.example/graphql', { method: 'POST' })] },
      {},
      'unrepeatable',
    ],
    [
      'only the head of an input was seen',
      { ...entry, inputs: [document, { ...api, method: 'HEAD' }] },
      {},
      'unrepeatable',
    ],
    [
      'a limit kept a part out',
      { ...entry, inputs: [document, { ...api, verdict: 'refused' as const, because: 'request-limit' }] },
      {},
      'unrepeatable',
    ],
    ['one input failed', { ...entry, inputs: [document, { ...api, verdict: 'failed' as const }] }, {}, 'unrepeatable'],
    [
      'one input has neither hash nor tag',
      { ...entry, inputs: [document, input('/x', { bodyHash: undefined as never })] },
      {},
      'unrepeatable',
    ],
  ])('is rendered when %s', (_, stale, change, reason) => {
    const inputs = stale.inputs.map((one) => {
      const { bodyHash, ...rest } = one;
      return bodyHash === undefined ? rest : one;
    });
    expect(whyNotRevalidated({ ...stale, inputs }, 2500, { ...settings, ...change })).toBe(reason);
  });

  it('does not mind what was blocked, nor a POST that is declared to read only', () => {
    const inputs = [
      document,
      input('https://ads.example/x', { method: 'POST', verdict: 'blocked' }),
      input('https://shop.example/graphql', { method: 'POST', requestBody: '{}' }),
    ];
    expect(whyNotRevalidated({ ...entry, inputs }, 2500, settings)).toBeUndefined();
  });

  it('is fresh for as long again when nothing has changed', () => {
    expect(revalidated(entry, 5000)).toMatchObject({
      renderedAt: 1000,
      validatedAt: 5000,
      freshUntil: 6000,
      revalidations: { count: 1, misses: 0 },
    });
  });

  it('counts the changes that did not matter, and forgets them when one does', () => {
    const before = { ...entry, revalidations: { count: 2, misses: 1 } };
    expect(rerendered(entry, before, true).revalidations).toEqual({ count: 0, misses: 2 });
    expect(rerendered({ ...entry, etag: 'other' }, before, true).revalidations).toEqual({ count: 0, misses: 0 });
    expect(rerendered(entry, before, false).revalidations).toEqual({ count: 0, misses: 0 });
  });

  it('does not begin again with a page that it gave up, as long as that stays the same', () => {
    const before = { ...entry, revalidations: { count: 0, misses: 3 } };
    expect(rerendered(entry, before, false).revalidations).toEqual({ count: 0, misses: 3 });
    expect(rerendered({ ...entry, etag: 'other' }, before, false).revalidations).toEqual({ count: 0, misses: 0 });
  });
});

const noting = (asked: string[], state: InputState) => async (one: RenderInput) => {
  asked.push(one.url);
  return state;
};

describe('asking the inputs again', () => {
  it('asks each once, the document first', async () => {
    const asked: string[] = [];
    const answer = await askInputs([api, api, document], noting(asked, 'unchanged'), stay);
    expect(answer).toBe('unchanged');
    expect(asked).toEqual([document.url, api.url]);
  });

  it('asks nothing more when the document has changed', async () => {
    const asked: string[] = [];
    expect(await askInputs([api, document], noting(asked, 'changed'), stay)).toBe('changed');
    expect(asked).toEqual([document.url]);
  });

  it('is sure of nothing when one could not be asked, but a change is a change', async () => {
    const ask = (states: Record<string, 'unchanged' | 'changed' | 'unknown'>) =>
      askInputs([document, api, input('https://shop.example/b')], async ({ url }) => states[url] ?? 'unchanged', stay);
    expect(await ask({ [api.url]: 'unknown' })).toBe('unknown');
    expect(await ask({ [api.url]: 'unknown', 'https://shop.example/b': 'changed' })).toBe('changed');
  });
});
