#!/usr/bin/env node
import { parseArguments, type Request } from './cli/arguments.ts';
import { exitCodes, Failure, type Terminal, UsageError } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { commandHelp, generalHelp } from './cli/help.ts';
import { processTerminal } from './cli/terminal.ts';
import { packageVersion } from './cli/version.ts';
import { keepCompiled } from './compile-cache.ts';
import { ConfigError, messageOf, RenderError } from './errors.ts';

/** Runs one command line and gives its exit code. Never throws. */
async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await act(parseArguments(args, commands), terminal);
  } catch (cause) {
    const { text, code } = ending(cause);
    terminal.note(`${text}\n`);
    return code;
  }
}

async function act(request: Request, terminal: Terminal): Promise<number> {
  switch (request.kind) {
    case 'version':
      terminal.write(`${terminal.version}\n`);
      return exitCodes.good;
    case 'help': {
      const page =
        request.command === undefined
          ? generalHelp(commands, terminal.paint)
          : commandHelp(request.command, terminal.paint);
      terminal.write(`${page}\n`);
      return exitCodes.good;
    }
    case 'run':
      return request.command.run({ ...request, terminal });
  }
}

/** What is said of a failure: one that the user can mend needs no stack, one that is ours does. */
function ending(cause: unknown): { readonly text: string; readonly code: number } {
  if (cause instanceof UsageError)
    return { text: `preface: ${cause.message}\nTry preface --help`, code: exitCodes.wrongUsage };
  if (cause instanceof ConfigError) return { text: problemList(cause.problems), code: exitCodes.wrongConfiguration };
  if (cause instanceof Failure || cause instanceof RenderError)
    return { text: `preface: ${cause.message}`, code: exitCodes.failed };
  const stack = cause instanceof Error ? cause.stack : undefined;
  return { text: `preface: ${stack ?? messageOf(cause)}`, code: exitCodes.failed };
}

function problemList(problems: readonly string[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return [`preface: the configuration has ${count}:`, ...problems.map((problem) => `  ${problem}`)].join('\n');
}

keepCompiled();

// `preface render URL | head` closes the pipe before everything is written: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? exitCodes.good : exitCodes.failed),
);

// Nobody reads our complaints any more: no reason to end.
process.stderr.on('error', () => {});

const code = await main(process.argv.slice(2), processTerminal(packageVersion()));
// What is written must have left before the process ends; nothing else may keep it.
process.stdout.write('', () => process.exit(code));
