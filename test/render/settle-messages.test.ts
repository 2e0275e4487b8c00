import { describe, expect, it } from 'vitest';
import { frameMessage, lookFrom } from '../../src/render/settle-messages.ts';

const state = {
  answers: 1,
  activity: 2,
  operations: [['fetch', 'GET https://shop.example/', 3]],
  dueMs: null,
  unchangedMs: 4,
  stillMs: 4,
  changes: 5,
  skippedMs: 6,
  ranMs: 7,
  waiting: ['timer 8 ms'],
  complete: true,
};
const look = { textLength: 1, busy: false, drewAnswer: true, engaged: false };

describe('what a frame sends', () => {
  it.each([
    { type: 'hello', top: true },
    { type: 'signal', unready: false, given: true },
    { type: 'state', state },
    { type: 'state', state: { ...state, dueMs: 9 } },
  ])('is read: %j', (message) => {
    expect(frameMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each([
    '',
    '{',
    'null',
    '"[]"',
    '{"type":"hello"}',
    '{"type":"signal","unready":1,"given":0}',
    '{"type":"state"}',
    ...[
      { operations: '[]' },
      { operations: [null] },
      { operations: [['fetch', {}, 1]] },
      { waiting: {} },
      { waiting: [1] },
      { dueMs: 'soon' },
      { activity: null },
      { complete: 'yes' },
    ].map((wrong) => JSON.stringify({ type: 'state', state: { ...state, ...wrong } })),
    '{"type":"other"}',
  ])('is refused as a crash of the page: %s', (payload) => {
    expect(() => frameMessage(payload)).toThrow(expect.objectContaining({ code: 'crash' }));
  });
});

describe('how a page looks', () => {
  it('is read', () => {
    expect(lookFrom(look)).toEqual(look);
  });

  it.each([undefined, null, 'x', {}, { ...look, textLength: '1' }, { ...look, engaged: undefined }])(
    'is refused as a crash of the page: %j',
    (value) => {
      expect(() => lookFrom(value)).toThrow(expect.objectContaining({ code: 'crash' }));
    },
  );
});
