import type { BackendConnection } from '../redshift/backend-connection.ts';
import { createTableEdits } from '../redshift/rewrite-create-table.ts';
import { applyEdits } from '../redshift/rewrite-sql.ts';
import { splitStatements } from '../redshift/sql-tokens.ts';
import { TPCH_TABLES, tpchCopyChunks } from './tpch.ts';
import { tpchRedshiftDdl } from './tpch-ddl.ts';

/** Makes schema and tables and fills them, on a direct connection to the PostgreSQL behind the stand-in; `signal` stops between chunks. */
export async function loadTpch(
  connection: BackendConnection,
  options: { schema: string; scale: number; signal?: AbortSignal },
): Promise<void> {
  await connection.query(`CREATE SCHEMA IF NOT EXISTS ${options.schema}`);
  await connection.query(`GRANT USAGE ON SCHEMA ${options.schema} TO PUBLIC`);
  const ddl = tpchRedshiftDdl(options.schema);
  for (const table of TPCH_TABLES) {
    await runRedshiftDdl(connection, ddl[table]);
    await connection.copyIn(`COPY ${options.schema}.${table} FROM STDIN`, abortable(tpchCopyChunks(table, options.scale), options.signal));
  }
  await connection.query('ANALYZE');
}

/** Redshift's CREATE TABLE on a connection that does not go through the proxy; quoted names keep their case. */
export async function runRedshiftDdl(connection: BackendConnection, sql: string): Promise<void> {
  for (const statement of splitStatements(sql)) {
    await connection.query(applyEdits(statement.text, createTableEdits(statement, true) ?? []));
  }
}

async function* abortable(chunks: Iterable<string>, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
