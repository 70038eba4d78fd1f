import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { MIGRATIONS } from './journal-schema.ts';
import { openJournal } from './journal.ts';
import { isDamage, openDatabase, setAside, toJournalError } from './open-database.ts';

const newPath = (): string => join(temporaryFolder('database'), 'journal.db');
const pragma = (database: Database.Database, name: string): unknown =>
  Object.values((database.prepare(`PRAGMA ${name}`).all() as Record<string, unknown>[])[0] ?? {})[0];

/** What an app of that version left behind, written with its own statements: they never change. */
const CONTENTS: Record<number, string> = {
  1: `
    INSERT INTO plan VALUES ('plan', 'p', '2026-01-01', '{"id":"plan","projectId":"p"}');
    INSERT INTO plan_table VALUES ('plan', 0, '{"id":"t"}');
    INSERT INTO run VALUES ('r', 'plan', 'p', 'running', '2026-01-01', NULL, 5, NULL);
    INSERT INTO table_state VALUES ('r', 't', 'running', 1, '2026-01-01', 3, NULL, '["w"]');
    INSERT INTO partition_state VALUES ('r', 't', 'x', 'loaded', 2, 'a', 9, 9, 90, 1, 9, NULL);
    INSERT INTO attempt VALUES ('a', 'r', 't', 'x', 'r/t/x/a/', '{}', '77', 0);
    INSERT INTO event VALUES ('r', 1, '2026-01-01', 'info', NULL, 'began');
    INSERT INTO validation VALUES ('r', '{"results":[]}');
  `,
};

function writeVersion(path: string, version: number): void {
  const database = new Database(path);
  MIGRATIONS.slice(0, version).forEach((statements, index) => {
    database.exec(statements);
    if (index + 1 >= 2) database.exec(`INSERT OR REPLACE INTO meta VALUES ('format', '${index + 1}')`);
    if (CONTENTS[index + 1]) database.exec(CONTENTS[index + 1] ?? '');
  });
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

describe('the file of the journal', () => {
  it('is durable at every commit: write-ahead log, synchronised fully', () => {
    const database = openDatabase(newPath());
    expect(pragma(database, 'journal_mode')).toBe('wal');
    expect(pragma(database, 'synchronous')).toBe(2);
    database.close();
  });

  it.each(MIGRATIONS.map((_, index) => index + 1))(
    'of the format %i is brought to the newest one with all it holds',
    (version) => {
      const path = newPath();
      writeVersion(path, version);
      const journal = openJournal(path);
      expect(journal.findings).toEqual([]);
      expect(journal.readRun('r')).toMatchObject({ runId: 'r', state: 'running', elapsedMs: 5, pause: null });
      expect(journal.readPlan('plan')).toMatchObject({ id: 'plan', tables: [{ id: 't' }] });
      expect(journal.tables('r')).toMatchObject([
        { tableId: 't', isPrepared: true, warnings: ['w'], isPaused: false, targetCreatedAt: null, unloadLanes: null },
      ]);
      expect(journal.partitions('r')).toMatchObject([
        { partitionId: 'x', state: 'loaded', attempt: 2, loadedRows: 9, firstError: null, errorCount: 0 },
      ]);
      expect(journal.attempts('r')).toMatchObject([{ attemptId: 'a', sessionId: '77', manifest: '{}' }]);
      expect(journal.events('r', { before: null, limit: 9 }).map(({ text }) => text)).toEqual(['began']);
      expect(journal.readValidation('r')).toEqual({ results: [] });
      expect(journal.errors('r', 't')).toEqual([]);
      journal.close();
      const again = openDatabase(path);
      expect(pragma(again, 'user_version')).toBe(MIGRATIONS.length);
      again.close();
    },
  );

  it('of a newer app is refused and left as it is', () => {
    const path = newPath();
    writeVersion(path, MIGRATIONS.length);
    const database = new Database(path);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.exec(`UPDATE meta SET value = '${MIGRATIONS.length + 1}'`);
    database.close();
    expect(() => openJournal(path)).toThrowError(/newer version of Snowferry/);
    const again = new Database(path);
    expect(pragma(again, 'user_version')).toBe(MIGRATIONS.length + 1);
    again.close();
  });

  it('that another process holds is named as held, not as damaged or unwritable', () => {
    const path = newPath();
    const holder = openDatabase(path);
    const waiting = openDatabase(path);
    waiting.exec('PRAGMA busy_timeout = 20');
    holder.exec('BEGIN IMMEDIATE');
    let refused: unknown = null;
    try {
      waiting.exec("INSERT INTO meta VALUES ('a', 'b')");
    } catch (error) {
      refused = error;
    }
    expect(isDamage(refused)).toBe(false);
    expect(toJournalError(path, refused)).toMatchObject({ code: 'JOURNAL_BUSY', facts: { path, seconds: 5 } });
    holder.exec('COMMIT');
    waiting.exec("INSERT INTO meta VALUES ('a', 'b')");
    holder.close();
    waiting.close();
  });

  it('is set aside under a name that says why and when', () => {
    const path = newPath();
    writeFileSync(path, 'x');
    writeFileSync(`${path}-wal`, 'y');
    const moved = setAside(path, new Date('2026-02-03T04:05:06.789Z'));
    expect(moved.map((name) => name.slice(name.lastIndexOf('/') + 1))).toEqual([
      'journal.damaged-2026-02-03T04-05-06-789Z.db',
      'journal.damaged-2026-02-03T04-05-06-789Z.db-wal',
    ]);
  });
});
