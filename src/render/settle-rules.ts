import type { JudgeRules } from './settle-judge.ts';
import type { NetworkRules } from './settle-network.ts';
import type { StepRules } from './settle-worker-steps.ts';
import type { SettleSettings } from './settling.ts';

export interface SettleRules {
  readonly judge: JudgeRules;
  readonly network: NetworkRules;
  /** A worker that owes an answer, has nothing to do and says nothing is given up after this. */
  readonly silentWorkerMs: number;
  /** Any is waited for while it has one-shot timers of its own. */
  readonly workerSteps: StepRules;
  /** The load event is waited for this long after the last of the network, where nothing is known to hold it up. */
  readonly loadEventMs: number;
  /** A question that a person or the browser may answer (permissions, the position, a lock) is waited for this long. */
  readonly questionMs: number;
  /** A page may load itself anew this often. */
  readonly mostReloads: number;
  /** The most that a page gets to finish its drawing after it has said that it is ready. */
  readonly afterSignalMs: number;
  /** The share of the limit after which no quiet is waited for any more. */
  readonly quietShare: number;
  /** Characters of text that make a page look like one. */
  readonly someText: number;
}

/** The numbers by which a page is judged. Three are the operator's; the others follow from them or from what applications do. */
export function settleRules({ horizonMs, longRequestMs, quietMs }: SettleSettings): SettleRules {
  return {
    judge: {
      horizonMs,
      unfinishedHorizonMs: 3 * horizonMs,
      longRequestMs,
      quietMs,
      unfinishedFactor: 4,
      doubtfulFactor: 1.5,
      strideMs: 250,
      longestStrideMs: 1000,
      mostSkippedMs: 3 * horizonMs,
      mostSkippedUnreadyMs: 12 * horizonMs,
      mostJumpingMs: 6000,
      mostIdleRunMs: 600,
      mostChanges: 300,
      mostStirs: 20,
    },
    network: {
      repeats: 10,
      series: 50,
      firstMessageMs: 1000,
      greetingMs: 300,
      silenceMs: 250,
      chatterMs: longRequestMs,
      patienceMs: longRequestMs,
    },
    silentWorkerMs: 300,
    workerSteps: { mostMs: 1000, unheard: 4, unheardMs: 200 },
    loadEventMs: 250,
    questionMs: 250,
    mostReloads: 2,
    afterSignalMs: 250,
    quietShare: 0.75,
    someText: 200,
  };
}
