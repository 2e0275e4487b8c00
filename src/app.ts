import { adminRoutes } from './admin/api.ts';
import { createEventStream } from './admin/event-stream.ts';
import { createAdminServer } from './admin/server.ts';
import { buildEdge } from './app-edge.ts';
import { gateSettings } from './app-render-settings.ts';
import { buildService } from './app-service.ts';
import { cacheSettings, edgeServerSettings, logSettings, verifierSettings } from './app-settings.ts';
import { type AppStatus, statusOf } from './app-status.ts';
import { openCache } from './cache/open-cache.ts';
import { systemClock as clock } from './clock.ts';
import { notYetDone } from './config/not-yet.ts';
import { needRestart } from './config/restart.ts';
import type { Config } from './config/schema.ts';
import { messageOf } from './errors.ts';
import type { PrefaceEvent, Report } from './events.ts';
import { createAnswers } from './http/answers.ts';
import { clientAddress, createPeerTrust } from './http/forwarded.ts';
import { createGateway } from './http/gateway.ts';
import { createEdgeServer } from './http/server.ts';
import type { EdgeRequest } from './messages.ts';
import { createEventLog } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { createRecent } from './observe/recent.ts';
import { keyOf } from './page/page-key.ts';
import { devices } from './page/page-target.ts';
import type { PurgeMode, PurgeSelector } from './page/purge.ts';
import type { Site } from './page/site.ts';
import { publicPrefixes, publicUrls } from './public-addresses.ts';
import { createRenderRoom } from './render/render-room.ts';
import { startRenderingThread } from './rendering/rendering-thread.ts';
import { createPurgeGuard } from './serve/purge-guard.ts';
import { createWarming } from './serve/warming.ts';
import { openVerifier } from './verify/open-verifier.ts';

export interface App {
  /** Opens the listeners. Rejects when a port cannot be had. */
  listen(): Promise<AppAddresses>;
  /** Goes on with another configuration, without a failed request. Listeners, browser and stores stay as they are. */
  reload(config: Config): Promise<void>;
  /** Not ready at once, then no new connections, then an end of everything, within the configured times. */
  close(): Promise<void>;
  readonly report: Report;
}

export interface AppAddresses {
  readonly trafficUrl: string;
  readonly adminUrl: string;
  /** Undefined where there is no rendering service. */
  readonly serviceUrl: string | undefined;
}

export interface AppOptions {
  readonly version: string;
}

/** Joins the rooms. The only place that knows concrete classes; nobody is listened to, and no browser is started, before `listen`. */
export async function buildApp(config: Config, { version }: AppOptions): Promise<App> {
  const startedAt = clock.now();
  const log = createEventLog(logSettings(config, process.stdout.isTTY === true));
  const recent = createRecent();
  const events = createEventStream(clock);
  const trustsPeer = createPeerTrust(config.listen.trustedProxies);
  let draining = false;
  let servicePort: number | undefined;

  function report(event: PrefaceEvent): void {
    log.report(event);
    metrics.report(event);
    recent.report(event);
    events.report(event);
  }

  const metrics = createMetrics(
    {
      renderQueueDepth: () => renderRoom.state().waiting,
      rendersInFlight: () => renderRoom.state().running,
      cacheSizes: () => cache.sizes(),
      browserRssBytes: () => renderRoom.state().rssBytes,
    },
    version,
  );

  const cache = await openCache(cacheSettings(config), { clock, report });
  const rendering = await startRenderingThread(config, version, { clock, report });
  const renderRoom = createRenderRoom(rendering, gateSettings(config), clock);

  const verifier = openVerifier(verifierSettings(), { clock, report });
  // Outlives a change of the configuration: a render that began before must hear of a purge after.
  const purges = createPurgeGuard(4 * config.render.timeout);
  const onDeploy = (site: Site) => warming.deployed(site);
  const { renderer } = renderRoom;
  const { recheck } = rendering;
  const parts = { cache, renderer, recheck, verifier, clock, report, trustsPeer, purges, onDeploy };
  let edge = buildEdge(config, parts);
  const warming = createWarming({
    sites: () => edge.rooms.map(({ warm }) => warm),
    store: cache.store,
    leases: cache.shared?.leases,
    // One tab fewer than there are: the gate keeps that one for readers.
    atOnce: () => Math.max(1, renderRoom.state().limit - 1),
    clock,
    report,
  });
  const isOwnHost = (host: string) => edge.roomOf(host) !== undefined;
  const addressOf = ({ socket, headers }: EdgeRequest) =>
    clientAddress(socket.remoteAddress ?? '', headers['x-forwarded-for'] as string | undefined, trustsPeer);
  const answers = createAnswers({ clientAddress: addressOf, clock, report });
  const gateway = createGateway({
    siteOf: (host) => edge.roomOf(host),
    clientAddress: addressOf,
    answers,
    report,
  });
  const server = createEdgeServer(edgeServerSettings(config, isOwnHost), gateway, { clock, report });

  const service = buildService(config, {
    rooms: () => edge.rooms,
    answers,
    refused: gateway.refused,
    purge,
    warming,
    clock,
    report,
  });

  async function purge(selector: PurgeSelector, mode: PurgeMode): Promise<number> {
    if (selector.everything) await rendering.forgetAssets();
    const counts = await Promise.all(edge.rooms.map(({ pages }) => pages.purge(selector, mode)));
    const count = Math.max(0, ...counts);
    report({ type: 'cache.purged', count, mode, what: JSON.stringify(selector) });
    if (selector.everything) warming.purgedEverything();
    return count;
  }

  function notReady(): string[] {
    return [...(draining ? ['draining'] : []), ...renderRoom.notReady()];
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
          renderer: renderRoom.state(),
          cache: cache.memory.size(),
          service:
            servicePort === undefined ? undefined : { port: servicePort, connections: service?.openConnections() ?? 0 },
          recent,
          notReady: notReady(),
        }),
      list: async (query) => cache.store.list(query),
      entriesOf: async (url) => {
        const found = await Promise.all(devices.map((device) => cache.store.get(keyOf(url, device))));
        return found.flatMap((entry) => entry ?? []);
      },
      purge,
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
      rendering.keepFrom(port);
      servicePort = await service?.listen();
      if (servicePort !== undefined) rendering.keepFrom(servicePort);
      const { url: adminUrl, port: adminPort } = await admin.listen();
      rendering.keepFrom(adminPort);
      // Not awaited: people are served while Chromium starts.
      void rendering.warm().catch((cause) => report({ type: 'browser.failed', message: messageOf(cause) }));
      warming.follow(true);
      for (const message of notYetDone(config)) report({ type: 'warning', message });
      const host = config.listen.host === '0.0.0.0' || config.listen.host === '::' ? 'localhost' : config.listen.host;
      const base = `http://${host.includes(':') ? `[${host}]` : host}`;
      const serviceUrl = servicePort === undefined ? undefined : `${base}:${servicePort}`;
      return { trafficUrl: `${base}:${port}`, adminUrl, serviceUrl };
    },
    async reload(next) {
      const before = edge;
      edge = buildEdge(next, parts);
      void before.retire();
      for (const name of needRestart(config, next)) {
        report({ type: 'warning', message: `${name} has changed; that takes a restart` });
      }
      warming.follow(false);
    },
    async close() {
      draining = true;
      const limit = new AbortController();
      void warming.close();
      await clock.sleep(config.limits.drainDelay);
      const cancelLimit = clock.after(config.limits.drainTimeout, () => limit.abort());
      edge.sayGoodbye();
      await Promise.all([server.drain(limit.signal), service?.drain(limit.signal)]);
      await edge.close(limit.signal);
      cancelLimit();
      await rendering.close();
      await verifier.close();
      await admin.close();
      await cache.store.close();
      await log.close();
    },
  };
}
