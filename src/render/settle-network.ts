import type { Protocol } from 'puppeteer';
import type { Pending } from './settle-judge.ts';

/** Engine.IO (Socket.IO) over HTTP: a request that is answered when the server has something to say. */
const pollTransport = /[?&]transport=polling\b.*[?&]sid=|[?&]sid=.*[?&]transport=polling\b/;

/** Kinds of requests that never keep a page from being done (settle rules, "What counts"). */
const uncounted = new Set<Protocol.Network.ResourceType>([
  'Ping',
  'CSPViolationReport',
  'Media',
  'Prefetch',
  'Preflight',
]);

const streamTypes = /^text\/event-stream|^application\/(x-ndjson|ndjson|stream\+json)/i;

export interface NetworkRules {
  /** The same request made more often than this is polling. */
  readonly repeats: number;
  /** One after the other, the same but for its numbers, more often than this: an endless list, or polling against caches. */
  readonly series: number;
  /** How long an open connection may be silent before its first message: when the page has said something, and when not. */
  readonly firstMessageMs: number;
  readonly greetingMs: number;
  /** Silence that ends a series of messages, and the most that a series may last. */
  readonly silenceMs: number;
  readonly chatterMs: number;
  /** Silence that ends it for a page that shows nothing yet. */
  readonly patienceMs: number;
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
  readonly serial: string;
  answered: boolean;
}

interface Channel {
  readonly label: string;
  readonly asked: string;
  readonly sinceMs: number;
  openedMs?: number;
  sentMs?: number;
  firstMs?: number;
  heardMs?: number;
}

/** What the browser has under way for one page: requests, WebSockets and event streams, a worker's too. */
export class NetworkAccount {
  readonly #rules: NetworkRules;
  readonly #now: () => number;
  readonly #requests = new Map<string, Request>();
  readonly #channels = new Map<string, Channel>();
  readonly #made = new Map<string, number>();
  readonly #series = new Map<string, number>();
  #version = 0;
  #progressMs = 0;
  #repeatMs = -1;
  #newsMs = 0;

  constructor(rules: NetworkRules, now: () => number) {
    this.#rules = rules;
    this.#now = now;
  }

  /** Rises with everything that happens. */
  get version(): number {
    return this.#version;
  }
  /** When something last happened that was not mere repetition. */
  get progressMs(): number {
    return this.#progressMs;
  }
  /** When a request was last answered that had not been made before. */
  get newsMs(): number {
    return this.#newsMs;
  }
  /** When a request was last made once more than counts. */
  get repeatMs(): number {
    return this.#repeatMs;
  }

  clear(): void {
    this.#requests.clear();
    this.#channels.clear();
    this.#made.clear();
    this.#series.clear();
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
    this.#version++;
  }

  requestStarted({ requestId, request, type, loaderId, frameId }: Protocol.Network.RequestWillBeSentEvent): void {
    const asked = `${request.method} ${request.url}`;
    if (type === 'EventSource') {
      this.#open(requestId, `event source ${request.url}`, asked);
      // Many servers send the head of the answer with the first event only.
      return this.channelOpened(requestId);
    }
    if (request.method === 'GET' && pollTransport.test(request.url)) {
      this.#open(requestId, `long poll ${request.url}`, asked);
      return this.channelOpened(requestId);
    }
    // A worker's script begins in the page's session and ends in the worker's; the worker itself is waited for.
    if ((type && uncounted.has(type)) || loaderId === '') return;
    // `<link rel="prefetch">` has no type of its own.
    if (type === 'Other' && request.initialPriority === 'VeryLow') return;
    const key = `${asked} ${request.postData ?? ''}`;
    const before = this.#requests.get(requestId);
    const serial = key.replace(/\d+/g, '#');
    const times = before?.times ?? this.#count(key, serial);
    const label = `${(type ?? 'request').toLowerCase()} ${request.url}`;
    this.#requests.set(requestId, {
      label,
      asked,
      sinceMs: before?.sinceMs ?? this.#now(),
      loaderId,
      frameId,
      times,
      serial,
      answered: false,
    });
    if (times > this.#rules.repeats) {
      this.#repeatMs = this.#now();
      this.#version++;
    } else this.#progress();
  }

  responseBegan({ requestId, response }: Protocol.Network.ResponseReceivedEvent): void {
    const channel = this.#channels.get(requestId);
    if (channel) return this.channelHeard(requestId);
    const request = this.#requests.get(requestId);
    if (request) request.answered = true;
    if (!request || !streamTypes.test(response.mimeType)) return;
    this.#requests.delete(requestId);
    this.#open(requestId, request.label, request.asked);
    this.channelOpened(requestId);
  }

  requestEnded(requestId: string): void {
    const request = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    const channel = this.#channels.delete(requestId);
    if (request?.times === 1) this.#newsMs = this.#now();
    if (request && request.times > this.#rules.repeats) this.#version++;
    else if (request || channel) this.#progress();
  }

  channelCreated(id: string, url: string): void {
    this.#open(id, `websocket ${url}`, '');
  }
  channelOpened(id: string): void {
    this.#note(id, (channel, now) => {
      channel.openedMs ??= now;
    });
  }
  channelSaid(id: string): void {
    this.#note(id, (channel, now) => {
      channel.sentMs = now;
    });
  }
  channelHeard(id: string): void {
    this.#note(id, (channel, now) => {
      channel.firstMs ??= now;
      channel.heardMs = now;
    });
  }

  /** Whether a request that the page has under way is in this account too; then what is said here counts. */
  knows(methodAndUrl: string): boolean {
    for (const { asked } of this.#requests.values()) if (asked === methodAndUrl) return true;
    for (const { asked } of this.#channels.values()) if (asked === methodAndUrl) return true;
    return false;
  }

  open(): Pending[] {
    const requests = [...this.#requests.values()].filter(({ times }) => times <= this.#rules.repeats);
    return [
      ...requests.map(({ label, sinceMs }): Pending => ({ kind: 'request', label, sinceMs })),
      ...[...this.#channels.values()].map((channel) => this.#waitFor(channel)),
    ];
  }

  #waitFor({ label, sinceMs, openedMs, sentMs, firstMs, heardMs }: Channel): Pending {
    if (openedMs === undefined) return { kind: 'request', label, sinceMs };
    const { firstMessageMs, greetingMs, silenceMs, chatterMs, patienceMs } = this.#rules;
    const unanswered = sentMs !== undefined && sentMs >= (heardMs ?? 0);
    const quietAt = heardMs === undefined ? openedMs + greetingMs : heardMs + silenceMs;
    const untilMs = unanswered ? Math.max(quietAt, sentMs + firstMessageMs) : quietAt;
    return {
      kind: 'channel',
      label,
      sinceMs,
      untilMs: Math.min(untilMs, (firstMs ?? openedMs) + chatterMs),
      fondUntilMs: (heardMs ?? openedMs) + patienceMs,
    };
  }

  #open(id: string, label: string, asked: string): void {
    this.#channels.set(id, { label, asked, sinceMs: this.#now() });
    this.#progress();
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

  #note(id: string, change: (channel: Channel, now: number) => void): void {
    const channel = this.#channels.get(id);
    if (!channel) return;
    change(channel, this.#now());
    this.#progress();
  }

  #progress(): void {
    this.#version++;
    this.#progressMs = this.#now();
  }
}
