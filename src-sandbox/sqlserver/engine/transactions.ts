import type { IsolationLevel } from '../engine-contract.ts';
import { fromDuckDb, SqlError } from './errors.ts';
import type { DatabaseMetadata, TableMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState, SessionTransaction } from './session-state.ts';

/** Opens a transaction of the session, or counts one deeper. Answers it when it is new. */
export function beginTransaction(server: ServerState, session: SessionState): SessionTransaction | null {
  if (session.transaction !== null) {
    session.transaction.depth += 1;
    return null;
  }
  session.transaction = {
    id: server.nextTransactionId(),
    depth: 1,
    isolation: session.options.isolation,
    startedTicks: nextTicks(),
    isOpen: false,
    written: [],
    savepoints: [],
    undo: [],
    isDoomed: false,
  };
  return session.transaction;
}

const UNIX_EPOCH_MS = 62_135_596_800_000n;
let lastTicks = 0n;

function nextTicks(): bigint {
  const now = (BigInt(Date.now()) + UNIX_EPOCH_MS) * 10_000n;
  lastTicks = now > lastTicks ? now : lastTicks + 1n;
  return lastTicks;
}

/** Answers the transaction's id when it ended with this. Throws 3902 without one. */
export async function commitTransaction(server: ServerState, session: SessionState): Promise<bigint | null> {
  const { transaction } = session;
  if (transaction === null) {
    throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
  }
  if (transaction.isDoomed) {
    throw new SqlError(
      3930,
      'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
    );
  }
  transaction.depth -= 1;
  if (transaction.depth > 0) return null;
  try {
    if (transaction.isOpen) await session.connection.run('COMMIT');
  } catch (error) {
    await rollbackAll(server, session);
    throw fromDuckDb(error);
  }
  session.transaction = null;
  server.locks.release(session.spid);
  return transaction.id;
}

export async function rollbackTransaction(server: ServerState, session: SessionState): Promise<bigint> {
  const id = await rollbackAll(server, session);
  if (id === null) throw new SqlError(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.');
  return id;
}

/** Rolls back whatever is open; answers its id or null. */
export async function rollbackAll(server: ServerState, session: SessionState): Promise<bigint | null> {
  const { transaction } = session;
  if (transaction === null) return null;
  if (transaction.isOpen) await session.connection.run('ROLLBACK').catch(() => undefined);
  for (const undo of transaction.undo.reverse()) undo();
  session.transaction = null;
  server.locks.release(session.spid);
  return transaction.id;
}

/** Puts the transaction back to where it was after `written` statements: DuckDB has no savepoints, so what was written before runs once more. */
export async function rewind(session: SessionState, to: { written: number; undo: number }): Promise<void> {
  const { transaction } = session;
  if (transaction === null) return;
  for (const undo of transaction.undo.splice(to.undo).reverse()) undo();
  transaction.written.length = Math.min(transaction.written.length, to.written);
  if (!transaction.isOpen) return;
  await session.connection.run('ROLLBACK').catch(() => undefined);
  transaction.isOpen = false;
  if (transaction.written.length === 0 && !keepsSnapshot(transaction.isolation)) return;
  await session.connection.run('BEGIN TRANSACTION');
  transaction.isOpen = true;
  for (const sql of transaction.written) await session.connection.run(sql);
}

export const keepsSnapshot = (isolation: IsolationLevel): boolean =>
  isolation === 'snapshot' || isolation === 'serializable' || isolation === 'repeatable-read';

/** Before a statement reads tables: checks SNAPSHOT, opens the snapshot, and waits for writers where readers do. */
export async function beforeRead(
  server: ServerState,
  session: SessionState,
  reads: { tables: Iterable<TableMetadata>; databases: Iterable<DatabaseMetadata>; signal: AbortSignal },
): Promise<void> {
  const { transaction, options } = session;
  const isolation = transaction?.isolation ?? options.isolation;
  if (
    options.isolation === 'snapshot' &&
    transaction !== null &&
    transaction.isolation !== 'snapshot' &&
    transaction.isOpen
  ) {
    throw new SqlError(
      3951,
      `Transaction failed in database '${session.database.name}' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level.`,
    );
  }
  if (isolation === 'snapshot' || options.isolation === 'snapshot') {
    for (const database of reads.databases) {
      if (!database.allowSnapshot && !['master', 'msdb', 'tempdb'].includes(database.name)) {
        throw new SqlError(
          3952,
          `Snapshot isolation transaction failed accessing database '${database.name}' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.`,
        );
      }
    }
    if (transaction !== null && !transaction.isOpen) transaction.isolation = 'snapshot';
  }
  const effective = transaction?.isolation ?? isolation;
  if (effective === 'read-committed' || effective === 'repeatable-read' || effective === 'serializable') {
    const versions =
      effective === 'read-committed' && [...reads.databases].every((database) => database.readCommittedSnapshot);
    if (!versions) {
      for (const table of reads.tables) {
        await server.locks.untilFree(lockName(table), {
          owner: session.spid,
          timeoutMs: options.lockTimeout,
          signal: reads.signal,
        });
      }
    }
  }
  if (transaction !== null && !transaction.isOpen && keepsSnapshot(transaction.isolation)) {
    await session.connection.run('BEGIN TRANSACTION');
    // DuckDB's snapshot is taken by the first statement.
    await session.connection.run('SELECT count(*) FROM duckdb_tables() WHERE false');
    transaction.isOpen = true;
  }
}

export const lockName = (table: TableMetadata): string => String(table.objectId);
