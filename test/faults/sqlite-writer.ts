import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { openCache } from '../../src/cache/open-cache.ts';
import { createSqliteStore } from '../../src/cache/sqlite-store.ts';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { entryOf } from '../contract/cache-store.ts';

// A process that writes pages to SQLite: until it is killed, or until the disk is full and then empty again.

const [what, directory = '', ballast = ''] = process.argv.slice(2);
const failures: string[] = [];
const parts = {
  clock: systemClock,
  report: (event: PrefaceEvent) => {
    if (event.type === 'cache.failed') failures.push(event.message);
  },
};

const page = (n: number, bytes: number) => entryOf(`/${n}`, { body: randomBytes(bytes), tags: [`tag ${n % 7}`] });

function writeUntilKilled(maxBytes: number, purges: boolean): void {
  const store = createSqliteStore({ directory, maxBytes }, parts);
  let n = 0;
  // Sent after the writes are done: what the parent has heard of must be there afterwards.
  setInterval(() => {
    for (let i = 0; i < 20; i += 1) {
      n += 1;
      store.set(page(n % 300, 200 + (n % 17) * 1000));
      if (purges && n % 50 === 0) store.purge({ tags: [`tag ${n % 7}`] }, n % 100 === 0 ? 'hard' : 'soft', 1);
    }
    process.send?.(n);
  }, 0);
}

async function writeUntilFull(): Promise<void> {
  const settings = { maxBytes: 1e8, longestRenderMs: 1000 };
  const { store, sizes } = await openCache(
    { ...settings, beside: { kind: 'sqlite', directory, maxBytes: 1e9 } },
    parts,
  );
  let written = 0;
  await store.set(page(0, 50_000));
  for (; failures.length === 0 && written < 1000; written += 1) await store.set(page(written, 50_000));
  const failedWith = [...failures];
  // The service goes on: what is written is there, from memory, and nothing is tried on the disk meanwhile.
  await store.set(page(5000, 50_000));
  const served = store.get(page(5000, 0).key) !== undefined && store.get(page(0, 0).key) !== undefined;
  const triedAgain = failures.length - failedWith.length;
  if (ballast !== '') rmSync(ballast);
  await systemClock.sleep(2_100);
  await store.set(page(6000, 50_000));
  const failuresAfter = failures.length - failedWith.length;
  const entries = sizes().find(({ tier }) => tier === 'sqlite')?.entries ?? 0;
  await store.close();
  if (entries === 0) return say({ failedWith, served });
  const again = createSqliteStore({ directory, maxBytes: 1e9 }, parts);
  const kept = again.get(page(6000, 0).key) !== undefined && again.get(page(0, 0).key) !== undefined;
  say({ written, failedWith, served, triedAgain, failuresAfter, kept });
}

function say(came: object): void {
  process.stdout.write(JSON.stringify(came));
}

if (what === 'until-killed') writeUntilKilled(1e9, false);
else if (what === 'until-killed-in-little-room') writeUntilKilled(1e6, true);
else await writeUntilFull();
