import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type { ParquetWriter } from './parquet-writer.ts';
import { CSV_NULL } from './parquet-writer.ts';
import type { SinkContext, UnloadedFile, UnloadSink } from './run-unload.ts';
import { formatRow, headerRow } from './text-rows.ts';
import type { Cell } from './text-rows.ts';
import type { UnloadColumn } from './unload-columns.ts';
import { fileName, partitionFolder } from './unload-file-names.ts';
import { RedshiftError } from './wire.ts';

const BUFFER_CHARACTERS = 256 * 1024;

interface Target {
  readonly folder: string;
  readonly slice: number;
  readonly part: number;
  readonly path: string;
  buffered: string;
  bytes: number;
  rows: number;
}

/**
 * Writes delimited, CSV, fixed-width and JSON files, and everything that is partitioned. Rows are spread over the slices;
 * without PARTITION BY every slice has a file, be it empty, as the vendor's examples show.
 */
export function openTextSink(
  context: SinkContext,
  parquet: ParquetWriter,
): UnloadSink & { addRow(cells: readonly Cell[]): void } {
  const { statement, columns } = context;
  checkCompression(context);
  const isPartitioned = statement.partitionBy.length > 0;
  const keyIndexes = statement.partitionBy.map((name) => columns.findIndex((column) => column.name === name));
  const kept = columns.flatMap((_column, index) =>
    statement.includePartitionColumns || !keyIndexes.includes(index) ? [index] : [],
  );
  const written = kept.map((index) => columns[index]).filter((column): column is UnloadColumn => column !== undefined);
  const open = new Map<string, Target>();
  const done: Target[] = [];
  const parts = new Map<string, number>();
  let next = 0;

  const openTarget = (folder: string, slice: number): Target => {
    const key = `${slice}|${folder}`;
    const part = parts.get(key) ?? 0;
    parts.set(key, part + 1);
    const target: Target = {
      folder,
      slice,
      part,
      path: path.join(context.directory, `${done.length + open.size}-${parts.size}-${part}.out`),
      buffered: '',
      bytes: 0,
      rows: 0,
    };
    writeFileSync(target.path, '');
    if (statement.header) append(target, headerRow(written, statement));
    open.set(key, target);
    return target;
  };
  if (!isPartitioned) for (let slice = 0; slice < context.slices; slice += 1) openTarget('', slice);

  return {
    addRow: (cells) => {
      const slice = next;
      next = next + 1 === context.slices ? 0 : next + 1;
      const folder = partitionFolder(
        statement.partitionBy,
        keyIndexes.map((index) => cells[index] ?? null),
      );
      let target = open.get(`${slice}|${folder}`) ?? openTarget(folder, slice);
      const values = kept.map((index) => cells[index] ?? null);
      const line =
        statement.format === 'parquet' ? csvForParquet(values) : formatRow({ values, columns: written, statement });
      if (target.rows > 0 && target.bytes + Buffer.byteLength(line) > statement.maxFileBytes) {
        flush(target);
        open.delete(`${slice}|${folder}`);
        done.push(target);
        target = openTarget(folder, slice);
      }
      append(target, line);
    },
    finish: async () => {
      for (const target of open.values()) flush(target);
      const targets = [...done, ...open.values()].sort(
        (a, b) => a.folder.localeCompare(b.folder) || a.slice - b.slice || a.part - b.part,
      );
      const files: UnloadedFile[] = [];
      for (const target of targets) {
        await finishTarget({ context, target, parquet, columns: written });
        const key = fileName({ statement, slice: target.slice, part: target.part, folder: target.folder });
        const bytes = await context.bucket.putFile(key, target.path);
        rmSync(target.path);
        files.push({ url: `s3://${statement.bucket}/${key}`, bytes, rows: target.rows, slice: target.slice });
      }
      return files;
    },
  };
}

function append(target: Target, line: string): void {
  target.buffered += line;
  target.bytes += Buffer.byteLength(line);
  target.rows += 1;
  if (target.buffered.length >= BUFFER_CHARACTERS) flush(target);
}

function flush(target: Target): void {
  if (target.buffered !== '') appendFileSync(target.path, target.buffered);
  target.buffered = '';
}

async function finishTarget(input: {
  context: SinkContext;
  target: Target;
  parquet: ParquetWriter;
  columns: readonly UnloadColumn[];
}): Promise<void> {
  const { target, columns } = input;
  const { statement } = input.context;
  const converted = `${target.path}.converted`;
  if (statement.format === 'parquet') {
    await input.parquet.convert({ csvPath: target.path, parquetPath: converted, columns, rowGroupRows: 100_000 });
  } else if (statement.compression !== 'none' && statSync(target.path).size >= 0) {
    const compress = statement.compression === 'gzip' ? zlib.createGzip() : createZstd();
    await pipeline(createReadStream(target.path), compress, createWriteStream(converted));
  } else return;
  renameSync(converted, target.path);
}

function checkCompression(context: SinkContext): void {
  const { compression } = context.statement;
  if (compression === 'bzip2' || (compression === 'zstd' && !('createZstdCompress' in zlib))) {
    throw new RedshiftError({
      code: '0A000',
      message: `${compression.toUpperCase()} is not available in the practice environment: use GZIP`,
    });
  }
}

function createZstd(): NodeJS.ReadWriteStream {
  return (zlib as unknown as { createZstdCompress(): NodeJS.ReadWriteStream }).createZstdCompress();
}

function csvForParquet(values: readonly Cell[]): string {
  return `${values.map((value) => (value === null ? CSV_NULL : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}
