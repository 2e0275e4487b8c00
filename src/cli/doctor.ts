import { type Colour, type Command, exitCodes, type Terminal } from './command.ts';
import { adminOptions, configFor, configOption, listenOptions, originOptions } from './config-options.ts';
import type { Finding } from './doctor/finding.ts';

const options = { ...originOptions, ...listenOptions, ...adminOptions, ...configOption } as const;

export const doctor: Command = {
  name: 'doctor',
  summary: 'look for what would keep Preface from working here, and say how to mend it',
  usage: '[options]',
  options,
  words: { min: 0, max: 0 },
  examples: [
    'preface doctor',
    'preface doctor --origin http://127.0.0.1:3000',
    'docker compose run --rm preface doctor',
  ],

  async run(invocation) {
    const { terminal } = invocation;
    const { config } = await configFor(invocation, options);
    const { examine } = await import('./doctor/examine.ts');
    let worst: Finding['level'] = 'ok';
    const renderConfig = (origin: string) =>
      configFor(
        invocation,
        options,
        ['origin', 'publicUrl'].map((name) => ({ path: [name], value: origin, source })),
      );
    for await (const finding of examine(
      config,
      terminal.environment,
      async (origin) => (await renderConfig(origin)).config,
    )) {
      terminal.write(line(finding, terminal));
      if (finding.level === 'error' || worst === 'ok') worst = finding.level;
    }
    return worst === 'error' ? exitCodes.failed : exitCodes.good;
  },
};

const source = { from: 'derived', reason: 'the page of the test' } as const;

const colours: Readonly<Record<Finding['level'], Colour>> = { ok: 'green', warning: 'yellow', error: 'red' };

function line({ subject, level, says, cure }: Finding, { paint }: Terminal): string {
  const head = `${paint(colours[level], level.padEnd(7))}  ${subject.padEnd(13)}  ${says}\n`;
  return cure === undefined ? head : `${head}${' '.repeat(24)}${paint('dim', `→ ${cure}`)}\n`;
}
