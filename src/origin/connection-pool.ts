import type { Clock } from '../clock.ts';
import { type ConnectionOwner, type ConnectionSettings, OriginConnection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';

export interface PoolSettings extends ConnectionSettings {
  readonly maxConnections: number;
  /** How long a request may wait for a connection when all are in use. */
  readonly queueTimeoutMs: number;
}

/** Somebody who needs a connection. Exactly one of the two is called, or none after {@link ConnectionPool.leave}. */
export interface PoolUser {
  run(connection: OriginConnection): void;
  refuse(error: Error): void;
}

/**
 * The connections to the origin; the last used is the first to be used again, so that those which a busy hour has opened can close. One exchange
 * per connection: with pipelining, a download or an event stream would hold up the requests behind it.
 */
export class ConnectionPool implements ConnectionOwner {
  readonly #settings: PoolSettings;
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #idle: OriginConnection[] = [];
  readonly #all = new Set<OriginConnection>();
  /** Who waits, with what stops the clock for it. */
  readonly #waiting = new Map<PoolUser, () => void>();
  #isTicking = false;
  #closed: (() => void) | undefined;

  constructor(settings: PoolSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#tickMs = tickFor(settings);
  }

  /** No connection is open, and nobody waits for one. */
  get isEmpty(): boolean {
    return this.#all.size + this.#waiting.size === 0;
  }

  /** Gives a connection now, or as soon as there is one. */
  take(user: PoolUser): void {
    if (this.#closed !== undefined) return user.refuse(closed());
    const connection = this.#next();
    if (connection !== undefined) return user.run(connection);
    const late = () => {
      this.#waiting.delete(user);
      user.refuse(new ConnectionError('PREFACE_QUEUE_TIMEOUT', 'no connection to the origin became free in time'));
    };
    this.#waiting.set(user, this.#clock.after(this.#settings.queueTimeoutMs, late));
  }

  /** A user that waits no longer. */
  leave(user: PoolUser): void {
    const stopClock = this.#waiting.get(user);
    if (stopClock === undefined) return;
    stopClock();
    this.#waiting.delete(user);
  }

  onIdle(connection: OriginConnection): void {
    if (this.#closed !== undefined) connection.destroy();
    else this.#idle.push(connection);
    this.#serveNext();
  }

  onGone(connection: OriginConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#all.size === 0) this.#closed?.();
    this.#serveNext();
  }

  /** Ends idle connections; resolves when those in use have ended. Requests that wait, or come later, are refused. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve;
      for (const user of [...this.#waiting.keys()]) {
        this.leave(user);
        user.refuse(closed());
      }
      for (const connection of [...this.#idle]) connection.destroy();
      if (this.#all.size === 0) resolve();
    });
  }

  destroy(): void {
    this.#closed ??= () => {};
    for (const connection of this.#all) connection.destroy();
  }

  #serveNext(): void {
    // Not at once: whoever tells of a free connection is still busy with it.
    if (this.#waiting.size > 0) queueMicrotask(() => this.#serve());
  }

  #serve(): void {
    const next = this.#waiting.keys().next().value;
    const connection = next === undefined ? undefined : this.#next();
    if (next === undefined || connection === undefined) return;
    this.leave(next);
    next.run(connection);
  }

  #next(): OriginConnection | undefined {
    // One that is ending stays in the list until it has ended.
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.isUsable) return idle;
    return this.#open();
  }

  #open(): OriginConnection | undefined {
    if (this.#all.size >= this.#settings.maxConnections) return undefined;
    const connection = new OriginConnection(this.#settings, this);
    this.#all.add(connection);
    if (!this.#isTicking) this.#tickLater();
    return connection;
  }

  /** All connections share one clock: it costs a request nothing. */
  #tickLater(): void {
    this.#isTicking = true;
    this.#clock.after(this.#tickMs, () => {
      for (const connection of this.#all) connection.tick(this.#tickMs);
      if (this.#all.size > 0) this.#tickLater();
      else this.#isTicking = false;
    });
  }
}

const closed = (): Error => new ConnectionError('PREFACE_ORIGIN_CLOSED', 'no more requests go to this origin');

/** Fine enough for the shortest limit to be kept within a quarter, and never finer than that needs. */
function tickFor({ connectTimeoutMs, headersTimeoutMs, bodyIdleTimeoutMs, keepAliveTimeoutMs }: PoolSettings): number {
  const limits = [connectTimeoutMs, headersTimeoutMs, bodyIdleTimeoutMs, keepAliveTimeoutMs].filter((ms) => ms > 0);
  return Math.max(5, Math.min(1_000, ...limits.map((ms) => ms / 4)));
}
