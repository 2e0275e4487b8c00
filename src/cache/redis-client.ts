import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { ConfigError } from '../errors.ts';
import type { RedisPlace } from './redis-url.ts';

/** A connection whose peer has gone without a word is noticed by then. */
export const heartbeatMs = 10_000;
export const connectTimeoutMs = 3_000;
/** Only so that nothing waits for ever: who asks has limits of its own. */
const commandTimeoutMs = 10_000;

type Client = Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>;

/** The package is optional: without it, `cache.redisUrl` is a wrong setting. */
export async function loadClient(): Promise<Client> {
  try {
    const { Redis, Cluster } = await import('ioredis');
    return { Redis, Cluster };
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new ConfigError(['cache.redisUrl needs the package ioredis, which is not installed: npm install ioredis']);
  }
}

/** A client that is not yet connected. */
export function openClient({ Redis, Cluster }: Client, place: RedisPlace): Redis | Cluster {
  const { kind, nodes, socket, primary, username, password, database, tls } = place;
  const retryMs = (times: number) => Math.min(100 * times, 2_000) * (0.75 + Math.random() / 2);
  const access = { username, password, tls: tls ? {} : undefined, connectionName: 'preface', disableClientInfo: true };
  const options = {
    ...access,
    replyMapping: 'legacy' as const,
    db: database,
    lazyConnect: true,
    // Old questions are not asked again: nobody waits for the answers any more.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    keepAlive: heartbeatMs,
    retryStrategy: retryMs,
    // A primary that became a replica says so at each write; the address may lead to the new one by now.
    reconnectOnError: (cause: Error) => cause.message.startsWith('READONLY'),
  } satisfies RedisOptions;
  if (kind === 'cluster') {
    const { retryStrategy: _, enableOfflineQueue: __, db: ___, ...nodeOptions } = options;
    return new Cluster([...nodes], {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryMs,
      redisOptions: nodeOptions,
    });
  }
  if (kind === 'sentinel') {
    return new Redis({
      ...options,
      sentinels: [...nodes],
      name: primary,
      sentinelUsername: username,
      sentinelPassword: password,
      enableTLSForSentinelMode: tls,
      sentinelRetryStrategy: retryMs,
    });
  }
  return new Redis({ ...options, ...(socket === undefined ? nodes[0] : { path: socket }) });
}
