import type { Clock } from '../clock.ts';
import type { AnswerHead } from './answer-head.ts';
import type { AnswerFields, AnswerTaker, Asking, ClientRequest, OriginClient } from './client.ts';
import type { ConnectionUser, OriginConnection } from './connection.ts';
import { ConnectionPool, type PoolUser } from './connection-pool.ts';
import { isBrokenConnection } from './failure.ts';

export interface ClientSettings {
  /** Without TLS. */
  readonly originUrl: URL;
  readonly connectMs: number;
  /** From the request to the head of its answer. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
}

const maxConnections = 256;
/** Many servers give up an idle connection after five. */
const keepAliveMs = 4_000;
const maxHeaderBytes = 64 * 1024;

/** Asks over connections of the kind that people's requests take (decisions/0007-origin-client.md), but not over theirs. */
export function createPooledClient(
  { originUrl, connectMs, headersMs, idleMs }: ClientSettings,
  clock: Clock,
): OriginClient {
  const settings = {
    originUrl,
    serverName: undefined,
    maxConnections,
    maxHeaderBytes,
    connectTimeoutMs: connectMs,
    headersTimeoutMs: headersMs,
    bodyIdleTimeoutMs: idleMs,
    keepAliveTimeoutMs: keepAliveMs,
    queueTimeoutMs: headersMs,
  };
  const pool = new ConnectionPool(settings, clock);
  return {
    ask(request, taker) {
      const question = new Question(pool, request, taker);
      question.start();
      return question;
    },
    get isUnused() {
      return pool.isEmpty;
    },
    close() {
      void pool.close();
      pool.destroy();
    },
  };
}

class Question implements Asking, PoolUser, ConnectionUser {
  readonly #pool: ConnectionPool;
  readonly #request: ClientRequest;
  readonly #taker: AnswerTaker;
  #connection: OriginConnection | undefined;
  #isOver = false;

  constructor(pool: ConnectionPool, request: ClientRequest, taker: AnswerTaker) {
    this.#pool = pool;
    this.#request = request;
    this.#taker = taker;
  }

  start(): void {
    const { method } = this.#request;
    // What may not be sent twice waits for the end of the turn: a connection that the origin has closed meanwhile is then known as closed.
    if (method === 'GET' || method === 'HEAD') this.#pool.take(this);
    else setImmediate(() => this.#isOver || this.#pool.take(this));
  }

  run(connection: OriginConnection): void {
    const { method, path, fields, body } = this.#request;
    this.#connection = connection;
    try {
      const framed = body === null ? fields : sized(fields, body);
      connection.send({ method, path, fields: framed, body: body === null ? 'none' : 'sized' }, this);
    } catch (error) {
      this.#connection = undefined;
      connection.destroy();
      return this.#later(error as Error);
    }
    if (body === null) return;
    connection.write(body);
    connection.endBody();
  }

  refuse(error: Error): void {
    this.#later(error);
  }

  onHead({ status, reason, names, fields }: AnswerHead): void {
    if (status >= 200) this.#taker.onHead(status, reason, fieldsByName(names, fields));
  }

  onBody(chunk: Buffer): void {
    if (!this.#isOver) this.#taker.onBody(Buffer.from(chunk));
  }

  onEnd(): void {
    if (this.#finish()) this.#taker.onEnd();
  }

  onDrain(): void {}

  onError(error: Error): void {
    if (this.#finish()) this.#taker.onError(error, isBrokenConnection(error));
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    const connection = this.#connection;
    if (!this.#finish()) return;
    this.#pool.leave(this);
    connection?.destroy();
  }

  /** Whoever has asked does not have the answer to its call yet. */
  #later(error: Error): void {
    process.nextTick(() => this.onError(error));
  }

  /** The connection may be somebody else's from now on. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#connection = undefined;
    return true;
  }
}

function sized(fields: readonly string[], body: Buffer): readonly string[] {
  const isSized = fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length');
  return isSized ? fields : [...fields, 'Content-Length', String(body.byteLength)];
}

function fieldsByName(names: readonly string[], lines: readonly string[]): AnswerFields {
  const fields: Record<string, string | string[]> = {};
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] ?? '';
    const value = lines[at * 2 + 1] ?? '';
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (Array.isArray(before)) before.push(value);
    // `constructor`, `toString`, …: what an object has by itself is no value.
    else if (typeof before === 'string') fields[name] = [before, value];
    else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return fields;
}
