import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { ParquetWriter } from './parquet-writer.ts';
import type { SinkContext, UnloadedFile, UnloadSink } from './run-unload.ts';
import { fileName } from './unload-file-names.ts';

const MB = 1024 * 1024;
const BUFFER_BYTES = MB;
/** Parquet parts converted or uploaded at a time; further rows wait. */
const MAX_IN_FLIGHT = 2;

interface Part {
  readonly slice: number;
  readonly number: number;
  readonly csvPath: string;
  readonly descriptor: number;
  csvBytes: number;
  rows: number;
}

interface Slice {
  readonly buffer: Buffer;
  used: number;
  part: Part | undefined;
  parts: number;
}

/**
 * Spreads CSV rows over the slices and turns each slice's rows into Parquet files of about MAXFILESIZE. "The actual file size is
 * approximated when the file is being written"; the size is rounded down to a multiple of 32 MB, as documented.
 */
export function openParquetSink(
  context: SinkContext,
  parquet: ParquetWriter,
): UnloadSink & { addRow(row: Buffer): void } {
  const { statement, backend, columns } = context;
  const maxFileBytes = Math.max(32, Math.floor(statement.maxFileBytes / MB / 32) * 32) * MB;
  const slices: Slice[] = Array.from({ length: context.slices }, () => ({
    buffer: Buffer.allocUnsafe(BUFFER_BYTES),
    used: 0,
    part: undefined,
    parts: 0,
  }));
  const files: (UnloadedFile & { part: number })[] = [];
  const inFlight = new Set<Promise<void>>();
  let failure: Error | undefined;
  let next = 0;
  // CSV bytes per Parquet byte: unknown until a part is written, and low so that the first parts stay under the limit.
  let ratio = 1.2;

  const flush = (slice: Slice, index: number): Part => {
    slice.part ??= openPart(context, index, slice.parts++);
    if (slice.used > 0) writeSync(slice.part.descriptor, slice.buffer, 0, slice.used);
    slice.used = 0;
    return slice.part;
  };
  const closePart = (slice: Slice, index: number): void => {
    const part = flush(slice, index);
    closeSync(part.descriptor);
    slice.part = undefined;
    const work = writePart(part).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
    });
    const tracked = work.finally(() => {
      inFlight.delete(tracked);
      if (inFlight.size < MAX_IN_FLIGHT) backend.resume();
    });
    inFlight.add(tracked);
    if (inFlight.size >= MAX_IN_FLIGHT) backend.pause();
  };
  const writePart = async (part: Part): Promise<void> => {
    const parquetPath = `${part.csvPath}.parquet`;
    const rowGroupRows = rowsPerGroup(part, statement.rowGroupBytes);
    await parquet.convert({ csvPath: part.csvPath, parquetPath, columns, rowGroupRows });
    rmSync(part.csvPath);
    const key = fileName({ statement, slice: part.slice, part: part.number, folder: '' });
    const bytes = await context.bucket.putFile(key, parquetPath);
    rmSync(parquetPath);
    ratio = Math.max(0.5, part.csvBytes / bytes);
    files.push({
      url: `s3://${statement.bucket}/${key}`,
      bytes,
      rows: part.rows,
      slice: part.slice,
      part: part.number,
    });
  };

  return {
    addRow: (row) => {
      if (failure !== undefined) throw failure;
      const index = next;
      const slice = slices[index];
      if (slice === undefined) return;
      next = next + 1 === slices.length ? 0 : next + 1;
      slice.part ??= openPart(context, index, slice.parts++);
      if (row.length > BUFFER_BYTES - slice.used) flush(slice, index);
      if (row.length > BUFFER_BYTES) writeSync(slice.part.descriptor, row);
      else slice.used += row.copy(slice.buffer, slice.used);
      slice.part.csvBytes += row.length;
      slice.part.rows += 1;
      if (slice.part.csvBytes >= maxFileBytes * ratio) closePart(slice, index);
    },
    finish: async () => {
      for (const [index, slice] of slices.entries()) {
        if (slice.part === undefined) continue;
        while (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight);
        closePart(slice, index);
      }
      while (inFlight.size > 0) await Promise.all(inFlight);
      backend.resume();
      if (failure !== undefined) throw failure;
      return files.sort((a, b) => a.slice - b.slice || a.part - b.part);
    },
  };
}

function openPart(context: SinkContext, slice: number, number: number): Part {
  const csvPath = path.join(context.directory, `${slice}-${number}.csv`);
  return { slice, number, csvPath, descriptor: openSync(csvPath, 'w'), csvBytes: 0, rows: 0 };
}

/** Row groups of about the wanted size, by the rows' mean width in text. */
function rowsPerGroup(part: Part, rowGroupBytes: number): number {
  const meanBytes = Math.max(1, part.csvBytes / Math.max(1, part.rows));
  return Math.max(2048, Math.min(1_000_000, Math.round(rowGroupBytes / meanBytes)));
}
