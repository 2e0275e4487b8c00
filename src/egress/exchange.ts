import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpClient } from '../origin/client.ts';
import { hasBody } from '../page/body-framing.ts';
import { type CacheUse, cacheUse } from './asset-cache.ts';
import type { AssetShelf, Renewal } from './asset-shelf.ts';
import { headHashOf } from './document-head.ts';
import { upstreamFields } from './fields.ts';
import type { WayOut } from './gatekeeper.ts';
import { holdsRedirect } from './held-redirect.ts';
import type { ResponseFields } from './http-freshness.ts';
import { type ServedVersions, validatorsOf } from './inputs.ts';
import { answerLeftOut, type LeftOutParts } from './left-out.ts';
import type { RefusalReason } from './policy.ts';
import { Relay, type RelayedAnswer } from './relay.ts';
import { readBody, repeatableBody } from './request-body.ts';
import { type RequestKind, requestKind } from './request-kind.ts';
import { isOfSite, type PolicyOf, type SitePolicy, scopeOf } from './site-policy.ts';
import { declineSpeculation, isSpeculative } from './stand-ins.ts';
import type { Exchange, InputFacts, Traffic } from './traffic.ts';
import { failAsUnreachable } from './unreachable.ts';

export interface ExchangeParts extends LeftOutParts {
  readonly policyOf: PolicyOf;
  readonly shelf: AssetShelf;
}

/** A request as it came out of the proxy protocol. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Path and query, byte for byte. */
  readonly target: string;
}

interface Sent {
  readonly headers: string[];
  /** The browser's own question, without what we asked about our copy. */
  readonly plainHeaders: string[];
  readonly body: Buffer | null;
  /** The stored asset that was asked about. */
  readonly renews: Renewal | undefined;
  /** It may be asked once more if its connection is lost. */
  readonly mayRepeat: boolean;
}

/** One request of one render, from Chromium to wherever it may go, and back. Nothing escapes: whatever goes wrong, the request fails. */
export class HttpExchange {
  readonly #parts: ExchangeParts;
  readonly #traffic: Traffic;
  readonly #served: ServedVersions;
  readonly #asked: Asked;
  readonly #kind: RequestKind;
  readonly #policy: SitePolicy;
  readonly #href: string;
  readonly #books: Exchange;
  readonly #use: CacheUse | undefined;
  #relay: Relay | undefined;
  #question: Pick<InputFacts, 'requestHash' | 'requestBody' | 'requestType'> = {};

  constructor(parts: ExchangeParts, traffic: Traffic, served: ServedVersions, asked: Asked) {
    const { request, url, target } = asked;
    this.#parts = parts;
    this.#traffic = traffic;
    this.#served = served;
    this.#asked = asked;
    this.#kind = requestKind(request.headers, target);
    const { site, sharesAssets } = traffic.rules;
    this.#policy = parts.policyOf(site);
    this.#href = url.href;
    this.#use =
      sharesAssets === false
        ? undefined
        : cacheUse(scopeOf(url, site, this.#policy), request.method ?? 'GET', this.#href, request.headers);
    this.#books = traffic.start({
      method: request.method ?? 'GET',
      url: this.#href,
      host: url.host,
      type: this.#kind,
      waitedFor: true,
      cut: () => {
        this.#relay?.stop();
        request.socket.destroy();
      },
    });
  }

  async run(): Promise<void> {
    const { request, response, url } = this.#asked;
    response.on('close', () => {
      this.#relay?.stop();
      this.#books.finishCut();
    });
    try {
      const over = this.#traffic.admit();
      if (over !== undefined) return this.#refuse(over);
      const { site } = this.#traffic.rules;
      if (isSpeculative(request)) {
        return this.#books.finish({ status: declineSpeculation(response), verdict: 'blocked' });
      }
      if (this.#policy.blocked(url, this.#kind, isOfSite(url, site)) !== undefined) {
        const { patience, rules } = this.#traffic;
        const isShared = rules.sharesAssets !== false;
        const leftOut = { ...this.#asked, kind: this.#kind, site, isShared, patience };
        const status = await answerLeftOut(this.#parts, leftOut);
        return this.#books.finish({ status, verdict: 'blocked' });
      }
      if (this.#answerFromShelf()) return;

      const way = this.#parts.wayOut(url, site);
      await this.#go(way instanceof Promise ? await way : way);
    } catch {
      this.#fail(response.headersSent);
    }
  }

  #answerFromShelf(): boolean {
    const { request, response } = this.#asked;
    const served = this.#use && this.#parts.shelf.answerFresh(this.#use, request, response);
    if (served === undefined) return false;
    this.#finishFromShelf(served);
    return true;
  }

  #finishFromShelf({ status, bytes, bodyHash, fields }: ReturnType<AssetShelf['answer']>): void {
    this.#books.spend(bytes);
    const facts = { bodyHash, ...validatorsOf(fields) };
    this.#served.remember(this.#href, { status: 200, ...facts });
    this.#books.finish({ status, verdict: 'cached', ...facts });
  }

  async #go(way: WayOut): Promise<void> {
    if (way.kind === 'refuse') return this.#refuse(way.because);
    const { request, response } = this.#asked;
    let body: Buffer | null = null;
    if (hasBody(request.headers)) {
      const read = await readBody(request);
      if (read === undefined) return this.#refuse('malformed');
      body = read;
      this.#question = {
        requestHash: hash('sha256', body, 'base64url'),
        ...(way.kind === 'site' && repeatableBody(request, body)),
      };
    }
    if (response.destroyed || response.closed) return;

    const { clients, shelf } = this.#parts;
    const client =
      way.kind === 'site' ? clients.toSite(way.originUrl) : clients.toAddresses(this.#asked.url, way.addresses);
    // Only our own question can be answered from the shelf; the browser's own 304 is the browser's.
    const renews = this.#use && shelf.renewal(this.#use);
    const { rawHeaders } = request;
    const question = { rawHeaders, host: way.host, ...(way.kind === 'site' ? { site: way.mark } : {}) };
    const plainHeaders = upstreamFields(question);
    const headers =
      renews === undefined ? plainHeaders : upstreamFields({ ...question, validators: renews.validators });
    this.#send(client, { headers, plainHeaders, body, renews, mayRepeat: isRepeatable(request.method) });
  }

  #send(client: HttpClient, sent: Sent): void {
    const { request, response, url, target } = this.#asked;
    const { shelf } = this.#parts;
    const use = this.#use;
    const { headers, body, mayRepeat } = sent;
    const relay = new Relay({
      response,
      exchange: this.#books,
      kind: this.#kind,
      isHead: request.method === 'HEAD',
      holdsRedirect: holdsRedirect(this.#kind, url, this.#traffic.rules.documentUrl),
      notModified: (fields) => this.#takeNotModified(fields, client, sent),
      keeps: (status, fields) => (use === undefined ? 0 : shelf.keeps(this.#kind, request, status, fields)),
      done: (answer) => this.#done(answer),
      failed: (begun, wasLost) => {
        // A kept-alive connection may have been closed while the request was on its way.
        if (mayRepeat && !begun && wasLost) this.#send(client, { ...sent, mayRepeat: false });
        else this.#fail(begun);
      },
    });
    this.#relay = relay;
    relay.takeFrom(client.ask({ method: request.method ?? 'GET', path: target, fields: headers, body }, relay));
  }

  /** A 304 to a browser that holds nothing would be an empty body: false only where the browser itself asked for it. */
  #takeNotModified(fields: ResponseFields, client: HttpClient, sent: Sent): boolean {
    const { request, response } = this.#asked;
    const { renews, plainHeaders } = sent;
    if (renews === undefined) {
      if (isConditional(request)) return false;
      this.#fail(false);
      return true;
    }
    const served = this.#parts.shelf.answerRenewed(renews, fields, request, response);
    if (served !== undefined) this.#finishFromShelf(served);
    else this.#send(client, { ...sent, headers: plainHeaders, renews: undefined });
    return true;
  }

  #done({ status, fields, validators, bodyHash, body }: RelayedAnswer): void {
    const { request } = this.#asked;
    const hashes = {
      ...(bodyHash !== undefined && { bodyHash }),
      ...(this.#kind === 'document' && { headHash: headHashOf(fields) }),
    };
    const known = status === 304 ? this.#served.hashesFor(this.#href, validators) : hashes;
    const facts = { ...validators, ...known };
    if (status === 200 && request.method === 'GET') this.#served.remember(this.#href, { status, ...facts });
    if (body !== undefined && bodyHash !== undefined && this.#use !== undefined) {
      this.#parts.shelf.put(this.#use, this.#kind, request, { status, fields, body, bodyHash });
    }
    this.#books.finish({ status, verdict: 'allowed', ...facts, ...this.#question });
  }

  #refuse(because: RefusalReason): void {
    this.#books.finish({ status: 0, verdict: 'refused', because });
    failAsUnreachable(this.#asked.request, because);
  }

  #fail(begun: boolean): void {
    const because = this.#books.bytesLeft() < 0 ? 'byte-limit' : 'unreachable';
    this.#books.finish({ status: 0, verdict: 'failed', because });
    if (begun) this.#asked.request.socket.destroy();
    else failAsUnreachable(this.#asked.request, 'failed');
  }
}

const isConditional = ({ headers }: IncomingMessage) =>
  headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;

const isRepeatable = (method: string | undefined) => method === 'GET' || method === 'HEAD';
