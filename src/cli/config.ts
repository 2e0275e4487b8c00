import { type Command, exitCodes } from './command.ts';
import { adminOptions, configFor, configOption, listenOptions, logOptions, originOptions } from './config-options.ts';

const options = {
  schema: { type: 'boolean', help: 'print the JSON Schema of the configuration file instead' },
  ...configOption,
  ...originOptions,
  ...listenOptions,
  ...adminOptions,
  ...logOptions,
} as const;

export const config: Command = {
  name: 'config',
  summary: 'show every setting, its value and where that came from; secrets are masked',
  usage: '[options]',
  options,
  words: { min: 0, max: 0 },
  examples: [
    'preface config                        # the configuration that preface serve would use here',
    'preface config --config other.yaml    # checks a file: exit code 78 and every problem, if there are any',
    'preface config --schema > schema.json # for completion in editors',
  ],

  async run(invocation) {
    const { terminal, values } = invocation;
    if (values.schema === true) {
      const { configJsonSchema } = await import('../config/json-schema.ts');
      terminal.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
      return exitCodes.good;
    }
    const loaded = await configFor(invocation, options);
    const { effectiveConfig } = await import('../config/effective.ts');
    terminal.write(`${effectiveConfig(loaded)}\n`);
    return exitCodes.good;
  },
};
