import type { Protocol } from 'puppeteer';
import { Channel, type ChannelRules } from './settle-channel.ts';
import type { Pending } from './settle-judge.ts';

/** Kinds of requests that never keep a page from being done. */
const uncounted = new Set<Protocol.Network.ResourceType>([
  'Ping',
  'CSPViolationReport',
  'Media',
  'Prefetch',
  'Preflight',
]);

const streamTypes = /^text\/event-stream|^application\/(x-ndjson|ndjson|stream\+json)/i;

/** Engine.IO (Socket.IO) over HTTP: a request that is answered when the server has something to say. */
const pollTransport = /[?&]transport=polling\b.*[?&]sid=|[?&]sid=.*[?&]transport=polling\b/;

export interface NetworkRules extends ChannelRules {
  /** The same request made more often than this is polling. */
  readonly repeats: number;
  /** One after the other, the same but for its numbers, more often than this: an endless list, or polling against caches. */
  readonly series: number;
}

interface Request {
  readonly label: string;
  /** Method and URL. */
  readonly asked: string;
  readonly sinceMs: number;
  readonly loaderId: string;
  readonly frameId: string | undefined;
  /** How often it has been made by now. */
  readonly times: number;
  /** All that makes it differ but numbers. */
  readonly serial: string;
  answered: boolean;
}

/** What the browser has under way for one page: requests, WebSockets and event streams, a worker's too. */
export class NetworkAccount {
  #rules: NetworkRules;
  readonly #now: () => number;
  readonly #requests = new Map<string, Request>();
  readonly #channels = new Map<string, Channel>();
  readonly #made = new Map<string, number>();
  readonly #series = new Map<string, number>();
  /** When a channel to a place was first heard, over all channels to it. */
  readonly #firstHeard = new Map<string, number>();
  #version = 0;
  #progressMs = 0;
  #repeatMs = -1;
  #newsMs = 0;

  constructor(rules: NetworkRules, now: () => number) {
    this.#rules = rules;
    this.#now = now;
  }

  /** Rises with everything that happens, mere repetition left out. */
  get version(): number {
    return this.#version;
  }
  /** When it last rose. */
  get progressMs(): number {
    return this.#progressMs;
  }
  /** When a request was last answered that had not been made before. */
  get newsMs(): number {
    return this.#newsMs;
  }
  /** The last thing that happened was a request made once more than counts. */
  get repeating(): boolean {
    return this.#repeatMs >= this.#progressMs;
  }

  /** A new account, by rules that may be others than before. */
  begin(rules: NetworkRules): void {
    this.#rules = rules;
    for (const account of [this.#requests, this.#channels, this.#made, this.#series, this.#firstHeard]) account.clear();
    this.#repeatMs = -1;
    this.#newsMs = this.#now();
    this.#progress();
  }

  /** A new document has taken the place of the old one: what the old one had asked for is nobody's business any more. */
  keepOnly(loaderId: string): void {
    for (const [id, request] of this.#requests) if (request.loaderId !== loaderId) this.#requests.delete(id);
    this.#channels.clear();
    this.#progress();
  }

  /** A frame went on in another process; its requests end where nobody hears of it. */
  frameGone(frameId: string): void {
    for (const [id, request] of this.#requests) if (request.frameId === frameId) this.#requests.delete(id);
    this.#progress();
  }

  requestStarted({ requestId, request, type, loaderId, frameId }: Protocol.Network.RequestWillBeSentEvent): void {
    const { method, url } = request;
    const asked = `${method} ${url}`;
    // Many servers send the head of an event stream with the first event only, so it counts as open at once.
    if (type === 'EventSource') return this.#openNow(requestId, `event source ${url}`, asked);
    if (method === 'GET' && pollTransport.test(url)) return this.#openNow(requestId, `long poll ${url}`, asked);
    // A worker's script begins in the page's session and ends in the worker's; the worker itself is waited for.
    if ((type && uncounted.has(type)) || loaderId === '') return;
    // `<link rel="prefetch">` has no type of its own.
    if (type === 'Other' && request.initialPriority === 'VeryLow') return;

    const before = this.#requests.get(requestId);
    const key = `${asked} ${request.postData ?? ''}`;
    const serial = key.replace(/\d+/g, '#');
    const times = before?.times ?? this.#count(key, serial);
    const label = `${(type ?? 'request').toLowerCase()} ${url}`;
    const sinceMs = before?.sinceMs ?? this.#now();
    this.#requests.set(requestId, { label, asked, sinceMs, loaderId, frameId, times, serial, answered: false });
    if (times > this.#rules.repeats) this.#repeatMs = this.#now();
    else this.#progress();
  }

  responseBegan({ requestId, response }: Protocol.Network.ResponseReceivedEvent): void {
    if (this.#channels.has(requestId)) return this.channelHeard(requestId);
    const request = this.#requests.get(requestId);
    if (!request) return;
    request.answered = true;
    if (!streamTypes.test(response.mimeType)) return;
    this.#requests.delete(requestId);
    this.#openNow(requestId, request.label, request.asked);
  }

  requestEnded(requestId: string): void {
    const request = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    const channel = this.#channels.get(requestId);
    this.#channels.delete(requestId);
    if (request?.times === 1) this.#newsMs = this.#now();
    if (request && request.times <= this.#rules.repeats) this.#progress();
    if (channel && !channel.isEndless(this.#now())) this.#progress();
  }

  channelCreated(id: string, url: string): void {
    this.#open(id, `websocket ${url}`, url);
  }
  channelOpened(id: string): void {
    this.#note(id, (channel, now) => channel.opened(now));
  }
  channelSaid(id: string): void {
    this.#note(id, (channel, now) => channel.said(now));
  }
  channelHeard(id: string): void {
    this.#note(id, (channel, now) => {
      channel.heard(now);
      this.#firstHeard.set(placeOf(channel.asked), channel.firstMs ?? now);
    });
  }

  /** Whether a request that the page has under way is in this account too; then what is said here counts. */
  knows(methodAndUrl: string): boolean {
    for (const { asked } of this.#requests.values()) if (asked === methodAndUrl) return true;
    for (const { asked } of this.#channels.values()) if (asked === methodAndUrl) return true;
    return false;
  }

  /** `unread`: requests (method and URL) that the page has the answer of, and whose body it has not asked for. */
  open(unread: readonly string[] = []): Pending[] {
    const requests = [...this.#requests.values()].filter(
      ({ asked, answered, times }) => times <= this.#rules.repeats && !(answered && unread.includes(asked)),
    );
    return [
      ...requests.map(({ label, sinceMs }): Pending => ({ kind: 'request', label, sinceMs })),
      ...[...this.#channels.values()].map((channel) => channel.pending()),
    ];
  }

  #open(id: string, label: string, asked: string): void {
    const firstMs = this.#firstHeard.get(placeOf(asked));
    this.#channels.set(id, new Channel(label, asked, this.#rules, this.#now(), firstMs));
    this.#note(id, () => {});
  }

  #openNow(id: string, label: string, asked: string): void {
    this.#open(id, label, asked);
    this.channelOpened(id);
  }

  #note(id: string, change: (channel: Channel, now: number) => void): void {
    const channel = this.#channels.get(id);
    if (!channel) return;
    change(channel, this.#now());
    if (!channel.isEndless(this.#now())) this.#progress();
  }

  /** How often a request has been made, the one in hand included; past all counting when its series is too long. */
  #count(key: string, serial: string): number {
    const times = (this.#made.get(key) ?? 0) + 1;
    this.#made.set(key, times);
    // Those that are asked for together are a list, not a series.
    for (const other of this.#requests.values()) if (other.serial === serial && !other.answered) return times;
    const links = (this.#series.get(serial) ?? 0) + 1;
    this.#series.set(serial, links);
    return links > this.#rules.series ? Number.POSITIVE_INFINITY : times;
  }

  #progress(): void {
    this.#version++;
    this.#progressMs = this.#now();
  }
}

const placeOf = (asked: string) => asked.split('?', 1)[0] ?? asked;
