import { adminRoutes } from './admin/api.ts';
import { createEventStream } from './admin/event-stream.ts';
import { createAdminServer } from './admin/server.ts';
import {
  cacheSettings,
  classifierSettings,
  edgeServerSettings,
  egressSettings,
  logSettings,
  originSettings,
  renderRoomSettings,
  revalidateSettings,
  siteFilesSettings,
  siteVerification,
  storageSettings,
  varyOf,
  verifierSettings,
  warmSettings,
} from './app-settings.ts';
import { type AppStatus, statusOf } from './app-status.ts';
import { type Cache, openCache } from './cache/open-cache.ts';
import { createClassifier } from './classify/classify.ts';
import { createPathRules } from './classify/path-rules.ts';
import { readerPages } from './classify/reader-pages.ts';
import { createTargets, type Targets } from './classify/targets.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import { type SiteConfig, siteConfigs } from './config/sites.ts';
import { createEgress } from './egress/egress.ts';
import type { Egress } from './egress/exit.ts';
import { messageOf, RenderError } from './errors.ts';
import type { PrefaceEvent, Report } from './events.ts';
import { clientAddress, createPeerTrust } from './http/forwarded.ts';
import { createGateway, type SiteRoom } from './http/gateway.ts';
import { createPageWriter } from './http/respond.ts';
import { createEdgeServer } from './http/server.ts';
import { createMarkdownForm } from './markdown/markdown-entry.ts';
import { createEventLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { createRecent } from './observe/recent.ts';
import { createOrigin } from './origin/proxy-origin.ts';
import { pageTarget } from './page/page-key.ts';
import type { Device } from './page/page-target.ts';
import type { Site } from './page/site.ts';
import type { Snapshot } from './page/snapshot.ts';
import { publicPrefixes, publicUrls } from './public-addresses.ts';
import { limitByClient } from './render/client-limit.ts';
import { createRenderRoom, type RenderRoom } from './render/render-room.ts';
import type { Renderer, RenderJob } from './render/renderer.ts';
import { createPageSource } from './serve/page-source.ts';
import { createRevalidator } from './serve/revalidator.ts';
import { createSiteFiles } from './serve/site-files.ts';
import { createWarming, type WarmSite } from './serve/warming.ts';
import { type SiteDirectory, siteDirectory } from './site-directory.ts';
import { openVerifier } from './verify/open-verifier.ts';
import type { ReaderVerifier } from './verify/reader-verifier.ts';

export interface App {
  /** Opens both listeners. Rejects when a port cannot be had. */
  listen(): Promise<{ readonly trafficUrl: string; readonly adminUrl: string }>;
  /** Goes on with another configuration, without a failed request. Listeners, browser and stores stay as they are. */
  reload(config: Config): Promise<void>;
  /** Not ready at once, then no new connections, then an end of everything, within the configured times. */
  close(): Promise<void>;
  readonly report: Report;
}

export interface AppOptions {
  readonly version: string;
  readonly clock?: Clock;
}

/** One application with all that serves it. */
interface Room extends SiteRoom {
  readonly site: Site;
  readonly targets: Targets;
  readonly warm: WarmSite;
}

/** Joins the rooms. The only place that knows concrete classes; nothing is started before `listen`. */
export async function buildApp(config: Config, { version, clock = systemClock }: AppOptions): Promise<App> {
  const startedAt = clock.now();
  const log = createEventLog(logSettings(config, process.stdout.isTTY === true));
  const recent = createRecent();
  const events = createEventStream(clock);
  const trustsPeer = createPeerTrust(config.listen.trustedProxies);
  const ownPorts: number[] = [];
  let draining = false;

  function report(event: PrefaceEvent): void {
    log.report(event);
    metrics.report(event);
    recent.report(event);
    events.report(event);
  }

  const egress = await createEgress(egressSettings(config, { ownPorts: () => ownPorts, clock, report }));
  const renderer = createRenderRoom(renderRoomSettings(config, version), { egress, clock, report });
  const metrics = createMetrics(
    {
      renderQueueDepth: () => renderer.state().waiting,
      rendersInFlight: () => renderer.state().running,
      cacheSizes: () => cache.sizes(),
      browserRssBytes: () => renderer.state().rssBytes,
    },
    version,
  );

  const cache = await openCache(cacheSettings(config), { clock, report });

  const verifier = openVerifier(verifierSettings(), { clock, report });
  let edge = buildEdge(config, { cache, renderer, egress, verifier, clock, report, trustsPeer });
  const warming = createWarming({
    sites: () => edge.rooms.map(({ warm }) => warm),
    store: cache.store,
    // One tab fewer than there are: the gate keeps that one for readers.
    atOnce: () => Math.max(1, renderer.state().limit - 1),
    clock,
    report,
  });
  const isOwnHost = (host: string) => edge.roomOf(host) !== undefined;
  const gateway = createGateway({
    siteOf: (host) => edge.roomOf(host),
    clientAddress: ({ socket, headers }) =>
      clientAddress(socket.remoteAddress ?? '', headers['x-forwarded-for'] as string | undefined, trustsPeer),
    debugHeaders: config.debugHeaders,
    clock,
    report,
  });
  const server = createEdgeServer(edgeServerSettings(config, isOwnHost), gateway, { clock, report });

  function notReady(): string[] {
    return [...(draining ? ['draining'] : []), ...renderer.notReady()];
  }

  const admin = createAdminServer(
    config.admin,
    adminRoutes({
      notReady,
      metrics: metrics.expose,
      metricsContentType: metrics.contentType,
      status: (): AppStatus =>
        statusOf({
          version,
          startedAt,
          now: clock.now(),
          renderer: renderer.state(),
          cache: cache.memory.size(),
          recent,
          notReady: notReady(),
        }),
      entries: () => cache.memory.entries(),
      entriesOf: (url) => [...cache.memory.entries()].filter((entry) => entry.url === url),
      purge: async (selector, mode) => {
        if (selector.everything) egress.forgetAssets();
        const counts = await Promise.all(edge.rooms.map(({ pages }) => pages.purge(selector, mode)));
        const count = Math.max(0, ...counts);
        report({ type: 'cache.purged', count, mode, what: JSON.stringify(selector) });
        if (selector.everything) warming.purgedEverything();
        return count;
      },
      publicUrls: (urlOrPath, host) => publicUrls(edge.rooms, urlOrPath, host),
      publicPrefixes: (prefix) => publicPrefixes(edge.rooms, prefix),
      warm: warming,
      events: events.open,
      now: clock.now,
    }),
  );

  return {
    report,
    async listen() {
      const port = await server.listen();
      ownPorts.push(port);
      const { url: adminUrl, port: adminPort } = await admin.listen();
      ownPorts.push(adminPort);
      // Not awaited: people are served while Chromium starts.
      void renderer.warm().catch((cause) => report({ type: 'browser.failed', message: messageOf(cause) }));
      warming.follow(true);
      const host = config.listen.host === '0.0.0.0' || config.listen.host === '::' ? 'localhost' : config.listen.host;
      return { trafficUrl: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, adminUrl };
    },
    async reload(next) {
      const before = edge;
      edge = buildEdge(next, { cache, renderer, egress, verifier, clock, report, trustsPeer });
      void before.close();
      warming.follow(false);
    },
    async close() {
      draining = true;
      const limit = new AbortController();
      void warming.close();
      await clock.sleep(config.limits.drainDelay);
      const cancelLimit = clock.after(config.limits.drainTimeout, () => limit.abort());
      await Promise.all([server.drain(limit.signal), edge.close(limit.signal)]);
      cancelLimit();
      await renderer.close();
      await egress.close();
      await verifier.close();
      await admin.close();
      await cache.store.close();
      log.flush();
    },
  };
}

export interface OneOffRenderer {
  render(
    url: string,
    options: { readonly device: Device; readonly userAgent?: string; readonly screenshot?: boolean },
  ): Promise<{ readonly snapshot: Snapshot; readonly screenshot?: Uint8Array }>;
  close(): Promise<void>;
}

/** Renders single pages outside of a running proxy: for the command line. */
export async function buildRenderer(
  config: Config,
  { version = '0', clock = systemClock } = {},
): Promise<OneOffRenderer> {
  const report: Report = () => {};
  const egress = await createEgress(egressSettings(config, { ownPorts: () => [], clock, report }));
  let room: RenderRoom | undefined;
  return {
    async render(url, { device, userAgent, screenshot = false }) {
      const site = siteConfigs(config).find((known) => url.startsWith(`${known.site.publicUrl.origin}/`))?.site;
      const { pathname, search, origin } = new URL(url);
      const target = site && pageTarget(site, pathname + search, device, () => true);
      if (target === undefined) throw new RenderError('navigation', `${origin} is none of the configured sites`);
      const settings = renderRoomSettings(
        { ...config, render: { ...config.render, userAgent: userAgent ?? config.render.userAgent, tabs: 1 } },
        version,
      );
      await room?.close();
      room = createRenderRoom(settings, { egress, clock, report });
      const job: RenderJob = { target, priority: 'interactive', client: '' };
      const stay = new AbortController().signal;
      return screenshot ? room.inspect(job, stay) : { snapshot: await room.renderer.render(job, stay) };
    },
    async close() {
      await room?.close();
      await egress.close();
    },
  };
}

interface EdgeParts {
  readonly cache: Cache;
  readonly renderer: RenderRoom;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly report: Report;
  readonly verifier: ReaderVerifier;
  readonly trustsPeer: (address: string) => boolean;
}

/** All applications of one configuration; replaced as a whole when the configuration changes. */
interface Edge {
  readonly rooms: readonly Room[];
  readonly roomOf: SiteDirectory<Room>;
  close(limit?: AbortSignal): Promise<void>;
}

function buildEdge(config: Config, parts: EdgeParts): Edge {
  const limited = limitByClient(parts.renderer.renderer, config.limits.rendersPerClient, parts.clock);
  const rooms = siteConfigs(config).map((site) => buildRoom(site, config, limited, parts));
  const roomOf = siteDirectory(rooms);
  return {
    rooms,
    roomOf,
    async close(limit) {
      for (const { pages } of rooms) pages.close();
      await Promise.all(rooms.map(({ origin }) => origin.close(limit)));
    },
  };
}

function buildRoom(
  site: SiteConfig,
  config: Config,
  limited: Renderer,
  { cache, egress, verifier, clock, report, trustsPeer }: EdgeParts,
): Room {
  const settings = classifierSettings(site);
  const targets = createTargets(settings);
  const ruleFor = createPathRules(site.paths);
  const vary = varyOf(site);
  const checked = siteVerification(site);
  const pages = createPageSource({
    store: cache.store,
    lock: cache.shared?.lock,
    renderer: limited,
    clock,
    report,
    storageFor: storageSettings(site, ({ url }) => ruleFor(new URL(url).pathname)?.fresh),
    longestRenderMs: 2 * site.render.timeout,
    revalidate: createRevalidator({
      recheck: egress.recheck,
      settings: revalidateSettings(site),
      clock,
      limitMs: site.render.timeout,
    }),
  });
  return {
    site: site.site,
    targets,
    classify: createClassifier(settings),
    verify: checked && verifier.forSite(checked),
    origin: createOrigin(originSettings(site, config, trustsPeer), { clock, report }),
    pages,
    warm: {
      ...warmSettings(site),
      fetchFile: createSiteFiles(siteFilesSettings(site)),
      pagesAt: (target) => readerPages(targets, target),
      render: (target, signal) => pages.renew(target, 'warm', signal),
    },
    writePage: createPageWriter({ vary }),
    markdownForm: createMarkdownForm(site.markdown),
    onFailure: site.onFailure,
    vary,
  };
}
