import { isDeepStrictEqual } from 'node:util';
import type { Config } from './schema.ts';

/** What is made once, when the process starts. */
const groups = ['listen', 'admin', 'service', 'render', 'settle', 'egress', 'limits', 'log'] as const;
const cacheSettings = ['store', 'directory', 'redisUrl', 'maxBytes'] as const;

/** The settings that differ and that only a restart can change. */
export function needRestart(before: Config, after: Config): readonly string[] {
  return [
    ...groups.filter((group) => !isDeepStrictEqual(before[group], after[group])),
    ...cacheSettings
      .filter((name) => !isDeepStrictEqual(before.cache[name], after.cache[name]))
      .map((name) => `cache.${name}`),
  ];
}
