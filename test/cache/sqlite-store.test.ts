import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { createSqliteStore, type SqliteStore } from '../../src/cache/sqlite-store.ts';
import type { PrefaceEvent } from '../../src/events.ts';
import { describeCacheStore, entryOf } from '../contract/cache-store.ts';
import { createFakeClock } from '../fakes/fake-clock.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'preface-test-'));
  cleanUps.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function openIn(directory: string, maxBytes = 1e8) {
  const events: PrefaceEvent[] = [];
  const clock = createFakeClock();
  const store = createSqliteStore({ directory, maxBytes }, { clock, report: (event) => events.push(event) });
  let open = true;
  const close = () => {
    if (open) store.close();
    open = false;
  };
  cleanUps.push(close);
  return { store, clock, events, close };
}

const pathsIn = (store: SqliteStore, count: number) =>
  Array.from({ length: count }, (_, n) => `/${n}`).filter((page) => store.get(entryOf(page).key) !== undefined);

describeCacheStore('the SQLite store', () =>
  createSqliteStore({ directory: folder(), maxBytes: 1e8 }, { clock: createFakeClock(), report: () => {} }),
);

describe('the SQLite store', () => {
  it('has its pages again after a restart', () => {
    const directory = folder();
    const first = openIn(directory);
    first.store.set(entryOf('/a', { tags: ['red'] }));
    first.store.purge({ tags: ['red'] }, 'soft');
    first.close();
    const { store } = openIn(directory);
    expect(store.get(entryOf('/a').key)).toMatchObject({ freshUntil: 999, tags: ['red'] });
    expect(store.purge({ tags: ['red'] }, 'hard')).toBe(1);
  });

  it('stays within its bytes by forgetting what was unused for longest', () => {
    const { store, clock } = openIn(folder(), 20_000);
    const noise = () => Buffer.from(Array.from({ length: 2000 }, () => Math.floor(Math.random() * 256)));
    for (let n = 0; n < 30; n += 1) {
      store.set(entryOf(`/${n}`, { body: noise() }));
      clock.advance(11 * 60_000);
      store.get(entryOf('/0').key);
    }
    expect(store.size().bytes).toBeLessThanOrEqual(20_000);
    const left = pathsIn(store, 30);
    expect(left).toContain('/0');
    expect(left).toContain('/29');
    expect(left).not.toContain('/1');
  });

  it.each([
    ['is no database at all', (file: string) => writeFileSync(file, 'garbage '.repeat(1000))],
    ['was cut off', (file: string) => truncateSync(file, 5000)],
    [
      'is of another version',
      (file: string) => {
        const database = new DatabaseSync(file);
        database.exec('PRAGMA user_version = 7');
        database.close();
      },
    ],
  ])('begins anew, and says so, when its file %s', (_, damage) => {
    const directory = folder();
    const first = openIn(directory);
    for (let n = 0; n < 20; n += 1) first.store.set(entryOf(`/${n}`, { body: Buffer.alloc(3000, n) }));
    first.close();
    damage(path.join(directory, 'pages.sqlite'));
    const { store, events } = openIn(directory);
    expect(events).toMatchObject([{ type: 'cache.failed', tier: 'sqlite', operation: 'open' }]);
    expect(store.get(entryOf('/1').key)).toBeUndefined();
    store.set(entryOf('/new'));
    expect(store.get(entryOf('/new').key)).toBeDefined();
  });

  it('lists past a row that is damaged', () => {
    const directory = folder();
    const first = openIn(directory);
    for (const path of ['/a', '/b', '/c', '/d']) first.store.set(entryOf(path));
    first.close();
    const database = new DatabaseSync(path.join(directory, 'pages.sqlite'));
    database.exec("UPDATE pages SET entry = x'00' WHERE key LIKE '%/b'");
    database.close();
    const { store } = openIn(directory);
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const part = store.list({ cursor, limit: 2, prefix: '', tag: undefined });
      listed.push(...part.entries.map(({ url }) => new URL(url).pathname));
      cursor = part.cursor;
    } while (cursor !== undefined);
    expect(listed).toEqual(['/a', '/c', '/d']);
  });

  it('does not touch a file that another process is using, but leaves it as it is', () => {
    const directory = folder();
    const first = openIn(directory);
    first.store.set(entryOf('/a'));
    first.close();
    const file = path.join(directory, 'pages.sqlite');
    const other = new DatabaseSync(file);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM tags');
    expect(() => openIn(directory)).toThrow(/locked/);
    other.exec('ROLLBACK');
    other.close();
    expect(openIn(directory).store.get(entryOf('/a').key)).toBeDefined();
  });

  it('does not write where a link leads', () => {
    const directory = folder();
    const elsewhere = path.join(folder(), 'precious');
    writeFileSync(elsewhere, '');
    symlinkSync(elsewhere, path.join(directory, 'pages.sqlite'));
    const { store, events } = openIn(directory);
    store.set(entryOf('/a'));
    expect(store.get(entryOf('/a').key)).toBeDefined();
    expect(events).toMatchObject([{ type: 'cache.failed', operation: 'open' }]);
    expect(statSync(elsewhere).size).toBe(0);
  });

  it('drops a page whose bytes are not those that were written', () => {
    const directory = folder();
    const first = openIn(directory);
    first.store.set(entryOf('/a'));
    first.store.set(entryOf('/b'));
    first.close();
    const database = new DatabaseSync(path.join(directory, 'pages.sqlite'));
    database.exec("UPDATE pages SET entry = zeroblob(100) WHERE url LIKE '%/a'");
    database.close();
    const { store, events } = openIn(directory);
    expect(store.get(entryOf('/a').key)).toBeUndefined();
    expect(store.get(entryOf('/b').key)).toBeDefined();
    expect(events).toMatchObject([{ type: 'cache.failed', operation: 'get' }]);
    expect(store.size().entries).toBe(1);
  });

  it('lets nobody else read its folder', () => {
    const directory = path.join(folder(), 'new');
    openIn(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(directory, 'pages.sqlite')).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toContain('pages.sqlite');
  });
});
