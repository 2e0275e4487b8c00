// Serves the real applications of the corpus; run as a process of its own: `node applications.ts`. Prints one line of JSON.
import { startCorpus } from '../../test/fixtures/corpus.ts';

export interface ServedApplication {
  readonly name: string;
  readonly origin: string;
  /** The path to ask for. */
  readonly open: string;
}

if (import.meta.main) {
  const { cases, origins } = await startCorpus();
  const served = cases.map(({ name, open }): ServedApplication => ({ name, open, origin: origins[name] ?? '' }));
  process.stdout.write(`${JSON.stringify(served)}\n`);
}
