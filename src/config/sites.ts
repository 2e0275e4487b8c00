import type { Site } from '../page/site.ts';
import { isGroup, type Path } from './layers.ts';
import type { Config } from './schema.ts';

/** The groups that a site may answer in its own way. */
type SiteGroups = Pick<
  Config,
  | 'hostHeader'
  | 'readers'
  | 'paths'
  | 'query'
  | 'sessionCookies'
  | 'render'
  | 'settle'
  | 'egress'
  | 'cache'
  | 'warm'
  | 'markdown'
  | 'audit'
  | 'onFailure'
  | 'debugHeaders'
>;

/** One application and every setting that holds for it, complete. */
export interface SiteConfig extends SiteGroups {
  readonly site: Site;
  /** Where it stands in the configuration: `['sites', 0]`, or empty for the top level. */
  readonly path: Path;
}

/** Every application, the top level's own first. Its settings are the top level's with what the site changes laid over them. */
export function siteConfigs(config: Config): readonly SiteConfig[] {
  const own =
    config.origin === undefined ? [] : [{ ...config, site: siteOf(config.origin, config.publicUrl), path: [] }];
  return [...own, ...config.sites.map((_, index) => siteConfig(config, index))];
}

function siteConfig(config: Config, index: number): SiteConfig {
  const given = config.sites[index] as Config['sites'][number];
  return {
    site: siteOf(given.origin, given.publicUrl, given.hosts),
    path: ['sites', index],
    hostHeader: given.hostHeader ?? config.hostHeader,
    readers: laidOver(config.readers, given.readers),
    paths: given.paths ?? config.paths,
    query: laidOver(config.query, given.query),
    sessionCookies: given.sessionCookies ?? config.sessionCookies,
    render: laidOver(config.render, given.render),
    settle: laidOver(config.settle, given.settle),
    egress: laidOver(config.egress, given.egress),
    cache: laidOver(config.cache, given.cache),
    warm: laidOver(config.warm, given.warm),
    markdown: laidOver(config.markdown, given.markdown),
    audit: laidOver(config.audit, given.audit),
    onFailure: given.onFailure ?? config.onFailure,
    debugHeaders: given.debugHeaders ?? config.debugHeaders,
  };
}

function siteOf(originUrl: URL, publicUrl = originUrl, hosts: readonly string[] = []): Site {
  return { publicUrl, originUrl, hosts: [...new Set([publicUrl.host, ...hosts])] };
}

type Changes<T> = { readonly [Name in keyof T]?: (T[Name] extends object ? Changes<T[Name]> : T[Name]) | undefined };

/** Settings with those changes that are there; lists are replaced, groups laid over in turn. Also for a path's `settle` over its site's. */
export function laidOver<T extends object>(settings: T, changes: Changes<T> | undefined): T {
  const made = Object.entries(changes ?? {}).filter(([, change]) => change !== undefined);
  const laid = made.map(([name, change]) => {
    const under = settings[name as keyof T];
    return [name, isGroup(under) && isGroup(change) ? laidOver(under, change as Changes<typeof under>) : change];
  });
  return { ...settings, ...Object.fromEntries(laid) };
}
