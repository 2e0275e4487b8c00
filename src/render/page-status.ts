import type { RenderFailure } from '../errors.ts';
import { type HeaderList, headerValue } from '../page/headers.ts';
import type { PageTarget } from '../page/page-target.ts';
import { documentHeaders, purgeTags } from './document-headers.ts';
import type { PageSigns } from './page-signs.ts';
import { isRedirect, redirectUrl, type SignedAnswer, signedAnswer } from './signed-answer.ts';

/** What is known of a page once it has been written down. */
export interface PageFacts {
  readonly target: PageTarget;
  /** Status and fields of the origin's response for the document. */
  readonly documentStatus: number;
  readonly documentHeaders: HeaderList;
  readonly signs: PageSigns;
  /** The document's address at the end; a router may have changed it without loading anything. */
  readonly finalUrl: string;
  /** Where the page sent the browser by loading another document, if it did. */
  readonly redirectTo?: string;
  readonly textLength: number;
  readonly embeds: number;
  readonly minText: number;
}

export type PageAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly headers: HeaderList; readonly tags: readonly string[] }
  | {
      readonly kind: 'redirect';
      readonly status: number;
      /** Absolute, `http:` or `https:`. Not among `headers`. */
      readonly location: string;
      readonly headers: HeaderList;
      readonly tags: readonly string[];
    }
  | { readonly kind: 'failure'; readonly code: RenderFailure; readonly message: string };

/**
 * A router that sends a visitor elsewhere does not say for how long, and a permanent redirect is remembered by readers for
 * ever: a redirect to a log-in or a language would then hide the page for good. A page that means 301 signs it.
 */
const clientRedirectStatus = 302;

/** How a rendered page is answered: its own signs first, then where it went by itself, then what the origin said. */
export function pageAnswer(facts: PageFacts): PageAnswer {
  const broken = unusableDocument(facts);
  if (broken) return broken;

  // A 304 is the browser's own cache at work: the document it stands for was a 200.
  const originStatus = facts.documentStatus === 304 ? 200 : facts.documentStatus;
  const signed = signedAnswer(facts.signs, originStatus, facts.target.url);
  const clientUrl = clientRedirect(facts);

  if (signed.status !== undefined && isRedirect(signed.status)) {
    const location = signed.location ?? clientUrl;
    if (location !== undefined) return redirect(facts, signed, signed.status, location);
  } else if (signed.status !== undefined) {
    return page(facts, signed, signed.status);
  }

  if (clientUrl !== undefined) return redirect(facts, signed, clientRedirectStatus, clientUrl);
  if (isRedirect(originStatus)) {
    const location = originRedirect(facts);
    if (location !== undefined) return redirect(facts, signed, originStatus, location);
    return failure('navigation', `the origin answered ${originStatus} without a usable Location`);
  }
  if (originStatus === 200 && facts.textLength < facts.minText && facts.embeds === 0) {
    return failure('empty', `${facts.textLength} characters of visible text, ${facts.minText} are wanted`);
  }
  return page(facts, signed, originStatus);
}

function unusableDocument(facts: PageFacts): PageAnswer | undefined {
  const { documentStatus: status, finalUrl } = facts;
  if (finalUrl.startsWith('chrome-error:')) return failure('empty', "the browser's own error page");
  if (!/^https?:/i.test(finalUrl)) return failure('navigation', `the page ended at ${finalUrl.slice(0, 200)}`);
  if (status < 200 || status > 599) return failure('navigation', `the origin answered ${status}`);
  if (status === 204 || status === 205) return failure('empty', `the origin answered ${status}, which has no content`);
  const type = headerValue(facts.documentHeaders, 'content-type');
  if (isRedirect(status) || type === undefined || /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type))
    return undefined;
  return failure('not-html', `the document is ${type}`);
}

/** The origin may use a relative Location, or its own address instead of the public one. */
function originRedirect({ documentHeaders, target }: PageFacts): string | undefined {
  const to = URL.parse(headerValue(documentHeaders, 'location') ?? '', target.url);
  if (to === null) return undefined;
  const { originUrl, publicUrl } = target.site;
  const isOwn = to.origin === originUrl.origin;
  return redirectUrl(isOwn ? publicUrl.origin + to.pathname + to.search + to.hash : to.href, target.url);
}

/** Where the page went by itself: to another document, or by its router to another path. */
function clientRedirect({ target, finalUrl, redirectTo }: PageFacts): string | undefined {
  const loaded = redirectUrl(redirectTo, target.url);
  if (loaded !== undefined) return loaded;
  // Routers rewrite queries and fragments of the page they are on; only a path makes it another page.
  return isSamePage(new URL(target.url), new URL(finalUrl)) ? undefined : redirectUrl(finalUrl, target.url);
}

/**
 * A slash at the end, or another spelling of the same characters, is no other page: the origin may redirect the other way
 * round, and a reader would be sent to and fro.
 */
function isSamePage(a: URL, b: URL): boolean {
  return a.origin === b.origin && plainPath(a.pathname) === plainPath(b.pathname);
}

function plainPath(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  try {
    return decodeURIComponent(trimmed);
  } catch {
    return trimmed;
  }
}

function page(facts: PageFacts, signed: SignedAnswer, status: number): PageAnswer {
  const type = ['content-type', 'text/html; charset=utf-8'] as const;
  return { kind: 'page', status, headers: [type, ...headers(facts, signed)], tags: tags(facts) };
}

function redirect(facts: PageFacts, signed: SignedAnswer, status: number, location: string): PageAnswer {
  return { kind: 'redirect', status, location, headers: headers(facts, signed), tags: tags(facts) };
}

function headers(facts: PageFacts, signed: SignedAnswer): HeaderList {
  const signedNames = new Set(signed.headers.map(([name]) => name));
  return [...documentHeaders(facts.documentHeaders).filter(([name]) => !signedNames.has(name)), ...signed.headers];
}

const tags = (facts: PageFacts) => purgeTags(facts.documentHeaders, facts.signs.tags);

function failure(code: RenderFailure, message: string): PageAnswer {
  return { kind: 'failure', code, message };
}
