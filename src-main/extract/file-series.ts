import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CellError } from './cell-error.ts';
import type { CellCodec, WireBatch } from './column-batch.ts';
import { diskFull, isDiskFull, type DiskBudget } from './disk-budget.ts';
import type { ExtractedFile } from './extraction.ts';
import { createPageBuffers } from './parquet/page-buffers.ts';
import { createPagePress } from './parquet/page-press.ts';
import { openParquetFile, type ParquetFile } from './parquet/parquet-file.ts';
import type { Compression, FileColumn } from './parquet/parquet-metadata.ts';
import { releaseBytes } from './parquet/release-bytes.ts';
import { choosePageLimits, createRowGroup, type RowGroup } from './parquet/row-group.ts';

/** Writes batches into one Parquet file after the other. */
export interface FileSeries {
  /** Answers a promise when no more batches must come until it resolves. Throws what `nameCellError` makes; rejects with what went wrong on the disk or in `onFile`. */
  add(batch: WireBatch): Promise<void> | undefined;
  /** Writes the rest and waits until every file is taken away. */
  finish(): Promise<{ rows: number; files: number; bytes: number }>;
  /** Removes what is there and stops; resolves when nothing is left. Never rejects. */
  discard(): Promise<void>;
}

export interface FileSeriesOptions {
  columns: FileColumn[];
  codecs: CellCodec[];
  directory: string;
  maxFileBytes: number;
  disk: DiskBudget;
  onFile(file: ExtractedFile): Promise<void>;
  /** The error that a value of a column makes of the extraction. */
  nameCellError(error: CellError, column: number): Error;
  compression?: Compression;
  limits?: { groupRows: number; groupBytes: number; groupCompressedBytes: number };
}

/**
 * Two groups of each lane are in memory, compressed: larger ones cost memory and, measured up to 3 million rows, save neither time nor space. Values that
 * compress badly end a group sooner.
 */
const GROUP_LIMITS = { groupRows: 1_000_000, groupBytes: 32 * 1024 * 1024, groupCompressedBytes: 8 * 1024 * 1024 };
const MOST_WAITING_FILES = 2;
/** A file this near to its size is closed: the next row group would take it beyond. */
const FULL_SHARE = 0.9;

/**
 * One row group is made while the one before it is written: a file's size is known when its groups are compressed, so a group is also cut when the open
 * file and what is on its way reach the size.
 */
export function createFileSeries(options: FileSeriesOptions): FileSeries {
  const { codecs } = options;
  const { groupRows, groupBytes, groupCompressedBytes } = options.limits ?? GROUP_LIMITS;
  const press = createPagePress(options.compression);
  const buffers = createPageBuffers();
  const compressors = codecs.map(() => press.forColumn());
  const newGroup = (): RowGroup =>
    createRowGroup({ ...options, limits: choosePageLimits(codecs.length), compressors, buffers });
  const files = createFileChain({ ...options, compression: press.compression });
  let group = newGroup();
  let writing: Promise<void> | null = null;
  let pendingGroup: RowGroup | null = null;
  let failure: Error | null = null;

  const isGroupFull = (): boolean => {
    if (group.rowCount >= groupRows || group.uncompressedBytes >= groupBytes) return true;
    if (group.compressedBytes >= groupCompressedBytes) return true;
    const before = files.openBytes() + (pendingGroup?.compressedBytes ?? 0);
    const inSameFile = before < options.maxFileBytes * FULL_SHARE ? before : 0;
    return inSameFile + group.compressedBytes >= options.maxFileBytes;
  };

  const writeGroup = async (finished: RowGroup): Promise<void> => {
    try {
      const pressed = await finished.finish();
      await files.write(pressed);
      for (const { pages } of pressed.columns) for (const { data } of pages) releaseBytes(data);
    } catch (error) {
      failure ??= toError(error);
      throw failure;
    } finally {
      pendingGroup = null;
      writing = null;
    }
  };

  const endGroup = (): void => {
    pendingGroup = group;
    group = newGroup();
    writing = writeGroup(pendingGroup);
    // Whoever waits sees the rejection, and the next batch does.
    writing.catch(() => undefined);
  };

  const makeRoom = async (): Promise<void> => {
    if (press.isFull()) await press.hasRoom();
    if (group.rowCount > 0 && isGroupFull()) {
      await writing;
      endGroup();
    }
    if (failure) throw failure;
  };

  return {
    add(batch) {
      if (failure) throw failure;
      group.add(batch);
      return press.isFull() || isGroupFull() ? makeRoom() : undefined;
    },
    async finish() {
      await writing;
      if (group.rowCount > 0) {
        endGroup();
        await writing;
      }
      if (failure) throw failure;
      return files.finish();
    },
    async discard() {
      failure ??= new Error('The extraction was given up.');
      await writing?.catch(() => undefined);
      await files.discard();
    },
  };
}

interface FileChain {
  /** Of the file that is being written. */
  openBytes(): number;
  write(group: Awaited<ReturnType<RowGroup['finish']>>): Promise<void>;
  finish(): Promise<{ rows: number; files: number; bytes: number }>;
  discard(): Promise<void>;
}

function createFileChain(options: FileSeriesOptions & { compression: Compression }): FileChain {
  const { disk, directory, maxFileBytes } = options;
  const totals = { rows: 0, files: 0, bytes: 0 };
  const waiting = new Set<Promise<void>>();
  let open: { file: ParquetFile; name: string; path: string; reserved: number } | null = null;
  let failure: Error | null = null;

  const onDisk = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw isDiskFull(error) ? diskFull(directory, error) : error;
    }
  };

  const openNext = async (): Promise<NonNullable<typeof open>> => {
    const name = `part-${String(totals.files).padStart(5, '0')}.parquet`;
    const path = join(directory, name);
    const file = await onDisk(openParquetFile({ path, columns: options.columns, compression: options.compression }));
    return { file, name, path, reserved: 0 };
  };

  const closeOpen = async (): Promise<void> => {
    if (!open) return;
    const { file, name, path, reserved } = open;
    await onDisk(file.finish());
    open = null;
    const { rows, bytes } = file;
    disk.release(reserved - bytes);
    totals.files++;
    totals.rows += rows;
    totals.bytes += bytes;
    const handedOver = handOver({ path, name, rows, bytes });
    waiting.add(handedOver);
    handedOver.then(() => waiting.delete(handedOver)).catch(() => undefined);
    while (waiting.size >= MOST_WAITING_FILES) await Promise.race(waiting);
  };

  const handOver = async (file: ExtractedFile): Promise<void> => {
    try {
      await options.onFile(file);
    } catch (error) {
      failure ??= toError(error);
      throw failure;
    } finally {
      await rm(file.path, { force: true }).catch(() => undefined);
      disk.release(file.bytes);
    }
  };

  return {
    openBytes: () => open?.file.bytes ?? 0,
    async write(group) {
      if (failure) throw failure;
      const needed = group.columns.reduce(
        (sum, { pages }) => sum + pages.reduce((bytes, page) => bytes + page.data.length + 64, 512),
        0,
      );
      if (!(await disk.tryReserve(needed))) {
        // What is in the open file can only go away when that is closed, before its time.
        await closeOpen();
        await disk.reserve(needed);
      }
      try {
        open ??= await openNext();
      } catch (error) {
        disk.release(needed);
        throw error;
      }
      open.reserved += needed;
      await onDisk(open.file.writeGroup(group));
      if (open.file.bytes >= maxFileBytes * FULL_SHARE) await closeOpen();
    },
    async finish() {
      await closeOpen();
      await Promise.all(waiting);
      if (failure) throw failure;
      return { ...totals };
    },
    async discard() {
      await Promise.allSettled(waiting);
      if (!open) return;
      await open.file.discard();
      disk.release(open.reserved);
      open = null;
    },
  };
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
