import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import { siteConfigs } from '../../config/sites.ts';
import { readiness } from '../health.ts';
import { chromiumFinding, tryRender } from './chromium.ts';
import { clockFinding } from './clock.ts';
import { type Finding, ok } from './finding.ts';
import { memoryFinding, processesFinding, sandboxFinding, sharedMemoryFinding } from './machine.ts';
import { lookAtOrigin, portFinding, redisFinding } from './network.ts';

/** Every finding, as soon as it is there. `configFor` gives the configuration with another origin. */
export async function* examine(
  config: Config,
  environment: Environment,
  configFor: (origin: string) => Promise<Config>,
): AsyncGenerator<Finding> {
  const chromium = await chromiumFinding(config, environment);
  yield chromium;
  const tried = chromium.level === 'ok' ? await tryRender(configFor) : undefined;
  if (tried !== undefined) yield tried.finding;
  yield await sandboxFinding(config, tried?.sandbox);
  yield await sharedMemoryFinding();
  yield await memoryFinding(config);
  yield await processesFinding();

  let originDate: string | undefined;
  const sites = siteConfigs(config);
  if (sites.length === 0) yield ok('application', 'none configured: preface serve shows the bundled demo');
  for (const { site } of sites) {
    const { finding, date } = await lookAtOrigin(site.originUrl);
    originDate ??= date;
    yield finding;
  }
  yield clockFinding(Date.now(), originDate);

  const isRunning = await readiness(config, 1000).then(
    () => true,
    () => false,
  );
  yield await portFinding('traffic port', config.listen.host, config.listen.port, isRunning);
  yield await portFinding('admin port', config.admin.host, config.admin.port, isRunning);
  if (config.service.enabled)
    yield await portFinding('service port', config.listen.host, config.service.port, isRunning);
  if (config.cache.redisUrl !== undefined) yield await redisFinding(config.cache.redisUrl);
}
