import type { SqlType, SqlValue } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { textCodec } from './collations.ts';
import { encodeVariant } from './encode-variant.ts';
import { scalarEncoder, type ScalarEncoder } from './encode-scalars.ts';
import { collationOf, isFixedName, isMax, isTextPointerType } from './type-info.ts';

/** Writes one cell with its length, NULL included. Throws for a value that is none of its type. */
export type CellEncoder = (writer: ByteWriter, value: SqlValue) => void;

/** The encoder of a column. `isNullable` as COLMETADATA said it: types of a fixed form have no length where it is false. */
export function cellEncoder(type: SqlType, isNullable: boolean): CellEncoder {
  if (type.name === 'sql_variant') return encodeVariant;
  if (isTextPointerType(type)) return textPointerEncoder(type);
  if (isPlp(type)) return plpEncoder(type);
  if (isShortLength(type)) return shortLengthEncoder(type);
  const scalar = scalarEncoder(type);
  if (isFixedName(type.name) && !isNullable) return fixedEncoder(type, scalar);
  return (writer, value) => {
    writer.ensure(18);
    if (value === null) {
      writer.bytes[writer.position++] = 0;
      return;
    }
    const from = writer.position;
    writer.position = from + 1;
    scalar(writer, value);
    writer.bytes[from] = writer.position - from - 1;
  };
}

/** How many bytes a NULL of the type takes in a ROW token: what NBCROW saves. */
export function nullBytes(type: SqlType): number {
  if (type.name === 'sql_variant') return 4;
  if (isPlp(type)) return 8;
  return isShortLength(type) ? 2 : 1;
}

function isPlp(type: SqlType): boolean {
  return isMax(type) || ['xml', 'hierarchyid', 'geometry', 'geography'].includes(type.name);
}

function isShortLength(type: SqlType): boolean {
  return ['char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary', 'timestamp'].includes(type.name);
}

function fixedEncoder(type: SqlType, scalar: ScalarEncoder): CellEncoder {
  return (writer, value) => {
    if (value === null) throw new Error(`NULL in a column of ${type.name} that cannot hold it`);
    writer.ensure(8);
    scalar(writer, value);
  };
}

/** The bytes of a char or binary value. */
export function rawBytes(type: SqlType, value: SqlValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw new Error(`a value of ${type.name} that is neither text nor bytes`);
  if (isUtf16(type)) return Buffer.from(value, 'utf16le');
  return textCodec(collationOf(type).codePage).encode(value);
}

function isUtf16(type: SqlType): boolean {
  return type.name === 'nchar' || type.name === 'nvarchar' || type.name === 'ntext' || type.name === 'xml';
}

function shortLengthEncoder(type: SqlType): CellEncoder {
  if (isUtf16(type)) return writeUtf16;
  const isText = type.name === 'char' || type.name === 'varchar';
  const table = isText ? textCodec(collationOf(type).codePage).table : null;
  if (table !== null) return singleByteEncoder(table);
  return (writer, value) => {
    if (value === null) {
      writer.u16(0xffff);
      return;
    }
    const bytes = rawBytes(type, value);
    if (bytes.length > 8000) throw tooLong(bytes.length);
    writer.u16(bytes.length);
    writer.raw(bytes);
  };
}

function writeUtf16(writer: ByteWriter, value: SqlValue): void {
  if (value === null) {
    writer.u16(0xffff);
    return;
  }
  if (typeof value !== 'string') throw new Error('a value of nchar or nvarchar that is no text');
  const size = value.length * 2;
  if (size > 8000) throw tooLong(size);
  writer.ensure(size + 2);
  const from = writer.bytes.writeUInt16LE(size, writer.position);
  writer.position = from + writer.bytes.write(value, from, 'utf16le');
}

function singleByteEncoder(table: Uint8Array): CellEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.u16(0xffff);
      return;
    }
    if (typeof value !== 'string') throw new Error('a value of char or varchar that is no text');
    const size = value.length;
    if (size > 8000) throw tooLong(size);
    writer.ensure(size + 2);
    const { bytes } = writer;
    let to = bytes.writeUInt16LE(size, writer.position);
    for (let index = 0; index < size; index += 1) bytes[to++] = table[value.charCodeAt(index)]!;
    writer.position = to;
  };
}

function tooLong(size: number): Error {
  return new Error(`a value of ${size} bytes in a type that holds 8000 at most`);
}

const PLP_NULL = 0xffffffffffffffffn;
const PLP_UNKNOWN = 0xfffffffffffffffen;
/** Of one chunk. Odd on purpose: the server, too, cuts characters in two. */
const PLP_CHUNK_BYTES = 8_037;

/** Partially length-prefixed values: MS-TDS 2.2.5.2.3 */
function plpEncoder(type: SqlType): CellEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.u64(PLP_NULL);
      return;
    }
    const bytes = rawBytes(type, value);
    writer.u64(type.name === 'xml' ? PLP_UNKNOWN : BigInt(bytes.length));
    for (let from = 0; from < bytes.length; from += PLP_CHUNK_BYTES) {
      const chunk = bytes.subarray(from, from + PLP_CHUNK_BYTES);
      writer.u32(chunk.length);
      writer.raw(chunk);
    }
    writer.u32(0);
  };
}

/** What the server sends in place of a text pointer and its timestamp for a SELECT. */
const TEXT_POINTER = Buffer.from('dummy textptr\0\0\0', 'latin1');
const TEXT_TIMESTAMP = Buffer.from('dummyTS\0', 'latin1');

function textPointerEncoder(type: SqlType): CellEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.u8(0);
      return;
    }
    const bytes = rawBytes(type, value);
    writer.byteBytes(TEXT_POINTER);
    writer.raw(TEXT_TIMESTAMP);
    writer.u32(bytes.length);
    writer.raw(bytes);
  };
}
