import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultColumn, StatementContext } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { SnowflakeError } from '../errors.ts';
import { duckDbType } from '../sql/data-type.ts';
import type { UnloadedFile } from './unloaded-file.ts';
import { unsupportedCompression } from './unloaded-file.ts';
import type { FileFormat } from './file-format.ts';
import { textOption } from './file-format.ts';
import type { UnloadStatement } from './unload-statement.ts';

/**
 * Writes a query as Parquet files: fixed-point numbers as DECIMAL, floats as DOUBLE, times to the microsecond, semi-structured
 * values as JSON text. No rows, no file. https://docs.snowflake.com/en/user-guide/data-unload-considerations
 */
export async function writeParquetFiles(
  context: StatementContext,
  unload: { statement: UnloadStatement; format: FileFormat; directory: string },
): Promise<UnloadedFile[]> {
  const { statement, format, directory } = unload;
  const compression = textOption(format, 'COMPRESSION') ?? 'NONE';
  if (compression === 'LZO') {
    throw unsupportedCompression('LZO');
  }
  const query = await context.translateQuery(statement.query);
  const items = query.columns.map((column, i) => {
    const name = statement.header ? column.name : `col${i + 1}`;
    return `${plainValue(column, `r${i + 1}`)} AS "${name.replaceAll('"', '""')}"`;
  });
  const select = `SELECT ${items.join(', ')} FROM (${query.sql}) AS q`;
  const target = join(directory, 'parquet');
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${compression === 'NONE' ? 'uncompressed' : 'snappy'}`,
    ...(statement.single ? [] : [`FILE_SIZE_BYTES ${statement.maxFileSize}`, "FILENAME_PATTERN 'part_{i}'"]),
  ];
  await context.run(`COPY (${select}) TO ${quoteText(target)} (${options.join(', ')})`);
  const paths = statement.single ? [target] : (await readdir(target)).sort(byNumber).map((name) => join(target, name));
  const files: UnloadedFile[] = [];
  for (const file of paths) {
    const [count] = await context.run(`SELECT num_rows AS n FROM parquet_file_metadata(${quoteText(file)})`);
    const rows = Number(count?.['n'] ?? 0);
    if (rows > 0) {
      const { size } = await stat(file);
      files.push({ file, rows, inputBytes: size, outputBytes: size });
    }
  }
  return files;
}

function plainValue(column: ResultColumn, sql: string): string {
  const { type } = column;
  switch (type.kind) {
    case 'time':
      return `CAST(make_timestamp(${sql} // 1000) AS TIME)`;
    case 'timestamp_ntz':
      return `make_timestamp(CAST(CASE WHEN ${sql} < 0 THEN -((999 - ${sql}) // 1000) ELSE ${sql} // 1000 END AS BIGINT))`;
    case 'timestamp_ltz':
    case 'timestamp_tz':
      throw new SnowflakeError(
        '000002',
        '0A000',
        'Error encountered when unloading to PARQUET: TIMESTAMP_TZ and LTZ types are not supported for unloading to Parquet.',
      );
    default:
      return `CAST(${sql} AS ${duckDbType(type)})`;
  }
}

function byNumber(a: string, b: string): number {
  return Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]);
}
