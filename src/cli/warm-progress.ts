import type { WarmProgress } from '../serve/warm-progress.ts';
import type { Terminal } from './command.ts';

/** What `GET /api/jobs/<id>` says, as far as people want to know it. */
export type JobProgress = Omit<WarmProgress, 'id' | 'what'>;

export interface ProgressNotes {
  tell(progress: JobProgress): void;
  /** Leaves the cursor at the beginning of a line. */
  end(): void;
}

/** On a terminal one line that is written over, elsewhere a line for every tenth. */
export function createProgressNotes({ notesToTerminal, note }: Terminal): ProgressNotes {
  let toldTenths = 0;
  let isOpen = false;
  return {
    tell(progress) {
      if (notesToTerminal) {
        // Back to the beginning of the line, and away with what stood there.
        note(`\r\u001b[K${progressLine(progress)}`);
        isOpen = true;
        return;
      }
      const tenths = progress.listed ? Math.floor((10 * doneOf(progress)) / Math.max(1, progress.found)) : 0;
      if (tenths <= toldTenths) return;
      toldTenths = tenths;
      note(`${progressLine(progress)}\n`);
    },
    end() {
      if (isOpen) note('\r\u001b[K');
    },
  };
}

export function progressLine(progress: JobProgress): string {
  const { state, listed, found, failed, perSecond } = progress;
  if (!listed) return `reading the list: ${found} pages so far`;
  const done = doneOf(progress);
  const parts = [
    `${Math.floor((100 * done) / Math.max(1, found))} %: ${done} of ${found} pages`,
    `${perSecond} renders a second`,
    ...(state === 'paused' ? ['paused'] : leftOf(progress, done)),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return parts.join(', ');
}

/** How it ended, in one line. */
export function lastWord(progress: JobProgress): string {
  const { state, found, elapsedMs } = progress;
  const kinds = [
    ['rendered', progress.rendered],
    ['fresh already', progress.fresh],
    ['failed', progress.failed],
    ['passed through', progress.excluded],
    ['disallowed by robots.txt', progress.disallowed],
    ['on other hosts', progress.foreign],
  ] as const;
  const counts = kinds.filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`);
  const head = state === 'stopped' ? `stopped at ${doneOf(progress)} of ${found} pages` : `${found} pages`;
  return `${[head, ...(counts.length === 0 ? [] : [counts.join(', ')])].join(': ')}, in ${span(elapsedMs)}`;
}

const doneOf = ({ rendered, fresh, foreign, excluded, disallowed, failed }: JobProgress): number =>
  rendered + fresh + foreign + excluded + disallowed + failed;

/** From what took time: addresses that are no pages of ours were left out while the list was read. Nothing is known before the first. */
function leftOf({ found, rendered, fresh, failed, elapsedMs }: JobProgress, done: number): readonly string[] {
  const worked = rendered + fresh + failed;
  return worked === 0 ? [] : [`${span(((found - done) * elapsedMs) / worked)} left`];
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
