import { createHash } from 'node:crypto';
import type { PageKey } from '../page/page-target.ts';
import { entrySchema } from './stored-entry.ts';

/** Rises with the layout of what is kept in Redis; replicas of another layout or schema do not meet each other's keys. */
const layout = 1;

export interface RedisKeys {
  readonly namespace: string;
  readonly channel: string;
  page(key: PageKey): string;
  lock(key: PageKey): string;
  lease(name: string): string;
}

/** Names of keys. The braces keep what belongs together on one node of a cluster (redis.io, "hash tags"). */
export function redisKeys(): RedisKeys {
  const namespace = `preface:${layout}.${entrySchema}`;
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  return {
    namespace,
    channel: `${namespace}:bus`,
    page: (key) => `${namespace}:page:{${digest(key)}}`,
    lock: (key) => `${namespace}:lock:{${digest(key)}}`,
    lease: (name) => `${namespace}:lease:${name}`,
  };
}
