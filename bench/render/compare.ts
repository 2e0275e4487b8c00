import type { Results, Row } from './results.ts';

/** Preface's figures as shares of the best peer's, as Markdown: what the tables further down come to. */
export function comparisons(results: Results): string {
  const { rows, corpusRows } = results;
  const cells = [...new Set(rows.map(({ pages, atOnce }) => `${pages} ${atOnce}`))].map((cell) =>
    rows.filter(({ pages, atOnce }) => `${pages} ${atOnce}` === cell),
  );
  const lines = [...cells, corpusRows].flatMap((group) => comparison(group) ?? []);
  const head = '| pages | at once | complete | p50 | pages/s | CPU a page |\n| --- | --: | --: | --: | --: | --: |';
  return `${[head, ...lines].join('\n')}${corpusLine(results)}`;
}

function comparison(group: readonly Row[]): string | undefined {
  const own = group.find(({ contestant }) => contestant === 'preface');
  const peers = group.filter(({ contestant }) => contestant !== 'preface');
  if (own === undefined || peers.length === 0) return undefined;
  const least = (of: (row: Row) => number) => Math.min(...peers.map(of));
  const p50 = own.p50Ms / least(({ p50Ms }) => p50Ms);
  const rate = own.pagesPerSecond / Math.max(...peers.map(({ pagesPerSecond }) => pagesPerSecond));
  const cpu = own.cpuSecondsPerPage / least(({ cpuSecondsPerPage }) => cpuSecondsPerPage);
  const complete = `${own.complete} of ${own.asked}`;
  return `| ${own.pages} | ${own.atOnce} | ${complete} | ${p50.toFixed(2)} | ${rate.toFixed(1)}x | ${cpu.toFixed(2)} |`;
}

/** The mean time of the applications, beside Rendertron's, complete or not. */
function corpusLine({ corpus }: Results): string {
  const both = corpus.flatMap(({ answers: { preface, rendertron } }) =>
    preface && rendertron ? [{ preface, rendertron }] : [],
  );
  if (both.length === 0) return '';
  const mean = (name: 'preface' | 'rendertron') => both.reduce((sum, row) => sum + row[name].ms, 0) / both.length;
  const [own, theirs] = [mean('preface'), mean('rendertron')];
  return `

The ${both.length} applications take ${own.toFixed(0)} ms in the mean, ${(own / theirs).toFixed(2)} of Rendertron's ${theirs.toFixed(0)} ms.`;
}
