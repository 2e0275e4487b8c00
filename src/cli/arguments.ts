import { parseArgs } from 'node:util';
import { nearest } from '../config/suggest.ts';
import { type Command, type Option, type Options, UsageError } from './command.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly values: Values;
      readonly lists: Lists;
      readonly positionals: readonly string[];
    };

type Values = Readonly<Record<string, string | boolean>>;
type Lists = Readonly<Record<string, readonly string[]>>;

const everywhere: Options = {
  help: { type: 'boolean', help: 'show this help' },
  version: { type: 'boolean', help: 'show the version' },
};

/** Understands a command line; the first command is the one that is meant when none is named. Throws a `UsageError`. */
export function parseArguments(args: readonly string[], commands: readonly [Command, ...Command[]]): Request {
  const [first, ...rest] = args;
  const isNamed = first !== undefined && !first.startsWith('-');
  if (isNamed && first === 'help')
    return { kind: 'help', command: rest[0] === undefined ? undefined : commandNamed(rest[0], commands) };
  const command = isNamed ? commandNamed(first, commands) : commands[0];
  const { values, lists, positionals } = parseOptions(isNamed ? rest : args, command, commands);

  if (values.help === true) return { kind: 'help', command: isNamed ? command : undefined };
  if (values.version === true) return { kind: 'version' };
  checkWords(command, positionals, commands);
  return { kind: 'run', command, values, lists, positionals };
}

function commandNamed(name: string, commands: readonly Command[]): Command {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = commands.map((one) => one.name);
  if (/^https?:\/\/|^localhost|^\//.test(name)) {
    throw new UsageError(
      `${name} is not a command. To render it: preface render ${name}. To serve it: preface --origin ${name}`,
    );
  }
  const meant = nearest(name, names);
  throw new UsageError(
    `unknown command ${name}; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`,
  );
}

function parseOptions(args: readonly string[], command: Command, commands: readonly Command[]) {
  const options: Options = { ...command.options, ...everywhere };
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
    // Not strict: our own messages know the command and the nearest name.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean> = {};
  const lists: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw new UsageError(unknownOption(token.rawName, token.name, command, commands));
    const value = checkedValue(token, option);
    values[token.name] = value;
    if (option.repeatable && typeof value === 'string') lists[token.name] = [...(lists[token.name] ?? []), value];
  }
  return { values, lists, positionals };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkedValue({ rawName, value, inlineValue }: OptionToken, option: Option): string | boolean {
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return true;
  }
  const isNextOption = inlineValue === false && value !== undefined && /^-./.test(value);
  if (value === undefined || isNextOption)
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value ?? 'VALUE'}`);
  return value;
}

function unknownOption(rawName: string, name: string, command: Command, commands: readonly Command[]): string {
  const meant = nearest(name, [...Object.keys(command.options), ...Object.keys(everywhere)]);
  if (meant !== undefined) return `unknown option ${rawName}; did you mean --${meant}?`;
  const owner = commands.find(({ options }) => Object.hasOwn(options, name));
  if (owner !== undefined) return `${rawName} is an option of preface ${owner.name}, not of preface ${command.name}`;
  return `unknown option ${rawName}; preface ${command.name} --help lists those there are`;
}

function checkWords(command: Command, words: readonly string[], commands: readonly Command[]): void {
  const { min, max } = command.words;
  if (words.length < min) throw new UsageError(`something is missing: preface ${command.name} ${command.usage}`);
  const extra = words[max];
  if (extra === undefined) return;
  if (commands.some(({ name }) => name === extra)) throw new UsageError(`the command goes first: preface ${extra} …`);
  throw new UsageError(`${extra} is too much: preface ${command.name} ${command.usage}`);
}
