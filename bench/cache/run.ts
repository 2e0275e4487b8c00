import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Cache, type CacheSettings, openCache } from '../../src/cache/open-cache.ts';
import type { StoredEntry } from '../../src/cache/stored-entry.ts';
import { systemClock } from '../../src/clock.ts';
import { redisIsMissing, startRedis } from '../../test/cache/start-redis.ts';
import { entryOf } from '../../test/contract/cache-store.ts';
import { median } from '../median.ts';

// How the tiers behave with few entries and with many: `npm run bench:cache`. Lookup time should not depend on how many there are, memory should stay
// within its bound, and a purge by tag should take less than 10 ms.

const { values } = parseArgs({ options: { entries: { type: 'string', default: '100000' } } });
const few = 1_000;
const many = Number(values.entries);
const lookups = 5_000;
/** A page of 2 KB, one of whose tags it has in common with nine others. */
const entry = (n: number): StoredEntry =>
  entryOf(`/product/${n}`, {
    body: Buffer.from(`<p>Product ${n}</p>`.padEnd(2_048, `${n} `)),
    tags: [`product-${n}`, `family-${Math.floor(n / 10)}`],
    freshUntil: Date.now() + 3_600_000,
    staleUntil: Date.now() + 7_200_000,
    usableUntil: Date.now() + 7_200_000,
  });

const parts = { clock: systemClock, report: () => {} };

interface Figures {
  readonly getUs: number;
  readonly purgeMs: readonly [median: number, worst: number];
}

async function figuresWith(cache: Cache, entries: number): Promise<Figures> {
  const ask = cache.store.latest ?? cache.store.get;
  const getTimes: number[] = [];
  for (let i = 0; i < lookups; i += 1) {
    const { key } = entry(Math.floor(Math.random() * entries));
    const began = performance.now();
    const found = await ask(key);
    getTimes.push(performance.now() - began);
    if (found === undefined) throw new Error(`${key} is not there`);
  }
  const purgeTimes: number[] = [];
  for (let i = 0; i < 50; i += 1) {
    const tag = `family-${Math.floor((Math.random() * entries) / 10)}`;
    const began = performance.now();
    await cache.store.purge({ tags: [tag] }, 'soft');
    purgeTimes.push(performance.now() - began);
  }
  return { getUs: median(getTimes) * 1000, purgeMs: [median(purgeTimes), Math.max(...purgeTimes)] };
}

async function measure(tier: string, settings: CacheSettings): Promise<readonly string[]> {
  const cache = await openCache(settings, parts);
  const fill = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1) await cache.store.set(entry(n));
  };
  await fill(0, few);
  const small = await figuresWith(cache, few);
  await fill(few, many);
  const large = await figuresWith(cache, many);
  const sizes = cache.sizes().map((size) => `${size.tier} ${size.entries} (${(size.bytes / 2 ** 20).toFixed(0)} MiB)`);
  await cache.store.close();
  return [
    tier,
    `${small.getUs.toFixed(1)} µs`,
    `${large.getUs.toFixed(1)} µs`,
    (large.getUs / small.getUs).toFixed(2),
    large.purgeMs.map((ms) => `${ms.toFixed(2)} ms`).join(', '),
    sizes.join(', '),
  ];
}

/** Whether the process stays within what it was told, when three times as much is put in. */
async function boundOfMemory(): Promise<string> {
  const maxBytes = 64 * 2 ** 20;
  globalThis.gc?.();
  const before = process.memoryUsage();
  const { store, memory } = await openCache({ ...base, maxBytes, beside: { kind: 'nothing' } }, parts);
  for (let n = 0; n < 80_000; n += 1) await store.set(entry(n));
  globalThis.gc?.();
  const after = process.memoryUsage();
  const used = after.heapUsed + after.external - before.heapUsed - before.external;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const { entries, bytes } = memory.size();
  return `bound ${mib(maxBytes)}: ${entries} of 80000 entries kept, counted as ${mib(bytes)}, ${mib(used)} of heap and buffers`;
}

const base = { maxBytes: 1e9, longestRenderMs: 30_000, waitMs: 5_000 };
const rows: (readonly string[])[] = [
  ['tier', `lookup, ${few}`, `lookup, ${many}`, 'ratio', 'purge by tag: median, worst of 50', 'entries'],
];
process.stdout.write(`${await boundOfMemory()}\n`);
rows.push(await measure('memory', { ...base, beside: { kind: 'nothing' } }));
const directory = mkdtempSync(path.join(tmpdir(), 'preface-bench-'));
try {
  // Memory holds next to nothing, so that the tier beside it is what is asked.
  rows.push(
    await measure('sqlite', { ...base, maxBytes: 100_000, beside: { kind: 'sqlite', directory, maxBytes: 1e9 } }),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
if (redisIsMissing === undefined) {
  const redis = await startRedis();
  try {
    rows.push(await measure('redis', { ...base, maxBytes: 100_000, beside: { kind: 'redis', url: redis.url } }));
  } finally {
    await redis.stop();
  }
}
for (const row of rows) process.stdout.write(`| ${row.join(' | ')} |\n`);
