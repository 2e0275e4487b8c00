import type { App, AppAddresses } from '../app.ts';
import type { Assignment } from '../config/layers.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError, messageOf } from '../errors.ts';
import { type Command, Failure, type Invocation, type Terminal } from './command.ts';
import { adminOptions, configFor, configOption, listenOptions, logOptions, originOptions } from './config-options.ts';
import { type Demo, demoSettings, linesToTry } from './demo.ts';
import { httpAnswer } from './http-get.ts';
import { lifeOf } from './life.ts';
import { listenFailure } from './listen-failure.ts';
import { whenOrphaned } from './orphan.ts';

const options = {
  ...originOptions,
  ...listenOptions,
  ...adminOptions,
  ...configOption,
  ...logOptions,
} as const;

export const serve: Command = {
  name: 'serve',
  summary: 'run the proxy',
  usage: '[options]',
  options,
  words: { min: 0, max: 0 },
  examples: [
    'preface                                                 # in front of the bundled demo shop',
    'preface --origin http://127.0.0.1:3000                  # in front of your application',
    'preface --config preface.config.yaml --log-format json  # with a configuration file',
  ],

  async run(invocation) {
    const { terminal } = invocation;
    const { loaded, demo, added } = await configOrDemo(invocation);
    const { buildApp } = await import('../app.ts');
    const app = await buildApp(loaded.config, { version: terminal.version });
    const isNpmStart = terminal.environment.npm_lifecycle_event === 'start';
    const { drainDelay, drainTimeout } = loaded.config.limits;
    const ended = lifeOf({
      process,
      exit: (code) => process.exit(code),
      async drain() {
        terminal.note('preface: finishing what is under way; a second signal ends it at once\n');
        await app.close();
        terminal.note('preface: stopped\n');
      },
      drainLimitMs: drainDelay + drainTimeout + 5000,
      reload: () => reload(app, () => configFor(invocation, options, added), terminal),
      tellError: (message, cause) => app.report({ type: 'error', message, cause }),
      sameSignalMs: isNpmStart ? 500 : 0,
    });
    if (isNpmStart) whenOrphaned(() => process.emit('SIGTERM'));
    try {
      const addresses = await listening(app, loaded.config);
      const trafficUrl = openable(addresses.trafficUrl);
      const adminUrl = openable(addresses.adminUrl);
      const service = addresses.serviceUrl === undefined ? '' : `, rendering service ${openable(addresses.serviceUrl)}`;
      terminal.note(
        `preface ${terminal.version}: ${trafficUrl} in front of ${originsOf(loaded.config)}${service}, admin ${adminUrl}\n`,
      );
      if (demo !== undefined) terminal.write(linesToTry(trafficUrl, adminUrl));
      void warnOfDeadOrigins(app, loaded.config);
      return await ended;
    } finally {
      await demo?.close();
    }
  },
};

/** Without an application to stand in front of there is the demo's. */
async function configOrDemo(
  invocation: Invocation,
): Promise<{ loaded: LoadedConfig; demo: Demo | undefined; added: readonly Assignment[] }> {
  const loaded = await configFor(invocation, options);
  if (loaded.config.origin !== undefined || loaded.config.sites.length > 0)
    return { loaded, demo: undefined, added: [] };
  const { startDemo } = await import('../../demo/server.ts');
  const demo = await startDemo().catch((cause: unknown) => {
    throw new Failure(`${messageOf(cause)}\nOr name your own application: --origin http://127.0.0.1:3000`, { cause });
  });
  const added = demoSettings(demo.url, loaded.config);
  return { loaded: await configFor(invocation, options, added), demo, added };
}

async function listening(app: App, config: Config): Promise<AppAddresses> {
  try {
    return await app.listen();
  } catch (cause) {
    await app.close();
    throw listenFailure(cause, config) ?? cause;
  }
}

/** The old configuration stays when the new one is not sound. */
async function reload(app: App, load: () => Promise<LoadedConfig>, terminal: Terminal): Promise<void> {
  try {
    const { config } = await load();
    await app.reload(config);
    terminal.note('preface: the configuration has been read again\n');
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    for (const problem of cause.problems) {
      app.report({ type: 'error', message: `the old configuration stays, the new one is wrong: ${problem}` });
    }
  }
}

/** An application that is still starting is no reason not to start. */
async function warnOfDeadOrigins(app: App, config: Config): Promise<void> {
  for (const origin of origins(config)) {
    await httpAnswer(origin, 5000).catch((cause: unknown) => {
      const message = `the application at ${origin.origin} does not answer: ${messageOf(cause)}. Readers get what is in the cache until it does`;
      app.report({ type: 'warning', message });
    });
  }
}

function origins({ origin, sites }: Config): readonly URL[] {
  return [...(origin === undefined ? [] : [origin]), ...sites.map((site) => site.origin)];
}

function originsOf(config: Config): string {
  return origins(config)
    .map(({ origin }) => origin)
    .join(', ');
}

/** A listener on every address is reached as `localhost`, without a slash at the end. */
function openable(url: string): string {
  return url.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:|\/|$)/, '//localhost').replace(/\/$/, '');
}
