import { listProducts } from '../../demo/catalogue.ts';
import { startDemo } from '../../demo/server.ts';
import { corpusMissing, startCorpus } from '../../test/fixtures/corpus.ts';
import { startSmallPage } from './small-page.ts';

/** One page to ask for, by a URL that nobody asked for before. */
export interface Ask {
  readonly url: string;
  /** Texts that make the answer complete; quotes may be escaped. */
  readonly mustContain: readonly string[];
}

/** A kind of pages. */
export interface PageSet {
  readonly name: string;
  readonly about: string;
  readonly origins: readonly string[];
  /** The nth page of a run: another URL for every n. */
  ask(n: number): Ask;
}

export interface PageSets {
  readonly small: PageSet;
  readonly demo: PageSet;
  /** Real applications, one set each; none where the corpus is not there. */
  readonly corpus: readonly PageSet[];
  close(): void;
}

export async function startPages(cache: string, withCorpus: boolean): Promise<PageSets> {
  const small = await startSmallPage(cache);
  const demo = await startDemo();
  const corpus = withCorpus && corpusMissing === undefined ? await startCorpus() : undefined;
  // Another beginning in every run, so that no cache of an earlier one can help.
  const run = Date.now().toString(36);
  return {
    small: {
      name: 'small',
      about: 'React, router, lazy route, two chained API calls of 30 ms; another path for every ask',
      origins: [small.url],
      ask: (n) => ({
        url: `${small.url}/items/${run}-${n}`,
        mustContain: [`<title>Item ${run}-${n}</title>`, `Made by the maker of m-${run}-${n}`],
      }),
    },
    demo: {
      name: 'demo',
      about: "this repository's demo, product pages, one API call of 40 ms; another query for every ask",
      origins: [demo.url],
      ask(n) {
        const { id, name } = listProducts()[n % listProducts().length] ?? { id: '', name: '' };
        return {
          url: `${demo.url}/lanterns/${id}?run=${run}-${n}`,
          mustContain: [`<h1>${name}</h1>`, 'og:title', 'application/ld+json'],
        };
      },
    },
    corpus: (corpus?.cases ?? []).map(({ name, open, mustContain }) => ({
      name,
      about: 'a published application',
      origins: [corpus?.origins[name] ?? ''],
      ask: (n) => ({ url: `${corpus?.origins[name]}${open}?run=${run}-${n}`, mustContain }),
    })),
    close() {
      small.close();
      void demo.close();
      corpus?.close();
    },
  };
}
