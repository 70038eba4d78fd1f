import type { EngineSession, SqlValue } from '../sqlserver/engine-contract.ts';
import { tpchSqlServerDdl, tpchSqlServerRows } from './sqlserver-tpch.ts';
import { sqlServerTypesBatches, SQLSERVER_TYPES_TABLES } from './sqlserver-types.ts';
import { TPCH_TABLES } from './tpch.ts';

/** Where a seed goes. */
export interface SqlServerSeedTarget {
  /** Owns the database. */
  session: EngineSession;
  /** Puts rows into an empty table without T-SQL, for speed: every value is one of its column already. Answers how many. */
  load(table: { schema: string; name: string }, rows: Iterable<SqlValue[]>): Promise<number>;
}

export interface SqlServerSeedOptions {
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** The eight TPC-H tables in the schema dbo. */
export async function seedSqlServerTpch(
  target: SqlServerSeedTarget,
  options: SqlServerSeedOptions & { scale: number },
): Promise<void> {
  for (const table of TPCH_TABLES) {
    options.signal?.throwIfAborted();
    await runBatch(target.session, tpchSqlServerDdl(table));
    const count = await target.load({ schema: 'dbo', name: table }, tpchSqlServerRows(table, options.scale));
    options.log(`Seeded dbo.${table}: ${count} rows.`);
  }
}

/** The schema `types`, as T-SQL. */
export async function seedSqlServerTypes(target: SqlServerSeedTarget, options: SqlServerSeedOptions): Promise<void> {
  for (const batch of sqlServerTypesBatches()) {
    options.signal?.throwIfAborted();
    await runBatch(target.session, batch);
  }
  options.log(`Seeded the schema types: ${SQLSERVER_TYPES_TABLES.length} tables and views.`);
}

const NEVER = new AbortController().signal;
/** Severities above this are errors. */
const LAST_NOTICE = 10;

/** Runs a batch whose rows nobody wants. Throws what the server says when it is an error. */
export async function runBatch(session: EngineSession, sql: string): Promise<void> {
  for await (const event of session.batch(sql, { signal: NEVER })) {
    if (event.kind !== 'message' || event.message.class <= LAST_NOTICE) continue;
    const { number, line, message } = event.message;
    throw new Error(`Msg ${number}, line ${line}: ${message}\n${sql.slice(0, 500)}`);
  }
}
