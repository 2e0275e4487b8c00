import { describe, expect, it } from 'vitest';
import { specialNetworks } from '../../src/egress/addresses.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import type { Document, DocumentLimits } from '../../src/verify/fetch-document.ts';
import { publicInternet } from '../../src/verify/networks.ts';
import { createRangeLists } from '../../src/verify/range-lists.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const url = 'https://crawler.example/ranges.json';
const snapshot = { url, asOf: '2026-09-15', prefixes: ['66.249.64.0/27'] };
const day = 86_400_000;

const documentOf = (...prefixes: readonly string[]): Document => ({
  status: 200,
  etag: '"1"',
  contentType: 'application/json',
  body: JSON.stringify({ prefixes: prefixes.map((ipv4Prefix) => ({ ipv4Prefix })) }),
});

const unchanged: Document = { status: 304, etag: undefined, contentType: '', body: '' };

function setUp(answers: readonly (Document | Error)[], startDate = '2026-11-01') {
  const clock = createFakeClock(Date.parse(startDate));
  const asked: DocumentLimits[] = [];
  const events: PrefaceEvent[] = [];
  const fetchDocument = async (_: string, limits: DocumentLimits) => {
    const answer = answers[asked.length];
    asked.push(limits);
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('asked once too often');
    return answer;
  };
  const report = (event: PrefaceEvent) => void events.push(event);
  const lists = createRangeLists([snapshot], publicInternet(specialNetworks), { fetchDocument, clock, report });
  return { lists, clock, asked, events };
}

describe('the lists of ranges', () => {
  it('say yes from an old snapshot, and no only from a new one', () => {
    const { lists } = setUp([]);
    expect(lists.find(url, '66.249.64.1')).toBe('inside');
    expect(lists.find(url, '66.249.65.1')).toBe('unknown');
    expect(setUp([], '2026-09-16').lists.find(url, '66.249.65.1')).toBe('outside');
  });

  it('know nothing of a list that is not there', () => {
    expect(setUp([]).lists.find('https://other.example/', '66.249.64.1')).toBe('unknown');
  });

  it('take a newer list in place of the snapshot', async () => {
    const { lists, events } = setUp([documentOf('66.249.65.0/27')]);
    await lists.refresh(url);
    expect(lists.find(url, '66.249.65.1')).toBe('inside');
    expect(lists.find(url, '66.249.64.1')).toBe('outside');
    expect(events).toEqual([{ type: 'verify.refreshed', what: url }]);
  });

  it('ask once a day, with the tag of what they have, and for a megabyte at most', async () => {
    const { lists, clock, asked } = setUp([documentOf('66.249.65.0/27'), unchanged]);
    for (let hour = 0; hour < 24; hour += 1) {
      await lists.refresh(url);
      clock.advance(day / 24);
    }
    expect(asked).toHaveLength(1);
    await lists.refresh(url);
    expect(asked).toMatchObject([
      { etag: undefined, maxBytes: 1_048_576 },
      { etag: '"1"', maxBytes: 1_048_576 },
    ]);
    clock.advance(2 * day);
    expect(lists.find(url, '66.249.65.1')).toBe('inside');
    expect(lists.find(url, '66.249.66.1')).toBe('outside');
  });

  it('ask once for many at once', async () => {
    const { lists, asked } = setUp([documentOf('66.249.65.0/27')]);
    await Promise.all([lists.refresh(url), lists.refresh(url), lists.refresh(url)]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['there is no network', new Error('ENETUNREACH')],
    ['the answer is no list', { ...documentOf(), body: '<html>' }],
    ['the list claims the whole internet', documentOf('0.0.0.0/0')],
    ['the list claims private addresses', documentOf('66.249.65.0/27', '10.0.0.0/8')],
    ['it is gone', { ...documentOf(), status: 404 }],
    ['it has moved', { ...documentOf(), status: 302 }],
  ])('keep the last good one when %s, and try again in an hour', async (_, answer) => {
    const { lists, clock, asked, events } = setUp([answer, documentOf('66.249.65.0/27')]);
    await lists.refresh(url);
    expect(lists.find(url, '66.249.64.1')).toBe('inside');
    expect(lists.find(url, '66.249.65.1')).toBe('unknown');
    expect(events.map(({ type }) => type)).toEqual(['verify.failed']);
    await lists.refresh(url);
    expect(asked).toHaveLength(1);
    clock.advance(day / 24);
    await lists.refresh(url);
    expect(lists.find(url, '66.249.65.1')).toBe('inside');
  });
});
