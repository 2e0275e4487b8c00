import { Client } from 'undici';
import type { Clock } from '../clock.ts';

export interface LanesSettings {
  readonly originUrl: URL;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  /** For the whole head of an answer to come. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body; 0 is no limit. */
  readonly bodyIdleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How long a request may wait for a connection when all are in use. */
  readonly queueTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** One kept-alive connection to the origin; it carries one exchange at a time. */
export interface Lane {
  readonly client: Client;
  /** Exchanges that the present connection has carried; with more than none, the origin may be about to close it. */
  served: number;
}

/** Somebody who needs a lane. Exactly one of the two is called, or none after {@link Lanes.leave}. */
export interface LaneUser {
  run(lane: Lane): void;
  refuse(error: Error): void;
}

interface Waiting {
  readonly user: LaneUser;
  readonly stopTimer: () => void;
}

/**
 * The connections to the origin, the last used first, so that those that a busy hour has opened can close again. One exchange per connection:
 * with pipelining, a download or an event stream would hold up the requests behind it.
 */
export class Lanes {
  readonly #settings: LanesSettings;
  readonly #clock: Clock;
  readonly #idle: Lane[] = [];
  readonly #all = new Set<Lane>();
  readonly #waiting = new Map<LaneUser, Waiting>();

  constructor(settings: LanesSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Gives a lane now, or as soon as there is one. */
  take(user: LaneUser): void {
    const lane = this.#idle.pop() ?? this.#open();
    if (lane !== undefined) return user.run(lane);
    const late = () => {
      this.#waiting.delete(user);
      user.refuse(new QueueTimeout());
    };
    this.#waiting.set(user, { user, stopTimer: this.#clock.after(this.#settings.queueTimeoutMs, late) });
  }

  /** A user that waits no longer. */
  leave(user: LaneUser): void {
    this.#waiting.get(user)?.stopTimer();
    this.#waiting.delete(user);
  }

  /** A lane whose exchange has ended, well or not. */
  giveBack(lane: Lane): void {
    // Not at once: undici is still busy with the end of the last exchange.
    if (this.#waiting.size === 0) this.#idle.push(lane);
    else queueMicrotask(() => this.#passOn(lane));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.client.close()));
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#all].map((lane) => lane.client.destroy()));
  }

  #passOn(lane: Lane): void {
    const next = this.#waiting.values().next().value;
    if (next === undefined) {
      this.#idle.push(lane);
      return;
    }
    this.leave(next.user);
    next.user.run(lane);
  }

  #open(): Lane | undefined {
    const { originUrl, maxConnections, ...settings } = this.#settings;
    if (this.#all.size >= maxConnections) return undefined;
    const client = new Client(originUrl.origin, {
      allowH2: false,
      // More than one lets undici take the connection up again without waiting for the next turn of the event loop. There is never a second request.
      pipelining: 2,
      connect: { timeout: settings.connectTimeoutMs },
      headersTimeout: settings.headersTimeoutMs,
      bodyTimeout: settings.bodyIdleTimeoutMs,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      maxHeaderSize: settings.maxHeaderBytes,
    });
    const lane: Lane = { client, served: 0 };
    client.on('disconnect', () => {
      lane.served = 0;
    });
    this.#all.add(lane);
    return lane;
  }
}

class QueueTimeout extends Error {
  readonly code = 'PREFACE_QUEUE_TIMEOUT';

  constructor() {
    super('no connection to the origin became free in time');
  }
}
