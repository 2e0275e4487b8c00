import rangeData from '../config/ip-ranges.json' with { type: 'json' };
import type { CacheSettings } from './cache/open-cache.ts';
import type { ClassifierSettings } from './classify/classify.ts';
import { crawlers } from './classify/crawlers.ts';
import type { Config } from './config/schema.ts';
import type { SiteConfig } from './config/sites.ts';
import { specialNetworks } from './egress/addresses.ts';
import type { EdgeServerSettings } from './http/server.ts';
import type { LogSettings } from './observe/log.ts';
import type { OriginSettings } from './origin/proxy-origin.ts';
import type { PageTarget } from './page/page-target.ts';
import type { RevalidateSettings } from './serve/revalidate.ts';
import type { SiteFilesSettings } from './serve/site-files.ts';
import type { StorageSettings } from './serve/storage-rules.ts';
import type { WarmSettings } from './serve/warming.ts';
import type { ReaderVerifierSettings, SiteVerification } from './verify/reader-verifier.ts';

// Each room has settings of its own, in plain numbers; this is where the configuration becomes them (app-render-settings.ts: what rendering needs).

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

/** The times that hold for a page: its path's `fresh` before what the origin says, if that is followed, and that before its site's. */
export function storageSettings({ cache }: SiteConfig, freshOf: (target: PageTarget) => number | undefined) {
  return (target: PageTarget): StorageSettings => {
    const ofPath = freshOf(target);
    return {
      freshMs: ofPath ?? cache.fresh,
      staleWhileRevalidateMs: cache.staleWhileRevalidate,
      staleIfErrorMs: cache.staleIfError,
      negativeFreshMs: cache.negativeFresh,
      followOrigin: cache.followOrigin && ofPath === undefined,
    };
  };
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
