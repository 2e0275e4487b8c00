import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../errors.ts';
import type { Report } from '../events.ts';
import { entrySchema } from './stored-entry.ts';

/** Rises with the tables below; a file of another version is begun anew (it is a cache). */
const layout = 2;
const version = layout * 1000 + entrySchema;

const tables = `
  CREATE TABLE pages (
    key TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    fresh_until INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    entry BLOB NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX pages_by_url ON pages (url);
  CREATE INDEX pages_by_use ON pages (used_at);
  CREATE TABLE tags (tag TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (tag, key)) WITHOUT ROWID;
  CREATE INDEX tags_by_key ON tags (key);
  PRAGMA user_version = ${version};
`;

/** Only a file that is of no use is dropped: one that is locked, on a full disk or not ours to read may be whole. */
export function openOrBeginAnew(file: string, report: Report): DatabaseSync {
  try {
    return open(file);
  } catch (cause) {
    if (!isUseless(cause)) throw cause;
    report({
      type: 'cache.failed',
      tier: 'sqlite',
      operation: 'open',
      message: `${file} is begun anew: ${messageOf(cause)}`,
    });
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    return open(file);
  }
}

class UselessFile extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html); the upper bits of a code only say more. */
const uselessCodes = [11, 26];

function isUseless(cause: unknown): boolean {
  if (cause instanceof UselessFile) return true;
  return cause instanceof Error && 'errcode' in cause && uselessCodes.includes(Number(cause.errcode) & 0xff);
}

function open(file: string): DatabaseSync {
  // A link would lead writes elsewhere.
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) throw new UselessFile('it is a symbolic link');
  const database = new DatabaseSync(file, { timeout: 2000 });
  try {
    chmodSync(file, 0o600);
    // NORMAL: a power failure may lose the last pages, never damage the file; a killed process loses nothing.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;');
    const found = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    const isNew = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n === 0;
    if (!isNew && found !== version) throw new UselessFile(`it is of version ${found}, ${version} is wanted`);
    const verdict = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (verdict !== 'ok') throw new UselessFile(`it is damaged: ${verdict}`);
    if (isNew) database.exec(`BEGIN; ${tables} COMMIT;`);
    // From here on everybody waits while this waits.
    database.exec('PRAGMA busy_timeout = 50');
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}
