import { comparisons } from './compare.ts';
import type { CorpusRow, PartRun, Results, Row } from './results.ts';

/** The results as Markdown: figures first, then how they came about and what speaks against them. */
export function report(results: Results): string {
  const { versions, runs, pages, rows, corpusRows } = results;
  return `# Rendering beside peers

Preface against the best of its peers in each line, whichever that is; peers that left pages incomplete count too.

${comparisons(results)}

Written by \`npm run bench:render\`. No page was asked for twice.
${Object.entries(runs).map(ofRun).join('\n')}

![Pages a second](results.svg)

${Object.entries(pages)
  .filter(([name]) => name in runs)
  .map(([name, about]) => `## ${name}: ${about}\n\n${table(rows.filter((row) => row.pages === name))}`)
  .join('\n\n')}
${corpusRows.length === 0 ? '' : `\n## Real applications, as published to npm\n\n${table(corpusRows)}\n\n${corpusTable(results)}\n`}
## What is compared, and how fairly

- ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(
      ', ',
    )}, each with its own defaults and the same Chromium program. Added only what is needed to run here: a port, the path of
  Chromium, \`--no-sandbox\` for root. ssr-proxy-js is told to render URLs with a dot in them too, which its default refuses.
- Every ask is for a URL that nobody asked for before, so no cache of pages helps anybody. What each keeps between pages otherwise is part of its
  design and stays: Preface keeps tabs (wiped after each page), compiled code and the applications' static files; Rendertron and
  ssr-proxy-js intercept requests, which switches off Chromium's own cache; Prerender takes a new browser context for each page.
- Preface renders as many pages at once as its default says (two a core) and lets others wait, with the waiting in its times. The peers
  begin them all.
- The work is not the same. Preface writes down styles that exist only in memory and shadow trees, removes every script and refuses third parties;
  the peers write down less. Preface does not load images and fonts by default, ssr-proxy-js loads neither these nor style sheets, the other
  two load everything.
- "Complete": status 200 and every expected text in the answer. Pages a second count complete ones only.
- Times are those of the client. CPU and memory are of all processes of a contestant, from \`/proc\`; memory is proportional set size, looked at once a
  second. Applications and client run on the same machine, in one process, and are not counted.
- All contestants stay up throughout; each has the machine for itself while it is measured, but for what idle browsers cost.
`;
}

function ofRun([name, { at, on, rounds, seconds, foreignShare }]: [string, PartRun]): string {
  const how = seconds === 0 ? 'each page once' : `${rounds} rounds of ${seconds} s for each cell, in turns`;
  return `- ${name}: ${at}, ${on}; ${how}; others on the machine used ${(100 * foreignShare).toFixed(0)} % of it meanwhile.`;
}

function table(rows: readonly Row[]): string {
  const head = '| | at once | complete | p50 ms | p95 ms | pages/s | CPU s/page | peak MB |';
  const lines = rows.map(
    (row) =>
      `| ${row.contestant} | ${row.atOnce} | ${row.complete} of ${row.asked} | ${row.p50Ms.toFixed(0)} | ${row.p95Ms.toFixed(0)} | ` +
      `${row.pagesPerSecond.toFixed(1)} | ${row.cpuSecondsPerPage.toFixed(2)} | ${(row.peakBytes / 2 ** 20).toFixed(0)} |`,
  );
  return [head, '| --- | --: | --: | --: | --: | --: | --: | --: |', ...lines].join('\n');
}

function corpusTable({ corpus, corpusRows }: Results): string {
  const names = corpusRows.map(({ contestant }) => contestant);
  const cell = (row: CorpusRow, name: (typeof names)[number]) => {
    const outcome = row.answers[name];
    if (outcome === undefined) return '';
    return `${outcome.lack === undefined ? 'yes' : '**no**'}, ${outcome.ms.toFixed(0)} ms`;
  };
  const lines = corpus.map((row) => `| ${row.name} | ${names.map((name) => cell(row, name)).join(' | ')} |`);
  return [`| complete? | ${names.join(' | ')} |`, `| --- |${' --- |'.repeat(names.length)}`, ...lines].join('\n');
}
