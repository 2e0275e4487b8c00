import type { Command, Options, Terminal } from './command.ts';

type Paint = Terminal['paint'];

/** The first page: what there is. */
export function generalHelp(commands: readonly [Command, ...Command[]], paint: Paint): string {
  const [serve] = commands;
  return [
    'Preface: a pre-rendering reverse proxy. It stands in front of a single-page application: readers that do not run',
    'JavaScript get the finished page, people get the application untouched.',
    '',
    `${paint('bold', 'Usage:')} preface [command] [options]`,
    '',
    paint('bold', 'Commands:'),
    ...columns(
      commands.map(({ name, summary }, index) => [
        name,
        index === 0 ? `${summary} (when no command is given)` : summary,
      ]),
    ),
    '',
    paint('bold', `Options of ${serve.name}:`),
    ...optionLines(serve.options),
    '',
    paint('bold', 'Examples:'),
    ...serve.examples.map((example) => `  ${example}`),
    '',
    'preface <command> --help says more about a command, preface config shows every setting.',
  ].join('\n');
}

/** The page of one command. */
export function commandHelp(command: Command, paint: Paint): string {
  return [
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    '',
    `${paint('bold', 'Usage:')} preface ${command.name} ${command.usage}`,
    '',
    paint('bold', 'Options:'),
    ...optionLines(command.options),
    '',
    paint('bold', 'Examples:'),
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}

function optionLines(options: Options): readonly string[] {
  return columns(
    Object.entries(options).map(([name, { value, help }]) => [
      `--${name}${value === undefined ? '' : ` ${value}`}`,
      help,
    ]),
  );
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
