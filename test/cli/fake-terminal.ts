import type { Terminal } from '../../src/cli/command.ts';

export interface FakeTerminal extends Terminal {
  /** What went to standard output and to standard error. */
  out(): string;
  err(): string;
}

/** A terminal without colours that keeps what it is told, in a folder without a configuration. */
export function createFakeTerminal(notesToTerminal = false): FakeTerminal {
  let out = '';
  let err = '';
  return {
    environment: {},
    cwd: import.meta.dirname,
    version: '0.0.0',
    write: (text) => {
      out += text;
    },
    note: (text) => {
      err += text;
    },
    notesToTerminal,
    paint: (_, text) => text,
    out: () => out,
    err: () => err,
  };
}
