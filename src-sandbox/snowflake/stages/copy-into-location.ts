import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultColumn, StatementContext, StatementResult } from '../commands/command.ts';
import { types } from '../sql/data-type.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { textColumn, numberColumn } from './ddl-helpers.ts';
import type { FileFormat } from './file-format.ts';
import { textOption } from './file-format.ts';
import { readFileFormatClause, resolveFormat } from './format-clause.ts';
import { cleanLeftovers } from './leftovers.ts';
import type { OpenStage } from './open-stage.ts';
import { openLocation, openStage } from './open-stage.ts';
import { unloadTargetTaken } from './stage-errors.ts';
import { readCredentials } from './stage-handlers.ts';
import { requireIntegration } from './stage-names.ts';
import { writeParquetFiles } from './unload-parquet.ts';
import type { UnloadStatement } from './unload-statement.ts';
import { readUnloadStatement } from './unload-statement.ts';
import { writeTextFiles } from './unload-text.ts';
import type { UnloadedFile } from './unloaded-file.ts';

const wide = types.number(31, 0);
const SUMMARY: ResultColumn[] = ['rows_unloaded', 'input_bytes', 'output_bytes'].map((name) => ({ name, type: wide }));
const DETAILS: ResultColumn[] = [textColumn('FILE_NAME'), numberColumn('FILE_SIZE'), numberColumn('ROW_COUNT')];

/** COPY INTO <location>, after the words COPY INTO. https://docs.snowflake.com/en/sql-reference/sql/copy-into-location */
export async function copyIntoLocation(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const statement = readUnloadStatement(context, reader);
  context.requireWarehouse();
  await cleanLeftovers(context);
  const stage = openTarget(context, statement);
  const directory = join(context.services.dataDirectory, 'unloads', randomUUID());
  try {
    const format = resolveFormat(
      context,
      statement.fileFormat ? readFileFormatClause(context, statement.fileFormat) : stage.fileFormat,
    );
    if (statement.returnsRows) {
      return { kind: 'query', query: await context.translateQuery(statement.query) };
    }
    const names = namesOf(context, statement, stage, format);
    await checkTarget(statement, stage, names);
    await mkdir(directory, { recursive: true });
    const write = format.type === 'PARQUET' ? writeParquetFiles : writeTextFiles;
    const files = await write(context, { statement, format, directory });
    const written: (UnloadedFile & { path: string })[] = [];
    for (const [i, file] of files.entries()) {
      const path = names.nameOf(i);
      await stage.write(path, file.file);
      written.push({ ...file, path });
    }
    return toResult(statement, written);
  } finally {
    await rm(directory, { recursive: true, force: true });
    stage.close();
  }
}

interface TargetNames {
  /** The path as a whole (SINGLE), or what every file's name starts with. */
  base: string;
  nameOf(index: number): string;
}

/** An empty path, or one that ends with a slash, gets `data`; only SINGLE takes the path as the file's name. */
function namesOf(
  context: StatementContext,
  statement: UnloadStatement,
  stage: OpenStage,
  format: FileFormat,
): TargetNames {
  const base = stage.prefix === '' || stage.prefix.endsWith('/') ? `${stage.prefix}data` : stage.prefix;
  if (statement.single) {
    return { base, nameOf: () => base };
  }
  const id = statement.includeQueryId ? `_${context.queryId}` : '';
  const suffix = suffixOf(format);
  return { base, nameOf: (index) => `${base}${id}_0_0_${index}${suffix}` };
}

const COMPRESSION_SUFFIXES: Readonly<Record<string, string>> = {
  AUTO: '.gz',
  GZIP: '.gz',
  BROTLI: '.br',
  DEFLATE: '.deflate',
  RAW_DEFLATE: '.raw_deflate',
  NONE: '',
};

function suffixOf(format: FileFormat): string {
  const compression = textOption(format, 'COMPRESSION') ?? 'NONE';
  if (format.type === 'PARQUET') {
    return compression === 'NONE' ? '.parquet' : '.snappy.parquet';
  }
  const own = textOption(format, 'FILE_EXTENSION');
  return own === null
    ? `.${format.type.toLowerCase()}${COMPRESSION_SUFFIXES[compression] ?? ''}`
    : `.${own.replace(/^\./, '')}`;
}

/** SINGLE minds a file of exactly that name, otherwise every name that starts like the new ones is in the way. */
async function checkTarget(statement: UnloadStatement, stage: OpenStage, names: TargetNames): Promise<void> {
  if (statement.overwrite || statement.includeQueryId) {
    return;
  }
  const isTaken = statement.single
    ? (await stage.find(names.base)) !== undefined
    : (await stage.list(names.base)).length > 0;
  if (isTaken) {
    throw unloadTargetTaken(statement.location.text);
  }
}

function openTarget(context: StatementContext, statement: UnloadStatement): OpenStage {
  const { location } = statement;
  if (location.kind !== 'url') {
    return openStage(context, location, 'WRITE');
  }
  const { integration, credentials } = statement.access;
  if (integration) {
    const found = requireIntegration(context, integration.at(-1)?.name ?? '');
    return openLocation(context, location.url, {
      kind: 'integration',
      integrationId: found.id,
      integrationName: found.name,
    });
  }
  return openLocation(context, location.url, credentials ? readCredentials(credentials) : { kind: 'none' });
}

function toResult(statement: UnloadStatement, files: readonly (UnloadedFile & { path: string })[]): StatementResult {
  if (statement.detailedOutput) {
    const rows = files.map(({ path, outputBytes, rows: count }) => [
      path.slice(path.lastIndexOf('/') + 1),
      String(outputBytes),
      String(count),
    ]);
    return { kind: 'rows', columns: DETAILS, rows };
  }
  const sum = (of: (file: UnloadedFile) => number): string =>
    String(files.reduce((total, file) => total + of(file), 0));
  const row = [sum((file) => file.rows), sum((file) => file.inputBytes), sum((file) => file.outputBytes)];
  return { kind: 'rows', columns: SUMMARY, rows: [row] };
}
