import type { CacheStore } from '../cache/cache-store.ts';
import type { Leases } from '../cache/leases.ts';
import type { Clock } from '../clock.ts';
import type { Report } from '../events.ts';
import { freshness } from '../page/freshness.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import { targetOn } from '../page/site-url.ts';
import { createPace, type Pace } from './pace.ts';
import type { PageAnswer } from './page-source.ts';
import type { WarmPlace } from './warm-job.ts';
import { type ListedSite, type PageList, pagesOfSitemaps } from './warm-list.ts';
import type { WarmProgress } from './warm-progress.ts';
import { createWarmSchedule, type Scheduled } from './warm-schedule.ts';
import { inOneReplica } from './warm-turn.ts';
import { createWarmUps, type WarmUps } from './warm-up.ts';

export interface WarmSettings extends Pick<ListedSite, 'site' | 'robots'> {
  /** The configured sitemap: a URL or a path. */
  readonly sitemap: string | undefined;
  /** Undefined: only on request. */
  readonly everyMs: number | undefined;
  /** Begin again when everything has been purged. */
  readonly afterPurge: boolean;
  /** Begin again when a deploy was noticed. */
  readonly afterDeploy: boolean;
  readonly perSecond: number;
}

/** A site whose pages can be prepared. */
export interface WarmSite extends WarmSettings, ListedSite {
  /** The pages that readers get at a path with its query, one a device; none where requests are passed through. */
  pagesAt(target: string): readonly PageTarget[];
  /** Renders a page for the cache. Never rejects. */
  render(target: PageTarget, signal: AbortSignal): Promise<PageAnswer>;
}

/** What is to be prepared: these pages, the pages of this sitemap, or those of every configured sitemap. URLs and paths; a path means every site. */
export interface WarmOrder {
  readonly urls?: readonly string[] | undefined;
  readonly sitemap?: string | undefined;
}

export type OrderAnswer =
  | { readonly kind: 'begun'; readonly id: string }
  | { readonly kind: 'refused'; readonly because: string }
  | { readonly kind: 'busy' };

export interface Warming extends Pick<WarmUps, 'jobs' | 'progress' | 'pause' | 'resume' | 'stop' | 'close'> {
  order(order: WarmOrder): OrderAnswer;
  /** Goes by the sites as they are now; `atOnce` begins with those that are due regularly. */
  follow(atOnce: boolean): void;
  /** All pages have been purged. */
  purgedEverything(): void;
  /** The application of this site was replaced. */
  deployed(site: Site): void;
}

export interface WarmingParts {
  /** The sites as the present configuration has them. */
  readonly sites: () => readonly WarmSite[];
  readonly store: CacheStore;
  /** Where replicas share the work of what is scheduled; what is ordered is done by whoever was asked. */
  readonly leases?: Leases | undefined;
  /** Renders under way at once. */
  readonly atOnce: () => number;
  readonly clock: Clock;
  readonly report: Report;
}

/** Joins jobs, sitemaps and the schedule with the sites. Jobs outlive a change of the configuration and go by the new one. */
export function createWarming({ sites, store, leases, atOnce, clock, report }: WarmingParts): Warming {
  const paces = new Map<string, Pace>();
  const schedule = createWarmSchedule(clock);
  const warmUps = createWarmUps({
    placeOf,
    isFresh,
    turn: (target, signal) => paceOf(target)(siteAt(target.url)?.perSecond ?? 1, signal),
    render: (target, signal) => siteAt(target.url)?.render(target, signal) ?? Promise.resolve(gone),
    atOnce,
    clock,
  });

  const siteAt = (url: string) => sites().find(({ site }) => targetOn(site, url) !== undefined);

  function placeOf(url: string): WarmPlace {
    const found = siteAt(url);
    if (found === undefined) return { kind: 'foreign' };
    const targets = found.pagesAt(targetOn(found.site, url) ?? '/');
    return targets.length === 0 ? { kind: 'excluded' } : { kind: 'pages', targets };
  }

  function paceOf({ site }: PageTarget): Pace {
    const name = site.publicUrl.origin;
    const pace = paces.get(name) ?? createPace(clock);
    paces.set(name, pace);
    return pace;
  }

  async function isFresh({ key }: PageTarget, lastModified = 0): Promise<boolean> {
    const now = clock.now();
    try {
      const entry = await store.get(key);
      // A change that is said to be in the future has not happened yet.
      return (
        entry !== undefined && freshness(entry, now) === 'fresh' && entry.validatedAt >= Math.min(lastModified, now)
      );
    } catch {
      // A broken store costs a render; whoever answers readers tells of it.
      return false;
    }
  }

  /** The public URLs that are meant; undefined for a URL on another host. */
  function urlsOf(urlOrPath: string): readonly string[] | undefined {
    if (urlOrPath.startsWith('/')) return sites().map(({ site }) => site.publicUrl.origin + urlOrPath);
    return siteAt(urlOrPath) === undefined ? undefined : [urlOrPath];
  }

  function order({ urls, sitemap }: WarmOrder): OrderAnswer {
    const named = urls ?? (sitemap === undefined ? [] : [sitemap]);
    const foreign = named.find((url) => urlsOf(url) === undefined);
    if (foreign !== undefined) return { kind: 'refused', because: `${foreign} is on none of the sites` };
    const meant = named.flatMap((url) => urlsOf(url) ?? []);
    if (urls !== undefined) return begun(what(meant), () => meant.map((url) => ({ url })));
    if (sitemap !== undefined) return begun(what(meant), pagesOfSitemaps(meant, [], siteAt));
    const configured = withSitemap();
    if (configured.length === 0)
      return { kind: 'refused', because: 'No sitemap is configured (warm.sitemap, warm.robots): name one' };
    return begun(configured.map(sourceOf).join(', '), listOf(configured));
  }

  function begun(about: string, list: PageList): OrderAnswer {
    const id = warmUps.start(about, list);
    return id === undefined ? { kind: 'busy' } : { kind: 'begun', id };
  }

  /** A sitemap that several sites have from the top level is one site's. */
  function withSitemap(): readonly WarmSite[] {
    const bySource = new Map<string, WarmSite>();
    for (const site of sites()) {
      const source = sourceOf(site);
      if ((site.sitemap !== undefined || site.robots) && !bySource.has(source)) bySource.set(source, site);
    }
    return [...bySource.values()];
  }

  function listOf(configured: readonly WarmSite[]): PageList {
    const named = configured.flatMap(({ site, sitemap }) => sitemapUrl(site.publicUrl, sitemap) ?? []);
    const inRobots = configured.filter(({ sitemap }) => sitemap === undefined);
    return pagesOfSitemaps(named, inRobots, siteAt);
  }

  function scheduled(site: WarmSite): Scheduled {
    const { everyMs, afterPurge, afterDeploy } = site;
    const name = site.site.publicUrl.origin;
    return {
      name,
      everyMs: everyMs === 0 ? undefined : everyMs,
      afterPurge,
      afterDeploy,
      warm: () => inOneReplica(leases, `warm:${name}`, clock, warm),
    };

    async function warm(): Promise<void> {
      const id = warmUps.start(sourceOf(site), listOf([site]));
      if (id === undefined)
        return report({ type: 'warning', message: `no warm-up of ${sourceOf(site)}: too many are running` });
      const trouble = troubleIn(await warmUps.ended(id));
      if (trouble !== undefined) report({ type: 'warning', message: `warm-up of ${sourceOf(site)}: ${trouble}` });
    }
  }

  const { jobs, progress, pause, resume, stop } = warmUps;
  return {
    jobs,
    progress,
    pause,
    resume,
    stop,
    order,
    follow: (atOnce) => schedule.follow(withSitemap().map(scheduled), atOnce),
    purgedEverything: schedule.purgedEverything,
    deployed: ({ publicUrl }) => schedule.deployed(publicUrl.origin),
    async close() {
      schedule.follow([], false);
      await warmUps.close();
    },
  };
}

const gone = { kind: 'failed', code: 'aborted' } as const;

const sitemapUrl = (publicUrl: URL, sitemap: string | undefined): string | undefined =>
  sitemap === undefined ? undefined : URL.parse(sitemap, publicUrl)?.href;

/** What a job over all of a site is called. */
function sourceOf({ site: { publicUrl }, sitemap }: WarmSite): string {
  return sitemapUrl(publicUrl, sitemap ?? '/robots.txt') ?? publicUrl.origin;
}

function what([first = 'nothing', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** What somebody should know of a job that nobody watched. */
function troubleIn(job: WarmProgress | undefined): string | undefined {
  if (job === undefined || job.state === 'stopped') return undefined;
  const unread = job.unread.at(-1);
  if (unread !== undefined) return `could not read ${unread.url}: ${unread.because}`;
  const failure = job.failures.at(-1);
  if (failure === undefined) return undefined;
  return `${job.failed} of ${job.found} pages failed, the last ${failure.url} (${failure.because})`;
}
