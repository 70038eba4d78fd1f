import type { StageRelation, StatementContext, TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { engineErrorText, SnowflakeError } from '../errors.ts';
import { duckDbType, MAX_TEXT, types } from '../sql/data-type.ts';
import type { SnowflakeType } from '../sql/data-type.ts';
import type { FileFormat } from './file-format.ts';
import { booleanOption } from './file-format.ts';
import type { SourceFile } from './stage-source.ts';
import { metadataColumns, metadataExpressions } from './source-metadata.ts';

/** How the scanner reads, from the options: the vectorized scanner forces logical types on and binary-as-text off. */
interface Scanner {
  vectorized: boolean;
  logicalTypes: boolean;
  binaryAsText: boolean;
  replacesInvalid: boolean;
}

/** One top-level field of a Parquet file, as DuckDB's parquet_schema shows it. */
export interface ParquetField {
  name: string;
  type: string;
  convertedType: string | null;
  logicalType: string | null;
  duckDbType: string | null;
  isNested: boolean;
}

/** The top-level fields in the order of the file. @throws 100152 when the file is no Parquet file */
export async function readParquetFields(context: StatementContext, file: string): Promise<ParquetField[]> {
  let rows: Record<string, unknown>[];
  try {
    rows = await context.run(
      `SELECT name, type, num_children, converted_type, logical_type, duckdb_type FROM parquet_schema(${quoteText(file)})`,
    );
  } catch (error) {
    throw parquetError(error);
  }
  const fields: ParquetField[] = [];
  let at = 1;
  while (at < rows.length) {
    const row = rows[at] ?? {};
    fields.push({
      name: String(row['name']),
      type: textOrNull(row['type']) ?? '',
      convertedType: textOrNull(row['converted_type']),
      logicalType: textOrNull(row['logical_type']),
      duckDbType: textOrNull(row['duckdb_type']),
      isNested: Number(row['num_children'] ?? 0) > 0,
    });
    at = skipField(rows, at);
  }
  return fields;
}

/** The number of rows of a Parquet file, from its footer. */
export async function countParquetRows(context: StatementContext, file: string): Promise<number> {
  try {
    const [row] = await context.run(`SELECT num_rows FROM parquet_file_metadata(${quoteText(file)})`);
    return Number(row?.['num_rows'] ?? 0);
  } catch (error) {
    throw parquetError(error);
  }
}

/**
 * Staged Parquet files as a relation: one column per field name, each already held as Snowflake holds its type, so that
 * `$1:c1::NUMBER(38,2)` never goes through text. Files with different fields are joined by name; a missing field is NULL.
 * `exclude`: SQL of a query that gives the row numbers to leave out (of a single file).
 */
export async function parquetRelation(
  context: StatementContext,
  files: readonly SourceFile[],
  options: { format: FileFormat; exclude?: string },
): Promise<StageRelation> {
  const scanner = scannerOf(options.format);
  const scanned = await Promise.all(
    files.map(async (file) => ({ file, fields: await readParquetFields(context, file.localFile) })),
  );
  const columns = joinColumns(
    scanner,
    scanned.map(({ fields }) => fields),
  );
  const parts = scanned.map(({ file, fields }) => scanSql({ context, scanner, file, fields, columns }));
  const body = parts.length > 0 ? parts.join(' UNION ALL ') : emptyScan(columns);
  const filter = options.exclude === undefined ? '' : ` WHERE row_number NOT IN (${options.exclude})`;
  return {
    sql: `(SELECT * FROM (${body})${filter})`,
    column: (index, alias) => (index === 1 ? wholeRow(context, scanner, columns, alias) : nullVariant()),
    path: (index, path, alias) => {
      const [first, ...rest] = path;
      if (index !== 1 || first?.kind !== 'key') {
        return nullVariant();
      }
      const column = columns.find((candidate) => candidate.name === first.name);
      if (!column) {
        return nullVariant();
      }
      const value = { sql: `${alias}${column.sqlName}`, type: column.type, nullable: true };
      if (rest.length === 0) {
        return value;
      }
      const steps = JSON.stringify(rest.map((step) => (step.kind === 'key' ? step.name : step.index)));
      return {
        sql: `sf_json_get(${asVariant(context, value).sql}, ${quoteText(steps)})`,
        type: types.variant,
        nullable: true,
      };
    },
    metadata: (name, alias) => metadataColumns(name, alias),
  };
}

interface JoinedColumn {
  name: string;
  sqlName: string;
  type: SnowflakeType;
}

function joinColumns(scanner: Scanner, files: readonly (readonly ParquetField[])[]): JoinedColumn[] {
  const columns = new Map<string, JoinedColumn>();
  for (const field of files.flat()) {
    const { type } = convertField(field, scanner, 'x');
    const known = columns.get(field.name);
    if (!known) {
      columns.set(field.name, { name: field.name, sqlName: `k${columns.size + 1}`, type });
    } else if (JSON.stringify(known.type) !== JSON.stringify(type)) {
      known.type = types.variant;
    }
  }
  return [...columns.values()];
}

function scanSql(scan: {
  context: StatementContext;
  scanner: Scanner;
  file: SourceFile;
  fields: readonly ParquetField[];
  columns: readonly JoinedColumn[];
}): string {
  const { context, scanner, file, fields, columns } = scan;
  const names = fields.map((_, i) => `p${i + 1}`);
  const items = columns.map((column) => {
    const at = fields.findIndex((field) => field.name === column.name);
    const field = fields[at];
    if (!field) {
      return `NULL::${duckDbType(column.type)} AS ${column.sqlName}`;
    }
    const value = convertField(field, scanner, `p${at + 1}`);
    const held = column.type.kind === 'variant' ? asVariant(context, value) : value;
    return `${held.sql} AS ${column.sqlName}`;
  });
  const source = `read_parquet([${quoteText(file.localFile)}], file_row_number = true) AS p(${[...names, 'position_in_file'].join(', ')})`;
  return `SELECT ${[...items, ...metadataExpressions(file, 'position_in_file + 1')].join(', ')} FROM ${source}`;
}

function emptyScan(columns: readonly JoinedColumn[]): string {
  const items = columns.map((column) => `NULL::${duckDbType(column.type)} AS ${column.sqlName}`);
  return `SELECT ${[...items, ...metadataExpressions(undefined, '0')].join(', ')} WHERE false`;
}

function wholeRow(
  context: StatementContext,
  scanner: Scanner,
  columns: readonly JoinedColumn[],
  alias: string,
): TypedSql {
  const entries = columns.map((column) => {
    const value = asVariant(context, { sql: `${alias}${column.sqlName}`, type: column.type });
    // The vectorized scanner shows NULLs; the other one leaves their keys out.
    const shown = scanner.vectorized ? `coalesce(${value.sql}, 'null')` : value.sql;
    return `${quoteText(`${JSON.stringify(column.name)}:`)} || ${shown}`;
  });
  const body = entries.length > 0 ? `concat_ws(',', ${entries.join(', ')})` : "''";
  return { sql: `sf_json('{' || ${body} || '}', true)`, type: types.variant, nullable: false };
}

function asVariant(context: StatementContext, value: TypedSql): TypedSql {
  return value.type.kind === 'variant' ? value : context.cast(value, types.variant);
}

function nullVariant(): TypedSql {
  return { sql: 'NULL::VARCHAR', type: types.variant, nullable: true };
}

function scannerOf(format: FileFormat): Scanner {
  const vectorized = booleanOption(format, 'USE_VECTORIZED_SCANNER');
  return {
    vectorized,
    logicalTypes: vectorized || booleanOption(format, 'USE_LOGICAL_TYPE'),
    binaryAsText: !vectorized && booleanOption(format, 'BINARY_AS_TEXT'),
    replacesInvalid: booleanOption(format, 'REPLACE_INVALID_CHARACTERS'),
  };
}

/**
 * A field's value as Snowflake holds it, by the tables of
 * https://docs.snowflake.com/en/sql-reference/sql/copy-into-table (TYPE = PARQUET: USE_VECTORIZED_SCANNER)
 */
function convertField(field: ParquetField, scanner: Scanner, x: string): TypedSql {
  if (field.isNested) {
    return { sql: nestedJson(field, scanner, x), type: types.variant };
  }
  const logical = field.logicalType ?? '';
  if (field.type === 'INT96') {
    return { sql: stampNanos(field, x), type: scanner.vectorized ? types.ltz() : types.ntz() };
  }
  if (logical.startsWith('TimestampType') || (field.convertedType ?? '').startsWith('TIMESTAMP')) {
    return convertTimestamp(field, scanner, x);
  }
  if (logical.startsWith('TimeType') || (field.convertedType ?? '').startsWith('TIME')) {
    return convertTime(field, scanner, x);
  }
  return convertPlain(field, scanner, x);
}

function convertTimestamp(field: ParquetField, scanner: Scanner, x: string): TypedSql {
  const nanos = isNanos(field);
  // A file without the newer logical type has only the converted type, which always means an instant in UTC.
  const adjusted = field.logicalType === null || /isAdjustedToUTC=(1|true)/.test(field.logicalType);
  const sql = stampNanos(field, x);
  if (scanner.logicalTypes) {
    return { sql, type: adjusted ? types.ltz() : types.ntz() };
  }
  if (nanos) {
    return rawInteger(`${sql}`);
  }
  if (adjusted) {
    return { sql, type: types.ntz() };
  }
  return field.convertedType === null ? rawInteger(`(${sql}) // ${unitNanos(field)}`) : { sql, type: types.ltz() };
}

function convertTime(field: ParquetField, scanner: Scanner, x: string): TypedSql {
  const isZoned = (field.duckDbType ?? '').includes('TIME ZONE');
  const sql = `epoch_ns(${isZoned ? `CAST(${x} AS TIME)` : x})`;
  if (scanner.logicalTypes || (field.convertedType !== null && !isNanos(field))) {
    return { sql, type: types.time() };
  }
  return rawInteger(`${sql} // ${unitNanos(field)}`);
}

function convertPlain(field: ParquetField, scanner: Scanner, x: string): TypedSql {
  const duck = (field.duckDbType ?? '').toUpperCase();
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(duck);
  if (decimal) {
    return { sql: x, type: types.number(Number(decimal[1]), Number(decimal[2])) };
  }
  const digits = INTEGER_DIGITS[duck];
  if (digits !== undefined) {
    return { sql: `CAST(${x} AS DECIMAL(${digits},0))`, type: types.number(digits, 0) };
  }
  switch (duck) {
    case 'BOOLEAN':
      return { sql: x, type: types.boolean };
    case 'FLOAT':
      return { sql: `CAST(${x} AS DOUBLE)`, type: types.float };
    case 'DOUBLE':
      return { sql: x, type: types.float };
    case 'DATE':
      return { sql: x, type: types.date };
    case 'VARCHAR':
    case 'JSON':
      return { sql: `CAST(${x} AS VARCHAR)`, type: types.text(MAX_TEXT) };
    case 'UUID':
      return { sql: `unhex(replace(CAST(${x} AS VARCHAR), '-', ''))`, type: types.binary(16) };
    case 'BLOB':
      return scanner.binaryAsText
        ? { sql: decoded(x, scanner.replacesInvalid), type: types.text(MAX_TEXT) }
        : { sql: x, type: types.binary() };
    default:
      throw new SnowflakeError(
        '000002',
        '0A000',
        `Unsupported feature: the practice environment does not read Parquet fields of type ${field.duckDbType ?? field.type}.`,
      );
  }
}

/** Bytes as text: bytes that are no UTF-8 are an error of the row, or are replaced. */
function decoded(x: string, replaces: boolean): string {
  if (replaces) {
    return `decode(${x}, 'replace')`;
  }
  const [before = '', after = ''] = engineErrorText(
    '100144',
    '22000',
    "Invalid UTF8 detected in string '0x\u0000'",
  ).split('\u0000');
  const failure = `error(${quoteText(before)} || hex(${x}) || ${quoteText(after)})`;
  return `CASE WHEN ${x} IS NOT NULL AND TRY(decode(${x})) IS NULL THEN ${failure} ELSE TRY(decode(${x})) END`;
}

const INTEGER_DIGITS: Readonly<Record<string, number>> = {
  TINYINT: 3,
  UTINYINT: 3,
  SMALLINT: 5,
  USMALLINT: 5,
  INTEGER: 10,
  UINTEGER: 10,
  BIGINT: 19,
  UBIGINT: 20,
};

/** Nanoseconds since 1970-01-01 00:00 as HUGEINT, whatever unit the file has. */
function stampNanos(field: ParquetField, x: string): string {
  return (field.duckDbType ?? '').toUpperCase() === 'TIMESTAMP_NS'
    ? `CAST(epoch_ns(${x}) AS HUGEINT)`
    : `CAST(epoch_us(${x}) AS HUGEINT) * 1000`;
}

function isNanos(field: ParquetField): boolean {
  return /NANOS=NanoSeconds/.test(field.logicalType ?? '');
}

function unitNanos(field: ParquetField): number {
  if (isNanos(field)) {
    return 1;
  }
  return /MILLIS=MilliSeconds/.test(field.logicalType ?? '') || (field.convertedType ?? '').endsWith('MILLIS')
    ? 1_000_000
    : 1000;
}

function rawInteger(sql: string): TypedSql {
  return { sql: `CAST(${sql} AS DECIMAL(38,0))`, type: types.number(38, 0) };
}

/**
 * Lists, structures and maps as VARIANT's JSON text. Maps become objects for the vectorized scanner and stay lists of
 * key and value for the other one, which also leaves NULLs out.
 */
function nestedJson(field: ParquetField, scanner: Scanner, x: string): string {
  if (scanner.vectorized) {
    return `sf_json(CAST(to_json(${x}) AS VARCHAR), true)`;
  }
  const isMap =
    field.convertedType === 'MAP' ||
    field.convertedType === 'MAP_KEY_VALUE' ||
    (field.logicalType ?? '').startsWith('MapType');
  const json = isMap
    ? `'{"key_value":' || CAST(to_json(map_entries(${x})) AS VARCHAR) || '}'`
    : `CAST(to_json(${x}) AS VARCHAR)`;
  return `sf_json(${json}, true)`;
}

function skipField(rows: readonly Record<string, unknown>[], at: number): number {
  let next = at + 1;
  for (let children = Number(rows[at]?.['num_children'] ?? 0); children > 0; children -= 1) {
    next = skipField(rows, next);
  }
  return next;
}

function parquetError(error: unknown): SnowflakeError {
  const text = error instanceof Error ? error.message : String(error);
  const reason = /No magic bytes|too small/i.test(text)
    ? 'Invalid: Parquet magic bytes not found in footer. Either the file is corrupted or this is not a parquet file.'
    : text.replace(/'?\/[^' ]*'?/g, 'the file').split('\n')[0];
  return new SnowflakeError('100152', '22000', `Error parsing the parquet file: ${reason}`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
