import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { openCache } from '../../src/cache/open-cache.ts';
import { createSqliteStore } from '../../src/cache/sqlite-store.ts';
import { systemClock } from '../../src/clock.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { entryOf } from '../contract/cache-store.ts';
import { entryOfPage, orderAt } from './sqlite-orders.ts';

// A process that writes pages to SQLite: until it is killed, or until the disk is full and then empty again.

const [what, directory = '', option = ''] = process.argv.slice(2);
const failures: string[] = [];
const parts = {
  clock: systemClock,
  report: (event: PrefaceEvent) => {
    if (event.type === 'cache.failed') failures.push(event.message);
  },
};

const page = (n: number, bytes: number) => entryOf(`/${n}`, { body: randomBytes(bytes), tags: [`tag ${n % 7}`] });

/** Carries out one order after the other, from `first` on, and says how far it is. */
function obeyUntilKilled(first: number): void {
  const store = createSqliteStore({ directory, maxBytes: 1e9 }, parts);
  let number = first;
  setInterval(() => {
    for (let i = 0; i < 20; i += 1) {
      const order = orderAt(number);
      if (order.do === 'set') store.set(entryOfPage(order.page, order.version));
      else store.purge({ tags: [order.tag] }, order.mode);
      number += 1;
    }
    // Sent after the orders are done: what the parent has heard of must be there afterwards.
    process.send?.(number - 1);
  }, 0);
}

/** More than there is room for, so that pages are being let go at any moment. */
function overfillUntilKilled(): void {
  const store = createSqliteStore({ directory, maxBytes: 1e6 }, parts);
  let n = 0;
  setInterval(() => {
    for (let i = 0; i < 20; i += 1) {
      n += 1;
      store.set(page(n % 300, 200 + (n % 17) * 1000));
    }
    process.send?.(n);
  }, 0);
}

async function writeUntilFull(ballast: string): Promise<void> {
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

if (what === 'obey') obeyUntilKilled(Number(option));
else if (what === 'overfill') overfillUntilKilled();
else await writeUntilFull(option);
