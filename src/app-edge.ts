import {
  classifierSettings,
  originSettings,
  revalidateSettings,
  siteFilesSettings,
  siteVerification,
  storageSettings,
  varyOf,
  warmSettings,
} from './app-settings.ts';
import type { Cache } from './cache/open-cache.ts';
import { createAskedPages } from './classify/asked-page.ts';
import { createClassifier } from './classify/classify.ts';
import { createPathRules } from './classify/path-rules.ts';
import { readerPages } from './classify/reader-pages.ts';
import { createTargets, type Targets } from './classify/targets.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/schema.ts';
import { type SiteConfig, siteConfigs } from './config/sites.ts';
import type { Egress } from './egress/exit.ts';
import type { Report } from './events.ts';
import type { SiteRoom } from './http/gateway.ts';
import { requestFacts } from './http/request-facts.ts';
import { createPageWriter } from './http/respond.ts';
import { createMarkdownForm } from './markdown/markdown-entry.ts';
import { createOrigin } from './origin/proxy-origin.ts';
import type { Site } from './page/site.ts';
import { titleIn } from './page/title.ts';
import { limitByClient } from './render/client-limit.ts';
import type { Renderer } from './render/renderer.ts';
import { createLlmsTxt } from './serve/llms-txt.ts';
import { createPageSource } from './serve/page-source.ts';
import type { PurgeGuard } from './serve/purge-guard.ts';
import { createRevalidator } from './serve/revalidator.ts';
import { createSiteFiles } from './serve/site-files.ts';
import type { WarmSite } from './serve/warming.ts';
import type { ServiceRoom } from './service/page-orders.ts';
import { type SiteDirectory, siteDirectory } from './site-directory.ts';
import type { ReaderVerifier } from './verify/reader-verifier.ts';

/** One application with all that serves it. */
interface Room extends SiteRoom, ServiceRoom {
  readonly site: Site;
  readonly targets: Targets;
  readonly warm: WarmSite;
}

/** What all applications share, and what outlives a change of the configuration. */
export interface EdgeParts {
  readonly cache: Cache;
  readonly renderer: Renderer;
  readonly recheck: Egress['recheck'];
  readonly clock: Clock;
  readonly report: Report;
  readonly verifier: ReaderVerifier;
  readonly trustsPeer: (address: string) => boolean;
  readonly purges: PurgeGuard;
  /** A page showed that the application of a site was replaced. */
  readonly onDeploy: (site: Site) => void;
}

/** All applications of one configuration; replaced as a whole when the configuration changes. */
export interface Edge {
  readonly rooms: readonly Room[];
  readonly roomOf: SiteDirectory<Room>;
  /** Ends renewals and says goodbye to WebSockets; requests go on. */
  sayGoodbye(): void;
  /** Goes on with what it has begun, and closes when that has ended. */
  retire(): Promise<void>;
  close(limit?: AbortSignal): Promise<void>;
}

/** Joins the rooms that each application has for itself. */
export function buildEdge(config: Config, parts: EdgeParts): Edge {
  const limited = limitByClient(parts.renderer, config.limits.rendersPerClient, parts.clock);
  const rooms = siteConfigs(config).map((site) => buildRoom(site, config, limited, parts));
  const roomOf = siteDirectory(rooms);
  return {
    rooms,
    roomOf,
    sayGoodbye() {
      for (const { pages, origin } of rooms) {
        pages.close();
        origin.endTunnels();
      }
    },
    async retire() {
      for (const { pages } of rooms) pages.close();
      // A reader whose render fails is still handed on to the origin then.
      await parts.clock.sleep(longestRenderMs(config));
      await Promise.all(rooms.map(({ origin }) => origin.retire()));
    },
    async close(limit) {
      await Promise.all(rooms.map(({ origin }) => origin.close(limit)));
    },
  };
}

/** Waiting for a tab included. */
const longestRenderMs = ({ render }: Config): number => 2 * render.timeout;

function buildRoom(
  site: SiteConfig,
  config: Config,
  limited: Renderer,
  { cache, recheck, verifier, clock, report, trustsPeer, purges, onDeploy }: EdgeParts,
): Room {
  const settings = classifierSettings(site);
  const targets = createTargets(settings);
  const ruleFor = createPathRules(site.paths);
  const vary = varyOf(site);
  const askedPages = createAskedPages(settings);
  const checked = siteVerification(site);
  const fetchFile = createSiteFiles(siteFilesSettings(site));
  const pages = createPageSource({
    store: cache.store,
    lock: cache.shared?.lock,
    purges,
    onDeploy,
    renderer: limited,
    clock,
    report,
    storageFor: storageSettings(site, ({ url }) => ruleFor(new URL(url).pathname)?.fresh),
    longestRenderMs: 2 * site.render.timeout,
    revalidate: createRevalidator({
      recheck,
      settings: revalidateSettings(site),
      clock,
      limitMs: site.render.timeout,
    }),
  });
  return {
    site: site.site,
    targets,
    classify: createClassifier(settings),
    askedPage: (request, target, device) => askedPages(requestFacts(request, target), device),
    verify: checked && verifier.forSite(checked),
    origin: createOrigin(originSettings(site, config, trustsPeer), { clock, report }),
    pages,
    warm: {
      ...warmSettings(site),
      fetchFile,
      pagesAt: (target) => readerPages(targets, target),
      render: (target, signal) => pages.renew(target, 'warm', signal),
    },
    writePage: createPageWriter({ vary }),
    markdownForm: createMarkdownForm(site.markdown),
    llmsTxt: site.markdown.llmsTxt
      ? createLlmsTxt(warmSettings(site), { fetchFile, titleOf: (url) => storedTitle(cache, targets, url), clock })
      : undefined,
    onFailure: site.onFailure,
    debugHeaders: site.debugHeaders,
    vary,
  };
}

/** The title of a page that memory has. */
function storedTitle(cache: Cache, targets: Targets, url: string): string | undefined {
  const { pathname = '/', search = '' } = URL.parse(url) ?? {};
  const [target] = targets.pages(pathname + search);
  const entry = target && cache.memory.get(target.key);
  return entry && titleIn(new TextDecoder().decode(entry.body));
}
