import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackendConnection } from './backend-connection.ts';
import { BackendError } from './backend-connection.ts';
import type { ParquetWriter } from './parquet-writer.ts';
import { CSV_NULL } from './parquet-writer.ts';
import { rewriteSelect } from './rewrite-sql.ts';
import { openTextSink } from './text-sink.ts';
import { openParquetSink } from './parquet-sink.ts';
import { canPartitionBy, toDuckdbType, toManifestType, toUnloadColumn } from './unload-columns.ts';
import type { UnloadColumn } from './unload-columns.ts';
import { canceled, openUnloadBucket } from './unload-s3.ts';
import type { UnloadBucket, UnloadCredentials } from './unload-s3.ts';
import type { UnloadStatement } from './unload-statement.ts';
import { RedshiftError } from './wire.ts';

/** One object that an UNLOAD wrote. */
export interface UnloadedFile {
  readonly url: string;
  readonly bytes: number;
  readonly rows: number;
  readonly slice: number;
}

export interface UnloadOutcome {
  readonly rows: number;
  readonly files: readonly UnloadedFile[];
}

export interface UnloadContext {
  /** The session's own connection, so that the SELECT sees what the session's transaction sees. */
  readonly backend: BackendConnection;
  readonly parquet: ParquetWriter;
  readonly credentials: UnloadCredentials;
  readonly s3Endpoint: string;
  readonly clusterRegion: string;
  readonly slices: number;
  readonly redshiftTypes: ReadonlyMap<number, string>;
  readonly queryId: number;
  readonly processId: number;
  readonly signal: AbortSignal;
}

/** What the formats share: rows go in by slice, files come out in the bucket. */
export interface UnloadSink {
  /** Resolves when all files are in the bucket, in the order in which the manifest lists them. */
  finish(): Promise<UnloadedFile[]>;
}

export interface SinkContext {
  readonly statement: UnloadStatement;
  readonly columns: readonly UnloadColumn[];
  readonly bucket: UnloadBucket;
  readonly slices: number;
  readonly directory: string;
  readonly backend: BackendConnection;
}

/**
 * Runs the SELECT on the session's connection and writes its rows and the manifest into the bucket.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
 * Rejects with RedshiftError or, when the SELECT itself fails, BackendError.
 */
export async function runUnload(statement: UnloadStatement, context: UnloadContext): Promise<UnloadOutcome> {
  const { backend, signal } = context;
  const select = rewriteSelect(statement.select);
  const columns = await resolveColumns({ statement, select, context });
  const bucket = openUnloadBucket({
    endpoint: context.s3Endpoint,
    region: statement.region ?? context.clusterRegion,
    credentials: context.credentials,
    statement,
    queryId: context.queryId,
    processId: context.processId,
    signal,
  });
  const directory = mkdtempSync(path.join(tmpdir(), 'sf-unload-'));
  const cancel = (): void => backend.cancel();
  try {
    await bucket.prepare([statement.prefix]);
    if (signal.aborted) throw canceled();
    signal.addEventListener('abort', cancel, { once: true });
    const slices = statement.parallel ? context.slices : 1;
    const sinkContext: SinkContext = { statement, columns, bucket, slices, directory, backend };
    const files =
      statement.format === 'parquet' && statement.partitionBy.length === 0
        ? await unloadParquet(select, sinkContext, context.parquet)
        : await unloadRows(select, sinkContext, context.parquet);
    signal.removeEventListener('abort', cancel);
    if (signal.aborted) throw canceled();
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    if (statement.manifest !== 'none') {
      await bucket.putText(`${statement.prefix}manifest`, buildManifest(statement, columns, files));
    }
    return { rows: statement.header ? rows - files.length : rows, files };
  } catch (error) {
    if (
      error instanceof BackendError &&
      error.fields['C'] === '57014' &&
      (signal.aborted || error.message.includes('user request'))
    )
      throw canceled();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
    bucket.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function resolveColumns(input: {
  statement: UnloadStatement;
  select: string;
  context: UnloadContext;
}): Promise<UnloadColumn[]> {
  const { statement, select, context } = input;
  const fields = await context.backend.describe(select);
  if (fields.length === 0)
    throw new RedshiftError({ code: '42601', message: 'UNLOAD takes a SELECT statement that returns columns' });
  const columns = fields.map((field) => {
    const column = toUnloadColumn(field, context.redshiftTypes);
    if (column !== null) return column;
    throw new RedshiftError({
      code: '0A000',
      message: `Column "${field.name}" has a type that Amazon Redshift does not support (type OID ${field.typeOid})`,
    });
  });
  for (const column of columns) checkColumn(statement, column);
  checkPartitionColumns(statement, columns);
  if (statement.format === 'json') checkUniqueNames(columns);
  return measureOpenNumerics(columns, select, context.backend);
}

function checkColumn(statement: UnloadStatement, column: UnloadColumn): void {
  if (statement.format === 'parquet' && !column.isOpenNumeric && toDuckdbType(column) === null) {
    throw new RedshiftError({
      code: '0A000',
      message: `UNLOAD ${column.base.toUpperCase()} column "${column.name}" is only supported for TEXT/CSV format`,
    });
  }
  const isFixedWidthRefused = ['binary varying', 'geometry', 'geography', 'hllsketch'].includes(column.base);
  if (statement.fixedWidth !== undefined && isFixedWidthRefused) {
    throw new RedshiftError({
      code: '0A000',
      message: `UNLOAD ${column.base.toUpperCase()} column "${column.name}" is not supported with FIXEDWIDTH`,
    });
  }
}

function checkPartitionColumns(statement: UnloadStatement, columns: readonly UnloadColumn[]): void {
  for (const name of statement.partitionBy) {
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined)
      throw new RedshiftError({
        code: '42703',
        message: `column "${name}" does not exist in the UNLOAD query's result`,
      });
    if (!canPartitionBy(column)) {
      throw new RedshiftError({
        code: '0A000',
        message: `${column.base.toUpperCase()} column "${name}" cannot be a PARTITION BY column`,
      });
    }
  }
  const isAllPartitioned =
    statement.partitionBy.length > 0 && columns.every((column) => statement.partitionBy.includes(column.name));
  if (isAllPartitioned && !statement.includePartitionColumns) {
    throw new RedshiftError({ code: '0A000', message: 'At least one column must not be a partition column' });
  }
}

function checkUniqueNames(columns: readonly UnloadColumn[]): void {
  const names = new Set(columns.map((column) => column.name));
  if (names.size < columns.length) {
    throw new RedshiftError({
      code: '42701',
      message: 'The name of each column in the query must be unique for UNLOAD with JSON',
    });
  }
}

/**
 * Redshift knows precision and scale of every numeric expression; PostgreSQL does not, so the scale is the largest that occurs.
 * Costs a second run of the SELECT, only for such columns.
 */
async function measureOpenNumerics(
  columns: UnloadColumn[],
  select: string,
  backend: BackendConnection,
): Promise<UnloadColumn[]> {
  if (!columns.some((column) => column.isOpenNumeric)) return columns;
  const names = columns.map((_column, index) => `c${index}`);
  const scales = columns.map((column, index) => (column.isOpenNumeric ? `max(scale(c${index}))` : 'NULL'));
  const { rows } = await backend.query(
    `SELECT ${scales.join(', ')} FROM (${select}\n) AS unloaded(${names.join(', ')})`,
  );
  return columns.map((column, index) => {
    if (!column.isOpenNumeric) return column;
    return { ...column, precision: 38, scale: Math.min(37, Number(rows[0]?.[index] ?? 0)) };
  });
}

async function unloadParquet(select: string, sink: SinkContext, parquet: ParquetWriter): Promise<UnloadedFile[]> {
  const { backend } = sink;
  const restore = await useExactOutput(backend);
  try {
    const target = openParquetSink(sink, parquet);
    // With backslashes active in plain literals, the marker has to be an E'' one.
    await backend.copyOut(
      `COPY (${select}\n) TO STDOUT WITH (FORMAT csv, NULL E'\\${CSV_NULL}', FORCE_QUOTE *)`,
      target.addRow,
    );
    return await target.finish();
  } finally {
    await restore();
  }
}

async function unloadRows(select: string, sink: SinkContext, parquet: ParquetWriter): Promise<UnloadedFile[]> {
  const { backend, statement } = sink;
  const restore = statement.format === 'parquet' ? await useExactOutput(backend) : async (): Promise<void> => undefined;
  try {
    const target = openTextSink(sink, parquet);
    await backend.streamRows(select, target.addRow);
    return await target.finish();
  } finally {
    await restore();
  }
}

/** Parquet carries floats and dates in binary: how the session prints them must not matter. */
async function useExactOutput(backend: BackendConnection): Promise<() => Promise<void>> {
  const before = await backend.query("SELECT current_setting('extra_float_digits'), current_setting('datestyle')");
  const [digits, dateStyle] = before.rows[0] ?? [];
  const order = dateStyle?.split(', ')[1] ?? 'MDY';
  const set = (floatDigits: string, style: string): string =>
    `SELECT set_config('extra_float_digits', '${floatDigits}', false), set_config('datestyle', '${style}', false)`;
  await backend.query(set('1', `ISO, ${order}`));
  return async () => {
    // In a failed transaction nothing can be run; its rollback restores the settings as well.
    if (backend.status !== 'E') await backend.query(set(digits ?? '0', dateStyle ?? 'ISO, MDY')).catch(() => undefined);
  };
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html#unload-examples-manifest-verbose */
function buildManifest(
  statement: UnloadStatement,
  columns: readonly UnloadColumn[],
  files: readonly UnloadedFile[],
): string {
  if (statement.manifest === 'plain') {
    return format({ entries: files.map((file) => ({ url: file.url })) });
  }
  const total = (key: 'bytes' | 'rows'): number => files.reduce((sum, file) => sum + file[key], 0);
  return format({
    entries: files.map((file) => ({ url: file.url, meta: { content_length: file.bytes, record_count: file.rows } })),
    schema: { elements: columns.map((column) => ({ name: column.name, type: toManifestType(column) })) },
    meta: { content_length: total('bytes'), record_count: total('rows') },
    author: { name: 'Amazon Redshift', version: '1.0.0' },
  });
}

const format = (manifest: unknown): string => JSON.stringify(manifest, null, 2);
