import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { AppError, type ErrorValue } from '#shared/errors/app-error';
import type { Journal, JournalAttempt, JournalPartition, JournalRun, JournalTable } from '#shared/model/journal';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { PartitionState, RunEvent, RunState, RunSummary, TableState } from '#shared/model/run';
import type { ValidationReport } from '#shared/model/validation';
import { MIGRATIONS } from './journal-schema.ts';

type Row = Record<string, string | number | null>;

/** Opens or creates the journal. A file that cannot be opened or written rejects with JOURNAL_UNAVAILABLE; nothing may start without it. */
export function openJournal(path: string): Journal {
  const database = open(path);
  const run = (sql: string, ...values: (string | number | null)[]): void => {
    guard(path, () => database.prepare(sql).run(values));
  };
  const all = (sql: string, ...values: (string | number | null)[]): Row[] =>
    guard(path, () => database.prepare(sql).all(values) as Row[]);
  const first = (sql: string, ...values: (string | number | null)[]): Row | null => all(sql, ...values)[0] ?? null;

  return {
    savePlan(plan) {
      const { tables, ...head } = plan;
      guard(path, () =>
        database.transaction(() => {
          database
            .prepare('INSERT INTO plan (plan_id, project_id, created_at, head) VALUES (?, ?, ?, ?)')
            .run(plan.id, plan.projectId, plan.createdAt, JSON.stringify(head));
          const insert = database.prepare('INSERT INTO plan_table (plan_id, position, task) VALUES (?, ?, ?)');
          tables.forEach((task, position) => insert.run(plan.id, position, JSON.stringify(task)));
        })(),
      );
    },
    readPlan(planId) {
      const head = first('SELECT head FROM plan WHERE plan_id = ?', planId);
      if (!head) return null;
      const tables = all('SELECT task FROM plan_table WHERE plan_id = ? ORDER BY position', planId).map(
        (row) => JSON.parse(String(row['task'])) as TableTask,
      );
      return { ...(JSON.parse(String(head['head'])) as Omit<MigrationPlan, 'tables'>), tables };
    },
    createRun: ({ runId, planId, projectId, startedAt }) =>
      run(
        "INSERT INTO run (run_id, plan_id, project_id, state, started_at, elapsed_ms) VALUES (?, ?, ?, 'running', ?, 0)",
        runId,
        planId,
        projectId,
        startedAt,
      ),
    readRun: (runId) => mapRow(first('SELECT * FROM run WHERE run_id = ?', runId), toRun),
    setRunPlan: (runId, planId) => run('UPDATE run SET plan_id = ? WHERE run_id = ?', planId, runId),
    listRuns: (projectId) =>
      all('SELECT * FROM run WHERE project_id IS ? ORDER BY started_at DESC', projectId).map(toRun),
    unfinishedRuns: () =>
      all("SELECT * FROM run WHERE state IN ('running', 'pausing', 'cancelling') ORDER BY started_at").map(toRun),
    setRunState: (runId, { state, finishedAt, elapsedMs, summary }) =>
      run(
        'UPDATE run SET state = ?, finished_at = ?, elapsed_ms = ?, summary = ? WHERE run_id = ?',
        state,
        finishedAt,
        elapsedMs,
        JSON.stringify(summary),
        runId,
      ),
    setTable: (runId, table) =>
      run(
        `INSERT INTO table_state (run_id, table_id, state, is_prepared, started_at, elapsed_ms, error, warnings) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run_id, table_id) DO UPDATE SET state = excluded.state, is_prepared = excluded.is_prepared, started_at = excluded.started_at,
           elapsed_ms = excluded.elapsed_ms, error = excluded.error, warnings = excluded.warnings`,
        runId,
        table.tableId,
        table.state,
        table.isPrepared ? 1 : 0,
        table.startedAt,
        table.elapsedMs,
        toJson(table.error),
        JSON.stringify(table.warnings),
      ),
    tables: (runId) => all('SELECT * FROM table_state WHERE run_id = ?', runId).map(toTable),
    setPartition: (runId, part) =>
      run(
        `INSERT INTO partition_state (run_id, table_id, partition_id, state, attempt, attempt_id, source_rows, staged_rows, staged_bytes, staged_files, loaded_rows, error)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run_id, table_id, partition_id) DO UPDATE SET state = excluded.state, attempt = excluded.attempt, attempt_id = excluded.attempt_id,
           source_rows = excluded.source_rows, staged_rows = excluded.staged_rows, staged_bytes = excluded.staged_bytes, staged_files = excluded.staged_files,
           loaded_rows = excluded.loaded_rows, error = excluded.error`,
        runId,
        part.tableId,
        part.partitionId,
        part.state,
        part.attempt,
        part.attemptId,
        part.sourceRows,
        part.stagedRows,
        part.stagedBytes,
        part.stagedFiles,
        part.loadedRows,
        toJson(part.error),
      ),
    partitions: (runId) => all('SELECT * FROM partition_state WHERE run_id = ?', runId).map(toPartition),
    startAttempt: ({ attemptId, runId, tableId, partitionId, path: stagedPath }) =>
      run(
        'INSERT INTO attempt (attempt_id, run_id, table_id, partition_id, path) VALUES (?, ?, ?, ?, ?)',
        attemptId,
        runId,
        tableId,
        partitionId,
        stagedPath,
      ),
    setManifest: (attemptId, manifest) =>
      run('UPDATE attempt SET manifest = ? WHERE attempt_id = ?', manifest, attemptId),
    setSession: (attemptId, sessionId) =>
      run('UPDATE attempt SET session_id = ? WHERE attempt_id = ?', sessionId, attemptId),
    setCleaned: (attemptId) => run('UPDATE attempt SET is_cleaned = 1 WHERE attempt_id = ?', attemptId),
    readAttempt: (attemptId) => mapRow(first('SELECT * FROM attempt WHERE attempt_id = ?', attemptId), toAttempt),
    attempts: (runId) => all('SELECT * FROM attempt WHERE run_id = ?', runId).map(toAttempt),
    addEvent: (runId, { sequence, at, level, tableId, text }) =>
      run(
        'INSERT OR REPLACE INTO event (run_id, sequence, at, level, table_id, text) VALUES (?, ?, ?, ?, ?, ?)',
        runId,
        sequence,
        at,
        level,
        tableId,
        text,
      ),
    events: (runId, { before, limit }) =>
      all(
        'SELECT * FROM event WHERE run_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
        runId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      ).map(toEvent),
    saveValidation: (runId, report) =>
      run('INSERT OR REPLACE INTO validation (run_id, report) VALUES (?, ?)', runId, JSON.stringify(report)),
    readValidation: (runId) =>
      mapRow(
        first('SELECT report FROM validation WHERE run_id = ?', runId),
        (row) => JSON.parse(String(row['report'])) as ValidationReport,
      ),
    close: () => database.close(),
  };
}

function open(path: string): Database.Database {
  return guard(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const database = new Database(path);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA busy_timeout = 5000');
    migrate(database);
    return database;
  });
}

/** Brings the file to the newest version, one step a transaction; a file of a newer app is refused rather than guessed at. */
function migrate(database: Database.Database): void {
  const rows = database.prepare('PRAGMA user_version').all() as { user_version: number }[];
  const version = rows[0]?.user_version ?? 0;
  if (version > MIGRATIONS.length)
    throw new Error(
      `it was written by a newer version of Snowferry (format ${version}, this one knows ${MIGRATIONS.length})`,
    );
  MIGRATIONS.slice(version).forEach((statements, index) => {
    database.transaction(() => {
      database.exec(statements);
      database.exec(`PRAGMA user_version = ${version + index + 1}`);
    })();
  });
}

function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    const isFull = /disk is full|SQLITE_FULL|ENOSPC/i.test(detail);
    throw isFull
      ? new AppError('DISK_FULL', { cause: error, facts: { path } })
      : new AppError('JOURNAL_UNAVAILABLE', { cause: error, facts: { path, detail } });
  }
}

function mapRow<T>(row: Row | null, map: (row: Row) => T): T | null {
  return row ? map(row) : null;
}

const toJson = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
const text = (row: Row, column: string): string => String(row[column]);
const textOrNull = (row: Row, column: string): string | null => (row[column] === null ? null : String(row[column]));
const numberOrNull = (row: Row, column: string): number | null => (row[column] === null ? null : Number(row[column]));
const errorOrNull = (row: Row): ErrorValue | null =>
  row['error'] === null ? null : (JSON.parse(text(row, 'error')) as ErrorValue);

function toRun(row: Row): JournalRun {
  const summary = textOrNull(row, 'summary');
  return {
    runId: text(row, 'run_id'),
    planId: text(row, 'plan_id'),
    projectId: textOrNull(row, 'project_id'),
    state: text(row, 'state') as RunState,
    startedAt: text(row, 'started_at'),
    finishedAt: textOrNull(row, 'finished_at'),
    elapsedMs: Number(row['elapsed_ms']),
    summary: summary === null ? null : (JSON.parse(summary) as RunSummary),
  };
}

function toTable(row: Row): JournalTable {
  return {
    tableId: text(row, 'table_id'),
    state: text(row, 'state') as TableState,
    isPrepared: row['is_prepared'] === 1,
    startedAt: textOrNull(row, 'started_at'),
    elapsedMs: numberOrNull(row, 'elapsed_ms'),
    error: errorOrNull(row),
    warnings: JSON.parse(text(row, 'warnings')) as string[],
  };
}

function toPartition(row: Row): JournalPartition {
  return {
    tableId: text(row, 'table_id'),
    partitionId: text(row, 'partition_id'),
    state: text(row, 'state') as PartitionState,
    attempt: Number(row['attempt']),
    attemptId: textOrNull(row, 'attempt_id'),
    sourceRows: numberOrNull(row, 'source_rows'),
    stagedRows: numberOrNull(row, 'staged_rows'),
    stagedBytes: numberOrNull(row, 'staged_bytes'),
    stagedFiles: numberOrNull(row, 'staged_files'),
    loadedRows: numberOrNull(row, 'loaded_rows'),
    error: errorOrNull(row),
  };
}

function toAttempt(row: Row): JournalAttempt {
  return {
    attemptId: text(row, 'attempt_id'),
    runId: text(row, 'run_id'),
    tableId: text(row, 'table_id'),
    partitionId: text(row, 'partition_id'),
    path: text(row, 'path'),
    manifest: textOrNull(row, 'manifest'),
    sessionId: textOrNull(row, 'session_id'),
    isCleaned: row['is_cleaned'] === 1,
  };
}

function toEvent(row: Row): RunEvent {
  return {
    sequence: Number(row['sequence']),
    at: text(row, 'at'),
    level: text(row, 'level') as RunEvent['level'],
    tableId: textOrNull(row, 'table_id'),
    text: text(row, 'text'),
  };
}
