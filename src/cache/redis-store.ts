import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { CacheStore } from './cache-store.ts';
import { createChangeListeners } from './change-listeners.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';
import { isListed } from './entry-list.ts';
import type { PurgeMarks } from './purge-marks.ts';
import type { RedisBus } from './redis-bus.ts';
import { type RedisConnection, redisScript } from './redis-connection.ts';
import type { RedisKeys } from './redis-keys.ts';
import { madeStale, type StoredEntry } from './stored-entry.ts';

export interface RedisStoreParts {
  readonly connection: RedisConnection;
  readonly keys: RedisKeys;
  readonly marks: PurgeMarks;
  readonly bus: RedisBus;
  readonly clock: Clock;
  readonly report: Report;
}

/** Larger values are neither written nor read. */
const maxValueBytes = 32 * 1024 * 1024;

/** Replicas' clocks may differ by so much: a page is kept until it is useless for all of them. */
const clockSlackMs = 60_000;

const numberLength = 16;
const headLength = 2 * numberLength;
const digits = (number: number) => String(number).padStart(numberLength, '0');

/** Not over the page of a later writer (GETRANGE: its fence). */
const writeScript = redisScript(`
local fence = tonumber(ARGV[2])
if fence > 0 then
  local other = redis.pcall('GETRANGE', KEYS[1], ${numberLength}, ${headLength - 1})
  if type(other) == 'string' and (tonumber(other) or 0) > fence then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
`);

/**
 * Pages that all replicas share. Each is one value with a time to live: the purge mark as of which it was made, the writer's fence (both 16 digits),
 * then the encoded entry. Purges are marks that are compared when a page is read, so a purge costs the same however many pages it hits; it cannot
 * tell how many those were. Methods reject when Redis fails.
 */
export function createRedisStore({ connection, keys, marks, bus, clock, report }: RedisStoreParts): CacheStore {
  const listeners = createChangeListeners();
  bus.listen((message) => {
    if (message.kind !== 'ended') listeners.tell(message);
  });
  connection.onSubscribed(() => listeners.tell({ kind: 'unsure' }));

  async function read(key: string): Promise<Buffer> {
    try {
      return (await connection.send('GETRANGE', key, 0, maxValueBytes)) as Buffer;
    } catch (cause) {
      // Somebody else's value under our key is as good as none.
      if (messageOf(cause).startsWith('WRONGTYPE')) return Buffer.alloc(0);
      throw cause;
    }
  }

  function damaged(key: string): undefined {
    report({
      type: 'cache.failed',
      tier: 'redis',
      operation: 'get',
      message: `a damaged page was passed over: ${key}`,
    });
  }

  /** The page under a name, as purges have left it. */
  async function entryAt(name: string): Promise<StoredEntry | undefined> {
    const [value] = await Promise.all([read(name), marks.latest()]);
    if (value.byteLength === 0) return undefined;
    const since = Number(value.toString('latin1', 0, numberLength));
    const entry = decodeEntry(value.subarray(headLength));
    if (entry === undefined || keys.page(entry.key) !== name || !Number.isSafeInteger(since)) return damaged(name);
    const verdict = await marks.verdict(entry, since);
    if (verdict === 'hard') return undefined;
    return verdict === 'soft' ? madeStale(entry) : entry;
  }

  return {
    get: (key) => entryAt(keys.page(key)),
    /** In the server's order, which has nothing to do with URLs: what does not fit is read and left out. */
    async list(query) {
      const { names, cursor } = await connection.scan(query.cursor, `${keys.namespace}:page:*`, query.limit);
      const found = await Promise.all(names.map(entryAt));
      return {
        entries: found.flatMap((entry) => (entry !== undefined && isListed(query, entry) ? entry : [])),
        cursor,
      };
    },
    async set(entry: StoredEntry, claim) {
      const ttlMs = entry.usableUntil - clock.now() + clockSlackMs;
      if (ttlMs <= clockSlackMs) return;
      const { since, fence } = claim ?? { since: await marks.latest(), fence: 0 };
      const value = Buffer.concat([Buffer.from(digits(since) + digits(fence)), encodeEntry(entry)]);
      if (value.byteLength > maxValueBytes) return;
      try {
        const written = await connection.run(writeScript, [keys.page(entry.key)], [value, fence, Math.ceil(ttlMs)]);
        if (written === 1) bus.send({ kind: 'stored', key: entry.key });
      } catch (cause) {
        // A server that is full can still be read.
        if (!messageOf(cause).includes('OOM')) throw cause;
        report({ type: 'cache.failed', tier: 'redis', operation: 'set', message: messageOf(cause) });
      }
    },
    async delete(key) {
      const removed = await connection.send('DEL', keys.page(key));
      bus.send({ kind: 'stored', key });
      return removed === 1;
    },
    async purge(selector, mode) {
      await marks.mark(selector, mode);
      bus.send({ kind: 'purged', selector, mode });
      return 0;
    },
    onChange: listeners.add,
    close: () => connection.close(),
  };
}
