import type { Assignment } from '../config/layers.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Invocation, Options } from './command.ts';

export const configOption = {
  config: { type: 'string', value: 'FILE', help: 'configuration file [preface.config.yaml, .yml or .json here]' },
} satisfies Options;

export const originOptions = {
  origin: { type: 'string', value: 'URL', setting: ['origin'], help: 'where the application is served' },
  'public-url': {
    type: 'string',
    value: 'URL',
    setting: ['publicUrl'],
    help: 'what people type [the origin]',
  },
} satisfies Options;

export const adminOptions = {
  'admin-port': {
    type: 'string',
    value: 'PORT',
    setting: ['admin', 'port'],
    help: 'health, metrics, purge [9090]',
  },
  'admin-host': { type: 'string', value: 'ADDRESS', setting: ['admin', 'host'], help: 'its address [127.0.0.1]' },
} satisfies Options;

export const listenOptions = {
  port: { type: 'string', value: 'PORT', setting: ['listen', 'port'], help: 'port for traffic [8080]' },
  host: { type: 'string', value: 'ADDRESS', setting: ['listen', 'host'], help: 'address to listen on [0.0.0.0]' },
} satisfies Options;

export const logOptions = {
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    setting: ['log', 'level'],
    help: 'trace, debug, info, warn, error, fatal or silent [info]',
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    setting: ['log', 'format'],
    help: 'json or pretty [pretty on a terminal]',
  },
} satisfies Options;

/** The configuration that a command line means, with what the command itself adds. Throws a `ConfigError`. */
export async function configFor(
  { values, terminal }: Invocation,
  options: Options,
  added: readonly Assignment[] = [],
): Promise<LoadedConfig> {
  const [{ loadConfig }, { coerce }, { fieldAt }] = await Promise.all([
    import('../config/load.ts'),
    import('../config/coerce.ts'),
    import('../config/fields.ts'),
  ]);
  const flags = Object.entries(options).flatMap(([name, { setting }]): readonly Assignment[] => {
    const value = values[name];
    const field = setting === undefined ? undefined : fieldAt(setting);
    if (field === undefined || typeof value !== 'string') return [];
    return [{ path: field.path, value: coerce(value, field), source: { from: 'flag', name: `--${name}` } }];
  });
  return loadConfig({
    file: typeof values.config === 'string' ? values.config : undefined,
    environment: terminal.environment,
    cwd: terminal.cwd,
    flags: [...flags, ...added],
  });
}
