import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { messageOf } from '../errors.ts';
import { exitCodes } from './command.ts';

export interface LifeParts {
  /** Where signals and uncaught errors arrive: `process`. */
  readonly process: EventEmitter;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  /** Finishes what is under way. */
  readonly drain: () => Promise<void>;
  /** How long that may take before the process ends without it. */
  readonly drainLimitMs: number;
  /** SIGHUP. */
  readonly reload: () => Promise<void>;
  readonly tellError: (message: string, cause: unknown) => void;
  /**
   * A second SIGINT within this time is the first one again: Ctrl+C reaches the whole process group, and npm passes it on
   * to its child once more. Nought when nobody stands in between.
   */
  readonly sameSignalMs: number;
}

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Resolves with the exit code when the process has been asked to stop and has drained: 0 after a signal, 1 after an uncaught error.
 * A second signal ends the process at once with 128 and the signal's number.
 */
export function lifeOf({
  process,
  exit,
  drain,
  drainLimitMs,
  reload,
  tellError,
  sameSignalMs,
}: LifeParts): Promise<number> {
  return new Promise((resolve) => {
    let stoppedAt: number | undefined;

    function stop(code: number): void {
      stoppedAt = performance.now();
      setTimeout(() => exit(exitCodes.failed), drainLimitMs).unref();
      drain().then(
        () => resolve(code),
        (cause: unknown) => {
          tellError(`could not close in good order: ${messageOf(cause)}`, cause);
          resolve(exitCodes.failed);
        },
      );
    }

    for (const signal of signals) {
      process.on(signal, () => {
        if (stoppedAt === undefined) return stop(exitCodes.good);
        const isEcho = signal === 'SIGINT' && performance.now() - stoppedAt < sameSignalMs;
        if (!isEcho) exit(128 + constants.signals[signal]);
      });
    }
    process.on('SIGHUP', () => {
      if (stoppedAt !== undefined) return;
      reload().catch((cause: unknown) => tellError(`could not reload: ${messageOf(cause)}`, cause));
    });
    process.on('uncaughtException', (cause: unknown) => {
      tellError(`uncaught: ${messageOf(cause)}`, cause);
      if (stoppedAt === undefined) stop(exitCodes.failed);
    });
  });
}
