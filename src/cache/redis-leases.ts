import { randomUUID } from 'node:crypto';
import type { Lease, Leases } from './leases.ts';
import { type RedisConnection, redisScript } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';

// Compared and changed in one step: between two, the lease could pass to another (redis.io, "Distributed locks").
const extendScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
const releaseScript = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** The lease that the holder of `token` has under a key. */
export function redisLease(connection: RedisConnection, key: string, token: string, ttlMs: number): Lease {
  return {
    extend: async () => (await connection.run(extendScript, [key], [token, ttlMs])) === 1,
    async release() {
      await connection.run(releaseScript, [key], [token]);
    },
  };
}

export function createRedisLeases(connection: RedisConnection, keys: RedisKeys): Leases {
  return {
    async take(name, ttlMs) {
      const token = randomUUID();
      const taken = await connection.send('SET', keys.lease(name), token, 'NX', 'PX', ttlMs);
      return taken === null ? undefined : redisLease(connection, keys.lease(name), token, ttlMs);
    },
  };
}
