import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { type Command, UsageError } from '../../src/cli/command.ts';

function command(name: string, options: Command['options'], words = { min: 0, max: 0 }): Command {
  return { name, summary: name, usage: '[options]', options, words, examples: [], run: async () => 0 };
}

const commands = [
  command('serve', { origin: { type: 'string', value: 'URL', help: '' }, port: { type: 'string', help: '' } }),
  command('render', { json: { type: 'boolean', help: '' } }, { min: 1, max: 1 }),
] as const;

const parsed = (line: string) => parseArguments(line.split(' ').filter(Boolean), [...commands]);

describe('a command line', () => {
  it('means serve when no command is named', () => {
    expect(parsed('')).toMatchObject({ kind: 'run', command: { name: 'serve' }, values: {} });
    expect(parsed('--origin http://a --port=1')).toMatchObject({
      command: { name: 'serve' },
      values: { origin: 'http://a', port: '1' },
    });
  });

  it('has its command first and words and options after it, in any order', () => {
    expect(parsed('render --json /a')).toMatchObject({
      command: { name: 'render' },
      values: { json: true },
      positionals: ['/a'],
    });
    expect(parsed('render /a --json')).toMatchObject({ values: { json: true }, positionals: ['/a'] });
  });

  it('keeps every value of an option that may come several times', () => {
    const tag = { type: 'string', repeatable: true, help: '' } as const;
    const purge = command('purge', { tag, url: { type: 'string', help: '' } });
    expect(parseArguments(['purge', '--tag', 'a', '--tag=b', '--url', 'x', '--url', 'y'], [purge])).toMatchObject({
      values: { tag: 'b', url: 'y' },
      lists: { tag: ['a', 'b'] },
    });
    expect(parseArguments(['purge'], [purge])).toMatchObject({ lists: {} });
  });

  it('asks for help or the version anywhere', () => {
    expect(parsed('--help')).toEqual({ kind: 'help', command: undefined });
    expect(parsed('render -h')).toMatchObject({ kind: 'help', command: { name: 'render' } });
    expect(parsed('help render')).toMatchObject({ kind: 'help', command: { name: 'render' } });
    expect(parsed('--version')).toEqual({ kind: 'version' });
    expect(parsed('render --version')).toEqual({ kind: 'version' });
  });

  it.each([
    ['sevre', 'unknown command sevre; did you mean serve?'],
    ['xyzzy', 'unknown command xyzzy; there are serve, render'],
    [
      'http://localhost:3000',
      'http://localhost:3000 is not a command. To render it: preface render http://localhost:3000.',
    ],
    ['--orgin http://a', 'unknown option --orgin; did you mean --origin?'],
    ['--json', '--json is an option of preface render, not of preface serve'],
    ['--xyzzy', 'unknown option --xyzzy; preface serve --help lists those there are'],
    ['--origin', '--origin needs a value: --origin URL'],
    ['--origin --port 1', '--origin needs a value: --origin URL'],
    ['render --json=yes /a', '--json takes no value'],
    ['render', 'something is missing: preface render [options]'],
    ['render /a /b', '/b is too much: preface render [options]'],
    ['--port 1 render', 'the command goes first: preface render …'],
  ])('%j is wrong: %s', (line, message) => {
    expect(() => parsed(line)).toThrow(UsageError);
    expect(() => parsed(line)).toThrow(message);
  });
});
