import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { answerFrom } from '../fixtures/answer.ts';
import { corpusMissing, holds, type RunningCorpus, startCorpus } from '../fixtures/corpus.ts';
import { type CorpusProxy, startCorpusProxy } from '../fixtures/corpus-proxy.ts';

// Three applications that other people wrote; test/faults/corpus-all.test.ts has all of them.

const names = ['docsify-history', 'swagger-ui', 'built-react'];
const html = { accept: 'text/html' };

let corpus: RunningCorpus | undefined;
let preface: CorpusProxy | undefined;
let lack: string | undefined = corpusMissing;

beforeAll(async () => {
  if (lack === undefined) {
    corpus = await startCorpus(names).catch((cause: unknown) => {
      lack = `the applications cannot be installed: ${messageOf(cause)}`;
      return undefined;
    });
  }
  if (lack !== undefined) process.stderr.write(`No test on real applications: ${lack}\n`);
  if (corpus !== undefined) preface = await startCorpusProxy(corpus.origins);
}, 300_000);

afterAll(async () => {
  await preface?.close();
  corpus?.close();
});

/** The case and everything it needs, or a skipped test that says why. */
function caseOf(name: string, skip: (note: string) => never) {
  if (lack !== undefined) skip(lack);
  const found = corpus?.cases.find((one) => one.name === name);
  if (found === undefined || preface === undefined) throw new Error(`${name} is not served`);
  return { ...found, preface, origin: corpus?.origins[name] ?? '' };
}

describe.each(names)('%s', (name) => {
  it('is complete for a reader', async ({ skip }) => {
    const { open, mustContain, preface } = caseOf(name, skip);
    const { status, headers, body } = await preface.asReader(name, open);
    const answer = body.toString();
    expect(status).toBe(200);
    expect(headers['x-preface']).toBe('page; reader=search; bot=Googlebot');
    expect(mustContain.filter((text) => !holds(answer, text))).toEqual([]);
  });

  it('is the same for a person, byte for byte, as without us', async ({ skip }) => {
    const { open, mustNotBeInRaw, preface, origin } = caseOf(name, skip);
    const { body } = await preface.asPerson(name, open);
    const direct = await answerFrom(origin + open, html);
    expect(body.equals(direct.body)).toBe(true);
    expect(mustNotBeInRaw.filter((text) => holds(body.toString(), text))).toEqual([]);
  });
});
