import { describe, expect, it } from 'vitest';
import { wholeAnswer } from '../../src/egress/whole-answer.ts';
import type { AnswerTaker, HttpClient } from '../../src/origin/client.ts';

const request = { method: 'GET', path: '/', fields: [], body: null };

/** A client whose answers the test writes. */
function setUp({ method = 'GET', maxBytes = 10, wanted = true } = {}) {
  const takers: AnswerTaker[] = [];
  let aborted = 0;
  const client: HttpClient = {
    ask(_, taker) {
      takers.push(taker);
      return {
        pause() {},
        resume() {},
        abort() {
          aborted += 1;
        },
      };
    },
  };
  const leaving = new AbortController();
  const wish = { signal: leaving.signal, maxBytes, wantsBody: () => wanted };
  const answer = wholeAnswer(client, { ...request, method }, wish);
  answer.catch(() => {});
  return { answer, takers, leaving, aborted: () => aborted };
}

const text = (length: number) => Buffer.alloc(length, 'x');

describe('a whole answer', () => {
  it('comes with all of its body', async () => {
    const { answer, takers } = setUp();
    takers[0]?.onHead(200, 'OK', { etag: '"1"' });
    for (const length of [4, 6]) takers[0]?.onBody(text(length));
    takers[0]?.onEnd();
    expect(await answer).toEqual({ status: 200, fields: { etag: '"1"' }, body: text(10) });
  });

  it('is given up when its head is enough, when it is too large, and when nobody waits any more', async () => {
    const headOnly = setUp({ wanted: false });
    headOnly.takers[0]?.onHead(404, 'Not Found', {});
    expect(await headOnly.answer).toMatchObject({ status: 404, body: Buffer.alloc(0) });

    const large = setUp();
    large.takers[0]?.onHead(200, 'OK', {});
    large.takers[0]?.onBody(text(11));
    await expect(large.answer).rejects.toThrow('too large');

    const left = setUp();
    left.leaving.abort(new Error('gone'));
    await expect(left.answer).rejects.toThrow('gone');
    expect([headOnly, large, left].map(({ aborted }) => aborted())).toEqual([1, 1, 1]);
  });

  it('is asked for once more when the connection was lost before it began, and no more than once', async () => {
    const { answer, takers } = setUp();
    takers[0]?.onError(new Error('reset'), true);
    await expect.poll(() => takers.length).toBe(2);
    takers[1]?.onError(new Error('reset'), true);
    await expect(answer).rejects.toThrow('lost');
    expect(takers).toHaveLength(2);
  });

  it.each([
    ['it had begun', 'GET', true],
    ['the request may have been carried out', 'POST', false],
  ])('is not asked for again when %s', async (_, method, begun) => {
    const { answer, takers } = setUp({ method });
    if (begun) takers[0]?.onHead(200, 'OK', {});
    takers[0]?.onError(new Error('reset'), true);
    await expect(answer).rejects.toThrow();
    expect(takers).toHaveLength(1);
  });
});
