import { createHash } from 'node:crypto';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import { type RedisConnection, type RedisReply, redisScript } from './redis-connection.ts';

/** What was purged when, in Redis: a purge writes a mark, a reader compares. Nothing is ever searched. */
export interface PurgeMarks {
  /** The latest mark that this process has heard of; 0 before it has heard of any. */
  known(): number;
  /** Asks for the latest mark, and begins the record when there is none. */
  latest(): Promise<number>;
  mark(selector: PurgeSelector, mode: PurgeMode): Promise<void>;
  /** How a page that was made as of the mark `since` has been purged since. */
  verdict(page: { readonly url: string; readonly tags: readonly string[] }, since: number): Promise<PurgeMode | 'none'>;
}

export interface PurgeMarksSettings {
  /** Beginning of the names of keys. */
  readonly namespace: string;
  readonly maxMarks?: number;
  readonly maxPrefixes?: number;
}

/*
 * One sorted set holds the marks: word -> when it was purged last. A mark is the server's time in microseconds, but always more than the mark before,
 * so that replicas' clocks do not matter and a server whose clock goes back does no harm. Words: the mode's letter, then `*` for everything, or
 * `u:` and `t:` with the digest of a URL or a tag. `last` has the latest mark of all, `prefixes` that of the second sorted set, which has the prefixes
 * in full. Both sets are bounded: what is forgotten is made up for by a mark on everything of that age. A set that was lost altogether (a server
 * that was emptied, or that evicts) begins with such a mark, so that no page from before outlives its purges.
 * Both keys have one hash tag: in a cluster they are on one node.
 */
const markScript = redisScript(`
local time = redis.call('TIME')
local last = tonumber(redis.call('ZSCORE', KEYS[1], 'last') or 0)
local at = string.format('%.0f', math.max(time[1] * 1000000 + time[2], last + 1))
if last == 0 then redis.call('ZADD', KEYS[1], at, 'h*') end
redis.call('ZADD', KEYS[1], at, 'last')
local words = tonumber(ARGV[3])
for i = 4, 3 + words do redis.call('ZADD', KEYS[1], at, ARGV[i]) end
for i = 4 + words, #ARGV do
  redis.call('ZADD', KEYS[2], at, ARGV[i])
  redis.call('ZADD', KEYS[1], at, 'prefixes')
end
local kept = { ['last'] = true, ['prefixes'] = true, ['h*'] = true, ['s*'] = true }
for i = 1, 2 do
  local over = redis.call('ZCARD', KEYS[i]) - tonumber(ARGV[i])
  if over > 0 then
    local oldest = redis.call('ZRANGE', KEYS[i], 0, over + 3, 'WITHSCORES')
    for j = 1, #oldest, 2 do
      if over > 0 and not kept[oldest[j]] then
        redis.call('ZREM', KEYS[i], oldest[j])
        redis.call('ZADD', KEYS[1], 'GT', oldest[j + 1], string.sub(oldest[j], 1, 1) .. '*')
        over = over - 1
      end
    end
  end
end
return at
`);

interface Prefix {
  readonly prefix: string;
  readonly mode: PurgeMode;
  readonly at: number;
}

export function createPurgeMarks(
  connection: RedisConnection,
  { namespace, maxMarks = 200_000, maxPrefixes = 1_000 }: PurgeMarksSettings,
): PurgeMarks {
  const marksKey = `${namespace}:{purge}:marks`;
  const prefixesKey = `${namespace}:{purge}:prefixes`;
  let known = 0;
  let prefixes: readonly Prefix[] = [];

  async function write(words: readonly string[], prefixWords: readonly string[]): Promise<void> {
    const args = [maxMarks, maxPrefixes, words.length, ...words, ...prefixWords];
    known = Number(String(await connection.run(markScript, [marksKey, prefixesKey], args)));
  }

  async function read(words: readonly string[]): Promise<(number | undefined)[]> {
    const scores = (await connection.send('ZMSCORE', marksKey, ...words)) as readonly RedisReply[];
    return scores.map((score) => (score === null ? undefined : Number(String(score))));
  }

  /** The prefixes purged so far; read again only when there are newer ones than `at`. */
  async function prefixesAt(at: number): Promise<readonly Prefix[]> {
    if ((prefixes.at(-1)?.at ?? 0) >= at) return prefixes;
    const reply = (await connection.send('ZRANGE', prefixesKey, 0, -1, 'WITHSCORES')) as readonly RedisReply[];
    // Pairs are flat in RESP2 and nested in RESP3.
    const flat = reply.flat().map(String);
    const found: Prefix[] = [];
    for (let index = 0; index + 1 < flat.length; index += 2) {
      const word = flat[index] ?? '';
      found.push({ mode: word[0] === 'h' ? 'hard' : 'soft', prefix: word.slice(2), at: Number(flat[index + 1]) });
    }
    prefixes = found;
    return prefixes;
  }

  async function byPrefix(url: string, since: number, at: number): Promise<PurgeMode | 'none'> {
    const all = await prefixesAt(at);
    // The record of prefixes was lost, and that of their purge was not.
    if ((all.at(-1)?.at ?? 0) < at) return 'hard';
    return worst(all.filter((one) => one.at > since && url.startsWith(one.prefix)).map(({ mode }) => mode));
  }

  return {
    known: () => known,
    async latest() {
      const [last] = await read(['last']);
      if (last === undefined) await write([], []);
      else known = last;
      return known;
    },
    mark({ everything, urls = [], tags = [], prefixes: wanted = [] }, mode) {
      const letter = mode === 'hard' ? 'h' : 's';
      const words = pageWords(urls, tags).map((word) => letter + word);
      if (everything) words.push(`${letter}*`);
      return write(
        words,
        wanted.map((prefix) => `${letter}:${prefix}`),
      );
    },
    async verdict({ url, tags }, since) {
      const words = ['*', ...pageWords([url], tags)];
      const [last, prefixMark = 0, ...marks] = await read([
        'last',
        'prefixes',
        ...words.flatMap((word) => [`h${word}`, `s${word}`]),
      ]);
      if (last === undefined) {
        await write([], []);
        return 'hard';
      }
      known = last;
      const modes = marks.flatMap((at = 0, index) =>
        at > since ? ([index % 2 === 0 ? 'hard' : 'soft'] as const) : [],
      );
      if (prefixMark <= since) return worst(modes);
      return worst([...modes, await byPrefix(url, since, prefixMark)]);
    },
  };
}

function pageWords(urls: readonly string[], tags: readonly string[]): string[] {
  return [...urls.map((url) => `u:${digest(url)}`), ...tags.map((tag) => `t:${digest(tag)}`)];
}

function worst(modes: readonly (PurgeMode | 'none')[]): PurgeMode | 'none' {
  if (modes.includes('hard')) return 'hard';
  return modes.includes('soft') ? 'soft' : 'none';
}

/** 132 bits: tags come from applications, so two must not be made to meet, and a long one must not cost more. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
