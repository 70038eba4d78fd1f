import { dirname, join } from 'node:path';
import type Database from 'libsql';
import { AppError } from '#shared/errors/app-error';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { JournalFinding } from '#shared/model/run';
import type { ValidationReport } from '#shared/model/validation';
import { lockInstance, type InstanceLock } from './instance-lock.ts';
import {
  DamagedRow,
  parseJson,
  toAttempt,
  toEvent,
  toPartition,
  toPartitionError,
  toRun,
  toTable,
  type Row,
} from './journal-rows.ts';
import { isDamage, openDatabase, setAside, toJournalError } from './open-database.ts';
import { digestOf, noteBegun, readBegun, removeRunFile, writeRunFile } from './plan-files.ts';
import { rebuildRuns, takeNewerPlan } from './rebuild-runs.ts';

/** Binds: run id, instance id. */
const IF_OWNER = 'WHERE EXISTS (SELECT 1 FROM run WHERE run_id = ? AND owner = ?)';

/** Errors that are kept of one partition: the first ones tell what is wrong. */
const MOST_ERRORS = 20;

/**
 * Opens or creates the journal. A damaged one is set aside, and its runs are rebuilt from the plans that lie beside it; `findings` says so. A file that
 * cannot be opened or written throws JOURNAL_UNAVAILABLE; nothing may start without it.
 */
export function openJournal(path: string): Journal {
  const runFiles = join(dirname(path), 'runs');
  const { lock, database, findings } = guard(path, () => open(path, runFiles));
  const journal = createJournal({ path, database, runFiles, lock, findings });
  return journal;
}

interface JournalParts {
  path: string;
  database: Database.Database;
  /** Where the plans of unfinished runs lie. */
  runFiles: string;
  lock: InstanceLock;
  findings: JournalFinding[];
}

function createJournal({ path, database, runFiles, lock, findings }: JournalParts): Journal {
  const run = (sql: string, ...values: (string | number | null)[]): void => {
    guard(path, () => database.prepare(sql).run(values));
  };
  const all = (sql: string, ...values: (string | number | null)[]): Row[] =>
    guard(path, () => database.prepare(sql).all(values) as Row[]);
  const rows = <T>(map: (row: Row) => T, sql: string, ...values: (string | number | null)[]): T[] =>
    guard(path, () => all(sql, ...values).map(map));

  const readAttempt = (attemptId: string) =>
    rows(toAttempt, 'SELECT * FROM attempt WHERE attempt_id = ?', attemptId)[0] ?? null;
  const owned = (runId: string): [string, string] => [runId, lock.instance.id];
  const readRun = (runId: string) => rows(toRun, 'SELECT * FROM run WHERE run_id = ?', runId)[0] ?? null;
  const readPlan = (planId: string): MigrationPlan | null => guard(path, () => readPlanOf(database, planId));
  const keepPlanOf = (of: { runId: string; planId: string; projectId: string | null; startedAt: string }): void => {
    const plan = readPlan(of.planId);
    const { runId, projectId, startedAt } = of;
    if (plan) guard(path, () => writeRunFile(runFiles, { runId, projectId, startedAt, plan }));
  };

  return {
    instance: lock.instance,
    findings,
    hasEnded: lock.hasEnded,
    savePlan(plan) {
      guard(path, () => savePlan(database, plan));
    },
    readPlan,
    createRun({ runId, planId, projectId, startedAt }) {
      keepPlanOf({ runId, planId, projectId, startedAt });
      run(
        "INSERT INTO run (run_id, plan_id, project_id, state, started_at, elapsed_ms, owner) VALUES (?, ?, ?, 'running', ?, 0, ?)",
        runId,
        planId,
        projectId,
        startedAt,
        lock.instance.id,
      );
    },
    own: (runId) => run('UPDATE run SET owner = ? WHERE run_id = ?', lock.instance.id, runId),
    isFree(runId) {
      const owner = all('SELECT owner FROM run WHERE run_id = ?', runId)[0]?.['owner'] ?? null;
      return owner === null || owner === lock.instance.id || lock.isGone(String(owner));
    },
    readRun,
    setRunPlan(runId, planId) {
      const known = readRun(runId);
      if (known) keepPlanOf({ ...known, planId });
      run('UPDATE run SET plan_id = ? WHERE run_id = ?', planId, runId);
    },
    setRecovered: (runId) => run('UPDATE run SET is_rebuilt = 0 WHERE run_id = ?', runId),
    listRuns: (projectId) => rows(toRun, 'SELECT * FROM run WHERE project_id IS ? ORDER BY started_at DESC', projectId),
    listAllRuns: () => rows(toRun, 'SELECT * FROM run ORDER BY started_at DESC'),
    unfinishedRuns: () =>
      rows(toRun, "SELECT * FROM run WHERE state IN ('running', 'pausing', 'cancelling') ORDER BY started_at"),
    setRunState(runId, { state, finishedAt, elapsedMs, summary, pause }) {
      run(
        'UPDATE run SET state = ?, finished_at = ?, elapsed_ms = ?, summary = ?, pause = ? WHERE run_id = ? AND owner = ?',
        state,
        finishedAt,
        elapsedMs,
        JSON.stringify(summary),
        toJson(pause),
        runId,
        lock.instance.id,
      );
      if (state === 'done') removeRunFile(runFiles, runId);
    },
    setTable: (runId, table) =>
      run(
        `INSERT OR REPLACE INTO table_state (run_id, table_id, state, is_prepared, target_created_at, target_rows_before, is_paused, unload_lanes,
           load_lanes, started_at, elapsed_ms, error, warnings) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? ${IF_OWNER}`,
        runId,
        table.tableId,
        table.state,
        table.isPrepared ? 1 : 0,
        table.targetCreatedAt,
        table.targetRowsBefore,
        table.isPaused ? 1 : 0,
        table.unloadLanes,
        table.loadLanes,
        table.startedAt,
        table.elapsedMs,
        toJson(table.error),
        JSON.stringify(table.warnings),
        ...owned(runId),
      ),
    tables: (runId) => rows(toTable, 'SELECT * FROM table_state WHERE run_id = ?', runId),
    setPartition: (runId, part) =>
      run(
        `INSERT OR REPLACE INTO partition_state (run_id, table_id, partition_id, state, attempt, attempt_id, source_rows, staged_rows, staged_bytes,
           staged_files, loaded_rows, error, first_error, error_count) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? ${IF_OWNER}`,
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
        toJson(part.firstError),
        part.errorCount,
        ...owned(runId),
      ),
    partitions: (runId) => rows(toPartition, 'SELECT * FROM partition_state WHERE run_id = ?', runId),
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
    setSession(attemptId, sessionId) {
      const attempt = readAttempt(attemptId);
      if (attempt) guard(path, () => noteBegun(runFiles, attempt.runId, { tableId: attempt.tableId, sessionId }));
      run('UPDATE attempt SET session_id = ? WHERE attempt_id = ?', sessionId, attemptId);
    },
    begunLoads: (runId) => readBegun(runFiles, runId),
    setCleaned: (attemptId) => run('UPDATE attempt SET is_cleaned = 1 WHERE attempt_id = ?', attemptId),
    readAttempt,
    attempts: (runId) => rows(toAttempt, 'SELECT * FROM attempt WHERE run_id = ?', runId),
    addError: (runId, tableId, { partitionId, attempt, at, error }) =>
      run(
        `INSERT INTO partition_error (run_id, table_id, partition_id, number, attempt, at, error)
         SELECT ?1, ?2, ?3, COUNT(*), ?4, ?5, ?6 FROM partition_error WHERE run_id = ?1 AND table_id = ?2 AND partition_id = ?3 HAVING COUNT(*) < ${MOST_ERRORS}`,
        runId,
        tableId,
        partitionId,
        attempt,
        at,
        JSON.stringify(error),
      ),
    errors: (runId, tableId, partitionId) =>
      rows(
        toPartitionError,
        'SELECT * FROM partition_error WHERE run_id = ? AND table_id = ? AND (? IS NULL OR partition_id = ?) ORDER BY at, number',
        runId,
        tableId,
        partitionId ?? null,
        partitionId ?? null,
      ),
    addEvent: (runId, { sequence, at, level, tableId, text }) =>
      run(
        `INSERT OR REPLACE INTO event (run_id, sequence, at, level, table_id, text) SELECT ?, ?, ?, ?, ?, ? ${IF_OWNER}`,
        runId,
        sequence,
        at,
        level,
        tableId,
        text,
        ...owned(runId),
      ),
    events: (runId, { before, limit }) =>
      rows(
        toEvent,
        'SELECT * FROM event WHERE run_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
        runId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      ),
    saveValidation: (runId, report) =>
      run('INSERT OR REPLACE INTO validation (run_id, report) VALUES (?, ?)', runId, JSON.stringify(report)),
    readValidation: (runId) =>
      rows(
        (row) => parseJson(row, 'report') as ValidationReport,
        'SELECT report FROM validation WHERE run_id = ?',
        runId,
      )[0] ?? null,
    close() {
      database.close();
      lock.release();
    },
  };
}

function open(path: string, runFiles: string): Pick<JournalParts, 'lock' | 'database' | 'findings'> {
  const lock = lockInstance(join(dirname(path), 'instances'));
  try {
    return { lock, ...openOrRebuild(path, { runFiles, lock }) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openOrRebuild(
  path: string,
  { runFiles, lock }: { runFiles: string; lock: InstanceLock },
): Pick<JournalParts, 'database' | 'findings'> {
  try {
    const database = openDatabase(path);
    try {
      readUnfinished(database);
      if (!lock.hasLivingOthers()) completeFromFiles(database, runFiles);
      return { database, findings: [] };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    if (lock.hasLivingOthers())
      throw new AppError('JOURNAL_UNAVAILABLE', {
        cause: error,
        facts: { path, detail: `${detail}; it cannot be set aside while another Snowferry has it open` },
      });
    const at = new Date();
    const aside = setAside(path, at);
    const database = openDatabase(path);
    const { rebuiltRuns, lostRuns } = rebuildRuns(database, runFiles, (plan) => savePlan(database, plan));
    return { database, findings: [{ at: at.toISOString(), detail, setAside: aside, rebuiltRuns, lostRuns }] };
  }
}

/** Everything that a resumed run would rely on is read once, so that damage shows now and not in the middle of the work. */
function readUnfinished(database: Database.Database): void {
  const runs = (database.prepare('SELECT * FROM run').all() as Row[]).map(toRun);
  for (const { runId, planId, state } of runs) {
    if (state === 'done') continue;
    readPlanOf(database, planId);
    for (const [table, map] of [
      ['table_state', toTable],
      ['partition_state', toPartition],
      ['attempt', toAttempt],
    ] as const)
      (database.prepare(`SELECT * FROM ${table} WHERE run_id = ?`).all(runId) as Row[]).forEach(map);
  }
}

/** A torn log may have cost the last commits without a trace: the files beside the journal were written before them. */
function completeFromFiles(database: Database.Database, runFiles: string): void {
  const keep = (plan: MigrationPlan): void => savePlan(database, plan);
  const runs = (database.prepare('SELECT * FROM run').all() as Row[]).map(toRun);
  for (const run of runs) if (run.state !== 'done') takeNewerPlan(database, run, { runFiles, savePlan: keep });
  rebuildRuns(database, runFiles, keep);
}

function savePlan(database: Database.Database, plan: MigrationPlan): void {
  const { tables, ...rest } = plan;
  const head = JSON.stringify(rest);
  const tasks = tables.map((task) => JSON.stringify(task));
  database.transaction(() => {
    database
      .prepare('INSERT INTO plan (plan_id, project_id, created_at, head, digest) VALUES (?, ?, ?, ?, ?)')
      .run(plan.id, plan.projectId, plan.createdAt, head, planDigest(head, tasks));
    const insert = database.prepare('INSERT INTO plan_table (plan_id, position, task) VALUES (?, ?, ?)');
    tasks.forEach((task, position) => insert.run(plan.id, position, task));
  })();
}

/** A plan holds the very statements of the run: one damaged character could load other rows, so it is compared with its digest. */
function readPlanOf(database: Database.Database, planId: string): MigrationPlan | null {
  const row = (database.prepare('SELECT head, digest FROM plan WHERE plan_id = ?').all(planId) as Row[])[0];
  if (!row) return null;
  const tasks = database
    .prepare('SELECT task FROM plan_table WHERE plan_id = ? ORDER BY position')
    .all(planId) as Row[];
  const texts = tasks.map((task) => String(task['task']));
  if (row['digest'] !== null && row['digest'] !== planDigest(String(row['head']), texts))
    throw new DamagedRow(`the plan ${planId} is not what was written`);
  const head = parseJson(row, 'head') as Omit<MigrationPlan, 'tables'>;
  return { ...head, tables: tasks.map((task) => parseJson(task, 'task') as TableTask) };
}

function planDigest(head: string, tasks: string[]): string {
  return digestOf([head, ...tasks].join('\n'));
}

function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toJournalError(path, error);
  }
}

const toJson = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
