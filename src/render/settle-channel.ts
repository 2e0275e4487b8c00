import type { Pending } from './settle-judge.ts';

export interface ChannelRules {
  /** How long an open connection may be silent before its first message: when the page has said something, and when not. */
  readonly firstMessageMs: number;
  readonly greetingMs: number;
  /** Silence that ends a series of messages, and the most that a series may last. */
  readonly silenceMs: number;
  readonly chatterMs: number;
  /** Silence that ends it for a page that shows nothing yet. */
  readonly patienceMs: number;
}

/**
 * A connection that stays open: a WebSocket, an event stream, a long poll. It is waited for until its first message, and then
 * until it falls silent: one message is seldom the end.
 */
export class Channel {
  readonly label: string;
  /** Method and URL of the request that opened it. */
  readonly asked: string;
  readonly #rules: ChannelRules;
  readonly #sinceMs: number;
  #openedMs: number | undefined;
  #saidMs: number | undefined;
  #heardMs: number | undefined;
  #firstMs: number | undefined;

  /** `firstMs`: when a connection to the same place was first heard. */
  constructor(label: string, asked: string, rules: ChannelRules, nowMs: number, firstMs: number | undefined) {
    this.label = label;
    this.asked = asked;
    this.#rules = rules;
    this.#sinceMs = nowMs;
    this.#firstMs = firstMs;
  }

  opened(nowMs: number): void {
    this.#openedMs ??= nowMs;
  }
  said(nowMs: number): void {
    this.#saidMs = nowMs;
  }
  heard(nowMs: number): void {
    this.#openedMs ??= nowMs;
    this.#firstMs ??= nowMs;
    this.#heardMs = nowMs;
  }

  get firstMs(): number | undefined {
    return this.#firstMs;
  }

  /** It goes on and on: what it says is no news any more. */
  isEndless(nowMs: number): boolean {
    return this.#firstMs !== undefined && nowMs > this.#firstMs + this.#rules.chatterMs;
  }

  pending(): Pending {
    const { label } = this;
    const sinceMs = this.#sinceMs;
    const openedMs = this.#openedMs;
    if (openedMs === undefined) return { kind: 'request', label, sinceMs };
    const { firstMessageMs, greetingMs, silenceMs, chatterMs, patienceMs } = this.#rules;
    const saidMs = this.#saidMs;
    const heardMs = this.#heardMs;
    const quietMs = heardMs === undefined ? openedMs + greetingMs : heardMs + silenceMs;
    const owesAnswer = saidMs !== undefined && saidMs >= (heardMs ?? 0);
    const untilMs = owesAnswer ? Math.max(quietMs, saidMs + firstMessageMs) : quietMs;
    const endMs = (this.#firstMs ?? openedMs) + chatterMs;
    const fondUntilMs = Math.min((heardMs ?? openedMs) + patienceMs, endMs + patienceMs);
    return { kind: 'channel', label, sinceMs, untilMs: Math.min(untilMs, endMs), fondUntilMs };
  }
}
