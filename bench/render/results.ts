import { median } from '../median.ts';
import type { ContestantName } from './contestants.ts';
import type { Answer, Slot } from './load.ts';

/** One contestant with one kind of pages at one number of asks at once, all rounds together. */
export interface Row {
  readonly contestant: ContestantName;
  readonly pages: string;
  readonly atOnce: number;
  readonly asked: number;
  readonly complete: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Complete ones only; the median of the rounds. */
  readonly pagesPerSecond: number;
  /** Of all its processes; the median of the rounds. */
  readonly cpuSecondsPerPage: number;
  readonly peakBytes: number;
}

/** One application of the corpus. */
export interface CorpusRow {
  readonly name: string;
  /** How long each took, and what was lacking. */
  readonly answers: Readonly<Partial<Record<ContestantName, { readonly ms: number; readonly lack?: string }>>>;
}

/** How a part of the results came about; each part is one run of all contestants, in turns. */
export interface PartRun {
  /** A day, as YYYY-MM-DD. */
  readonly at: string;
  /** Machine and programs, in words. */
  readonly on: string;
  readonly rounds: number;
  readonly seconds: number;
  /** The share of the machine that others used meanwhile: more than a little makes all times longer, and the comparison less sure. */
  readonly foreignShare: number;
}

export interface Results {
  readonly versions: Readonly<Record<string, string>>;
  /** By the name of the part: a kind of pages, or `corpus`. */
  readonly runs: Readonly<Record<string, PartRun>>;
  readonly pages: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly corpus: readonly CorpusRow[];
  readonly corpusRows: readonly Row[];
}

/** These results, and of parts that were not measured now what was known before. */
export function withEarlier(now: Results, earlier: Results | undefined): Results {
  if (earlier?.runs === undefined) return now;
  const isNew = (name: string) => name in now.runs;
  const corpus = isNew('corpus') ? now : earlier;
  return {
    ...now,
    runs: { ...earlier.runs, ...now.runs },
    rows: [...earlier.rows.filter(({ pages }) => !isNew(pages)), ...now.rows].sort((a, b) =>
      b.pages.localeCompare(a.pages),
    ),
    corpus: corpus.corpus,
    corpusRows: corpus.corpusRows,
  };
}

export function rowOf(contestant: ContestantName, pages: string, atOnce: number, slots: readonly Slot[]): Row {
  const answers = slots.flatMap((slot) => slot.answers);
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    contestant,
    pages,
    atOnce,
    asked: answers.length,
    complete: complete(answers),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    pagesPerSecond: median(slots.map((slot) => (1000 * complete(slot.answers)) / slot.elapsedMs)),
    cpuSecondsPerPage: median(slots.map((slot) => slot.cpuSeconds / slot.answers.length)),
    peakBytes: Math.max(...slots.map(({ peakBytes }) => peakBytes)),
  };
}

const complete = (answers: readonly Answer[]) => answers.filter((answer) => answer.complete).length;

/** Of sorted values, between the neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below = 0, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
