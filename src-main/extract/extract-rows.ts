import { AppError } from '#shared/errors/app-error';
import { tableLabel } from '#shared/model/table';
import { abortable, throwIfAborted } from '../lib/abort.ts';
import type { Cancellable, ReadRequest } from '../sources/source.ts';
import type { CellError } from './cell-error.ts';
import type { RowReader, WireBatch } from './column-batch.ts';
import type { DiskBudget } from './disk-budget.ts';
import type { ExtractedFile, ExtractOutcome, ExtractRequest } from './extraction.ts';
import { createFileSeries } from './file-series.ts';

export type OpenReader = (request: ReadRequest, options: Cancellable) => Promise<RowReader>;

export interface ExtractRowsOptions extends Cancellable {
  request: ExtractRequest;
  directory: string;
  openReader: OpenReader;
  disk: DiskBudget;
  onFile(file: ExtractedFile): Promise<void>;
  /** Called with each batch. */
  onProgress(progress: { rows: number; wireBytes: number }): void;
}

/** One extraction inside a lane: from the reader into files. When it rejects, nothing of it is left in the directory and the source runs nothing. */
export async function extractRows(options: ExtractRowsOptions): Promise<ExtractOutcome> {
  const { request, signal, onProgress } = options;
  const startedAt = performance.now();
  const progress = { rows: 0, wireBytes: 0 };
  const reader = await options.openReader(request.read, { signal });
  const series = createFileSeries({
    ...options,
    columns: request.read.columns.map(({ alias }, index) => ({ name: alias, parquet: codecAt(reader, index).parquet })),
    codecs: reader.codecs,
    maxFileBytes: request.maxFileBytes,
    nameCellError: (error, column) => valueNotCarried(request, error, column),
  });
  const onBatch = (batch: WireBatch): Promise<void> | undefined => {
    throwIfAborted(signal);
    const waiting = series.add(batch);
    progress.rows += batch.rowCount;
    progress.wireBytes += spanOf(batch);
    onProgress(progress);
    return waiting && abortable(waiting, signal);
  };
  try {
    const { serverRows } = await closing(reader, () => reader.read(onBatch, { signal }));
    const written = await abortable(series.finish(), signal);
    if (written.rows !== serverRows) throw rowsDiffer(request, serverRows, written.rows);
    return { ...written, wireBytes: progress.wireBytes, elapsedMs: performance.now() - startedAt };
  } catch (error) {
    await series.discard();
    throw error;
  }
}

async function closing<T>(reader: RowReader, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await reader.close().catch(() => undefined);
  }
}

function codecAt(reader: RowReader, index: number): RowReader['codecs'][number] {
  const codec = reader.codecs[index];
  if (!codec) throw new AppError('INTERNAL', { facts: { detail: `no codec for column ${index + 1}` } });
  return codec;
}

/** How much of the batch's bytes its rows take, about: from the first cell to the end of the last. */
function spanOf({ rowCount, stride, starts, lengths }: WireBatch): number {
  if (rowCount === 0) return 0;
  const last = starts.length - stride + rowCount - 1;
  const span = (starts[last] as number) + Math.max(0, lengths[last] as number) - (starts[0] as number);
  return Math.max(0, span);
}

function valueNotCarried({ read }: ExtractRequest, error: CellError, column: number): AppError {
  const { sourceName = '', nativeType = '' } = read.columns[column] ?? {};
  return new AppError('VALUES_NOT_CARRIED', {
    cause: error,
    facts: {
      table: tableLabel(read.table),
      column: sourceName,
      type: nativeType,
      count: 'some',
      value: error.text,
      detail: `${error.reason}: ${error.text}`,
    },
  });
}

function rowsDiffer({ read }: ExtractRequest, sourceRows: number, stagedRows: number): AppError {
  return new AppError('MANIFEST_MISMATCH', { facts: { table: tableLabel(read.table), sourceRows, stagedRows } });
}
