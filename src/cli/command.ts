import type { Environment } from '../config/environment.ts';

/** One option of a command. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** How help calls its value: `URL`. */
  readonly value?: string;
  readonly help: string;
  /** It may be given several times; its values are in the invocation's `lists`. */
  readonly repeatable?: true;
  /** The setting that it gives a value to. */
  readonly setting?: readonly string[];
}

export type Options = Readonly<Record<string, Option>>;

/** What a command may know of the world around it. */
export interface Terminal {
  readonly environment: Environment;
  readonly cwd: string;
  readonly version: string;
  /** Results: standard output. */
  write(text: string): void;
  /** Everything that is not the result: standard error. */
  note(text: string): void;
  /** Whether `note` reaches a terminal, where a line can be written over. */
  readonly notesToTerminal: boolean;
  /** Colours what goes to standard output, where colour is wanted. */
  paint(colour: Colour, text: string): string;
}

export type Colour = 'green' | 'yellow' | 'red' | 'bold' | 'dim';

/** A command line that was understood. */
export interface Invocation {
  readonly values: Readonly<Record<string, string | boolean>>;
  /** Every value of an option that may be given several times. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: `URL [options]`. */
  readonly usage: string;
  readonly options: Options;
  /** How many words it takes beside its options. */
  readonly words: { readonly min: number; readonly max: number };
  readonly examples: readonly string[];
  /** Does it and gives the exit code. Loads what it needs itself, so that `--help` loads nothing. */
  run(invocation: Invocation): Promise<number>;
}

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command did not succeed, for a reason that needs no stack: exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

export const exitCodes = { good: 0, failed: 1, wrongUsage: 2, wrongConfiguration: 78 } as const;
