import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqliteStore } from '../../src/cache/sqlite-store.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { entryOf } from '../contract/cache-store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const kills = 200;
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

/** Kills a process some time after its first write; resolves to how many pages it had said it wrote. */
async function killWhileWriting(what: string, directory: string): Promise<number> {
  const child: ChildProcess = fork(writer, [what, directory]);
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

/** Everything that is in the file, and what was said when it was opened and read. */
function readAll(directory: string) {
  const events: PrefaceEvent[] = [];
  const report = (event: PrefaceEvent) => void events.push(event);
  const store = createSqliteStore({ directory, maxBytes: 1e9 }, { clock: createFakeClock(), report });
  const all = Array.from({ length: 300 }, (_, n) => store.get(entryOf(`/${n}`).key));
  const pages = all.filter((entry) => entry !== undefined);
  const { entries, bytes } = store.size();
  store.close();
  return { events, pages, entries, bytes };
}

describe('the SQLite store of a process that is killed while it writes', () => {
  it(`has every page whole, and all that were written, ${kills / 2} times over`, async () => {
    const directory = folder();
    let mostSaid = 0;
    for (let time = 0; time < kills / 2; time += 1) {
      mostSaid = Math.max(mostSaid, await killWhileWriting('until-killed', directory));
      const { events, pages, entries } = readAll(directory);
      // Neither begun anew nor a page dropped: both would be events.
      expect(events).toEqual([]);
      expect(pages).toHaveLength(entries);
      expect(pages.every(({ body }) => body.byteLength >= 200)).toBe(true);
      expect(pages.length).toBeGreaterThanOrEqual(Math.min(mostSaid, 300));
    }
  }, 600_000);

  it(`has every page whole or not at all, and keeps its bounds, ${kills / 2} times over`, async () => {
    const directory = folder();
    for (let time = 0; time < kills / 2; time += 1) {
      await killWhileWriting('until-killed-in-little-room', directory);
      const { events, pages, entries, bytes } = readAll(directory);
      expect(events).toEqual([]);
      expect(pages).toHaveLength(entries);
      expect(bytes).toBeLessThanOrEqual(1e6);
    }
  }, 600_000);
});
