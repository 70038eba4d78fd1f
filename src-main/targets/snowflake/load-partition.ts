import { AppError } from '#shared/errors/app-error';
import { DEFAULT_LIMITS } from '#shared/model/run-limits';
import { tableLabel } from '#shared/model/table';
import { sleep, throwIfAborted } from '../../lib/abort.ts';
import type { LedgerRow, LoadOutcome, LoadRequest } from '../target.ts';
import type { Session } from './connect.ts';
import { deleteStatement } from './dialect.ts';
import { isAnswerLost } from './errors.ts';
import { execute, toRecords, type StatementResult } from './execute.ts';
import { toLedgerRow } from './ledger.ts';
import { ledgerTable, markLoadedSql } from './ledger-sql.ts';
import { leaseLost, readLeases } from './lease.ts';
import { copyStatements } from './load.ts';
import { abortTransactionsOf, hasOpenTransaction } from './orphans.ts';
import type { SessionPool } from './session-pool.ts';

const DOUBT_POLLS = 30;
const DOUBT_POLLS_WITHOUT_SESSION = 2;
const DOUBT_PAUSE_MS = 2_000;
const ROLLBACK_TIMEOUT_MS = 30_000;
const LOCK_REFUSED = '000625';
const LOCK_ATTEMPTS = 10;
const LOCK_PAUSE_MS = 1_000;

/**
 * Loads one partition exactly once, on a session of its own: ledger state, BEGIN, optional DELETE, COPY, comparison of files and rows with the manifest,
 * ledger UPDATE that must change one row, COMMIT. Whatever is not as expected is rolled back. See DESIGN 6.3.
 *
 * An abort is honoured until COMMIT is sent; from then on the answer is awaited, because nobody could tell otherwise what happened. When that answer is
 * lost, the old transaction is waited for or aborted and the ledger tells; COPY is never sent again.
 */
export async function loadPartition(
  pool: SessionPool,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<LoadOutcome> {
  const tag = {
    run: request.runId,
    table: request.tableId,
    partition: request.partitionId,
    attempt: request.attemptId,
  };
  let sessionId = '';
  let result: LoadOutcome | InDoubt;
  try {
    result = await pool.withOwnSession({ signal, tag }, async (session) => {
      sessionId = session.id;
      request.onSession?.(session.id);
      return loadInSession(session, request, signal);
    });
  } catch (error) {
    if (isAnswerLost(error)) await abortLost(pool, { sessionId, request });
    throw error;
  }
  return result.kind === 'commit-in-doubt' ? settleDoubt(pool, request, { ...result, sessionId }) : result;
}

/** A session that is gone cannot roll back, and its transaction would keep its locks: another one ends it. A failure leaves that to the next recovery. */
async function abortLost(
  pool: SessionPool,
  { sessionId, request }: { sessionId: string; request: LoadRequest },
): Promise<void> {
  const signal = AbortSignal.timeout(ROLLBACK_TIMEOUT_MS);
  const tag = { run: request.runId, aborts: request.attemptId };
  await pool
    .withOwnSession({ signal, tag }, (session) => abortTransactionsOf(session, [sessionId], signal))
    .catch(() => undefined);
}

type Loaded = Extract<LoadOutcome, { kind: 'loaded' }>;
/** COMMIT was sent and its answer did not come, or was an error. */
interface InDoubt {
  kind: 'commit-in-doubt';
  loaded: Loaded;
  error: unknown;
}

async function loadInSession(
  session: Session,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<LoadOutcome | InDoubt> {
  const started = performance.now();
  const label = tableLabel(request.table);
  const before = await readState(session, request, signal);
  if (before.state === 'LOADED') return { kind: 'already-loaded', loadedRows: before.loadedRows ?? 0 };
  await execute(session, { sql: 'BEGIN TRANSACTION', signal, object: label });
  let loaded: Loaded;
  try {
    if (request.deletePredicate !== null)
      await execute(session, { sql: deleteStatement(request), signal, object: label });
    const { loadedRows, queryId } = await copyFiles(session, request, signal);
    if (loadedRows !== request.expectedRows) {
      throw new AppError('LOAD_COUNT_MISMATCH', {
        facts: { table: label, loadedRows, stagedRows: request.expectedRows },
        queryId,
      });
    }
    await markLoaded({ session, request, signal, loadedRows, queryId });
    loaded = { kind: 'loaded', loadedRows, queryId, elapsedMs: Math.round(performance.now() - started) };
    throwIfAborted(signal);
  } catch (error) {
    await rollBack(session);
    const after = isLostRace(error) ? await readState(session, request, signal) : null;
    if (after?.state === 'LOADED') return { kind: 'already-loaded', loadedRows: after.loadedRows ?? 0 };
    throw error;
  }
  return commit(session, { ...loaded, elapsedMs: Math.round(performance.now() - started) }, label);
}

/** The partition is loaded all the same, by a try whose COMMIT was in doubt or by another instance. */
function isLostRace(error: unknown): boolean {
  return error instanceof AppError && error.code === 'LOAD_LOST_RACE';
}

/** Every file must be there once with the status LOADED; a file that COPY skipped or loaded in part is an error although the statement succeeded. */
async function copyFiles(
  session: Session,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<{ loadedRows: number; queryId: string }> {
  const label = tableLabel(request.table);
  let loadedRows = 0;
  let queryId = '';
  const statements = copyStatements(request);
  const seen = new Set<string>();
  for (const sql of statements) {
    const result = await runCopy(session, { sql, label, signal, limits: request.limits });
    queryId = result.queryId;
    for (const file of toRecords(result)) {
      if (!file['file']) continue;
      if ((file['status'] ?? '').toUpperCase() !== 'LOADED')
        throw loadRefused(
          label,
          file['file'],
          file['first_error'] ?? `its status is ${file['status'] ?? 'unknown'}`,
          queryId,
        );
      seen.add(baseName(file['file']));
      loadedRows += Number(file['rows_loaded'] ?? 0);
    }
  }
  const missing = request.files.find((name) => !seen.has(baseName(name)));
  if (missing !== undefined) {
    // As if it had been loaded before, by a transaction that was rolled back: a new attempt has a new path.
    throw new AppError('LOAD_COUNT_MISMATCH', {
      facts: { table: label, loadedRows, stagedRows: request.expectedRows },
      raw: `COPY left out the file ${missing}.`,
      queryId,
    });
  }
  return { loadedRows, queryId };
}

async function runCopy(
  session: Session,
  options: { sql: string; label: string; signal: AbortSignal; limits: LoadRequest['limits'] },
): Promise<StatementResult> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  try {
    return await execute(session, {
      sql: options.sql,
      signal: options.signal,
      object: options.label,
      timeoutMs: limits.loadSeconds * 1000,
      watchdogMs: limits.statementSilenceSeconds * 1000,
    });
  } catch (error) {
    throw copyError(error, options.label);
  }
}

/** COPY names file, row and column in its text: they make the error useful. */
function copyError(error: unknown, label: string): unknown {
  if (!(error instanceof AppError) || error.code !== 'TARGET_STATEMENT_FAILED' || error.raw === null) return error;
  const file = /File '([^']+)'/.exec(error.raw)?.[1];
  const missing = /Remote file '([^']+)' was not found/i.exec(error.raw)?.[1];
  if (missing) {
    return new AppError('S3_OBJECT_MISSING', { cause: error, facts: { key: missing }, ...details(error) });
  }
  if (!file) return error;
  return new AppError('LOAD_REFUSED', {
    cause: error,
    facts: { table: label, file, detail: String(error.facts['detail'] ?? '') },
    ...details(error),
  });
}

function details(error: AppError) {
  return {
    ...(error.raw === null ? {} : { raw: error.raw }),
    ...(error.statement === null ? {} : { statement: error.statement }),
    ...(error.queryId === null ? {} : { queryId: error.queryId }),
  };
}

interface MarkLoaded {
  session: Session;
  request: LoadRequest;
  signal: AbortSignal;
  loadedRows: number;
  queryId: string;
}

async function markLoaded(options: MarkLoaded): Promise<void> {
  const { request } = options;
  const result = await updateLedger(options);
  const index = result.columns.findIndex((column) => /rows updated/i.test(column));
  const updated = Number(result.rows[0]?.[Math.max(index, 0)] ?? 0);
  if (updated === 1) return;
  if (updated === 0) throw await whyNotMarked(options, result.queryId);
  throw new AppError('INTERNAL', {
    facts: {
      detail: `The ledger holds ${updated} rows for one partition of ${tableLabel(request.table)}. The load was rolled back.`,
    },
    queryId: result.queryId,
  });
}

/** The row was not changed because somebody loaded the partition first, or because the lease is gone. */
async function whyNotMarked({ session, request, signal }: MarkLoaded, queryId: string): Promise<AppError> {
  const facts = { table: tableLabel(request.table) };
  const { state } = await readState(session, request, signal);
  if (state === 'LOADED' || !request.lease) return new AppError('LOAD_LOST_RACE', { facts, queryId });
  const [by] = await readLeases(session, request, signal);
  return leaseLost(by ?? null, queryId);
}

/** Loads of other partitions hold the ledger's lock for a moment. More than 20 waiting statements are refused at once, so a refusal is tried again. */
async function updateLedger(options: MarkLoaded): Promise<StatementResult> {
  const { session, request, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await execute(session, {
        sql: markLoadedSql(request.ledger, request.lease !== undefined),
        binds: [
          request.attemptId,
          options.loadedRows,
          request.expectedRows,
          request.fileDigest,
          session.id,
          options.queryId,
          request.runId,
          request.tableId,
          request.partitionId,
          ...(request.lease ? [request.runId, request.lease.instanceId] : []),
        ],
        signal,
        object: `${request.ledger.database}.${request.ledger.schema}`,
      });
    } catch (error) {
      const isLockRefused = error instanceof AppError && error.facts['vendorCode'] === LOCK_REFUSED;
      if (!isLockRefused || attempt === LOCK_ATTEMPTS) throw error;
      await sleep(LOCK_PAUSE_MS, signal);
    }
  }
}

/** Not bound to the caller's signal: once COMMIT is on its way, its result has to be known. Whatever error comes back, only the ledger tells what is true. */
async function commit(session: Session, loaded: Loaded, label: string): Promise<Loaded | InDoubt> {
  try {
    await execute(session, { sql: 'COMMIT', signal: new AbortController().signal, object: label });
    return loaded;
  } catch (error) {
    if (!isAnswerLost(error)) await rollBack(session);
    return { kind: 'commit-in-doubt', loaded, error };
  }
}

/** The transaction must not survive: when ROLLBACK does not get through, closing the session lets the server roll back. */
async function rollBack(session: Session): Promise<void> {
  try {
    await execute(session, { sql: 'ROLLBACK', signal: new AbortController().signal, timeoutMs: ROLLBACK_TIMEOUT_MS });
  } catch {
    return;
  }
}

async function readState(session: Session, request: LoadRequest, signal: AbortSignal): Promise<LedgerRow> {
  const result = await execute(session, {
    sql: stateSql(request),
    binds: [request.runId, request.tableId, request.partitionId],
    signal,
    object: `${request.ledger.database}.${request.ledger.schema}`,
  });
  return oneRow(result, request);
}

function stateSql(request: LoadRequest): string {
  return `SELECT RUN_ID, TABLE_ID, PARTITION_ID, TARGET_TABLE, ATTEMPT_ID, STATE, EXPECTED_ROWS, LOADED_ROWS, FILE_DIGEST FROM ${ledgerTable(request.ledger)} WHERE RUN_ID = ? AND TABLE_ID = ? AND PARTITION_ID = ?`;
}

function oneRow(result: StatementResult, request: LoadRequest): LedgerRow {
  const row = toRecords(result)[0];
  if (!row) {
    throw new AppError('INTERNAL', {
      facts: {
        detail: `The ledger has no row for the partition ${request.partitionId} of ${tableLabel(request.table)}.`,
      },
    });
  }
  return toLedgerRow(row);
}

/**
 * COMMIT without an answer: first the old transaction must be gone (committed, rolled back, or aborted here after a while), then a session that began
 * after that reads the ledger. docs.snowflake.com/en/sql-reference/transactions
 */
async function settleDoubt(
  pool: SessionPool,
  request: LoadRequest,
  doubt: InDoubt & { sessionId: string },
): Promise<LoadOutcome> {
  const signal = AbortSignal.timeout(DOUBT_POLLS * DOUBT_PAUSE_MS * 4);
  const tag = { run: request.runId, settles: request.attemptId };
  // A session that Snowflake does not know any more: only a COMMIT that came before that, and whose answer got lost, can still be at work.
  const isSessionGone = doubt.error instanceof AppError && doubt.error.code === 'SESSION_EXPIRED';
  const patience = isSessionGone ? DOUBT_POLLS_WITHOUT_SESSION : DOUBT_POLLS;
  let row: LedgerRow;
  try {
    row = await pool.withOwnSession({ signal, tag }, async (session) => {
      for (let poll = 0; await hasOpenTransaction(session, doubt.sessionId, signal); poll++) {
        if (poll === patience) await abortTransactionsOf(session, [doubt.sessionId], signal);
        await sleep(DOUBT_PAUSE_MS, signal);
      }
      return readState(session, request, signal);
    });
  } catch (error) {
    throw new AppError('LOAD_IN_DOUBT', { cause: error, facts: { table: tableLabel(request.table) } });
  }
  if (row.state !== 'LOADED') throw doubt.error;
  if (row.attemptId === request.attemptId) return doubt.loaded;
  return { kind: 'already-loaded', loadedRows: row.loadedRows ?? 0 };
}

function loadRefused(table: string, file: string, detail: string, queryId: string): AppError {
  return new AppError('LOAD_REFUSED', { facts: { table, file, detail }, queryId });
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
