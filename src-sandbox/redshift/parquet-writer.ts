import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnloadColumn } from './unload-columns.ts';
import { toDuckdbType } from './unload-columns.ts';
import { RedshiftError } from './wire.ts';

/** Turns the CSV that PostgreSQL's COPY writes into Parquet files: version 1.0, Snappy. */
export interface ParquetWriter {
  /** `rowGroupRows` bounds a row group. Values that Parquet's type cannot hold raise RedshiftError. */
  convert(input: {
    csvPath: string;
    parquetPath: string;
    columns: readonly UnloadColumn[];
    rowGroupRows: number;
  }): Promise<void>;
  close(): void;
}

/** What NULL looks like in the intermediate CSV; every other value is quoted. */
export const CSV_NULL = '\\N';

export async function createParquetWriter(): Promise<ParquetWriter> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  return {
    convert: async (input) => {
      const connection = await instance.connect();
      try {
        await connection.run("SET TimeZone = 'UTC'");
        await convert(connection, input);
      } finally {
        connection.closeSync();
      }
    },
    close: () => instance.closeSync(),
  };
}

async function convert(
  connection: DuckDBConnection,
  input: { csvPath: string; parquetPath: string; columns: readonly UnloadColumn[]; rowGroupRows: number },
): Promise<void> {
  try {
    await connection.run(copyStatement({ ...input, isDirect: true }));
  } catch {
    // Years before Christ are spelt differently by PostgreSQL and DuckDB: go by text, which is slower.
    try {
      await connection.run(copyStatement({ ...input, isDirect: false }));
    } catch (cause) {
      const words = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw new RedshiftError({ code: 'XX000', message: `A value cannot be written to Parquet: ${words}` });
    }
  }
}

function copyStatement(input: {
  csvPath: string;
  parquetPath: string;
  columns: readonly UnloadColumn[];
  rowGroupRows: number;
  isDirect: boolean;
}): string {
  const names = uniqueNames(input.columns);
  const declared = input.columns.map(
    (column, index) => `'c${index}': '${input.isDirect ? readType(column) : 'VARCHAR'}'`,
  );
  const selected = input.columns.map(
    (column, index) => `${castColumn(column, index, input.isDirect)} AS ${quoteIdentifier(names[index] ?? '')}`,
  );
  return `COPY (SELECT ${selected.join(', ')} FROM read_csv(${quoteLiteral(input.csvPath)}, header = false, auto_detect = false,
    columns = {${declared.join(', ')}}, delim = ',', quote = '"', escape = '"', nullstr = '${CSV_NULL}', allow_quoted_nulls = false,
    parallel = false, strict_mode = true, new_line = '\\n', max_line_size = 134217728, buffer_size = 268435456))
    TO ${quoteLiteral(input.parquetPath)} (FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v1, ROW_GROUP_SIZE ${input.rowGroupRows})`;
}

/** JSON is read as text and named JSON on the way out, so that its spelling stays as Redshift serialised it. */
function readType(column: UnloadColumn): string {
  const type = toDuckdbType(column) ?? 'VARCHAR';
  return type === 'JSON' ? 'VARCHAR' : type;
}

function castColumn(column: UnloadColumn, index: number, isDirect: boolean): string {
  const type = toDuckdbType(column) ?? 'VARCHAR';
  if (type === 'JSON') return `c${index}::JSON`;
  if (isDirect || type === 'VARCHAR') return `c${index}`;
  const isDated = type === 'DATE' || type.startsWith('TIMESTAMP');
  // "0044-03-15 10:00:00 BC" is "0044-03-15 (BC) 10:00:00" to DuckDB.
  const text = isDated ? String.raw`regexp_replace(c${index}, '^(\d+-\d+-\d+)(.*) BC$', '\1 (BC)\2')` : `c${index}`;
  return `CAST(${text} AS ${type})`;
}

function uniqueNames(columns: readonly UnloadColumn[]): string[] {
  const seen = new Set<string>();
  return columns.map((column) => {
    if (seen.has(column.name)) {
      throw new RedshiftError({
        code: '42701',
        message: `column "${column.name}" duplicated: Parquet needs a name of its own for each column`,
      });
    }
    seen.add(column.name);
    return column.name;
  });
}

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;
