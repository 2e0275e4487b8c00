import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { PageAnswer } from './page-source.ts';
import { defaultPriority, type SitemapPage } from './sitemap.ts';
import type { PageList } from './warm-list.ts';
import { WarmAccounts, type WarmProgress, type WarmState } from './warm-progress.ts';

/** What an address in a list is to us. */
export type WarmPlace =
  /** Pages of ours: one a device. */
  | { readonly kind: 'pages'; readonly targets: readonly PageTarget[] }
  /** Ours, but passed through: a file, or excluded by the configuration. */
  | { readonly kind: 'excluded' }
  /** On none of our sites. */
  | { readonly kind: 'foreign' };

export interface WarmParts {
  readonly placeOf: (url: string) => WarmPlace;
  /** Whether the stored page is still fresh, and not older than its last change. */
  readonly isFresh: (target: PageTarget, lastModified: number | undefined) => Promise<boolean>;
  /** Resolves when another page of this one's site may be rendered. */
  readonly turn: (target: PageTarget, signal: AbortSignal) => Promise<void>;
  /** Renders a page for the cache, behind live readers. Never rejects. */
  readonly render: (target: PageTarget, signal: AbortSignal) => Promise<PageAnswer>;
  /** Renders under way at once. */
  readonly atOnce: () => number;
  readonly clock: Clock;
}

const pagesInOneGo = 100;
/** How often and how long a page waits for room that live readers need. */
const patience = { tries: 60, waitMs: 5_000 };

/** One list of pages being prepared. Its list is read first, so that no sitemap is kept open for hours. */
export class WarmJob {
  readonly id = randomUUID();
  readonly #what: string;
  readonly #parts: WarmParts;
  readonly #accounts: WarmAccounts;
  readonly #stopping = new AbortController();
  #state: WarmState = 'running';
  #listed = false;
  #resumed: PromiseWithResolvers<void> | undefined;
  /** Resolves when it is done or stopped and nothing of it is under way. */
  readonly ended: Promise<void>;

  constructor(what: string, list: PageList, parts: WarmParts) {
    this.#what = what;
    this.#parts = parts;
    this.#accounts = new WarmAccounts(this.id, what, parts.clock);
    this.ended = this.#work(list);
  }

  get isOver(): boolean {
    return this.#accounts.isOver;
  }

  pause(): boolean {
    if (this.#state !== 'running') return false;
    this.#state = 'paused';
    this.#resumed = Promise.withResolvers();
    return true;
  }

  resume(): boolean {
    if (this.#state !== 'paused') return false;
    this.#state = 'running';
    this.#resumed?.resolve();
    return true;
  }

  stop(): boolean {
    if (this.isOver) return false;
    this.#stopping.abort();
    this.#resumed?.resolve();
    return true;
  }

  progress(): WarmProgress {
    return this.#accounts.progress(this.#state, this.#listed);
  }

  async #work(list: PageList): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await this.#renderAll(await this.#read(list));
    } catch (cause) {
      if (!signal.aborted) this.#accounts.unread(this.#what, messageOf(cause));
    }
    this.#accounts.over();
    this.#state = signal.aborted ? 'stopped' : 'done';
  }

  async #read(list: PageList): Promise<readonly SitemapPage[]> {
    const { signal } = this.#stopping;
    const accounts = this.#accounts;
    const pages: SitemapPage[] = [];
    const notes = {
      signal,
      unread: (url: string, because: string) => accounts.unread(url, because),
      disallowed: () => {
        accounts.found(1);
        accounts.count('disallowed');
      },
    };
    for await (const page of list(notes)) {
      signal.throwIfAborted();
      const place = this.#parts.placeOf(page.url);
      accounts.found(place.kind === 'pages' ? place.targets.length : 1);
      if (place.kind === 'pages') pages.push(page);
      else accounts.count(place.kind);
    }
    this.#listed = true;
    return pages.sort(byPriority);
  }

  async #renderAll(pages: readonly SitemapPage[]): Promise<void> {
    const underWay = new Set<Promise<void>>();
    try {
      for (const [index, { url, lastModified }] of pages.entries()) {
        // Fresh pages cost no waiting; without a pause a long list of them would hold up everybody.
        if (index % pagesInOneGo === 0) await nextTurn();
        // Asked anew: the configuration may have changed since the list was read, or the pages with it.
        const place = this.#parts.placeOf(url);
        if (place.kind !== 'pages') this.#accounts.count(place.kind);
        else for (const target of place.targets) await this.#begin(target, lastModified, underWay);
      }
    } finally {
      await Promise.all(underWay);
    }
  }

  /** Waits for the page's turn and begins with it. Rejects when the job is stopped. */
  async #begin(target: PageTarget, lastModified: number | undefined, underWay: Set<Promise<void>>): Promise<void> {
    const { isFresh, turn, atOnce } = this.#parts;
    const { signal } = this.#stopping;
    await this.#resumed?.promise;
    signal.throwIfAborted();
    if (await isFresh(target, lastModified)) {
      this.#accounts.count('fresh');
      return;
    }
    while (underWay.size >= atOnce()) await Promise.race(underWay);
    await turn(target, signal);
    const work = this.#render(target).finally(() => underWay.delete(work));
    underWay.add(work);
  }

  async #render(target: PageTarget): Promise<void> {
    const because = await this.#failureOf(target);
    if (this.#stopping.signal.aborted) return;
    if (because === undefined) this.#accounts.count('rendered');
    else if (because === 'not-html') this.#accounts.count('excluded');
    else this.#accounts.failed(target.url, because);
  }

  /** Why the page is not in the cache now; undefined when it is. Where there is no room, there may be soon: readers go first. */
  async #failureOf(target: PageTarget): Promise<string | undefined> {
    const { render, clock } = this.#parts;
    const { signal } = this.#stopping;
    for (let tries = 1; ; tries += 1) {
      const answer = await render(target, signal);
      if (answer.kind === 'page') {
        if (answer.rendered?.stored !== false) return undefined;
        return answer.entry.status >= 500 ? `status ${answer.entry.status}` : 'not to be stored';
      }
      const hasNoRoom = answer.code === 'overloaded' || answer.code === 'no-browser';
      if (!hasNoRoom || tries === patience.tries || signal.aborted) return answer.code;
      await clock.sleep(patience.waitMs, signal).catch(() => {});
    }
  }
}

/** The most important first; those of one importance in the order of their list. */
function byPriority(a: SitemapPage, b: SitemapPage): number {
  return (b.priority ?? defaultPriority) - (a.priority ?? defaultPriority);
}
