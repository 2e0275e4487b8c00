import { pino } from 'pino';

export interface LineWriter {
  /** Takes a line, or several, with their line breaks. */
  write(lines: string): void;
  /** Writes out what is still in memory, before it returns. */
  flush(): void;
}

/** So much is written at once, or what there is after so long. */
const [pieceLength, longestWaitMs] = [32 * 1024, 250];
/** Whoever reads the log may be slow or stand still; more than this is not kept for him. */
const maxKeptBytes = 16 * 1024 * 1024;

/** Gathers lines and writes them to a file descriptor, in order, off the way of those who write them. */
export function createLineWriter(dest: number): LineWriter {
  const file = pino.destination({
    dest,
    sync: false,
    minLength: pieceLength,
    maxWrite: 2 * pieceLength,
    maxLength: maxKeptBytes,
  });
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;

  function handOver(): void {
    clearTimeout(timer);
    timer = undefined;
    process.off('exit', flush);
    if (gathered !== '') file.write(gathered);
    gathered = '';
  }

  function release(): void {
    handOver();
    file.flush();
  }

  function flush(): void {
    handOver();
    // Nothing is open yet when the process ends at once; there is nothing to lose then.
    try {
      file.flushSync();
    } catch {}
  }

  function wait(): void {
    timer = setTimeout(release, longestWaitMs).unref();
    process.once('exit', flush);
  }

  return {
    write(lines) {
      gathered += lines;
      if (gathered.length >= pieceLength) handOver();
      else if (timer === undefined) wait();
    },
    flush,
  };
}
