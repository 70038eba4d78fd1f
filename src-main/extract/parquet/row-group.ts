import { CellError } from '../cell-error.ts';
import type { CellCodec, WireBatch } from '../column-batch.ts';
import { createColumnWriter, type ColumnChunk, type PageLimits, type RawPage } from './column-writer.ts';
import type { PageBuffers } from './page-buffers.ts';
import type { CompressPage } from './page-press.ts';
import type { DataEncoding } from './parquet-metadata.ts';

/** A page as it goes into the file, without its header. */
export interface PressedPage {
  data: Uint8Array;
  uncompressedBytes: number;
  valueCount: number;
  encoding: DataEncoding | 'dictionary-page';
}

export interface FinishedGroup {
  rowCount: number;
  columns: { chunk: ColumnChunk; pages: PressedPage[] }[];
}

/** Rows on their way into one row group: pages are compressed while others are made, and kept until the group is written. */
export interface RowGroup {
  readonly rowCount: number;
  readonly uncompressedBytes: number;
  /** Of the pages that are compressed by now. */
  readonly compressedBytes: number;
  add(batch: WireBatch): void;
  /** Resolves when all pages are compressed; rejects when one could not be, or with a value of a dictionary that does not fit. */
  finish(): Promise<FinishedGroup>;
}

export interface RowGroupOptions {
  codecs: CellCodec[];
  limits: PageLimits;
  /** One a column: they serve the groups of a whole table. */
  compressors: CompressPage[];
  buffers: PageBuffers;
  /** The error that a value of a column makes of the extraction. */
  nameCellError(error: CellError, column: number): Error;
}

const LARGEST_PAGE_ROWS = 65_536;
const SMALLEST_PAGE_ROWS = 4_096;
const LARGEST_PAGE_BYTES = 1024 * 1024;
const SMALLEST_PAGE_BYTES = 32 * 1024;
const OPEN_PAGES_BYTES = 64 * 1024 * 1024;
const MOST_ENTRIES = 4_096;
const FEWEST_ENTRIES = 256;
const ALL_ENTRIES = 262_144;

/** Every column has an open page and a dictionary: a table of many columns gets smaller ones, so that all of them together stay bounded. */
export function choosePageLimits(columnCount: number): PageLimits {
  const bytes = clamp(OPEN_PAGES_BYTES / columnCount, SMALLEST_PAGE_BYTES, LARGEST_PAGE_BYTES);
  return {
    rows: clamp(powerOfTwo(bytes / 16), SMALLEST_PAGE_ROWS, LARGEST_PAGE_ROWS),
    bytes: Math.floor(bytes),
    dictionaryEntries: clamp(powerOfTwo(ALL_ENTRIES / columnCount), FEWEST_ENTRIES, MOST_ENTRIES),
  };
}

export function createRowGroup(options: RowGroupOptions): RowGroup {
  const { codecs, compressors, limits, buffers, nameCellError } = options;
  let rowCount = 0;
  let uncompressedBytes = 0;
  let compressedBytes = 0;
  let failure: Error | null = null;

  const pressPage = async (page: RawPage, compress: CompressPage): Promise<PressedPage | null> => {
    try {
      const data = await compress(page.body);
      compressedBytes += data.length;
      const { valueCount, encoding } = page;
      return { data, uncompressedBytes: page.body.length, valueCount, encoding };
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
      return null;
    } finally {
      if (page.buffer) buffers.giveBack(page.buffer);
    }
  };

  const naming = <T>(column: number, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof CellError ? nameCellError(error, column) : error;
    }
  };

  const columns = codecs.map((codec, column) => {
    const pages: Promise<PressedPage | null>[] = [];
    const compress = compressors[column] as CompressPage;
    const emit = (page: RawPage): void => {
      uncompressedBytes += page.body.length;
      pages.push(pressPage(page, compress));
    };
    return { pages, writer: createColumnWriter({ codec, column, limits, buffers, emit }) };
  });

  return {
    get rowCount() {
      return rowCount;
    },
    get uncompressedBytes() {
      return uncompressedBytes;
    },
    get compressedBytes() {
      return compressedBytes;
    },
    add(batch) {
      const rows = { from: 0, count: batch.rowCount };
      columns.forEach(({ writer }, column) => naming(column, () => writer.add(batch, rows)));
      rowCount += batch.rowCount;
    },
    async finish() {
      const chunks = columns.map(({ writer }, column) => naming(column, () => writer.finish()));
      const pages = await Promise.all(columns.map((column) => Promise.all(column.pages)));
      if (failure) throw failure;
      return {
        rowCount,
        columns: chunks.map((chunk, index) => ({
          chunk,
          pages: (pages[index] ?? []).filter((page) => page !== null),
        })),
      };
    },
  };
}

function powerOfTwo(value: number): number {
  return 2 ** Math.floor(Math.log2(value));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
