import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { AppError } from '#shared/errors/app-error';
import { DamagedRow } from './journal-rows.ts';
import { MIGRATIONS } from './journal-schema.ts';

/** Another process writes for some milliseconds; one that takes longer is stopped or hangs. */
const BUSY_SECONDS = 5;

/** The first version that keeps its number in the table `meta` too. */
const META_SINCE = 2;

/**
 * Opens or creates the file, durable at every commit, and brings it to the newest version. Throws what `toJournalError` understands; `isDamage` tells
 * damage from a file that only cannot be reached.
 */
export function openDatabase(path: string): Database.Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new Database(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_SECONDS * 1000}`);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    check(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Moves the file and its companions out of the way, under a name that says why; answers where they are. */
export function setAside(path: string, now: Date): string[] {
  const stamp = now.toISOString().replaceAll(/[:.]/g, '-');
  const base = path.replace(/\.db$/, '');
  return ['', '-wal', '-shm'].flatMap((suffix) => {
    if (!existsSync(`${path}${suffix}`)) return [];
    const target = `${base}.damaged-${stamp}.db${suffix}`;
    renameSync(`${path}${suffix}`, target);
    return [target];
  });
}

/** True for everything that waiting, space or permissions would not mend. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedRow) return true;
  if (!(error instanceof Error) || error instanceof NewerVersion || error instanceof AppError) return false;
  const code = codeOf(error);
  if (code === 'SQLITE_IOERR_SHORT_READ') return true;
  return (
    code.startsWith('SQLITE_') && !/^SQLITE_(BUSY|LOCKED|CANTOPEN|READONLY|PERM|FULL|NOMEM|IOERR|INTERRUPT)/.test(code)
  );
}

export function toJournalError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const options = { cause: error, facts: { path, detail } };
  if (/disk is full|SQLITE_FULL|ENOSPC/i.test(detail))
    return new AppError('DISK_FULL', { cause: error, facts: { path } });
  if (codeOf(error).startsWith('SQLITE_BUSY'))
    return new AppError('JOURNAL_BUSY', { cause: error, facts: { path, seconds: BUSY_SECONDS } });
  return new AppError(isDamage(error) ? 'JOURNAL_DAMAGED' : 'JOURNAL_UNAVAILABLE', options);
}

/** https://www.sqlite.org/rescode.html; empty for errors of others. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

class NewerVersion extends Error {}

/** https://www.sqlite.org/pragma.html#pragma_quick_check */
function check(database: Database.Database): void {
  const rows = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  const found = rows[0]?.quick_check ?? 'no answer';
  if (found !== 'ok') throw new DamagedRow(found);
}

/** Brings the file to the newest version, one step a transaction; a file of a newer app is refused rather than guessed at. */
function migrate(database: Database.Database): void {
  const version = readVersion(database);
  if (version > MIGRATIONS.length)
    throw new NewerVersion(
      `it was written by a newer version of Snowferry (format ${version}, this one knows ${MIGRATIONS.length})`,
    );
  MIGRATIONS.slice(version).forEach((statements, index) => {
    const reached = version + index + 1;
    database.transaction(() => {
      database.exec(statements);
      database.exec(`PRAGMA user_version = ${reached}`);
      if (reached >= META_SINCE)
        database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('format', ?)").run(String(reached));
    })();
  });
}

/** The number in the header has no check of its own, so it must agree with the tables: a damaged one must not pass for a newer version. */
function readVersion(database: Database.Database): number {
  const rows = database.prepare('PRAGMA user_version').all() as { user_version: number }[];
  const version = rows[0]?.user_version ?? 0;
  const tables = new Set(
    (database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[]).map(
      ({ name }) => name,
    ),
  );
  const kept = tables.has('meta')
    ? Number((database.prepare("SELECT value FROM meta WHERE key = 'format'").all() as { value: string }[])[0]?.value)
    : tables.size === 0
      ? 0
      : META_SINCE - 1;
  if (version !== kept) throw new DamagedRow(`its header names the format ${version}, its tables are of ${kept}`);
  return version;
}
