import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { messageOf } from '../errors.ts';

export interface LineWriter {
  /** Takes a line, or several, with their line breaks. Never throws, and nobody waits for it. */
  write(lines: string): void;
  /** Resolves when all is written, or after a second: whoever reads the log may never read on. */
  close(): Promise<void>;
}

/** So much is written at once, or what there is after so long. */
const [pieceLength, longestWaitMs] = [32 * 1024, 250];
/** Whoever reads the log may be slow or stand still; more than this is not kept for him. */
const maxKeptBytes = 16 * 1024 * 1024;
const [againMs, lastWaitMs] = [50, 1000];

const isFull = (cause: NodeJS.ErrnoException) => cause.code === 'EAGAIN' || cause.code === 'EBUSY';

/**
 * Gathers lines and writes them to a file descriptor, in order, off the way of those who write them. What cannot be written is lost; `tell` hears of
 * it once for each time of trouble.
 */
export function createLineWriter(fd: number, tell: (text: string) => void): LineWriter {
  const pieces: Buffer[] = [];
  let gathered = '';
  let bytes = 0;
  let isWriting = false;
  let isTroubled = false;
  let timer: NodeJS.Timeout | undefined;
  let idle: (() => void) | undefined;

  function lose(why: string): void {
    if (!isTroubled) tell(`the log cannot be written, its lines are lost: ${why}`);
    isTroubled = true;
  }

  function release(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered === '') return;
    const piece = Buffer.from(gathered);
    gathered = '';
    if (bytes + piece.length > maxKeptBytes) return lose('nobody reads it');
    pieces.push(piece);
    bytes += piece.length;
    if (!isWriting) writeNext();
  }

  function writeNext(): void {
    const [piece] = pieces;
    isWriting = piece !== undefined;
    if (piece === undefined) {
      if (gathered === '') process.off('exit', writeRest);
      return idle?.();
    }
    write(fd, piece, 0, piece.length, null, (cause, written) => {
      if (cause !== null && isFull(cause)) return void setTimeout(writeNext, againMs).unref();
      if (cause === null) isTroubled = false;
      else lose(messageOf(cause));
      done(piece, cause === null ? written : piece.length);
      writeNext();
    });
  }

  function done(piece: Buffer, count: number): void {
    bytes -= count;
    if (count < piece.length) pieces[0] = piece.subarray(count);
    else pieces.shift();
  }

  /** At the very end, when no callback comes any more. What is being written has left already. */
  function writeRest(): void {
    const rest = [...pieces.slice(isWriting ? 1 : 0), Buffer.from(gathered)];
    try {
      for (let piece of rest) while (piece.length > 0) piece = piece.subarray(writeSync(fd, piece));
    } catch {}
  }

  return {
    write(lines) {
      if (gathered === '' && !isWriting) process.once('exit', writeRest);
      gathered += lines;
      if (gathered.length >= pieceLength) release();
      else timer ??= setTimeout(release, longestWaitMs).unref();
    },
    close() {
      release();
      return new Promise((resolve) => {
        const late = setTimeout(resolve, lastWaitMs);
        idle = () => {
          clearTimeout(late);
          resolve();
        };
        if (!isWriting) idle();
      });
    },
  };
}

/**
 * Standard output, so that a write to a pipe of which nobody reads comes back at once: one that blocks would keep the process from ending. What others
 * have of the pipe stays as it is.
 */
export function standardOutput(): number {
  try {
    if (!fstatSync(1).isFIFO()) return 1;
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return 1;
  }
}
