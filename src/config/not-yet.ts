import type { Config } from './schema.ts';

/** What the configuration asks for and this version does not do: one sentence each, told at the start. */
export function notYetDone(config: Config): readonly string[] {
  const asked: readonly (readonly [boolean, string])[] = [
    [config.listen.workers > 1, 'listen.workers: one process serves everything'],
    [config.render.browserEndpoints.length > 0, 'render.browserEndpoints: only a Chromium of our own is used'],
  ];
  return asked.flatMap(([is, sentence]) => (is ? [`${sentence}; the setting has no effect`] : []));
}
