import { pathText } from './layers.ts';
import type { Config } from './schema.ts';

/** Settings that there is only one of, whatever a site says. */
const wholesale = [
  ['egress', 'privateNetworks'],
  ['egress', 'allowHosts'],
  ['egress', 'denyHosts'],
  ['egress', 'block'],
] as const;

/** What the configuration asks for and this version does not do: one sentence each, told at the start. */
export function notYetDone(config: Config): readonly string[] {
  const asked: readonly (readonly [boolean, string])[] = [
    [config.listen.workers > 1, 'listen.workers: one process serves everything'],
    [config.service.enabled, 'service.enabled: there is no rendering service yet'],
    [config.render.browserEndpoints.length > 0, 'render.browserEndpoints: only a Chromium of our own is used'],
    ...config.sites.flatMap((site, index) =>
      wholesale.map(([group, name]) => {
        const given = (site[group] as Readonly<Record<string, unknown>> | undefined)?.[name];
        const path = pathText(['sites', index, group, name]);
        return [given !== undefined, `${path}: the top level's ${name} holds for every site yet`] as const;
      }),
    ),
  ];
  return asked.flatMap(([is, sentence]) => (is ? [`${sentence}; the setting has no effect`] : []));
}
