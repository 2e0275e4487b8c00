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

/** The address to which the page moved itself through the history, when its path is another one. */
export function movedTo(from: string, now: string): string | undefined {
  if (!URL.canParse(from) || !URL.canParse(now)) return undefined;
  return path(from) === path(now) ? undefined : withoutFragment(now);
}

const withoutFragment = (url: string) => url.split('#', 1)[0] ?? url;

function path(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}

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

  /** Where a reader must be sent in place of this page, now that it is done: it has moved, or said that it soon will. */
  redirectTo(horizonMs: number): string | undefined {
    const announced = this.#announced;
    if (announced && announced.inMs <= horizonMs) {
      const requested = { url: announced.url, reason: 'metaTagRefresh', disposition: 'currentTab' } as const;
      if (departure(requested, this.#url) === 'leaves') return announced.url;
    }
    return movedTo(this.#loaded, this.#url);
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
