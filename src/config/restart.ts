import { isDeepStrictEqual } from 'node:util';
import { pathText } from './layers.ts';
import type { Config } from './schema.ts';
import { type SiteConfig, siteConfigs } from './sites.ts';

/** What is made once, when the process starts. */
const groups = ['hostHeader', 'listen', 'admin', 'service', 'settle', 'egress', 'limits', 'log'] as const;
const cacheSettings = ['store', 'directory', 'redisUrl', 'maxBytes'] as const;

/** The settings that differ and that only a restart can change. */
export function needRestart(before: Config, after: Config): readonly string[] {
  const names = [
    ...groups.filter((group) => !isDeepStrictEqual(before[group], after[group])),
    ...(isDeepStrictEqual(rendering(before), rendering(after)) ? [] : ['render']),
    ...(isDeepStrictEqual(settling(before), settling(after)) ? [] : ['paths[].settle']),
    ...cacheSettings
      .filter((name) => !isDeepStrictEqual(before.cache[name], after.cache[name]))
      .map((name) => `cache.${name}`),
    ...ofSites(before, after),
  ];
  return [...new Set(names)];
}

/** What the renderer and the egress took from each site at the start. */
type Taken = Pick<SiteConfig, 'hostHeader' | 'render' | 'settle' | 'egress' | 'paths'>;

function ofSites(before: Config, after: Config): readonly string[] {
  const { hostHeader, render, settle, egress, paths } = before;
  const atStart = new Map<string, Taken>(siteConfigs(before).map((site) => [site.site.publicUrl.origin, site]));
  // They know nothing of a site that was not there, and take the top level's for it.
  const unknown: Taken = { ...before, paths: [] };
  // What has changed at the top level is told there.
  return siteConfigs({ ...after, hostHeader, render, settle, egress, paths }).flatMap((site) => {
    const taken = atStart.get(site.site.publicUrl.origin) ?? unknown;
    const place = site.path.length === 0 ? '' : `${pathText(site.path)}.`;
    return [
      ...(site.hostHeader === taken.hostHeader ? [] : [`${place}hostHeader`]),
      ...(isDeepStrictEqual(rendering(site), rendering(taken)) ? [] : [`${place}render`]),
      ...(isDeepStrictEqual(site.settle, taken.settle) ? [] : [`${place}settle`]),
      ...(isDeepStrictEqual(site.egress, taken.egress) ? [] : [`${place}egress`]),
      ...(isDeepStrictEqual(settling(site), settling(taken)) ? [] : [`${place}paths[].settle`]),
    ];
  });
}

/** On which device a page is rendered is decided before the renderer. */
function rendering({
  render: { device: _device, ...rendering },
}: Pick<Taken, 'render'>): Omit<Taken['render'], 'device'> {
  return rendering;
}

/** The first rule that fits counts, so rules that say nothing of settling matter among those that do. */
function settling({ paths }: Pick<Taken, 'paths'>): readonly unknown[] {
  const last = paths.findLastIndex(({ settle }) => settle !== undefined);
  return paths.slice(0, last + 1).map(({ match, settle }) => [match, settle]);
}
