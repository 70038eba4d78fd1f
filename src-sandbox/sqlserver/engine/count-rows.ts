import type { DuckDBConnection } from '@duckdb/node-api';

/** Where the rows of a table are held. */
export type Storage = { databaseId: number; objectId: number };

type Reader = Pick<DuckDBConnection, 'runAndReadAll'>;

/** Tables in one statement: DuckDB plans a union of that many at once. */
const TABLES_AT_ONCE = 200;

type Request = { name: string; resolve: (count: number) => void; reject: (error: unknown) => void };

/**
 * Counts committed rows. What is asked for at the same moment is answered together: a view over ten thousand tables costs one look into DuckDB's catalog, which
 * knows the tables without rows, and one statement for each 200 of the others.
 */
export function createRowCounter(connection: Reader): (storage: Storage) => Promise<number> {
  let waiting: Request[] = [];
  const answerAll = async (): Promise<void> => {
    const requests = waiting;
    waiting = [];
    try {
      const counts = await countAll(connection, new Set(requests.map(({ name }) => name)));
      for (const { name, resolve } of requests) resolve(counts.get(name) ?? 0);
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  };
  return ({ databaseId, objectId }) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(() => void answerAll());
      waiting.push({ name: `db${databaseId}.t${objectId}`, resolve, reject });
    });
}

/** Tables that are not there, or not yet committed, have no rows. */
async function countAll(connection: Reader, names: ReadonlySet<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let left = await filledTables(connection, names);
  let hasRetried = false;
  while (left.length > 0) {
    const some = left.slice(0, TABLES_AT_ONCE);
    try {
      const sql = some.map((name) => `SELECT '${name}', count(*) FROM ${name}`).join(' UNION ALL ');
      for (const [name, count] of await rowsOf(connection, sql)) counts.set(String(name), Number(count));
      left = left.slice(TABLES_AT_ONCE);
    } catch (error) {
      // Another session may have dropped one of them since.
      if (hasRetried) throw error;
      hasRetried = true;
      left = await filledTables(connection, new Set(left));
    }
  }
  return counts;
}

/** DuckDB's estimate counts deleted rows as well: 0 is exact, all else is not. */
async function filledTables(connection: Reader, names: ReadonlySet<string>): Promise<string[]> {
  const rows = await rowsOf(
    connection,
    "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE estimated_size > 0 AND NOT temporary",
  );
  return rows.map(([name]) => String(name)).filter((name) => names.has(name));
}

async function rowsOf(connection: Reader, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
