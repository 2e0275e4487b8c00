import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StoredEntry } from '../cache/stored-entry.ts';
import type { Classifier, PassReason, Verdict } from '../classify/verdict.ts';
import type { Clock } from '../clock.ts';
import type { RenderFailure } from '../errors.ts';
import type { Outcome, Report } from '../events.ts';
import type { Origin } from '../origin/origin.ts';
import { verifiedClient } from '../page/client.ts';
import type { Reader, Verified } from '../page/reader.ts';
import type { PageAnswer, PageSource } from '../serve/page-source.ts';
import type { ReaderCheck } from '../verify/verifier.ts';
import { clientNetwork } from './client-network.ts';
import { requestFacts } from './request-facts.ts';
import { requestIds, traceIdOf } from './request-id.ts';
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
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly clock: Clock;
  readonly report: Report;
}

export interface Gateway {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A request that the server refused before it came here: told like any other answer. */
  refused(refusal: {
    readonly status: number;
    readonly because: string;
    readonly request: IncomingMessage | undefined;
  }): void;
}

/** Decides who answers a request: the application itself, or a page that is ready for reading. */
export function createGateway({ siteOf, clientAddress, clock, report }: GatewayParts): Gateway {
  function request(request: IncomingMessage, response: ServerResponse): void {
    const exchange = beginExchange(request, response);
    const site = siteOf(exchange.host);
    if (site === undefined) return refuse(exchange, 421, 'unknown-host', 'This host is not served here.\n');

    if (isLoop(request)) return refuse(exchange, 508, 'loop', 'This request has come by here too often.\n');

    const verdict = site.classify(requestFacts(request, exchange.target));
    exchange.reader = verdict.reader;
    exchange.wantsMarkdown = verdict.kind === 'page' && verdict.format === 'markdown';
    if (verdict.kind === 'pass') return pass(exchange, site, 'pass', verdict.because);

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
    if (exchange.response.destroyed) return tell(exchange, 'unavailable', 'client-gone', 0, 0);
    if (answer.kind === 'failed') return giveUp(exchange, site, answer.code);
    const { request, response } = exchange;
    const page = exchange.wantsMarkdown ? { ...answer, entry: site.markdownForm(answer.entry) } : answer;
    const reply = { page, now: clock.now(), addHeaders: pageHeaders(exchange, site) };
    const writing = site.writePage(request, response, reply, ({ status, bytes }) => {
      const outcome = status === 304 ? 'not-modified' : answer.from;
      tell(exchange, outcome, undefined, status, bytes, answer.rendered?.report.stages);
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
    tell(exchange, 'unavailable', code, 503, 0);
  }

  function pass(exchange: Exchange, site: SiteRoom, outcome: Outcome, reason: WhyNoPage): void {
    const { request, response, ids } = exchange;
    const word = outcome === 'shell' ? 'shell' : 'pass';
    const addHeaders = [...idHeader(exchange), ...because(site, `${word}; because=${reason}`)];
    if (site.debugHeaders) addHeaders.push('Cache-Status', 'Preface; fwd=bypass');
    const requestHeaders = ['X-Request-Id', ids.requestId, 'traceparent', ids.traceparent];
    site.origin.forward(request, response, { addHeaders, requestHeaders, varyHtml: site.vary }, (forwarded) => {
      tell(exchange, outcome, forwarded.failure ?? reason, forwarded.status, forwarded.bytes);
    });
  }

  function refuse(exchange: Exchange, status: number, reason: string, text: string): void {
    writePlain(exchange, status, text, idHeader(exchange));
    tell(exchange, 'refused', reason, status, text.length);
  }

  function pageHeaders(exchange: Exchange, site: SiteRoom): string[] {
    const { reader, verified } = exchange;
    const words = ['page', `reader=${reader.class}`];
    if (reader.name !== undefined) words.push(`bot=${reader.name}`);
    // Only what is known for certain: nothing is said of a reader that cannot be checked.
    if (verified === 'verified' || verified === 'forged') words.push(`verified=${verified}`);
    return [...idHeader(exchange), ...because(site, words.join('; '))];
  }

  function beginExchange(request: IncomingMessage, response: ServerResponse): Exchange {
    const { headers } = request;
    return {
      request,
      response,
      host: headers.host ?? '',
      target: request.url ?? '/',
      ids: requestIds(headers['x-request-id'], headers.traceparent),
      beganMs: performance.now(),
      reader: nobody,
      verified: undefined,
      wantsMarkdown: false,
    };
  }

  function tell(
    { request, host, target, ids, beganMs, reader, verified }: Told,
    outcome: Outcome,
    reason: string | undefined,
    status: number,
    bytes: number,
    stages?: { readonly queue: number; readonly total: number },
  ): void {
    report({
      type: 'answer',
      requestId: ids.requestId,
      traceId: traceIdOf(ids.traceparent),
      method: request?.method ?? '',
      host,
      target,
      status,
      reader,
      verified,
      outcome,
      because: reason,
      bytes,
      durationMs: performance.now() - beganMs,
      renderMs: stages?.total,
      queueMs: stages?.queue,
    });
  }

  return {
    request,
    upgrade(request, socket, head) {
      const site = siteOf(request.headers.host ?? '');
      if (site === undefined)
        socket.end('HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
          socket.destroy(),
        );
      else site.origin.upgrade(request, socket, head);
    },
    refused({ status, because, request }) {
      const ids = requestIds(undefined, undefined);
      const { host = '' } = request?.headers ?? {};
      const told = { request, host, target: request?.url ?? '', ids, beganMs: performance.now(), reader: nobody };
      tell({ ...told, verified: undefined }, 'refused', because, status, 0);
    },
  };
}

/** What of an exchange is told. */
type Told = Pick<Exchange, 'host' | 'target' | 'ids' | 'beganMs' | 'reader' | 'verified'> & {
  readonly request: IncomingMessage | undefined;
};

/** One request on its way through the gateway. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly host: string;
  readonly target: string;
  readonly ids: { readonly requestId: string; readonly traceparent: string };
  readonly beganMs: number;
  reader: Reader;
  verified: Verified | undefined;
  wantsMarkdown: boolean;
}

type PageVerdict = Extract<Verdict, { readonly kind: 'page' }>;

type WhyNoPage = PassReason | RenderFailure | 'forged';

const because = (site: SiteRoom, word: string): string[] => (site.debugHeaders ? ['X-Preface', word] : []);

/** One Preface behind another is fine; one that is its own origin is not (RFC 8586 §2). */
const mostPasses = 5;

function isLoop({ headers }: IncomingMessage): boolean {
  const marks = headers['cdn-loop'];
  return marks !== undefined && (String(marks).match(/\bpreface\b/gi)?.length ?? 0) >= mostPasses;
}

const nobody: Reader = { class: 'person' };

const idHeader = ({ ids }: Exchange): string[] => ['X-Request-Id', ids.requestId];

function writePlain({ response }: Exchange, status: number, text: string, headers: readonly string[]): void {
  response
    .writeHead(status, ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(text.length), ...headers])
    .end(text);
}

/** Aborted when the client is gone before it was answered. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}
