import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Classifier, PassReason, Verdict } from '../classify/verdict.ts';
import type { Clock } from '../clock.ts';
import type { RenderFailure } from '../errors.ts';
import type { Outcome, Report } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import type { Origin } from '../origin/origin.ts';
import { verifiedClient } from '../page/client.ts';
import type { Verified } from '../page/reader.ts';
import type { PageAnswer, PageSource } from '../serve/page-source.ts';
import type { ReaderCheck } from '../verify/verifier.ts';
import { clientNetwork } from './client-network.ts';
import {
  type Answered,
  answerEvent,
  beginAsked,
  beginExchange,
  type Exchange,
  idHeader,
  refusedEvent,
  type Stages,
} from './exchange.ts';
import { rawAnswer } from './plain-answers.ts';
import { requestFacts } from './request-facts.ts';
import type { PageWriter } from './respond.ts';

/** One application as the gateway sees it. */
export interface SiteRoom {
  readonly classify: Classifier;
  /** Tells whether readers are who they say; undefined where nobody asks. */
  readonly verify: ReaderCheck | undefined;
  readonly origin: Origin;
  readonly pages: PageSource;
  readonly writePage: PageWriter;
  /** The Markdown form of a stored page, for readers that ask for it. */
  readonly markdownForm: (entry: StoredEntry) => StoredEntry;
  /** The text of `/llms.txt`, where the application has none; undefined where it is not wanted. */
  readonly llmsTxt: (() => Promise<string | undefined>) | undefined;
  /** What a reader gets when its page could not be rendered. */
  readonly onFailure: 'shell' | 'unavailable';
  /** The fields by which answers to one URL differ; for `Vary` of passed-through HTML. */
  readonly vary: string;
  /** `X-Preface` on every answer. */
  readonly debugHeaders: boolean;
}

export interface GatewayParts {
  /** The application that a `Host` means, or undefined for a host that is not ours. */
  readonly siteOf: (host: string) => SiteRoom | undefined;
  /** The client's address, behind the proxies that are trusted. */
  readonly clientAddress: (request: EdgeRequest) => string;
  readonly clock: Clock;
  readonly report: Report;
}

export interface Gateway {
  request(request: EdgeRequest, response: EdgeResponse): void;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  /** A request that the server refused before it came here: told like any other answer. */
  refused(refusal: {
    readonly status: number;
    readonly because: string;
    readonly request: EdgeRequest | undefined;
  }): void;
}

/** Decides who answers a request: the application itself, or a page that is ready for reading. */
export function createGateway({ siteOf, clientAddress, clock, report }: GatewayParts): Gateway {
  function request(request: EdgeRequest, response: EdgeResponse): void {
    const exchange = beginExchange(request, response);
    const site = siteOf(exchange.host);
    if (site === undefined) return refuse(exchange, 421, 'unknown-host', 'This host is not served here.\n');

    if (isLoop(request)) return refuse(exchange, 508, 'loop', 'This request has come by here too often.\n');

    const verdict = site.classify(requestFacts(request, exchange.target));
    exchange.reader = verdict.reader;
    exchange.wantsMarkdown = verdict.kind === 'page' && verdict.format === 'markdown';
    if (verdict.kind === 'pass') {
      if (site.llmsTxt !== undefined && asksForLlmsTxt(exchange, verdict.because))
        return later(exchange, site.llmsTxt(), (text) => giveLlmsTxt(exchange, site, verdict.because, text));
      return pass(exchange, site, 'pass', verdict.because);
    }

    const { name } = verdict.reader;
    const verified = site.verify?.check({ name, address: () => clientAddress(request), message: request });
    if (verified instanceof Promise) later(exchange, verified, (late) => answerReader(exchange, site, verdict, late));
    else answerReader(exchange, site, verdict, verified);
  }

  function answerReader(
    exchange: Exchange,
    site: SiteRoom,
    { target, reader }: PageVerdict,
    verified?: Verified,
  ): void {
    exchange.verified = verified;
    if (verified === 'forged' && site.verify?.isStrict) return pass(exchange, site, 'pass', 'forged');

    const { request, response } = exchange;
    const asker = {
      client: () =>
        verified === 'verified' ? verifiedClient(reader.name ?? reader.class) : clientNetwork(clientAddress(request)),
      gone: () => goneSignal(response),
    };
    const answer = site.pages.answer(target, asker);
    if (answer instanceof Promise) later(exchange, answer, (late) => give(exchange, site, late));
    else give(exchange, site, answer);
  }

  /** What goes wrong in a later turn has no caller that could answer for it. */
  function later<T>(exchange: Exchange, promised: Promise<T>, go: (result: T) => void): void {
    promised.then(go).catch((cause: unknown) => {
      report({ type: 'error', message: 'a request could not be handled', cause });
      if (exchange.response.headersSent) exchange.response.destroy();
      else refuse(exchange, 500, 'error', 'internal error\n');
    });
  }

  function give(exchange: Exchange, site: SiteRoom, answer: PageAnswer): void {
    if (exchange.response.destroyed)
      return tell(exchange, { outcome: 'unavailable', because: 'client-gone', status: 0, bytes: 0 });
    if (answer.kind === 'failed') return giveUp(exchange, site, answer.code);
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
  function giveUp(exchange: Exchange, site: SiteRoom, code: RenderFailure): void {
    if (code === 'not-html') return pass(exchange, site, 'pass', 'not-html');
    if (site.onFailure === 'shell') return pass(exchange, site, 'shell', code);
    const headers = [
      'Retry-After',
      '30',
      'Cache-Control',
      'no-store',
      ...idHeader(exchange),
      ...because(site, `unavailable; because=${code}`),
    ];
    writePlain(exchange, 503, 'The page could not be prepared. Please try again later.\n', headers);
    tell(exchange, { outcome: 'unavailable', because: code, status: 503, bytes: 0 });
  }

  function pass(exchange: Exchange, site: SiteRoom, outcome: Outcome, reason: WhyNoPage): void {
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

  /** The site's list of pages, where its application has none. */
  function giveLlmsTxt(exchange: Exchange, site: SiteRoom, reason: PassReason, text: string | undefined): void {
    if (text === undefined) return pass(exchange, site, 'pass', reason);
    const body = Buffer.from(text);
    const fields = ['Content-Type', 'text/markdown; charset=utf-8', 'Content-Length', String(body.length)];
    fields.push(
      'Cache-Control',
      'public, max-age=600',
      ...idHeader(exchange),
      ...because(site, 'page; because=llms-txt'),
    );
    exchange.response.writeHead(200, 'OK', fields).end(body);
    tell(exchange, { outcome: 'hit', because: 'llms-txt', status: 200, bytes: body.length });
  }

  function refuse(exchange: Exchange, status: number, reason: string, text: string): void {
    writePlain(exchange, status, text, idHeader(exchange));
    tell(exchange, { outcome: 'refused', because: reason, status, bytes: text.length });
  }

  function pageHeaders(exchange: Exchange, site: SiteRoom): string[] {
    const { reader, verified } = exchange;
    const words = ['page', `reader=${reader.class}`];
    if (reader.name !== undefined) words.push(`bot=${reader.name}`);
    // Only what is known for certain: nothing is said of a reader that cannot be checked.
    if (verified === 'verified' || verified === 'forged') words.push(`verified=${verified}`);
    return [...idHeader(exchange), ...because(site, words.join('; '))];
  }

  function tell(exchange: Exchange, how: Answered, stages?: Stages): void {
    report(answerEvent(exchange, how, stages));
  }

  return {
    request,
    upgrade(request, socket, head) {
      const asked = beginAsked(request);
      const site = siteOf(asked.host);
      if (site === undefined) {
        socket.end(rawAnswer(421), () => socket.destroy());
        return report(refusedEvent(request, 421, 'unknown-host'));
      }
      const { reader } = site.classify(requestFacts(request, asked.target));
      site.origin.upgrade(request, socket, head, ({ status, bytes, failure }) =>
        report(answerEvent({ ...asked, reader }, { outcome: 'pass', because: failure ?? 'upgrade', status, bytes })),
      );
    },
    refused({ status, because, request }) {
      report(refusedEvent(request, status, because));
    },
  };
}

type PageVerdict = Extract<Verdict, { readonly kind: 'page' }>;

type WhyNoPage = PassReason | RenderFailure | 'forged';

/** Not what an own renderer asks, nor somebody who has signed in: their answer is the application's. */
function asksForLlmsTxt({ request: { method }, target }: Exchange, reason: PassReason): boolean {
  const isOrdinary = reason !== 'own-render' && reason !== 'loop' && reason !== 'credentials' && reason !== 'upgrade';
  return isOrdinary && (method === 'GET' || method === 'HEAD') && /^\/llms\.txt(?:\?|$)/.test(target);
}

const because = (site: SiteRoom, word: string): string[] => (site.debugHeaders ? ['X-Preface', word] : []);

/** One Preface behind another is fine; one that is its own origin is not (RFC 8586 §2). */
const mostPasses = 5;

function isLoop({ headers }: EdgeRequest): boolean {
  const marks = headers['cdn-loop'];
  return marks !== undefined && (String(marks).match(/\bpreface\b/gi)?.length ?? 0) >= mostPasses;
}

function writePlain({ response }: Exchange, status: number, text: string, headers: readonly string[]): void {
  response
    .writeHead(status, STATUS_CODES[status] ?? '', [
      'Content-Type',
      'text/plain; charset=utf-8',
      'Content-Length',
      String(text.length),
      ...headers,
    ])
    .end(text, 'latin1');
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
