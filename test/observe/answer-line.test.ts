import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../src/events.ts';
import { answerFields, answerLine, withoutSecrets } from '../../src/observe/answer-line.ts';

const answer: AnswerEvent = {
  type: 'answer',
  requestId: '0b8f',
  traceId: undefined,
  method: 'GET',
  host: 'shop.example',
  target: '/lamps?page=2',
  status: 200,
  reader: { class: 'social', name: 'Twitterbot' },
  verified: 'verified',
  outcome: 'render',
  because: undefined,
  bytes: 1234,
  durationMs: 12.3456,
  renderMs: 10.5,
  queueMs: 0.004,
};
const time = '2026-03-03T10:00:00.000Z';
const read = (event: AnswerEvent) => JSON.parse(answerLine(event, 30, time));

describe('the line of an answer', () => {
  it.each([
    ['a rendered page', {}],
    [
      'a person',
      {
        reader: { class: 'person' },
        verified: undefined,
        outcome: 'pass',
        because: 'person',
        renderMs: undefined,
        queueMs: undefined,
      },
    ],
    ['a request with a trace', { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }],
    [
      'words that need escapes',
      { host: 'a"b\\c', target: '/\u00e4\u2028\u009b1;\u007f\n?token=x', requestId: '\ud800', method: '' },
    ],
  ] as const)('says of %s what the fields say, in their order', (_, differing) => {
    const event: AnswerEvent = { ...answer, ...differing };
    const fields = JSON.parse(JSON.stringify(answerFields(event)));
    const line = { level: 30, time, ...fields, msg: 'answer' };
    expect(read(event)).toEqual(line);
    expect(Object.keys(read(event))).toEqual(Object.keys(line));
  });

  it('is one line of plain characters, whatever strangers write', () => {
    const line = answerLine({ ...answer, target: '/\u001b[2J\u009b2J\u007f\u2028\r\n{"level":60}' }, 30, time);
    expect(line).toMatch(/^[ -~]*\n$/);
  });

  it('keeps what comes after a second question mark', () => {
    expect(read({ ...answer, target: '/a?b=c?d' })).toMatchObject({ path: '/a?b=c?d' });
  });

  it('leaves out the values of secrets', () => {
    expect(read({ ...answer, target: '/login?token=abc&q=lamp' })).toMatchObject({ path: '/login?token=***&q=lamp' });
  });
});

it.each([
  ['a=1&token=abc&b=2', 'a=1&token=***&b=2'],
  ['access_token=abc', 'access_token=***'],
  ['api-key=abc&q=lamp', 'api-key=***&q=lamp'],
  ['Session=a=b', 'Session=***'],
  ['q=token', 'q=token'],
  ['token', 'token'],
  ['', ''],
])('the secrets of %j are kept out of the log', (query, logged) => {
  expect(withoutSecrets(query)).toBe(logged);
});
