import type { ParquetType } from '../column-batch.ts';
import { createThriftWriter, ELEMENT, type ThriftWriter } from './thrift-writer.ts';

/** Numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6, fixedBytes: 7 } as const;
const CONVERTED = { utf8: 0, decimal: 5, date: 6, timestampMicros: 10 } as const;
const OPTIONAL = 1;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;

export const ENCODING = { plain: 0, rle: 3, dictionary: 8 } as const;
export type DataEncoding = typeof ENCODING.plain | typeof ENCODING.dictionary;
export const COMPRESSION = { none: 0, gzip: 2, zstd: 6 } as const;
export type Compression = keyof typeof COMPRESSION;

export const MAGIC = Buffer.from('PAR1');

/** Bytes of a value of a fixed-size type in the file; null for text and binary. Booleans are bits. */
export const DECIMAL_BYTES = 16;

export interface ColumnStatistics {
  nullCount: number;
  /** In PLAIN encoding, without length; both null when they are not known or not worth their bytes. */
  min: Uint8Array | null;
  max: Uint8Array | null;
}

export interface ChunkMetadata {
  dictionaryOffset: number | null;
  dataOffset: number;
  valueCount: number;
  /** With page headers. */
  uncompressedBytes: number;
  compressedBytes: number;
  hasPlainPages: boolean;
  hasDictionaryPages: boolean;
  statistics: ColumnStatistics;
}

export interface GroupMetadata {
  rowCount: number;
  chunks: ChunkMetadata[];
}

export interface FileColumn {
  name: string;
  parquet: ParquetType;
}

export function dataPageHeader(page: {
  uncompressedBytes: number;
  compressedBytes: number;
  valueCount: number;
  encoding: DataEncoding;
}): Uint8Array {
  const thrift = createThriftWriter();
  thrift.i32(1, DATA_PAGE);
  thrift.i32(2, page.uncompressedBytes);
  thrift.i32(3, page.compressedBytes);
  thrift.struct(5, () => {
    thrift.i32(1, page.valueCount);
    thrift.i32(2, page.encoding);
    thrift.i32(3, ENCODING.rle);
    thrift.i32(4, ENCODING.rle);
  });
  return thrift.finish();
}

export function dictionaryPageHeader(page: {
  uncompressedBytes: number;
  compressedBytes: number;
  valueCount: number;
}): Uint8Array {
  const thrift = createThriftWriter();
  thrift.i32(1, DICTIONARY_PAGE);
  thrift.i32(2, page.uncompressedBytes);
  thrift.i32(3, page.compressedBytes);
  thrift.struct(7, () => {
    thrift.i32(1, page.valueCount);
    thrift.i32(2, ENCODING.plain);
  });
  return thrift.finish();
}

/** What ends the file: the metadata, its length, the magic number. */
export function fileFooter(file: {
  columns: FileColumn[];
  groups: GroupMetadata[];
  rowCount: number;
  compression: Compression;
}): Uint8Array {
  const thrift = createThriftWriter();
  thrift.i32(1, 1);
  writeSchema(thrift, file.columns);
  thrift.i64(3, file.rowCount);
  thrift.list(4, ELEMENT.struct, file.groups.length);
  for (const group of file.groups) thrift.listStruct(() => writeGroup(thrift, group, file));
  thrift.binary(6, 'Snowferry');
  thrift.list(7, ELEMENT.struct, file.columns.length);
  // ColumnOrder.TYPE_ORDER: without it min_value and max_value have no meaning.
  for (const _ of file.columns) thrift.listStruct(() => thrift.struct(1, () => undefined));
  const metadata = thrift.finish();
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(metadata.length, 0);
  MAGIC.copy(tail, 4);
  return Buffer.concat([metadata, tail]);
}

function writeSchema(thrift: ThriftWriter, columns: FileColumn[]): void {
  thrift.list(2, ELEMENT.struct, columns.length + 1);
  thrift.listStruct(() => {
    thrift.binary(4, 'schema');
    thrift.i32(5, columns.length);
  });
  for (const { name, parquet } of columns) {
    thrift.listStruct(() => {
      thrift.i32(1, physicalType(parquet));
      if (physicalType(parquet) === PHYSICAL.fixedBytes) thrift.i32(2, DECIMAL_BYTES);
      thrift.i32(3, OPTIONAL);
      thrift.binary(4, name);
      writeLogicalType(thrift, parquet);
    });
  }
}

/** The converted type is what readers older than logical types know; a timestamp's says nothing about UTC, the logical type does. */
function writeLogicalType(thrift: ThriftWriter, parquet: ParquetType): void {
  switch (parquet.kind) {
    case 'text':
      thrift.i32(6, CONVERTED.utf8);
      thrift.struct(10, () => thrift.struct(1, () => undefined));
      return;
    case 'date':
      thrift.i32(6, CONVERTED.date);
      thrift.struct(10, () => thrift.struct(6, () => undefined));
      return;
    case 'decimal':
      thrift.i32(6, CONVERTED.decimal);
      thrift.i32(7, parquet.scale);
      thrift.i32(8, parquet.precision);
      thrift.struct(10, () =>
        thrift.struct(5, () => {
          thrift.i32(1, parquet.scale);
          thrift.i32(2, parquet.precision);
        }),
      );
      return;
    case 'timestamp':
      thrift.i32(6, CONVERTED.timestampMicros);
      thrift.struct(10, () =>
        thrift.struct(8, () => {
          thrift.bool(1, parquet.isUtc);
          thrift.struct(2, () => thrift.struct(2, () => undefined));
        }),
      );
      return;
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
    case 'binary':
      return;
  }
}

function writeGroup(
  thrift: ThriftWriter,
  group: GroupMetadata,
  file: { columns: FileColumn[]; compression: Compression },
): void {
  thrift.list(1, ELEMENT.struct, group.chunks.length);
  group.chunks.forEach((chunk, index) => {
    const column = file.columns[index];
    if (!column) throw new RangeError(`Row group has more chunks than the file has columns: ${index}.`);
    thrift.listStruct(() => {
      thrift.i64(2, chunk.dictionaryOffset ?? chunk.dataOffset);
      thrift.struct(3, () => writeChunk(thrift, chunk, { ...column, compression: file.compression }));
    });
  });
  const sum = (pick: (chunk: ChunkMetadata) => number): number =>
    group.chunks.reduce((total, chunk) => total + pick(chunk), 0);
  thrift.i64(
    2,
    sum((chunk) => chunk.uncompressedBytes),
  );
  thrift.i64(3, group.rowCount);
  thrift.i64(
    6,
    sum((chunk) => chunk.compressedBytes),
  );
}

function writeChunk(
  thrift: ThriftWriter,
  chunk: ChunkMetadata,
  column: FileColumn & { compression: Compression },
): void {
  const encodings: number[] = [ENCODING.rle];
  if (chunk.hasPlainPages || chunk.dictionaryOffset !== null) encodings.push(ENCODING.plain);
  if (chunk.hasDictionaryPages) encodings.push(ENCODING.dictionary);
  thrift.i32(1, physicalType(column.parquet));
  thrift.list(2, ELEMENT.i32, encodings.length);
  for (const encoding of encodings) thrift.listNumber(encoding);
  thrift.list(3, ELEMENT.binary, 1);
  thrift.listBinary(column.name);
  thrift.i32(4, COMPRESSION[column.compression]);
  thrift.i64(5, chunk.valueCount);
  thrift.i64(6, chunk.uncompressedBytes);
  thrift.i64(7, chunk.compressedBytes);
  thrift.i64(9, chunk.dataOffset);
  if (chunk.dictionaryOffset !== null) thrift.i64(11, chunk.dictionaryOffset);
  const { nullCount, min, max } = chunk.statistics;
  thrift.struct(12, () => {
    thrift.i64(3, nullCount);
    if (max) thrift.binary(5, max);
    if (min) thrift.binary(6, min);
  });
}

function physicalType(parquet: ParquetType): number {
  switch (parquet.kind) {
    case 'boolean':
      return PHYSICAL.boolean;
    case 'int32':
    case 'date':
      return PHYSICAL.int32;
    case 'int64':
    case 'timestamp':
      return PHYSICAL.int64;
    case 'float':
      return PHYSICAL.float;
    case 'double':
      return PHYSICAL.double;
    case 'decimal':
      return parquet.precision <= 18 ? PHYSICAL.int64 : PHYSICAL.fixedBytes;
    case 'text':
    case 'binary':
      return PHYSICAL.bytes;
  }
}
