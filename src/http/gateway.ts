import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Classifier, PassReason, Verdict } from '../classify/verdict.ts';
import type { Report } from '../events.ts';
import type { EdgeRequest, EdgeResponse } from '../messages.ts';
import type { Verified } from '../page/reader.ts';
import type { ReaderCheck } from '../verify/verifier.ts';
import type { AnsweringRoom, Answers } from './answers.ts';
import { answerEvent, beginAsked, type Exchange, refusedEvent } from './exchange.ts';
import { rawAnswer } from './plain-answers.ts';
import { requestFacts } from './request-facts.ts';

/** One application as the gateway sees it. */
export interface SiteRoom extends AnsweringRoom {
  readonly classify: Classifier;
  /** Tells whether readers are who they say; undefined where nobody asks. */
  readonly verify: ReaderCheck | undefined;
  /** The text of `/llms.txt`, where the application has none; undefined where it is not wanted. */
  readonly llmsTxt: (() => Promise<string | undefined>) | undefined;
}

export interface GatewayParts {
  /** The application that a `Host` means, or undefined for a host that is not ours. */
  readonly siteOf: (host: string) => SiteRoom | undefined;
  /** The client's address, behind the proxies that are trusted. */
  readonly clientAddress: (request: EdgeRequest) => string;
  readonly answers: Answers;
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
export function createGateway({ siteOf, clientAddress, answers, report }: GatewayParts): Gateway {
  function request(request: EdgeRequest, response: EdgeResponse): void {
    const exchange = answers.begin(request, response);
    const site = siteOf(exchange.host);
    if (site === undefined) return answers.refuse(exchange, 421, 'unknown-host', 'This host is not served here.\n');
    if (answers.refusesLoop(exchange)) return;

    const verdict = site.classify(requestFacts(request, exchange.target));
    exchange.reader = verdict.reader;
    exchange.wantsMarkdown = verdict.kind === 'page' && verdict.format === 'markdown';
    if (verdict.kind === 'pass') return answerOthers(exchange, site, verdict.because);

    const { name } = verdict.reader;
    const verified = site.verify?.check({ name, address: () => clientAddress(request), message: request });
    if (verified instanceof Promise)
      answers.later(exchange, verified, (late) => answerReader(exchange, site, verdict, late));
    else answerReader(exchange, site, verdict, verified);
  }

  function answerReader(exchange: Exchange, site: SiteRoom, { target }: PageVerdict, verified?: Verified): void {
    exchange.verified = verified;
    if (verified === 'forged' && site.verify?.isStrict) answers.pass(exchange, site, 'pass', 'forged');
    else answers.page(exchange, site, target);
  }

  /** The application answers, but for its list of pages where it has none. */
  function answerOthers(exchange: Exchange, site: SiteRoom, reason: PassReason): void {
    if (site.llmsTxt === undefined || !asksForLlmsTxt(exchange, reason))
      return answers.pass(exchange, site, 'pass', reason);
    answers.later(exchange, site.llmsTxt(), (text) => {
      if (text === undefined) answers.pass(exchange, site, 'pass', reason);
      else answers.llmsTxt(exchange, site, text);
    });
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

/** Not what an own renderer asks, nor somebody who has signed in: their answer is the application's. */
function asksForLlmsTxt({ request: { method }, target }: Exchange, reason: PassReason): boolean {
  const isOrdinary = reason !== 'own-render' && reason !== 'loop' && reason !== 'credentials' && reason !== 'upgrade';
  return isOrdinary && (method === 'GET' || method === 'HEAD') && /^\/llms\.txt(?:\?|$)/.test(target);
}
