import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import { commandHelp, generalHelp } from '../../src/cli/help.ts';
import { fieldAt } from '../../src/config/fields.ts';

const plain = (_: string, text: string) => text;

describe('help', () => {
  it('begins with what Preface is, the usage and the commands', () => {
    const page = generalHelp(commands, plain);
    expect(page).toContain('Usage: preface [command] [options]');
    for (const { name, summary } of commands) expect(page).toMatch(new RegExp(`^  ${name} +${summary}`, 'm'));
  });

  it.each(commands.map((command) => [command.name, command] as const))('of %s fits a screen', (_, command) => {
    const lines = commandHelp(command, plain).split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(Object.keys(command.options).length).toBeLessThanOrEqual(12);
    expect(command.examples).toHaveLength(3);
  });

  it('has only examples that can be run', () => {
    const lines = commands.flatMap(({ examples }) => examples).filter((line) => line.startsWith('preface'));
    for (const line of lines) {
      const [, ...args] = line
        .replace(/ *(#|>).*$/, '')
        .split(' ')
        .filter(Boolean);
      expect(parseArguments(args, commands).kind).toBe('run');
    }
  });

  it('has only options for settings that exist', () => {
    const paths = commands.flatMap(({ options }) =>
      Object.values(options).flatMap(({ setting }) => (setting ? [setting] : [])),
    );
    expect(paths.filter((path) => fieldAt(path) === undefined)).toEqual([]);
  });
});
