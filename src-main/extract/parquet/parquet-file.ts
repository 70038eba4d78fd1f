import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  dataPageHeader,
  dictionaryPageHeader,
  ENCODING,
  fileFooter,
  MAGIC,
  type ChunkMetadata,
  type Compression,
  type FileColumn,
  type GroupMetadata,
} from './parquet-metadata.ts';
import type { FinishedGroup, PressedPage } from './row-group.ts';

/**
 * One Parquet file on its way to the disk, as `<path>.part` until it is complete.
 *
 * What it writes: flat OPTIONAL columns, v1 data pages, PLAIN and RLE_DICTIONARY (the dictionary in front), one compression for all pages, statistics of
 * column chunks. What it does not: nested columns, REQUIRED columns, page indexes, page statistics, checksums, Bloom filters, encryption, DELTA encodings.
 */
export interface ParquetFile {
  readonly bytes: number;
  readonly rows: number;
  writeGroup(group: FinishedGroup): Promise<void>;
  /** Writes the footer, syncs, and gives the file its name. */
  finish(): Promise<void>;
  /** Closes and removes what was written. Never rejects. */
  discard(): Promise<void>;
}

/** Slices of one writev call; systems refuse more than 1,024 (IOV_MAX). */
const MOST_SLICES = 1000;

export async function openParquetFile(options: {
  path: string;
  columns: FileColumn[];
  compression: Compression;
}): Promise<ParquetFile> {
  const { path, columns, compression } = options;
  const partPath = `${path}.part`;
  const handle = await open(partPath, 'wx', 0o600);
  const groups: GroupMetadata[] = [];
  let bytes = 0;
  let rows = 0;

  const write = async (slices: Uint8Array[]): Promise<void> => {
    for (let first = 0; first < slices.length; first += MOST_SLICES) {
      bytes += await writeAll(handle, slices.slice(first, first + MOST_SLICES));
    }
  };

  const discard = async (): Promise<void> => {
    await handle.close().catch(() => undefined);
    await rm(partPath, { force: true }).catch(() => undefined);
  };

  try {
    await write([MAGIC]);
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    get bytes() {
      return bytes;
    },
    get rows() {
      return rows;
    },
    async writeGroup(group) {
      const { slices, metadata } = layOutGroup(group, bytes);
      await write(slices);
      groups.push(metadata);
      rows += group.rowCount;
    },
    async finish() {
      await write([fileFooter({ columns, groups, rowCount: rows, compression })]);
      await handle.sync();
      await handle.close();
      await rename(partPath, path);
      await syncDirectory(dirname(path));
    },
    discard,
  };
}

/** The slices of a row group that begins at `start`, and what the footer says about it. */
function layOutGroup(group: FinishedGroup, start: number): { slices: Uint8Array[]; metadata: GroupMetadata } {
  const slices: Uint8Array[] = [];
  let offset = start;
  const chunks = group.columns.map(({ chunk, pages }): ChunkMetadata => {
    const isDictionary = (page: PressedPage): boolean => page.encoding === 'dictionary-page';
    const dictionary = pages.find(isDictionary);
    const data = pages.filter((page) => !isDictionary(page));
    let uncompressedBytes = 0;
    const begin = offset;
    const put = (page: PressedPage): void => {
      const header = pageHeader(page);
      slices.push(header, page.data);
      uncompressedBytes += header.length + page.uncompressedBytes;
      offset += header.length + page.data.length;
    };
    if (dictionary) put(dictionary);
    const dataOffset = offset;
    for (const page of data) put(page);
    return {
      dictionaryOffset: dictionary ? begin : null,
      dataOffset,
      valueCount: chunk.valueCount,
      uncompressedBytes,
      compressedBytes: offset - begin,
      hasPlainPages: data.some(({ encoding }) => encoding === ENCODING.plain),
      hasDictionaryPages: data.some(({ encoding }) => encoding === ENCODING.dictionary),
      statistics: chunk.statistics,
    };
  });
  return { slices, metadata: { rowCount: group.rowCount, chunks } };
}

function pageHeader({ data, uncompressedBytes, valueCount, encoding }: PressedPage): Uint8Array {
  const sizes = { uncompressedBytes, compressedBytes: data.length, valueCount };
  return encoding === 'dictionary-page' ? dictionaryPageHeader(sizes) : dataPageHeader({ ...sizes, encoding });
}

async function writeAll(handle: FileHandle, slices: Uint8Array[]): Promise<number> {
  const total = slices.reduce((sum, { length }) => sum + length, 0);
  let rest = slices;
  for (let written = 0; written < total;) {
    const { bytesWritten } = await handle.writev(rest);
    written += bytesWritten;
    if (written < total) rest = dropBytes(rest, bytesWritten);
  }
  return total;
}

function dropBytes(slices: Uint8Array[], count: number): Uint8Array[] {
  let rest = count;
  for (const [index, slice] of slices.entries()) {
    if (rest < slice.length) return [slice.subarray(rest), ...slices.slice(index + 1)];
    rest -= slice.length;
  }
  return [];
}

/** Makes the new name durable; Windows has no such thing. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}
