import { styleText } from 'node:util';
import type { Terminal } from './command.ts';

/** The terminal, pipe or file that this process writes to. `NO_COLOR`, `FORCE_COLOR` and whether it is a terminal decide about colour. */
export function processTerminal(version: string): Terminal {
  return {
    environment: process.env,
    cwd: process.cwd(),
    version,
    write: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    notesToTerminal: process.stderr.isTTY === true,
    paint: (colour, text) => styleText(colour, text, { stream: process.stdout }),
  };
}
