import type { Protocol } from 'puppeteer';

export interface Departure {
  readonly url: string;
  /** Page milliseconds until it happens, when the page has announced it (`<meta http-equiv="refresh">`). */
  readonly inMs: number;
}

type Requested = Pick<Protocol.Page.FrameRequestedNavigationEvent, 'url' | 'reason' | 'disposition'>;

export type DepartureVerdict = 'leaves' | 'reloads' | 'stays';

/** What a navigation that the page itself asks for means for the render. */
export function departure({ url, reason, disposition }: Requested, from: string): DepartureVerdict {
  if (disposition !== 'currentTab' || !/^https?:/i.test(url)) return 'stays';
  // A form that was posted leads somewhere that no redirect can name.
  if (reason === 'formSubmissionPost') return 'stays';
  return withoutFragment(url) === withoutFragment(from) ? 'reloads' : 'leaves';
}

/** The address to which the page moved itself through the history, when its path is another one. */
export function movedTo(from: string, now: string): string | undefined {
  if (!URL.canParse(from) || !URL.canParse(now)) return undefined;
  return path(from) === path(now) ? undefined : withoutFragment(now);
}

function withoutFragment(url: string): string {
  const at = url.indexOf('#');
  return at < 0 ? url : url.slice(0, at);
}

function path(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}
