import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqliteStore } from '../../src/cache/sqlite-store.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { entryOf } from '../contract/cache-store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';
import { applyOrder, entryOfPage, type HeldPage, keyOfPage, orderAt, pageCount } from './sqlite-orders.ts';

const writer = path.join(import.meta.dirname, 'sqlite-writer.ts');
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'preface-test-'));
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Kills a process at a random moment after its first word; resolves to its last. */
async function killWhileWriting(what: string, directory: string, option = ''): Promise<number> {
  const child = fork(writer, [what, directory, option]);
  cleanUps.push(() => child.kill('SIGKILL'));
  let said = 0;
  child.on('message', (n) => {
    said = Number(n);
  });
  await once(child, 'message');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  child.kill('SIGKILL');
  await once(child, 'exit');
  return said;
}

function openStore(directory: string) {
  const events: PrefaceEvent[] = [];
  const report = (event: PrefaceEvent) => void events.push(event);
  return { events, store: createSqliteStore({ directory, maxBytes: 1e9 }, { clock: createFakeClock(), report }) };
}

/** What the file holds, whole bodies compared. Neither begun anew nor a page dropped: both would be events. */
function heldIn(directory: string): Map<number, HeldPage> {
  const { events, store } = openStore(directory);
  const held = new Map<number, HeldPage>();
  for (let page = 0; page < pageCount; page += 1) {
    const entry = store.get(keyOfPage(page));
    if (entry === undefined) continue;
    const version = Number.parseInt(Buffer.from(entry.body).toString(), 10);
    expect(Buffer.compare(entry.body, entryOfPage(page, version).body)).toBe(0);
    held.set(page, { version, stale: entry.freshUntil < entry.validatedAt });
  }
  expect(store.size().entries).toBe(held.size);
  store.close();
  expect(events).toEqual([]);
  return held;
}

const text = (held: ReadonlyMap<number, HeldPage>) => JSON.stringify([...held].sort(([a], [b]) => a - b));

describe('the SQLite store of a process that is killed while it writes', () => {
  it('holds what its first so many orders left, and no fewer than it had said were done, 200 times over', async () => {
    const directory = folder();
    const expected = new Map<number, HeldPage>();
    let done = 0;
    let unsaid = 0;
    for (let time = 0; time < 200; time += 1) {
      const said = await killWhileWriting('obey', directory, String(done + 1));
      const found = text(heldIn(directory));
      for (; done < said; done += 1) applyOrder(expected, orderAt(done + 1));
      // It may have done more than it could say: whole batches that were under way.
      for (; text(expected) !== found && done < said + 1_000; done += 1) applyOrder(expected, orderAt(done + 1));
      expect(text(expected)).toBe(found);
      unsaid += done - said;
    }
    process.stdout.write(`200 kills, ${done} orders, ${unsaid} of them done and not yet said; nothing lost or torn\n`);
  }, 600_000);

  it('keeps its bounds when pages are let go at any moment, 50 times over', async () => {
    const directory = folder();
    for (let time = 0; time < 50; time += 1) {
      await killWhileWriting('overfill', directory);
      const { events, store } = openStore(directory);
      const found = Array.from({ length: 300 }, (_, n) => store.get(entryOf(`/${n}`).key)).filter(Boolean);
      const { entries, bytes } = store.size();
      store.close();
      expect(events).toEqual([]);
      expect(found).toHaveLength(entries);
      expect(bytes).toBeLessThanOrEqual(1e6);
    }
  }, 600_000);
});
