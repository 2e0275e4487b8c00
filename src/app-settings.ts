import blockData from '../config/blocked-requests.json' with { type: 'json' };
import rangeData from '../config/ip-ranges.json' with { type: 'json' };
import type { CacheSettings } from './cache/open-cache.ts';
import type { ClassifierSettings } from './classify/classify.ts';
import { crawlers } from './classify/crawlers.ts';
import { createPathRules } from './classify/path-rules.ts';
import type { Config } from './config/schema.ts';
import { laidOver, type SiteConfig, siteConfigs } from './config/sites.ts';
import { specialNetworks } from './egress/addresses.ts';
import type { BlockCategory } from './egress/block-list.ts';
import { systemResolve } from './egress/resolver.ts';
import type { EgressSettings } from './egress/settings.ts';
import type { EdgeServerSettings } from './http/server.ts';
import type { LogSettings } from './observe/log.ts';
import type { OriginSettings } from './origin/proxy-origin.ts';
import type { PageTarget } from './page/page-target.ts';
import type { DeviceSettings } from './render/device.ts';
import type { RenderRoomSettings } from './render/render-room.ts';
import type { SettleSettings } from './render/settling.ts';
import type { RevalidateSettings } from './serve/revalidate.ts';
import type { SiteFilesSettings } from './serve/site-files.ts';
import type { StorageSettings } from './serve/storage-rules.ts';
import type { WarmSettings } from './serve/warming.ts';
import type { ReaderVerifierSettings, SiteVerification } from './verify/reader-verifier.ts';

// Each room has settings of its own, in plain numbers; this is where the configuration becomes them.

export function classifierSettings({
  site,
  render,
  readers,
  paths,
  query,
  sessionCookies,
  markdown,
}: SiteConfig): ClassifierSettings {
  return {
    site,
    render: readers.render,
    add: readers.add.map((pattern) => ({ pattern, class: 'preview' })),
    except: readers.except,
    paths,
    ignoreQuery: query.ignore,
    device: render.device,
    sessionCookies,
    markdown,
  };
}

export function verifierSettings(): ReaderVerifierSettings {
  return {
    methods: new Map(crawlers.map(({ name, verify }) => [name, verify])),
    ranges: rangeData,
    specialNetworks,
    waitMs: 300,
    lookupMs: 3_000,
    maxRemembered: 10_000,
    maxLookups: 64,
  };
}

/** Undefined where readers are taken at their word. */
export function siteVerification({ site, readers }: SiteConfig): SiteVerification | undefined {
  if (readers.verify === 'off') return undefined;
  const scheme = site.publicUrl.protocol.slice(0, -1);
  return { isStrict: readers.verify === 'strict', agents: readers.webBotAuth, scheme };
}

export function originSettings(
  { site, hostHeader }: SiteConfig,
  { limits }: Config,
  trustsPeer: (address: string) => boolean,
): OriginSettings {
  return {
    originUrl: site.originUrl,
    publicUrl: site.publicUrl,
    hosts: site.hosts,
    hostHeader,
    trustsPeer,
    // Event streams and slow downloads hold one each for as long as they last.
    maxConnections: limits.connections,
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 300_000,
    bodyIdleTimeoutMs: 0,
    keepAliveTimeoutMs: 60_000,
    queueTimeoutMs: 30_000,
    maxHeaderBytes: Math.max(64 * 1024, limits.headerBytes),
    maxTunnels: limits.connections,
    handshakeTimeoutMs: 30_000,
    closeGraceMs: 2_000,
  };
}

export function edgeServerSettings(
  { listen, limits }: Config,
  isOwnHost: (host: string) => boolean,
): EdgeServerSettings {
  return {
    host: listen.host,
    port: listen.port,
    maxHeaderBytes: limits.headerBytes,
    maxConnections: limits.connections,
    headersTimeoutMs: 15_000,
    // Load balancers keep a connection for a minute; one that we close first costs a request now and then.
    keepAliveTimeoutMs: 75_000,
    isOwnHost,
    minUploadBytesPerSecond: 1024,
    uploadGraceMs: 30_000,
    sendTimeoutMs: 120_000,
  };
}

/** Who leaves out analytics means what loads them, and what films visitors, too. */
const analytics: readonly BlockCategory[] = ['analytics', 'tag-managers', 'session-recorders'];

export function egressSettings(
  config: Config,
  parts: Pick<EgressSettings, 'ownPorts' | 'clock' | 'report'>,
): EgressSettings {
  const { egress, hostHeader } = config;
  const headers = new Map(siteConfigs(config).map(({ site, render }) => [site.publicUrl.origin, render.headers]));
  return {
    headersFor: ({ publicUrl }) => headers.get(publicUrl.origin) ?? {},
    allowHosts: egress.allowHosts,
    denyHosts: egress.denyHosts,
    privateNetworks: egress.privateNetworks,
    block: egress.block.flatMap((name) => (name === 'analytics' ? analytics : [name])),
    blockData,
    hostHeader,
    assetCacheBytes: egress.assetCache,
    timeouts: { connectMs: 5_000, headersMs: 30_000, idleMs: 30_000 },
    trustedCa: [],
    resolve: systemResolve,
    ...parts,
  };
}

/**
 * A tenth of what people's requests get where processors are short, and all that is left over where they are not. Measured with a flood on two cores:
 * people's p99 32 ms at 0, 22 ms at 5, 12 ms at 10, 8 ms at 19, which would leave renders nothing while others keep all processors busy.
 */
const niceness = 10;

export function renderRoomSettings(config: Config, version: string): RenderRoomSettings {
  const { render, settle, egress } = config;
  return {
    tabs: render.tabs,
    maxWaiting: render.queue,
    isolation: render.isolation,
    sandbox: render.sandbox,
    niceness,
    chromiumPath: render.browserPath,
    device: deviceSettings(config, version),
    settle: settleSettings(settle),
    timeoutMs: render.timeout,
    maxBytes: egress.maxBytes,
    maxRequests: egress.maxRequests,
    maxHtmlBytes: render.maxHtml,
    minText: render.minText,
    shadowDom: render.shadowDom,
    settingsFor: pageSettings(config, version),
  };
}

function settleSettings({ horizon, longRequest, quiet }: Config['settle']): SettleSettings {
  return { horizonMs: horizon, longRequestMs: longRequest, quietMs: quiet === 'auto' ? 0 : quiet };
}

function deviceSettings({ render }: Pick<SiteConfig, 'render'>, version: string): DeviceSettings {
  return { viewports: render.viewport, userAgent: render.userAgent, version };
}

/** What a page's site and path say of its rendering. */
function pageSettings(config: Config, version: string): NonNullable<RenderRoomSettings['settingsFor']> {
  const sites = new Map(
    siteConfigs(config).map((site) => [
      site.site.publicUrl.origin,
      { site, ruleFor: createPathRules(site.paths), device: deviceSettings(site, version) },
    ]),
  );
  return ({ site: { publicUrl }, url }) => {
    const known = sites.get(publicUrl.origin);
    if (known === undefined) return {};
    const { render, settle, egress } = known.site;
    return {
      device: known.device,
      settle: settleSettings(laidOver(settle, known.ruleFor(new URL(url).pathname)?.settle)),
      timeoutMs: render.timeout,
      maxBytes: egress.maxBytes,
      maxRequests: egress.maxRequests,
      maxHtmlBytes: render.maxHtml,
      minText: render.minText,
      shadowDom: render.shadowDom,
    };
  };
}

/** Pages on disk are compressed and cost little: there is room for many more than in memory. */
const diskShare = 8;

export function cacheSettings({ cache, render }: Config): CacheSettings {
  const { store, directory, redisUrl, maxBytes } = cache;
  const longestRenderMs = 2 * render.timeout;
  if (store === 'redis' && redisUrl !== undefined)
    return { maxBytes, longestRenderMs, beside: { kind: 'redis', url: redisUrl } };
  if (store === 'sqlite' && directory !== undefined)
    return { maxBytes, longestRenderMs, beside: { kind: 'sqlite', directory, maxBytes: diskShare * maxBytes } };
  return { maxBytes, longestRenderMs, beside: { kind: 'nothing' } };
}

/** The times that hold for a page: its path's `fresh` before its site's. */
export function storageSettings({ cache }: SiteConfig, freshOf: (target: PageTarget) => number | undefined) {
  return (target: PageTarget): StorageSettings => ({
    freshMs: freshOf(target) ?? cache.fresh,
    staleWhileRevalidateMs: cache.staleWhileRevalidate,
    staleIfErrorMs: cache.staleIfError,
    negativeFreshMs: cache.negativeFresh,
    followOrigin: cache.followOrigin,
  });
}

export function siteFilesSettings({ site, hostHeader }: SiteConfig): SiteFilesSettings {
  return { site, hostHeader, userAgent: 'Preface', waitMs: 30_000, limitMs: 300_000 };
}

export function warmSettings({ site, warm }: SiteConfig): WarmSettings {
  return {
    site,
    sitemap: warm.sitemap,
    robots: warm.robots,
    everyMs: warm.every,
    afterPurge: warm.afterPurge,
    afterDeploy: warm.afterDeploy,
    perSecond: warm.rate,
  };
}

/** POSTs count as repeatable where any path declares them so: the page that sends them may have another path than they have. */
export function revalidateSettings({ cache, paths }: SiteConfig): RevalidateSettings {
  const repeatable = paths.flatMap((rule) => rule.repeatable);
  return {
    enabled: cache.revalidate,
    maxRevalidations: cache.maxRevalidations,
    renderAtLeastEveryMs: cache.renderAtLeastEvery,
    isRepeatable: (url) => repeatable.includes(new URL(url).pathname),
  };
}

export function logSettings({ log }: Config, isTerminal: boolean): LogSettings {
  return { level: log.level, format: log.format === 'auto' ? (isTerminal ? 'pretty' : 'json') : log.format };
}

/** By which fields answers for one URL differ, beside their coding. */
export function varyOf({ markdown }: SiteConfig): string {
  return markdown.enabled ? 'User-Agent, Accept' : 'User-Agent';
}
