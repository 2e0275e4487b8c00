import type { CDPSession, Protocol } from 'puppeteer';
import { ownCacheControl, ownLocation } from '../egress/exit.ts';
import { RenderError } from '../errors.ts';
import { deltaSecondsMs } from '../page/cache-control.ts';
import { type HeaderList, headerValue } from '../page/headers.ts';

/** The origin's answer for the document. */
export interface DocumentAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly mimeType: string;
}

export interface DocumentWatch {
  /** The first answer for the document; rejects with a `RenderError` when there is none. */
  readonly first: Promise<DocumentAnswer>;
  /** The last one for the same address: a page may load itself anew. */
  latest(): DocumentAnswer | undefined;
  stop(): void;
}

/**
 * Follows the main frame's document requests for `url`. A redirect counts as the answer: it belongs to the reader, who is to
 * follow it, and not to the render.
 */
export function watchDocument(session: CDPSession, frameId: string, url: string): DocumentWatch {
  const { promise: first, resolve, reject } = Promise.withResolvers<DocumentAnswer>();
  first.catch(() => {});
  // As Chromium writes it: an apostrophe in a query is escaped.
  const own = withoutHash(URL.parse(url)?.href ?? url);
  let latest: DocumentAnswer | undefined;
  let requestId = '';

  function take(response: Protocol.Network.Response): void {
    if (withoutHash(response.url) !== own) return;
    latest = { status: response.status, headers: ownFields(headerList(response.headers)), mimeType: response.mimeType };
    resolve(latest);
  }
  const requested = (event: Protocol.Network.RequestWillBeSentEvent) => {
    if (event.type !== 'Document' || event.frameId !== frameId) return;
    requestId = event.requestId;
    if (event.redirectResponse) take(event.redirectResponse);
  };
  const responded = (event: Protocol.Network.ResponseReceivedEvent) => {
    if (event.type === 'Document' && event.frameId === frameId) take(event.response);
  };
  const failed = (event: Protocol.Network.LoadingFailedEvent) => {
    if (event.requestId === requestId) reject(noDocument(url, event.errorText));
  };
  session.on('Network.requestWillBeSent', requested);
  session.on('Network.responseReceived', responded);
  session.on('Network.loadingFailed', failed);

  return {
    first,
    latest: () => latest,
    stop() {
      session.off('Network.requestWillBeSent', requested);
      session.off('Network.responseReceived', responded);
      session.off('Network.loadingFailed', failed);
    },
  };
}

/** Without a way to its own exit it is the tab that does not work, and not the page. */
export function noDocument(url: string, errorText: string): RenderError {
  const isOurs = /^net::ERR_(?:PROXY|TUNNEL|NO_SUPPORTED_PROXIES|MANDATORY_PROXY)/.test(errorText);
  const code = isOurs ? 'crash' : noAnswer.test(errorText) ? 'unreachable' : 'navigation';
  return new RenderError(code, `${url}: ${errorText}`);
}

/** The first is how the egress tells that a host could not be reached (egress/unreachable.ts). */
const noAnswer =
  /^net::ERR_(?:RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH|CONNECTION_[A-Z_]+|EMPTY_RESPONSE|TIMED_OUT|ADDRESS_UNREACHABLE)/;

export const isRedirect = ({ status, headers }: DocumentAnswer) =>
  [301, 302, 303, 307, 308].includes(status) && headers.some(([name]) => name === 'location');

export const isHtml = ({ mimeType }: DocumentAnswer) =>
  mimeType === 'text/html' || mimeType === 'application/xhtml+xml';

/** The origin's own field, and not the one with which the egress keeps the document out of Chromium's cache. */
export function originCacheControlOf({ headers }: Pick<DocumentAnswer, 'headers'>): string | undefined {
  const own = headerValue(headers, ownCacheControl);
  return own === undefined ? headerValue(headers, 'cache-control') : own || undefined;
}

/** The age with which the document came (RFC 9111 §5.1), in milliseconds. */
export function originAgeMsOf({ headers }: Pick<DocumentAnswer, 'headers'>): number | undefined {
  return deltaSecondsMs(headerValue(headers, 'age'));
}

/** The origin's own field again for the one by which Chromium was kept from following a redirect. */
const ownFields = (headers: HeaderList): HeaderList =>
  headers.map(([name, value]) => [name === ownLocation ? 'location' : name, value]);

const withoutHash = (url: string) => url.split('#', 1)[0];

/** Chromium writes several fields of one name as one, with line breaks between their values. */
export function headerList(headers: Readonly<Record<string, string>>): HeaderList {
  return Object.entries(headers).flatMap(([name, values]) =>
    values.split('\n').map((value) => [name.toLowerCase(), value] as const),
  );
}
