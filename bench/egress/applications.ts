// Serves the real applications of the corpus. Run as a process of its own: `node applications.ts`; prints one line of JSON.
import { type CorpusCase, startCorpus } from '../../test/fixtures/corpus.ts';

/** `open` is the path to ask for; `mustContain` is there once the application has run. */
export interface ServedApplication extends Pick<CorpusCase, 'name' | 'open' | 'mustContain'> {
  readonly origin: string;
}

const { cases, origins } = await startCorpus();
const served = cases.map(
  ({ name, open, mustContain }): ServedApplication => ({ name, open, mustContain, origin: origins[name] ?? '' }),
);
process.stdout.write(`${JSON.stringify(served)}\n`);
