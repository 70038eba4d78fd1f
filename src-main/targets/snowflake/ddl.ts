import type { TableRef } from '#shared/model/table';
import type { CreateStageRequest, CreateTableRequest, LedgerLocation } from '../target.ts';
import { parseTargetType } from './column-types.ts';
import { JSON_FORMAT, PARQUET_FORMAT, type FileFormatName } from './load.ts';
import { quoteIdentifier, quoteLiteral, quoteName, tableName } from './quote.ts';

export function createTable(request: CreateTableRequest): string {
  const lines = request.columns.map(
    (column) =>
      `  ${quoteIdentifier(column.name)} ${checkedType(column.dataType)}${column.nullable ? '' : ' NOT NULL'}`,
  );
  if (request.primaryKey.length > 0)
    lines.push(`  PRIMARY KEY (${request.primaryKey.map(quoteIdentifier).join(', ')})`);
  const comment = request.comment === null ? '' : `\nCOMMENT = ${quoteLiteral(request.comment)}`;
  return `CREATE TABLE ${tableName(request.table)} (\n${lines.join(',\n')}\n)${comment}`;
}

export function createSchema(database: string, schema: string): string {
  return `CREATE SCHEMA IF NOT EXISTS ${quoteName(database, schema)}`;
}

/** The table with the same columns, without rows; it keeps no load history of the other. docs.snowflake.com/en/sql-reference/sql/create-table */
export function createLike(request: { table: TableRef; like: TableRef }): string {
  return `CREATE TABLE ${tableName(request.table)} LIKE ${tableName(request.like)}`;
}

/** Exchanges two tables in one transaction; each keeps its own grants. docs.snowflake.com/en/sql-reference/sql/alter-table */
export function swapTables(request: { table: TableRef; other: TableRef }): string {
  return `ALTER TABLE ${tableName(request.table)} SWAP WITH ${tableName(request.other)}`;
}

export function dropTable(table: TableRef): string {
  return `DROP TABLE IF EXISTS ${tableName(table)}`;
}

/** Also clears the load history. docs.snowflake.com/en/sql-reference/sql/truncate-table */
export function truncateTable(table: TableRef): string {
  return `TRUNCATE TABLE ${tableName(table)}`;
}

const STAGE_ENCRYPTION = { none: 'NONE', 'sse-s3': 'AWS_SSE_S3', 'sse-kms': 'AWS_SSE_KMS' } as const;

/** docs.snowflake.com/en/sql-reference/sql/create-stage. `maskSecrets` gives the text for people: keys are shown as ***. */
export function createStage(request: CreateStageRequest, options: { maskSecrets: boolean }): string {
  const { stage, access } = request;
  const secret = (value: string) => (options.maskSecrets ? "'***'" : quoteLiteral(value));
  const lines = [
    `CREATE STAGE ${quoteName(stage.database, stage.schema, stage.name)}`,
    `URL = ${quoteLiteral(request.s3Uri)}`,
  ];
  if (access.kind === 'integration') {
    lines.push(`STORAGE_INTEGRATION = ${quoteIdentifier(access.integration)}`);
  } else {
    const token = access.sessionToken === null ? '' : ` AWS_TOKEN = ${secret(access.sessionToken)}`;
    lines.push(
      `CREDENTIALS = (AWS_KEY_ID = ${quoteLiteral(access.accessKeyId)} AWS_SECRET_KEY = ${secret(access.secretAccessKey)}${token})`,
    );
  }
  lines.push(`ENCRYPTION = (TYPE = '${STAGE_ENCRYPTION[request.encryption]}')`);
  return lines.join('\n');
}

/**
 * The vectorized scanner always reads by logical types and takes binary as binary, whatever the other two options say; BINARY_AS_TEXT is written because
 * the vendor advises FALSE. NULL_IF is emptied: the default would turn the text \N into NULL.
 * docs.snowflake.com/en/sql-reference/sql/create-file-format
 */
const FORMAT_OPTIONS: Record<FileFormatName, string> = {
  [PARQUET_FORMAT]: 'TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE BINARY_AS_TEXT = FALSE NULL_IF = ()',
  [JSON_FORMAT]: 'TYPE = JSON',
};

/** A format that lives as long as the session; it hides one of the same name. */
export function temporaryFormat(place: { database: string; schema: string }, format: FileFormatName): string {
  return `CREATE TEMPORARY FILE FORMAT IF NOT EXISTS ${quoteName(place.database, place.schema, format)} ${FORMAT_OPTIONS[format]}`;
}

/** The ledger's table. Standard, not hybrid: hybrid tables are missing on trial accounts and in some regions. */
export const LEDGER_TABLE = 'PARTITION_LOAD';

/** Who works on which run, beside the ledger. */
export const LEASE_TABLE = 'RUN_LEASE';

/** What `ensureLedger` runs, in order; each only where the object is missing. */
export function ledgerStatements(ledger: LedgerLocation): {
  database: string;
  schema: string;
  table: string;
  leaseTable: string;
  parquetFormat: string;
  jsonFormat: string;
} {
  const name = (object: string) => quoteName(ledger.database, ledger.schema, object);
  return {
    database: `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(ledger.database)}`,
    schema: createSchema(ledger.database, ledger.schema),
    table: `CREATE TABLE IF NOT EXISTS ${name(LEDGER_TABLE)} (
  RUN_ID VARCHAR(64) NOT NULL,
  TABLE_ID VARCHAR(256) NOT NULL,
  PARTITION_ID VARCHAR(256) NOT NULL,
  TARGET_TABLE VARCHAR NOT NULL,
  ATTEMPT_ID VARCHAR(64),
  STATE VARCHAR(16) NOT NULL,
  EXPECTED_ROWS NUMBER(38,0),
  LOADED_ROWS NUMBER(38,0),
  FILE_DIGEST VARCHAR(128),
  SESSION_ID VARCHAR(64),
  QUERY_ID VARCHAR(64),
  PLANNED_AT TIMESTAMP_TZ(3),
  COMMITTED_AT TIMESTAMP_TZ(3),
  PRIMARY KEY (RUN_ID, TABLE_ID, PARTITION_ID)
)
COMMENT = 'Snowferry: one row a partition of a run. LOADED means that its rows were committed together with this row.'`,
    leaseTable: `CREATE TABLE IF NOT EXISTS ${name(LEASE_TABLE)} (
  RUN_ID VARCHAR(64) NOT NULL,
  INSTANCE_ID VARCHAR(64) NOT NULL,
  HOST VARCHAR NOT NULL,
  PID NUMBER(38,0) NOT NULL,
  OS_USER VARCHAR NOT NULL,
  MACHINE VARCHAR(64) NOT NULL,
  SINCE TIMESTAMP_TZ(3) NOT NULL,
  RENEWED_AT TIMESTAMP_TZ(3) NOT NULL,
  EXPIRES_AT TIMESTAMP_TZ(3) NOT NULL,
  PRIMARY KEY (RUN_ID)
)
COMMENT = 'Snowferry: which instance works on a run, until when unless it renews. Nothing is committed on a lease that has run out.'`,
    parquetFormat: `CREATE FILE FORMAT IF NOT EXISTS ${name(PARQUET_FORMAT)} ${FORMAT_OPTIONS[PARQUET_FORMAT]}`,
    jsonFormat: `CREATE FILE FORMAT IF NOT EXISTS ${name(JSON_FORMAT)} ${FORMAT_OPTIONS[JSON_FORMAT]}`,
  };
}

/** A type goes into DDL as text, so it must be one that is known: anything else could carry SQL. */
function checkedType(dataType: string): string {
  if (!parseTargetType(dataType)) throw new TypeError(`${dataType} is not a type that a column can get here.`);
  return dataType.trim();
}
