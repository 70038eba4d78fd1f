import { setImmediate } from 'node:timers/promises';
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  FLOAT,
  HUGEINT,
  INTEGER,
  SMALLINT,
  UTINYINT,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { errors, fromDuckDb } from './errors.ts';
import type { DatabaseMetadata, TableMetadata } from './metadata.ts';
import type { ServerState } from './server-state.ts';
import { decimalSize, duckType } from './sql-types.ts';
import { toDuckValue } from './stored-values.ts';

/** Rows of a chunk: DuckDB's vector size. */
const CHUNK = 2048;

/**
 * Appends rows to a table past T-SQL: values are taken as they are, one for each column of the table in its order (computed ones too), without checks of keys
 * and constraints. Visible at once. Answers the count.
 */
export async function appendRows(
  server: ServerState,
  target: { database: DatabaseMetadata; table: TableMetadata },
  rows: Iterable<readonly SqlValue[]> | AsyncIterable<readonly SqlValue[]>,
): Promise<number> {
  const { database, table } = target;
  const connection = await server.duck.connect();
  const types = table.columns.map((column) => duckDbType(column.type));
  let total = 0;
  try {
    const appender = await connection.createAppender(`t${table.objectId}`, `db${database.id}`);
    let columns: DuckDBValue[][] = table.columns.map(() => []);
    let count = 0;
    const flush = (): void => {
      const chunk = DuckDBDataChunk.create(types, count);
      chunk.setColumns(columns);
      appender.appendDataChunk(chunk);
      columns = table.columns.map(() => []);
      total += count;
      count = 0;
    };
    for await (const row of rows) {
      for (let i = 0; i < table.columns.length; i += 1) {
        const column = table.columns[i] as TableMetadata['columns'][number];
        (columns[i] as DuckDBValue[]).push(toDuckValue(row[i] ?? null, column.type));
      }
      count += 1;
      if (count < CHUNK) continue;
      flush();
      if (total % (CHUNK * 16) === 0) await setImmediate();
    }
    if (count > 0) flush();
    appender.flushSync();
    appender.closeSync();
  } catch (error) {
    throw fromDuckDb(error);
  } finally {
    connection.closeSync();
  }
  const identity = table.columns.findIndex((column) => column.identity !== null);
  if (identity >= 0) await raiseIdentity(server, target, identity);
  return total;
}

async function raiseIdentity(
  server: ServerState,
  { database, table }: { database: DatabaseMetadata; table: TableMetadata },
  place: number,
): Promise<void> {
  const column = table.columns[place];
  if (column === undefined || column.identity === null) return;
  const fn = column.identity.increment < 0n ? 'min' : 'max';
  const reader = await server.duck.main.runAndReadAll(
    `SELECT CAST(${fn}(c${column.id}) AS HUGEINT) FROM "db${database.id}"."t${table.objectId}"`,
  );
  column.identity.lastValue = (reader.getRows()[0]?.[0] ?? null) as bigint | null;
}

export function duckDbType(type: SqlType): DuckDBType {
  switch (duckType(type)) {
    case 'BOOLEAN':
      return BOOLEAN;
    case 'UTINYINT':
      return UTINYINT;
    case 'SMALLINT':
      return SMALLINT;
    case 'INTEGER':
      return INTEGER;
    case 'BIGINT':
      return BIGINT;
    case 'HUGEINT':
      return HUGEINT;
    case 'FLOAT':
      return FLOAT;
    case 'DOUBLE':
      return DOUBLE;
    case 'VARCHAR':
      return VARCHAR;
    case 'BLOB':
      return BLOB;
    default: {
      const { precision, scale } = decimalSize(type);
      if (precision < 1) throw errors.unsupported('a decimal without digits');
      return DECIMAL(precision, scale);
    }
  }
}
