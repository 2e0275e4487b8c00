import type { StoredEntry } from '../cache/stored-entry.ts';
import type { PassReason } from '../classify/verdict.ts';
import type { Clock } from '../clock.ts';
import type { RenderFailure } from '../errors.ts';
import type { Outcome, Report } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import type { Origin } from '../origin/origin.ts';
import { verifiedClient } from '../page/client.ts';
import { headerValue } from '../page/headers.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Reader, Verified } from '../page/reader.ts';
import type { Variant } from '../page/variant.ts';
import type { Asker, PageAnswer, PageSource } from '../serve/page-source.ts';
import { clientNetwork } from './client-network.ts';
import { type Answered, answerEvent, beginExchange, type Exchange, idHeader, type Stages } from './exchange.ts';
import type { PageWriter } from './respond.ts';
import { textType, writeText } from './write-text.ts';

export type { Exchange };

/** What answers for one application. */
export interface AnsweringRoom {
  readonly origin: Origin;
  readonly pages: PageSource;
  readonly writePage: PageWriter;
  /** The Markdown form of a stored page, for readers that ask for it. */
  readonly markdownForm: (entry: StoredEntry) => StoredEntry;
  /** What a reader gets when its page could not be rendered. */
  readonly onFailure: 'shell' | 'unavailable';
  /** The fields by which answers to one URL differ; for `Vary` of passed-through HTML. */
  readonly vary: string;
  /** `X-Preface` on every answer. */
  readonly debugHeaders: boolean;
}

export interface AnswersParts {
  /** The client's address, behind the proxies that are trusted. */
  readonly clientAddress: (request: EdgeRequest) => string;
  readonly clock: Clock;
  readonly report: Report;
}

/** Why a reader does not get a page. */
export type WhyNoPage = PassReason | RenderFailure | 'forged';

export interface PageWish {
  /** Rendered whatever is stored. */
  readonly anew?: boolean;
  /** Rendered otherwise than readers get it. */
  readonly variant?: Variant | undefined;
  /** Told that no page is there to be rendered: answers in place of the application, which otherwise does. */
  readonly noPage?: ((because: WhyNoPage) => void) | undefined;
  /** Told where the page redirects to: answers from there and says so, or leaves the redirect to be the answer. */
  readonly follow?: (location: string) => boolean;
}

export interface OrderAnswer {
  readonly status: number;
  /** What was ordered, or why it was refused, in a word. */
  readonly because: string;
  readonly body: object;
  /** What is left of the order's own body is not read: its connection ends with the answer. */
  readonly isUnread?: boolean;
}

/** The ways in which a request is answered; each is told as an event when it has ended. */
export interface Answers {
  begin(request: EdgeRequest, response: EdgeResponse): Exchange;
  /** Whether the request has come by here too often; then it has been refused. */
  refusesLoop(exchange: Exchange): boolean;
  /** With the page, or with what stands for it when it cannot be had. */
  page(exchange: Exchange, site: AnsweringRoom, target: PageTarget, wish?: PageWish): void;
  /** With what the application itself answers. */
  pass(exchange: Exchange, site: AnsweringRoom, outcome: Outcome, reason: WhyNoPage): void;
  /** With the site's list of pages. */
  llmsTxt(exchange: Exchange, site: AnsweringRoom, text: string): void;
  refuse(exchange: Exchange, status: number, reason: string, text: string): void;
  /** With JSON, to an order that is for no page. */
  order(exchange: Exchange, answer: OrderAnswer): void;
  /** Goes on when the promise is fulfilled. What goes wrong in a later turn has no caller that could answer for it. */
  later<T>(exchange: Exchange, promised: Promise<T>, go: (result: T) => void): void;
}

/** Answers requests of which it is decided what they get. */
export function createAnswers({ clientAddress, clock, report }: AnswersParts): Answers {
  function page(exchange: Exchange, site: AnsweringRoom, target: PageTarget, wish: PageWish = {}): void {
    const { request, response, reader, verified } = exchange;
    const asker = {
      client: () =>
        verified === 'verified' ? verifiedClient(reader.name ?? reader.class) : clientNetwork(clientAddress(request)),
      gone: () => goneSignal(response),
    };
    const answer = asked(site.pages, target, asker, wish);
    if (answer instanceof Promise) later(exchange, answer, (late) => give(exchange, site, late, wish));
    else give(exchange, site, answer, wish);
  }

  function later<T>(exchange: Exchange, promised: Promise<T>, go: (result: T) => void): void {
    promised.then(go).catch((cause: unknown) => {
      report({ type: 'error', message: 'a request could not be handled', cause });
      if (exchange.response.headersSent) exchange.response.destroy();
      else refuse(exchange, 500, 'error', 'internal error\n');
    });
  }

  function give(exchange: Exchange, site: AnsweringRoom, answer: PageAnswer, wish: PageWish): void {
    if (exchange.response.destroyed)
      return tell(exchange, { outcome: 'unavailable', because: 'client-gone', status: 0, bytes: 0 });
    if (answer.kind === 'failed') return giveUp(exchange, site, answer.code, wish);
    const location = redirectOf(answer.entry);
    if (location !== undefined && wish.follow?.(location)) return;
    const { request, response } = exchange;
    const page = exchange.wantsMarkdown ? { ...answer, entry: site.markdownForm(answer.entry) } : answer;
    const reply = { page, now: clock.now(), addHeaders: pageHeaders(exchange, site) };
    const writing = site.writePage(request, response, reply, ({ status, bytes }) => {
      const outcome = status === 304 ? 'not-modified' : answer.from;
      tell(exchange, { outcome, because: undefined, status, bytes }, answer.rendered?.report.stages);
    });
    if (writing !== undefined) later(exchange, writing, () => {});
  }

  /** Without a page the reader gets what a person gets, or is asked to come again (an empty shell would be taken for the content). */
  function giveUp(exchange: Exchange, site: AnsweringRoom, code: RenderFailure, { variant, noPage }: PageWish): void {
    if (code === 'not-html') return noPage ? noPage(code) : pass(exchange, site, 'pass', code);
    // The shell is as it was ordered in nothing.
    if (variant === undefined && site.onFailure === 'shell') return pass(exchange, site, 'shell', code);
    // What is too large now will be so in a moment.
    const mayBeLater = code !== 'too-large';
    const headers = [
      ...(mayBeLater ? ['Retry-After', '30'] : []),
      'Cache-Control',
      'no-store',
      ...idHeader(exchange),
      ...because(site, `unavailable; because=${code}`),
    ];
    const text = `The page could not be prepared.${mayBeLater ? ' Please try again later.' : ''}\n`;
    writeText(exchange.response, 503, textType.plain, text, headers);
    tell(exchange, { outcome: 'unavailable', because: code, status: 503, bytes: 0 });
  }

  function pass(exchange: Exchange, site: AnsweringRoom, outcome: Outcome, reason: WhyNoPage): void {
    const { request, response, ids } = exchange;
    const word = outcome === 'shell' ? 'shell' : 'pass';
    const addHeaders = ['X-Request-Id', ids.requestId];
    if (site.debugHeaders)
      addHeaders.push('X-Preface', `${word}; because=${reason}`, 'Cache-Status', 'Preface; fwd=bypass');
    const requestHeaders = ['X-Request-Id', ids.requestId, 'traceparent', ids.traceparent];
    site.origin.forward(request, response, { addHeaders, requestHeaders, varyHtml: site.vary }, (forwarded) => {
      const { status, bytes, failure } = forwarded;
      tell(exchange, { outcome, because: failure ?? reason, status, bytes });
    });
  }

  function llmsTxt(exchange: Exchange, site: AnsweringRoom, text: string): void {
    const fields = ['Cache-Control', 'public, max-age=600', ...idHeader(exchange)];
    fields.push(...because(site, 'page; because=llms-txt'));
    const bytes = writeText(exchange.response, 200, textType.markdown, text, fields);
    tell(exchange, { outcome: 'hit', because: 'llms-txt', status: 200, bytes });
  }

  function refusesLoop(exchange: Exchange): boolean {
    const isLoop = passesOf(exchange.request) >= mostPasses;
    if (isLoop) refuse(exchange, 508, 'loop', 'This request has come by here too often.\n');
    return isLoop;
  }

  function refuse(exchange: Exchange, status: number, reason: string, text: string): void {
    const fields = ['Cache-Control', 'no-store', ...idHeader(exchange)];
    const bytes = writeText(exchange.response, status, textType.plain, text, fields);
    tell(exchange, { outcome: 'refused', because: reason, status, bytes });
  }

  function order(exchange: Exchange, { status, because, body, isUnread }: OrderAnswer): void {
    const fields = ['Cache-Control', 'no-store', ...idHeader(exchange)];
    if (status === 429) fields.push('Retry-After', '60');
    if (isUnread) exchange.response.shouldKeepAlive = false;
    const bytes = writeText(exchange.response, status, textType.json, `${JSON.stringify(body)}\n`, fields);
    tell(exchange, { outcome: status < 400 ? 'order' : 'refused', because, status, bytes });
  }

  function pageHeaders({ ids, reader, verified }: Exchange, { debugHeaders }: AnsweringRoom): string[] {
    if (!debugHeaders) return ['X-Request-Id', ids.requestId];
    return ['X-Request-Id', ids.requestId, 'X-Preface', pageWords(reader, verified)];
  }

  function tell(exchange: Exchange, how: Answered, stages?: Stages): void {
    report(answerEvent(exchange, how, stages));
  }

  return { begin: beginExchange, refusesLoop, page, pass, llmsTxt, refuse, order, later };
}

function asked(pages: PageSource, target: PageTarget, asker: Asker, { anew, variant }: PageWish) {
  if (variant !== undefined) return pages.renderVariant(target, variant, asker);
  return anew ? pages.answerAnew(target, asker) : pages.answer(target, asker);
}

const redirectOf = ({ status, headers }: StoredEntry): string | undefined =>
  status >= 300 && status < 400 ? headerValue(headers, 'location') : undefined;

function pageWords(reader: Reader, verified: Verified | undefined): string {
  let words = `page; reader=${reader.class}`;
  if (reader.name !== undefined) words += `; bot=${reader.name}`;
  // Only what is known for certain: nothing is said of a reader that cannot be checked.
  if (verified === 'verified' || verified === 'forged') words += `; verified=${verified}`;
  return words;
}

const because = (site: AnsweringRoom, word: string): string[] => (site.debugHeaders ? ['X-Preface', word] : []);

/** One Preface behind another is fine; one that is its own origin is not (RFC 8586 §2). */
const mostPasses = 5;

function passesOf({ headers }: EdgeRequest): number {
  const marks = headers['cdn-loop'];
  return marks === undefined ? 0 : (String(marks).match(/\bpreface\b/gi)?.length ?? 0);
}

/** Aborted when the client is gone before it was answered. */
function goneSignal(response: EdgeResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
