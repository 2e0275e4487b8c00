import type { CDPSession, Protocol } from 'puppeteer';

type Requested = Pick<Protocol.Page.FrameRequestedNavigationEvent, 'url' | 'reason' | 'disposition'>;

/** `posts`: it sends a form, which no redirect can repeat. `stays`: the document is not touched (another tab, another program). */
export type DepartureVerdict = 'leaves' | 'reloads' | 'posts' | 'stays';

/** What a navigation that the page itself asks for means for the render. */
export function departure({ url, reason, disposition }: Requested, from: string): DepartureVerdict {
  if (disposition !== 'currentTab' || !/^https?:/i.test(url)) return 'stays';
  if (reason === 'formSubmissionPost') return 'posts';
  return withoutFragment(url) === withoutFragment(from) ? 'reloads' : 'leaves';
}

const withoutFragment = (url: string) => url.split('#', 1)[0] ?? url;

/** Where the tab's main document is, and where it wants to go. */
export class Whereabouts {
  readonly #mostReloads: number;
  #mainFrame = '';
  #wanted = '';
  /** The navigation that brings the page. What the document before had asked for may still arrive after the beginning. */
  #loader = '';
  #loaded = '';
  #url = '';
  #left: string | undefined;
  #announced: { readonly url: string; readonly inMs: number } | undefined;
  #reloads = 0;
  /** The navigation that the page asked for last must not happen. */
  #stopping = false;
  #lost = false;

  constructor(mostReloads: number) {
    this.#mostReloads = mostReloads;
  }

  begin(documentUrl: string): void {
    this.#wanted = URL.canParse(documentUrl) ? new URL(documentUrl).href : documentUrl;
    this.#loader = '';
    this.#loaded = '';
    this.#url = '';
    this.#left = undefined;
    this.#announced = undefined;
    this.#reloads = 0;
    this.#stopping = false;
    this.#lost = false;
  }

  /** The page's own document is there. */
  get loaded(): boolean {
    return this.#loaded !== '';
  }

  /** The page has sent the tab to another address. */
  get left(): string | undefined {
    return this.#left;
  }

  /** A navigation was faster than its end: what the tab holds now is not the page. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Whether a request matters: the document of a navigation that is being stopped never ends. */
  wants({ type, frameId }: Protocol.Network.RequestWillBeSentEvent): boolean {
    return !(this.#stopping && type === 'Document' && frameId === this.#mainFrame);
  }

  /**
   * Where the page, now that it is done, said that it will soon go. A move through the history is no navigation: such a page
   * is written down with its signs, and its answer judged by its last address.
   */
  announced(horizonMs: number): string | undefined {
    const refresh = this.#announced;
    if (!refresh || refresh.inMs > horizonMs) return undefined;
    const requested = { url: refresh.url, reason: 'metaTagRefresh', disposition: 'currentTab' } as const;
    return departure(requested, this.#url) === 'leaves' ? refresh.url : undefined;
  }

  /** Calls `entered` with the loader of every document that takes the main frame. */
  follow(session: CDPSession, mainFrame: string, entered: (loaderId: string) => void): void {
    this.#mainFrame = mainFrame;
    session.on('Network.requestWillBeSent', ({ type, frameId, loaderId, request }) => {
      if (type !== 'Document' || frameId !== this.#mainFrame || this.loaded) return;
      if (withoutFragment(request.url) === withoutFragment(this.#wanted)) this.#loader = loaderId;
    });
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined || !/^https?:/.test(frame.url)) return;
      if (!this.loaded && frame.loaderId !== this.#loader) return;
      this.#lost ||= this.#stopping;
      this.#loaded ||= frame.url;
      this.#url = frame.url;
      this.#announced = undefined;
      entered(frame.loaderId);
    });
    session.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId === this.#mainFrame) this.#url = url;
    });
    session.on('Page.frameScheduledNavigation', ({ frameId, url, delay }) => {
      if (frameId === this.#mainFrame && delay > 0) this.#announced = { url, inMs: delay * 1000 };
    });
    session.on('Page.frameRequestedNavigation', (event) => {
      if (event.frameId !== this.#mainFrame || !this.loaded) return;
      const verdict = departure(event, this.#url);
      if (verdict === 'leaves') this.#left ??= event.url;
      const reloads = verdict === 'reloads' && ++this.#reloads <= this.#mostReloads;
      this.#stopping = verdict !== 'stays' && !reloads;
      // Where it leads must not take the place of the page.
      if (this.#stopping) session.send('Page.stopLoading').catch(() => {});
    });
  }
}
