import { AppError } from '#shared/errors/app-error';
import { LEDGER_STATES, type LedgerLocation, type LedgerRow } from '../target.ts';
import { ledgerStatements } from './ddl.ts';
import { toRecords } from './execute.ts';
import { leaseLost } from './lease.ts';
import { forgetLoadsSql, leaseTable, ledgerTable } from './ledger-sql.ts';
import { quoteIdentifier, quoteLiteral, quoteName } from './quote.ts';
import type { SessionPool } from './session-pool.ts';

const COLUMNS = [
  'RUN_ID',
  'TABLE_ID',
  'PARTITION_ID',
  'TARGET_TABLE',
  'ATTEMPT_ID',
  'STATE',
  'EXPECTED_ROWS',
  'LOADED_ROWS',
  'FILE_DIGEST',
];
/** Rows of one INSERT: nine binds each stay under the SDK's threshold for bulk binds, which would go through a temporary stage. */
const ROWS_PER_INSERT = 500;

/**
 * Creates what is missing of database, schema, table and file formats. Looks first and creates only then: a role that may use an existing ledger need not
 * be allowed to create databases or schemas.
 */
export async function ensureLedger(pool: SessionPool, ledger: LedgerLocation, signal: AbortSignal): Promise<void> {
  const statements = ledgerStatements(ledger);
  const create = async (sql: string, exists: () => Promise<boolean>) => {
    if (await exists()) return;
    try {
      await pool.run({ sql, signal, object: `${ledger.database}.${ledger.schema}` });
    } catch (error) {
      if (signal.aborted) throw error;
      // Another run may have created it in the same moment, or the object is there and only SHOW did not tell.
      if (await exists().catch(() => false)) return;
      throw ledgerUnavailable(error, ledger);
    }
  };
  const probe = (sql: string) => async () => {
    try {
      return (await pool.run({ sql, signal })).rows.length > 0;
    } catch (error) {
      if (signal.aborted || !isMissing(error)) throw error;
      return false;
    }
  };
  const canRead = (sql: string) => async () => {
    try {
      await pool.run({ sql, signal });
      return true;
    } catch (error) {
      if (signal.aborted || !isMissing(error)) throw error;
      return false;
    }
  };
  const schemaName = quoteName(ledger.database, ledger.schema);
  const table = canRead(`DESCRIBE TABLE ${ledgerTable(ledger)}`);
  if (!(await table())) {
    await create(
      statements.database,
      canRead(`SHOW SCHEMAS LIKE 'INFORMATION_SCHEMA' IN DATABASE ${quoteIdentifier(ledger.database)}`),
    );
    await create(
      statements.schema,
      canRead(`SHOW TABLES LIKE ${quoteLiteral('PARTITION_LOAD')} IN SCHEMA ${schemaName}`),
    );
    await create(statements.table, table);
  }
  // A ledger that an older version made has no leases yet.
  const leases = canRead(`DESCRIBE TABLE ${leaseTable(ledger)}`);
  if (!(await leases())) await create(statements.leaseTable, leases);
  const formats = new Set(
    toRecords(await pool.run({ sql: `SHOW FILE FORMATS IN SCHEMA ${schemaName}`, signal })).map(
      (format) => format['name'],
    ),
  );
  if (!formats.has('SNOWFERRY_PARQUET'))
    await create(
      statements.parquetFormat,
      probe(`SHOW FILE FORMATS LIKE 'SNOWFERRY\\\\_PARQUET' IN SCHEMA ${schemaName}`),
    );
  if (!formats.has('SNOWFERRY_JSON'))
    await create(statements.jsonFormat, probe(`SHOW FILE FORMATS LIKE 'SNOWFERRY\\\\_JSON' IN SCHEMA ${schemaName}`));
}

/** Inserts what is not there yet. Safe to repeat and to run twice at once for one run: rows are compared by their key before each batch is inserted. */
export async function registerPartitions(
  pool: SessionPool,
  request: { ledger: LedgerLocation; rows: LedgerRow[] },
  signal: AbortSignal,
): Promise<void> {
  const table = ledgerTable(request.ledger);
  const rows = withoutRepeats(request.rows);
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const batch = rows.slice(start, start + ROWS_PER_INSERT);
    const values = batch.map(() => `(${COLUMNS.map(() => '?').join(', ')})`).join(', ');
    const list = COLUMNS.map(
      (name, index) => `COLUMN${index + 1}${name.endsWith('_ROWS') ? '::NUMBER(38,0)' : ''}`,
    ).join(', ');
    await pool.run({
      sql:
        `INSERT INTO ${table} (${COLUMNS.join(', ')}, PLANNED_AT)\n` +
        `SELECT ${list}, CURRENT_TIMESTAMP() FROM (VALUES ${values}) AS NEW_ROWS\n` +
        `WHERE NOT EXISTS (SELECT 1 FROM ${table} AS OLD_ROWS WHERE OLD_ROWS.RUN_ID = NEW_ROWS.COLUMN1 AND OLD_ROWS.TABLE_ID = NEW_ROWS.COLUMN2 AND OLD_ROWS.PARTITION_ID = NEW_ROWS.COLUMN3)`,
      binds: batch.flatMap((row) => [
        row.runId,
        row.tableId,
        row.partitionId,
        row.targetTable,
        row.attemptId,
        row.state,
        row.expectedRows,
        row.loadedRows,
        row.fileDigest,
      ]),
      signal,
      object: `${request.ledger.database}.${request.ledger.schema}`,
    });
  }
}

export async function forgetLoads(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string; tableId: string; instanceId: string },
  signal: AbortSignal,
): Promise<number> {
  const { ledger, runId, tableId, instanceId } = request;
  const result = await pool.run({
    sql: forgetLoadsSql(ledger),
    binds: [runId, tableId, runId, instanceId],
    signal,
    object: `${ledger.database}.${ledger.schema}`,
  });
  const updated = Number(result.rows[0]?.[0] ?? 0);
  const left = (await readLedger(pool, request, signal)).some(
    (row) => row.tableId === tableId && row.state === 'LOADED',
  );
  if (left) throw leaseLost(null, result.queryId);
  return updated;
}

/** All rows of a run. Reads a committed state: a load that is still in its transaction is not LOADED here. */
export async function readLedger(
  pool: SessionPool,
  request: { ledger: LedgerLocation; runId: string },
  signal: AbortSignal,
): Promise<LedgerRow[]> {
  const result = await pool.run({
    sql: `SELECT ${COLUMNS.join(', ')} FROM ${ledgerTable(request.ledger)} WHERE RUN_ID = ?`,
    binds: [request.runId],
    signal,
    object: `${request.ledger.database}.${request.ledger.schema}`,
  });
  return toRecords(result).map(toLedgerRow);
}

export function toLedgerRow(record: Record<string, string | null>): LedgerRow {
  const state = LEDGER_STATES.find((known) => known === record['state']);
  if (!state)
    throw new AppError('INTERNAL', {
      facts: { detail: `The ledger holds the unknown state ${record['state'] ?? 'NULL'}.` },
    });
  return {
    runId: record['run_id'] ?? '',
    tableId: record['table_id'] ?? '',
    partitionId: record['partition_id'] ?? '',
    targetTable: record['target_table'] ?? '',
    attemptId: record['attempt_id'] ?? null,
    state,
    expectedRows: toNumber(record['expected_rows']),
    loadedRows: toNumber(record['loaded_rows']),
    fileDigest: record['file_digest'] ?? null,
  };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof AppError &&
    (error.code === 'TARGET_TABLE_NOT_FOUND' ||
      error.code === 'DATABASE_NOT_FOUND' ||
      error.code === 'PRIVILEGE_MISSING' ||
      /does not exist/i.test(error.raw ?? ''))
  );
}

function ledgerUnavailable(error: unknown, ledger: LedgerLocation): Error {
  if (
    !(error instanceof AppError) ||
    !['PRIVILEGE_MISSING', 'TARGET_STATEMENT_FAILED', 'DATABASE_NOT_FOUND', 'TARGET_TABLE_NOT_FOUND'].includes(
      error.code,
    )
  ) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return new AppError('LEDGER_UNAVAILABLE', {
    cause: error,
    facts: { schema: `${ledger.database}.${ledger.schema}`, detail: String(error.facts['detail'] ?? error.message) },
    ...(error.raw ? { raw: error.raw } : {}),
    ...(error.statement ? { statement: error.statement } : {}),
    ...(error.queryId ? { queryId: error.queryId } : {}),
  });
}

function toNumber(value: string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** One row a partition: NOT EXISTS sees what is in the table, not the other rows of its own statement. */
function withoutRepeats(rows: LedgerRow[]): LedgerRow[] {
  const byKey = new Map(rows.map((row) => [JSON.stringify([row.runId, row.tableId, row.partitionId]), row]));
  return [...byKey.values()];
}
