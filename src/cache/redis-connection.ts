import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import { connectTimeoutMs, heartbeatMs, loadClient, openClient } from './redis-client.ts';
import { type Scanned, scanPart, serversOf, sizeOf } from './redis-servers.ts';
import { parseRedisUrl } from './redis-url.ts';

export type RedisArgument = string | number | Buffer;
export type RedisReply = Buffer | number | null | readonly RedisReply[];

export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

export interface RedisConnection {
  /** Rejects at once while there is no connection: nobody waits for one. */
  send(command: string, ...args: RedisArgument[]): Promise<RedisReply>;
  /** Runs a script as one step. In a cluster all keys must have the same hash tag. */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply>;
  /** Some of the names that fit a pattern, about `count`; all of them, one part after the other. The cursor is undefined at the end. */
  scan(cursor: string | undefined, pattern: string, count: number): Promise<Scanned>;
  publish(message: string): Promise<void>;
  onMessage(listener: (message: string) => void): void;
  /** Called whenever messages begin to arrive (again), at once when they do already: those before were missed. */
  onSubscribed(listener: () => void): void;
  /** Keys of the database and the memory of the server, as of the last heartbeat. */
  size(): { readonly entries: number; readonly bytes: number };
  close(): Promise<void>;
}

export interface RedisConnectionParts {
  readonly url: string;
  /** Where messages go; each database has its own. */
  readonly channel: string;
  readonly clock: Clock;
  readonly report: Report;
}

const closeTimeoutMs = 500;

/** Resolves whether the server is there or not: a Redis that is down when Preface starts is as one that goes down later. */
export async function connectRedis({ url, channel, clock, report }: RedisConnectionParts): Promise<RedisConnection> {
  const place = parseRedisUrl(url);
  const ioredis = await loadClient();
  // Databases of one server share its channels.
  const topic = `${channel}:${place.database}`;
  const commands = openClient(ioredis, place);
  // A connection that listens can do nothing else (in RESP2), and a large page must not hold up a purge.
  const subscriber = openClient(ioredis, place);
  const messageListeners: ((message: string) => void)[] = [];
  const subscribedListeners: (() => void)[] = [];
  let size = { entries: 0, bytes: 0 };
  let isClosed = false;
  let isDown = false;
  let isListening = false;

  function down(cause: unknown): void {
    if (isDown || isClosed) return;
    isDown = true;
    report({ type: 'cache.failed', tier: 'redis', operation: 'connect', message: messageOf(cause) });
  }

  async function send(command: string, ...args: RedisArgument[]): Promise<RedisReply> {
    return (await commands.callBuffer(command, ...args)) as RedisReply;
  }

  async function subscribe(): Promise<void> {
    try {
      await subscriber.subscribe(topic);
      isListening = true;
      for (const listener of subscribedListeners) listener();
    } catch (cause) {
      down(cause);
    }
  }

  async function beat(): Promise<void> {
    try {
      size = await sizeOf(serversOf(commands));
      if (place.kind !== 'cluster') await subscriber.ping();
    } catch (cause) {
      down(cause);
      // Half-open connections do not end by themselves. A cluster sees to its nodes.
      for (const client of [commands, subscriber])
        if (place.kind !== 'cluster' && client.status === 'ready') client.disconnect(true);
    }
    if (!isClosed) stopHeart = clock.after(heartbeatMs, () => void beat());
  }
  let stopHeart = clock.after(heartbeatMs, () => void beat());

  commands.on('ready', () => {
    isDown = false;
  });
  commands.on('error', down);
  subscriber.on('error', down);
  subscriber.on('ready', () => void subscribe());
  subscriber.on('close', () => {
    isListening = false;
  });
  subscriber.on('message', (_, message: string) => {
    for (const listener of messageListeners) listener(message);
  });
  const connecting = [commands, subscriber].map((client) => client.connect().catch(down));
  // A replica that begins before it has its Redis would render what is there already.
  await atMost(connectTimeoutMs, Promise.all(connecting), clock);

  return {
    send,
    async run({ sha1, lua }, keys, args) {
      try {
        return await send('EVALSHA', sha1, keys.length, ...keys, ...args);
      } catch (cause) {
        if (!messageOf(cause).startsWith('NOSCRIPT')) throw cause;
        return send('EVAL', lua, keys.length, ...keys, ...args);
      }
    },
    scan: (cursor, pattern, count) => scanPart(serversOf(commands), cursor, pattern, count),
    async publish(message) {
      await commands.publish(topic, message);
    },
    onMessage: (listener) => void messageListeners.push(listener),
    onSubscribed(listener) {
      subscribedListeners.push(listener);
      if (isListening) listener();
    },
    size: () => size,
    async close() {
      isClosed = true;
      stopHeart();
      subscriber.disconnect();
      // Writes under way get their time, but a server that does not answer gets none.
      await atMost(closeTimeoutMs, commands.quit(), clock);
      commands.disconnect();
    },
  };
}

/** Waits for `done`, well or badly, but no longer than `ms`. */
function atMost(ms: number, done: Promise<unknown>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    done.then(end, end);
  });
}
