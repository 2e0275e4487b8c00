import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import type { PageKey } from '../page/page-target.ts';
import type { PurgeMode, PurgeSelector } from '../page/purge.ts';
import type { CacheStore } from './cache-store.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';
import { cursorAt, type EntryList, type ListQuery, placeOf } from './entry-list.ts';
import { openOrBeginAnew } from './sqlite-file.ts';
import { madeStale, type StoredEntry } from './stored-entry.ts';

export interface SqliteSettings {
  /** Made when it is not there, readable by its owner alone. */
  readonly directory: string;
  /** Bound of the stored pages; those unused for longest go first. */
  readonly maxBytes: number;
}

export interface SqliteStore extends CacheStore {
  get(key: PageKey): StoredEntry | undefined;
  set(entry: StoredEntry): void;
  delete(key: PageKey): boolean;
  purge(selector: PurgeSelector, mode: PurgeMode): number;
  list(query: ListQuery): EntryList;
  close(): void;
  size(): { readonly entries: number; readonly bytes: number };
}

/** How exactly the last use is kept: a write for every read would cost more than it is worth. */
const useStepMs = 10 * 60_000;

/**
 * Pages in one SQLite file in WAL mode: a process that is killed at any moment leaves every page whole or absent (sqlite.org/wal.html). A file that is
 * damaged or of another version is dropped with an event, as is a page whose bytes are not those that were written. Methods throw when the disk fails.
 */
export function createSqliteStore(
  settings: SqliteSettings,
  { clock, report }: { readonly clock: Clock; readonly report: Report },
): SqliteStore {
  const file = path.join(settings.directory, 'pages.sqlite');
  mkdirSync(settings.directory, { recursive: true, mode: 0o700 });
  const database = openOrBeginAnew(file, report);
  const sql = statements(database);
  let bytes = Number(sql.total.get()?.bytes ?? 0);

  function inTransaction<T>(work: () => T): T {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (cause) {
      // A full disk ends the transaction by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      bytes = Number(sql.total.get()?.bytes ?? bytes);
      throw cause;
    }
  }

  function remove(key: PageKey): boolean {
    const row = sql.sizeOf.get(key);
    if (row === undefined) return false;
    sql.remove.run(key);
    sql.removeTags.run(key);
    bytes -= Number(row.bytes);
    return true;
  }

  /** A tenth is let go at once, so that not every new page has to push out another. */
  function makeRoom(): void {
    if (bytes <= settings.maxBytes) return;
    for (const { key } of sql.unused.all()) {
      if (bytes <= settings.maxBytes * 0.9) return;
      remove(String(key) as PageKey);
    }
  }

  /** A disk that is full or busy keeps a page from being noted as used, not from being read. */
  function noteUse(key: PageKey, now: number): void {
    try {
      sql.use.run(now, key);
    } catch (cause) {
      report({ type: 'cache.failed', tier: 'sqlite', operation: 'use', message: messageOf(cause) });
    }
  }

  function keysOf(selector: PurgeSelector): Set<PageKey> {
    const keys = new Set<PageKey>();
    const take = (rows: readonly Record<string, unknown>[]) => {
      for (const { key } of rows) keys.add(String(key) as PageKey);
    };
    if (selector.everything) take(sql.allKeys.all());
    for (const url of selector.urls ?? []) take(sql.keysByUrl.all(url));
    for (const prefix of selector.prefixes ?? []) take(sql.keysByPrefix.all(prefix, `${prefix}\u{10ffff}`));
    for (const tag of selector.tags ?? []) take(sql.keysByTag.all(tag));
    return keys;
  }

  return {
    get(key) {
      const row = sql.read.get(key);
      if (row === undefined) return undefined;
      const entry = decodeEntry(row.entry as Uint8Array);
      if (entry === undefined || entry.key !== key) {
        report({
          type: 'cache.failed',
          tier: 'sqlite',
          operation: 'get',
          message: `a damaged page was dropped: ${key}`,
        });
        inTransaction(() => remove(key));
        return undefined;
      }
      const now = clock.now();
      if (now - Number(row.used_at) > useStepMs) noteUse(key, now);
      return Number(row.fresh_until) === 0 ? madeStale(entry) : entry;
    },
    set(entry) {
      const encoded = encodeEntry(entry);
      inTransaction(() => {
        remove(entry.key);
        sql.insert.run(entry.key, entry.url, entry.freshUntil, clock.now(), encoded.byteLength, encoded);
        for (const tag of entry.tags) sql.insertTag.run(tag, entry.key);
        bytes += encoded.byteLength;
        makeRoom();
      });
    },
    delete: (key) => inTransaction(() => remove(key)),
    purge: (selector, mode) =>
      inTransaction(() => {
        const keys = keysOf(selector);
        for (const key of keys) {
          if (mode === 'hard') remove(key);
          else sql.makeStale.run(key);
        }
        return keys.size;
      }),
    list({ cursor, limit, prefix, tag }) {
      const { url, key } = placeOf(cursor);
      const range = [url, key, prefix, `${prefix}\u{10ffff}`, limit + 1] as const;
      const rows = tag === undefined ? sql.list.all(...range) : sql.listByTag.all(tag, ...range);
      const entries = rows.slice(0, limit).flatMap((row) => {
        const entry = decodeEntry(row.entry as Uint8Array);
        if (entry === undefined) return [];
        return Number(row.fresh_until) === 0 ? madeStale(entry) : entry;
      });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return { entries, cursor: last && cursorAt({ url: String(last.url), key: String(last.key) }) };
    },
    close: () => database.close(),
    size: () => ({ entries: Number(sql.total.get()?.entries ?? 0), bytes }),
  };
}

function statements(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => database.prepare(text);
  return {
    read: prepare('SELECT entry, fresh_until, used_at FROM pages WHERE key = ?'),
    use: prepare('UPDATE pages SET used_at = ? WHERE key = ?'),
    insert: prepare('INSERT INTO pages (key, url, fresh_until, used_at, bytes, entry) VALUES (?, ?, ?, ?, ?, ?)'),
    insertTag: prepare('INSERT OR IGNORE INTO tags (tag, key) VALUES (?, ?)'),
    remove: prepare('DELETE FROM pages WHERE key = ?'),
    removeTags: prepare('DELETE FROM tags WHERE key = ?'),
    sizeOf: prepare('SELECT bytes FROM pages WHERE key = ?'),
    makeStale: prepare('UPDATE pages SET fresh_until = 0 WHERE key = ?'),
    total: prepare('SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM pages'),
    unused: prepare('SELECT key FROM pages ORDER BY used_at LIMIT 10000'),
    allKeys: prepare('SELECT key FROM pages'),
    keysByUrl: prepare('SELECT key FROM pages WHERE url = ?'),
    // A range over the index; LIKE would read every row.
    keysByPrefix: prepare('SELECT key FROM pages WHERE url >= ? AND url < ?'),
    list: prepare(
      'SELECT url, key, entry, fresh_until FROM pages WHERE (url, key) > (?, ?) AND url >= ? AND url < ? ORDER BY url, key LIMIT ?',
    ),
    listByTag: prepare(
      `SELECT url, key, entry, fresh_until FROM tags JOIN pages USING (key)
       WHERE tag = ? AND (url, key) > (?, ?) AND url >= ? AND url < ? ORDER BY url, key LIMIT ?`,
    ),
    keysByTag: prepare('SELECT key FROM tags WHERE tag = ?'),
  };
}
