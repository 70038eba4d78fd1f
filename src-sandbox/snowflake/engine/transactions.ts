import type { Table } from '../catalog/catalog-types.ts';
import { fromDuckDb, SnowflakeError } from '../errors.ts';
import { runSql, type Engine } from './database.ts';
import type { LockManager, LockMode } from './locks.ts';
import type { Session } from './session.ts';
import type { TableDelta, Transaction } from './transaction.ts';

export interface TransactionOptions {
  /** An idle transaction that blocks another is aborted after this. The vendor's: 5 minutes. */
  blockingIdleMs: number;
  /** Any idle transaction is aborted after this. The vendor's: 4 hours. */
  idleMs: number;
}

export interface Transactions {
  /** The open transaction, or a new one for a single statement. */
  ensure(session: Session): Transaction;
  begin(session: Session, options: { name?: string }): Transaction;
  commit(session: Session): Promise<void>;
  rollback(session: Session): Promise<void>;
  /** Ends a one-statement transaction by its outcome; leaves an explicit one open. */
  endStatement(session: Session, succeeded: boolean): Promise<void>;
  delta(session: Session, table: Table): Promise<TableDelta>;
  lock(session: Session, table: Table, mode: LockMode, signal: AbortSignal): Promise<void>;
  atomically<T>(session: Session, work: () => Promise<T>): Promise<T>;
  /** SYSTEM$ABORT_TRANSACTION and the idle sweep. */
  abort(id: string, caller?: Session): Promise<boolean>;
  list(): { transaction: Transaction; session: Session }[];
  sweep(now: number): Promise<void>;
}

/**
 * READ COMMITTED over DuckDB: a transaction's writes are kept in temporary tables of its session (TableDelta) and moved into
 * the base tables by COMMIT in one short DuckDB transaction. So each statement reads what is committed when it starts, plus
 * the transaction's own writes, and DuckDB never sees two long transactions in conflict; table locks order the writers.
 */
export function createTransactions(engine: Engine, locks: LockManager, options: TransactionOptions): Transactions {
  const open = new Map<string, { transaction: Transaction; session: Session }>();
  const inAtomic = new Set<Session>();
  let lastId = BigInt(Date.now()) * 1_000_000n;

  const start = (session: Session, name: string | undefined, explicit: boolean): Transaction => {
    const now = BigInt(Date.now()) * 1_000_000n;
    lastId = now > lastId ? now : lastId + 1_000_000n;
    const transaction: Transaction = {
      id: String(lastId),
      name: name ?? crypto.randomUUID(),
      sessionId: session.id,
      userName: session.user.name,
      startedOn: new Date(),
      lastActiveOn: new Date(),
      explicit,
      deltas: new Map(),
      endListeners: [],
      state: 'running',
      detached: false,
    };
    session.transaction = transaction;
    open.set(transaction.id, { transaction, session });
    return transaction;
  };

  const finish = async (session: Session, transaction: Transaction, committed: boolean): Promise<void> => {
    transaction.state = committed ? 'committed' : 'rolled back';
    open.delete(transaction.id);
    if (session.transaction === transaction) session.transaction = null;
    for (const delta of transaction.deltas.values()) {
      await session.connection.run(`DROP TABLE IF EXISTS ${delta.inserted}`).catch(() => undefined);
      await session.connection.run(`DROP TABLE IF EXISTS ${delta.deleted}`).catch(() => undefined);
    }
    locks.release(transaction.id);
    for (const listener of transaction.endListeners) listener(committed);
  };

  const apply = async (session: Session, transaction: Transaction): Promise<void> => {
    const { connection } = session;
    await connection.run('BEGIN');
    try {
      for (const delta of transaction.deltas.values()) {
        if (delta.hasDeletes)
          await connection.run(`DELETE FROM ${delta.table.storage} WHERE rid IN (SELECT rid FROM ${delta.deleted})`);
        if (delta.hasInserts)
          await connection.run(`INSERT INTO ${delta.table.storage} BY NAME SELECT * FROM ${delta.inserted}`);
      }
      await connection.run('COMMIT');
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined);
      throw fromDuckDb(error);
    }
  };

  const commit = async (session: Session): Promise<void> => {
    const { transaction } = session;
    if (!transaction) return;
    const writes = [...transaction.deltas.values()].some((d) => d.hasInserts || d.hasDeletes);
    transaction.state = 'committing';
    try {
      if (writes) await engine.exclusively(() => apply(session, transaction));
    } catch (error) {
      await finish(session, transaction, false);
      throw error;
    }
    await finish(session, transaction, true);
  };

  const rollback = async (session: Session): Promise<void> => {
    if (session.transaction) await finish(session, session.transaction, false);
  };

  /** A statement that runs in it is canceled first: its temporary tables cannot go before it has let go of them. */
  const abort = async (id: string, caller?: Session): Promise<boolean> => {
    const found = open.get(id);
    if (!found || found.transaction.state !== 'running') return false;
    const { session } = found;
    if (session.running && session !== caller) {
      session.running.cancel.abort();
      await session.running.done;
    }
    if (open.has(id)) await finish(session, found.transaction, false);
    return true;
  };

  return {
    ensure: (session) =>
      session.transaction ?? start(session, undefined, session.parameters.get('AUTOCOMMIT') === 'false'),
    begin: (session, { name }) => start(session, name, true),
    commit,
    rollback,
    abort,
    endStatement: async (session, succeeded) => {
      const { transaction } = session;
      if (!transaction) return;
      transaction.lastActiveOn = new Date();
      if (transaction.explicit) return;
      if (succeeded) await commit(session);
      else await rollback(session);
    },
    delta: async (session, table) => {
      const transaction = session.transaction;
      if (!transaction) throw new SnowflakeError('000603', 'XX000', 'SQL execution internal error: no transaction');
      const known = transaction.deltas.get(table.id);
      if (known) return known;
      const delta: TableDelta = {
        table,
        inserted: `temp.i${table.id}`,
        deleted: `temp.d${table.id}`,
        hasInserts: false,
        hasDeletes: false,
      };
      await runSql(
        session.connection,
        `CREATE OR REPLACE TEMP TABLE i${table.id} AS SELECT * FROM ${table.storage} LIMIT 0`,
      );
      await runSql(session.connection, `CREATE OR REPLACE TEMP TABLE d${table.id} (rid BIGINT)`);
      transaction.deltas.set(table.id, delta);
      return delta;
    },
    lock: async (session, table, mode, signal) => {
      const transaction = session.transaction;
      if (!transaction) return;
      const timeoutMs = Number(session.parameters.get('LOCK_TIMEOUT') ?? 43_200) * 1000;
      await locks.acquire({
        owner: transaction.id,
        tableId: table.id,
        tableName: table.name,
        mode,
        timeoutMs: Math.min(timeoutMs, 2_147_483_647),
        signal,
        onWait: () => undefined,
      });
      transaction.lastActiveOn = new Date();
    },
    atomically: async (session, work) => {
      if (inAtomic.has(session)) return work();
      const before = new Map([...(session.transaction?.deltas ?? [])].map(([id, d]) => [id, { ...d }]));
      inAtomic.add(session);
      await session.connection.run('BEGIN');
      try {
        const result = await work();
        await session.connection.run('COMMIT');
        return result;
      } catch (error) {
        await session.connection.run('ROLLBACK').catch(() => undefined);
        const deltas = session.transaction?.deltas;
        deltas?.clear();
        for (const [id, delta] of before) deltas?.set(id, delta);
        throw fromDuckDb(error);
      } finally {
        inAtomic.delete(session);
      }
    },
    list: () => [...open.values()],
    sweep: async (now) => {
      for (const { transaction, session } of [...open.values()]) {
        if (session.running) continue;
        const idle = now - transaction.lastActiveOn.getTime();
        const limit = locks.blocks(transaction.id) ? options.blockingIdleMs : options.idleMs;
        if (idle >= limit) await abort(transaction.id);
      }
    },
  };
}
