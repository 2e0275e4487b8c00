import { pathText } from './layers.ts';
import type { Config } from './schema.ts';

/** What the configuration asks for and this version does not do: one sentence each, told at the start. */
export function notYetDone(config: Config): readonly string[] {
  const asked: readonly (readonly [boolean, string])[] = [
    [config.listen.workers > 1, 'listen.workers: one process serves everything'],
    [config.service.enabled, 'service.enabled: there is no rendering service yet'],
    [config.markdown.llmsTxt, 'markdown.llmsTxt: /llms.txt is not made yet'],
    [config.render.browserEndpoints.length > 0, 'render.browserEndpoints: only a Chromium of our own is used'],
    [Object.keys(config.render.headers).length > 0, 'render.headers: they are not sent yet'],
    [config.settle.quiet !== 'auto', 'settle.quiet: it is decided by what is pending alone'],
    ...config.paths.map(
      ({ match, settle }) => [settle !== undefined, `paths ${match}: its settle has no effect yet`] as const,
    ),
    ...config.sites.flatMap((site, index) =>
      (['render', 'settle', 'egress'] as const).map((group) => {
        const path = pathText(['sites', index, group]);
        return [site[group] !== undefined, `${path}: the top level's ${group} holds for every site yet`] as const;
      }),
    ),
  ];
  return asked.flatMap(([is, sentence]) => (is ? [`${sentence}; the setting has no effect`] : []));
}
