// `npm run bench:render`: Preface and its peers render the same pages on this machine, in turns.
//   --parts small,demo,corpus  --rounds 2  --seconds 3  --at-once 1,4,8  --only preface,prerender
// Parts that are not named keep the results that they have.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from '../../src/render/find-chromium.ts';
import { endTree } from '../../test/fixtures/process-tree.ts';
import { type Contestant, type ContestantName, contestantNames, startContestant } from './contestants.ts';
import { type Answer, measure, type Slot } from './load.ts';
import { type Ask, type PageSet, startPages } from './pages.ts';
import { peers } from './peers.ts';
import { plot } from './plot.ts';
import { report } from './report.ts';
import { type CorpusRow, type PartRun, type Row, rowOf, withEarlier } from './results.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, '.cache/bench-render');
const resultsFile = join(import.meta.dirname, 'results.json');
const today = new Date().toISOString().slice(0, 10);

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '3' },
    'at-once': { type: 'string', default: '1,4,8' },
    only: { type: 'string', default: contestantNames.join(',') },
    parts: { type: 'string', default: 'small,demo,corpus' },
  },
});
const rounds = Number(flags.rounds);
const seconds = Number(flags.seconds);
const atOnce = flags['at-once'].split(',').map(Number);
const names = contestantNames.filter((name) => flags.only.split(',').includes(name));
const parts = flags.parts.split(',');
/** One after another: side by side on few cores, it is the waiting for each other that would be measured. */
const corpusAtOnce = 1;

mkdirSync(cache, { recursive: true });
const chromium = await findChromium({ env: process.env });
if (chromium === undefined)
  throw new Error('no Chromium was found: npx puppeteer browsers install chrome-headless-shell');

const on = [
  `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`,
  `${Math.round(totalmem() / 2 ** 30)} GB`,
  execFileSync(chromium.path, ['--version'], { encoding: 'utf8' }).trim(),
  `Node ${process.version}`,
].join(', ');
const pages = await startPages(cache, parts.includes('corpus'));
const sets = [pages.small, pages.demo].filter(({ name }) => parts.includes(name));
const contestants: Contestant[] = [];
const allSlots: Slot[] = [];
let asked = 0;

// However it ends, no browser stays behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const { pid } of contestants) endTree(pid);
    process.exit(1);
  });
}

try {
  const origins = [pages.small, pages.demo, ...pages.corpus].flatMap((set) => set.origins);
  for (const name of names) {
    console.error(`starting ${name}`);
    contestants.push(await startContestant(name, { chromium: chromium.path, origins, cache }));
  }
  for (const contestant of contestants) {
    for (const set of sets.length > 0 ? sets : [pages.demo]) await measure(contestant, 4, some(set, 8));
  }

  const rows: Row[] = [];
  const runs: Record<string, PartRun> = {};
  for (const set of sets) {
    rows.push(...(await inTurns(set)));
    runs[set.name] = { at: today, on, rounds, seconds, foreignShare: foreignShare() };
  }
  const { corpus, corpusRows } = await throughTheCorpus();
  if (corpus.length > 0) runs.corpus = { at: today, on, rounds: 1, seconds: 0, foreignShare: foreignShare() };
  const results = withEarlier(
    {
      versions: { preface: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version, ...peers },
      runs,
      pages: Object.fromEntries([pages.small, pages.demo].map(({ name, about }) => [name, about])),
      rows,
      corpus,
      corpusRows,
    },
    existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : undefined,
  );
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), report(results));
  writeFileSync(join(import.meta.dirname, 'results.svg'), plot(results));
  console.log(report(results));
} finally {
  for (const contestant of contestants) await contestant.close();
  pages.close();
}

/** Every round goes through all of them, each round beginning with another one: what disturbs the machine disturbs all alike. */
async function inTurns(set: PageSet): Promise<Row[]> {
  const slots = new Map<string, Slot[]>();
  const keyOf = (name: ContestantName, count: number) => `${name} ${set.name} ${count}`;
  for (let round = 0; round < rounds; round++) {
    for (const count of atOnce) {
      for (const contestant of rotated(contestants, round)) {
        const slot = await measure(contestant, count, forSeconds(set, seconds));
        allSlots.push(slot);
        const key = keyOf(contestant.name, count);
        slots.set(key, [...(slots.get(key) ?? []), slot]);
        say(`round ${round + 1}`, key, slot.answers);
      }
    }
  }
  return atOnce.flatMap((count) =>
    contestants.map(({ name }) => rowOf(name, set.name, count, slots.get(keyOf(name, count)) ?? [])),
  );
}

/** Each application once, several at a time. */
async function throughTheCorpus(): Promise<{ corpus: CorpusRow[]; corpusRows: Row[] }> {
  if (pages.corpus.length === 0) return { corpus: [], corpusRows: [] };
  const answers = new Map<string, CorpusRow['answers']>();
  const corpusRows: Row[] = [];
  for (const contestant of contestants) {
    const queue = pages.corpus.map((set) => ({ set, ask: set.ask(asked++) }));
    const nameOf = new Map(queue.map(({ set, ask }) => [ask, set.name]));
    const slot = await measure(contestant, corpusAtOnce, () => queue.shift()?.ask);
    allSlots.push(slot);
    for (const { ask, ms, lack } of slot.answers) {
      const name = nameOf.get(ask) ?? '';
      const outcome = lack === undefined ? { ms } : { ms, lack };
      answers.set(name, { ...answers.get(name), [contestant.name]: outcome });
    }
    corpusRows.push(rowOf(contestant.name, 'corpus', corpusAtOnce, [slot]));
    say('corpus', contestant.name, slot.answers);
  }
  const corpus = pages.corpus.map(({ name }) => ({ name, answers: answers.get(name) ?? {} }));
  return { corpus, corpusRows };
}

/** Of all that was measured since the last call. */
function foreignShare(): number {
  const slots = allSlots.splice(0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const secondsInAll = sum(slots.map(({ elapsedMs }) => elapsedMs)) / 1000;
  return sum(slots.map(({ foreignCpuSeconds }) => foreignCpuSeconds)) / (secondsInAll * availableParallelism());
}

function forSeconds(set: PageSet, limit: number): () => Ask | undefined {
  const until = performance.now() + limit * 1000;
  return () => (performance.now() < until ? set.ask(asked++) : undefined);
}

function some(set: PageSet, count: number): () => Ask | undefined {
  let left = count;
  return () => (left-- > 0 ? set.ask(asked++) : undefined);
}

function rotated<T>(all: readonly T[], by: number): readonly T[] {
  const begin = by % all.length;
  return [...all.slice(begin), ...all.slice(0, begin)];
}

function say(when: string, what: string, answers: readonly Answer[]): void {
  const lacks = answers.flatMap(({ lack }) => lack ?? []);
  const bad = lacks.length > 0 ? `, ${lacks.length} not complete, such as: ${lacks[0]?.slice(0, 100)}` : '';
  console.error(`${when}: ${what}: ${answers.length} answers${bad}`);
}
