import type { SqlType, SqlValue } from '../engine-contract.ts';
import { ByteReader } from './byte-reader.ts';
import { collationOfBytes, DEFAULT_COLLATION, textCodec, type Collation, findCollation } from './collations.ts';
import { guidText } from './encode-scalars.ts';
import { ProtocolError } from './protocol-error.ts';
import { decimalBytes, timeBytes, TYPE } from './type-info.ts';

/** TYPE_INFO as a client sends it, and how a value behind it is read. */
export interface WireType {
  type: SqlType;
  read(reader: ByteReader): SqlValue;
}

/** The message uses a part of TDS that this server refuses with an error of its own, keeping the connection. */
export class RefusedRequest extends Error {
  readonly number: number;
  readonly state: number;

  constructor(refusal: { number: number; state: number; text: string }) {
    super(refusal.text);
    this.name = 'RefusedRequest';
    this.number = refusal.number;
    this.state = refusal.state;
  }
}

/** MS-TDS 2.2.5.6, TYPE_INFO, of a parameter. */
export function readTypeInfo(reader: ByteReader): WireType {
  const token = reader.u8();
  const fixed = FIXED[token];
  if (fixed !== undefined) return { type: { name: fixed }, read: (values) => readScalar(values, { name: fixed }) };
  const sized = SIZED[token];
  if (sized !== undefined) return readSizedType(reader, sized);
  switch (token) {
    case TYPE.null:
      return { type: { name: 'nvarchar', length: 1 }, read: () => null };
    case TYPE.decimalOld:
    case TYPE.numericOld:
    case TYPE.decimalN:
    case TYPE.numericN:
      return readDecimalType(reader, token);
    case TYPE.date:
      return byteLength({ name: 'date' }, [3]);
    case TYPE.time:
    case TYPE.dateTime2:
    case TYPE.dateTimeOffset:
      return readTemporalType(reader, token);
    case TYPE.variant:
      reader.skip(4);
      return { type: { name: 'sql_variant' }, read: readVariant };
    case TYPE.xml:
      skipXmlSchema(reader);
      return { type: { name: 'xml' }, read: (values) => textOf(readPlp(values), null) };
    case TYPE.udt:
      return readClrType(reader);
    case TYPE.tableValue:
      throw new RefusedRequest({
        number: 8016,
        state: 7,
        text: 'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. Table-valued parameters are not supported by this server.',
      });
    default:
      return readStringType(reader, token);
  }
}

const FIXED: Readonly<Record<number, SqlType['name']>> = {
  [TYPE.int1]: 'tinyint',
  [TYPE.bit]: 'bit',
  [TYPE.int2]: 'smallint',
  [TYPE.int4]: 'int',
  [TYPE.int8]: 'bigint',
  [TYPE.float4]: 'real',
  [TYPE.float8]: 'float',
  [TYPE.money4]: 'smallmoney',
  [TYPE.money]: 'money',
  [TYPE.dateTime4]: 'smalldatetime',
  [TYPE.dateTime]: 'datetime',
};

/** Types whose size in TYPE_INFO says which of several they are. */
const SIZED: Readonly<Record<number, Readonly<Record<number, SqlType['name']>>>> = {
  [TYPE.intN]: { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' },
  [TYPE.bitN]: { 1: 'bit' },
  [TYPE.floatN]: { 4: 'real', 8: 'float' },
  [TYPE.moneyN]: { 4: 'smallmoney', 8: 'money' },
  [TYPE.dateTimeN]: { 4: 'smalldatetime', 8: 'datetime' },
  [TYPE.guid]: { 16: 'uniqueidentifier' },
};

function readSizedType(reader: ByteReader, names: Readonly<Record<number, SqlType['name']>>): WireType {
  const size = reader.u8();
  const name = names[size];
  if (name === undefined) throw new ProtocolError(`a parameter type of ${size} bytes that does not exist`);
  return {
    type: { name },
    read: (values) => {
      const length = values.u8();
      if (length === 0) return null;
      const actual = names[length];
      if (actual === undefined) throw new ProtocolError(`a value of ${name} that is ${length} bytes long`);
      return readScalar(values, { name: actual });
    },
  };
}

/** A value behind one byte of length, which must be one of `sizes`; 0 is NULL. */
function byteLength(type: SqlType, sizes: number[]): WireType {
  return {
    type,
    read: (values) => {
      const length = values.u8();
      if (length === 0) return null;
      if (!sizes.includes(length)) throw new ProtocolError(`a value of ${type.name} that is ${length} bytes long`);
      return readScalar(values, type, length);
    },
  };
}

function readDecimalType(reader: ByteReader, token: number): WireType {
  reader.skip(1);
  const precision = reader.u8();
  const scale = reader.u8();
  if (precision < 1 || precision > 38 || scale > precision)
    throw new ProtocolError(`a parameter of decimal(${precision},${scale})`);
  const name = token === TYPE.numericN || token === TYPE.numericOld ? 'numeric' : 'decimal';
  // A client may send fewer bytes than the precision needs.
  return byteLength(
    { name, precision, scale },
    [5, 9, 13, 17].filter((size) => size <= decimalBytes(precision)),
  );
}

function readTemporalType(reader: ByteReader, token: number): WireType {
  const scale = reader.u8();
  if (scale > 7) throw new ProtocolError(`a parameter with a scale of ${scale}`);
  const size = timeBytes(scale);
  if (token === TYPE.time) return byteLength({ name: 'time', scale }, [size]);
  if (token === TYPE.dateTime2) return byteLength({ name: 'datetime2', scale }, [size + 3]);
  return byteLength({ name: 'datetimeoffset', scale }, [size + 5]);
}

function readClrType(reader: ByteReader): WireType {
  reader.byteText();
  reader.byteText();
  const name = reader.byteText().toLowerCase();
  if (name !== 'hierarchyid' && name !== 'geometry' && name !== 'geography')
    throw new RefusedRequest({
      number: 8016,
      state: 1,
      text: `The CLR type '${name}' is not supported by this server.`,
    });
  return { type: { name }, read: readPlp };
}

function skipXmlSchema(reader: ByteReader): void {
  if (reader.u8() === 0) return;
  reader.byteText();
  reader.byteText();
  reader.shortText();
}

const STRINGS: Readonly<Record<number, readonly [name: SqlType['name'], lengthBytes: 1 | 2 | 4]>> = {
  [TYPE.bigChar]: ['char', 2],
  [TYPE.bigVarChar]: ['varchar', 2],
  [TYPE.nChar]: ['nchar', 2],
  [TYPE.nVarChar]: ['nvarchar', 2],
  [TYPE.bigBinary]: ['binary', 2],
  [TYPE.bigVarBinary]: ['varbinary', 2],
  [TYPE.charOld]: ['char', 1],
  [TYPE.varCharOld]: ['varchar', 1],
  [TYPE.binaryOld]: ['binary', 1],
  [TYPE.varBinaryOld]: ['varbinary', 1],
  [TYPE.text]: ['text', 4],
  [TYPE.nText]: ['ntext', 4],
  [TYPE.image]: ['image', 4],
};

const BINARY_NAMES = new Set<SqlType['name']>(['binary', 'varbinary', 'image']);

function readStringType(reader: ByteReader, token: number): WireType {
  const known = STRINGS[token];
  if (known === undefined) throw new ProtocolError(`the unknown parameter type 0x${token.toString(16)}`);
  const [name, lengthBytes] = known;
  const size = lengthBytes === 1 ? reader.u8() : lengthBytes === 2 ? reader.u16() : reader.u32();
  const isBinary = BINARY_NAMES.has(name);
  const collation = isBinary || lengthBytes === 1 ? null : readCollation(reader);
  const isUtf16 = name === 'nchar' || name === 'nvarchar' || name === 'ntext';
  const isMax = lengthBytes === 2 && size === 0xffff;
  if (lengthBytes === 2 && !isMax && size > 8000) throw new ProtocolError(`a parameter type of ${size} bytes`);
  const type: SqlType = { name };
  if (lengthBytes !== 4) type.length = isMax ? -1 : isUtf16 ? size / 2 : size;
  if (collation !== null) type.collation = collation.name;
  const convert = (bytes: Buffer | null): SqlValue => {
    if (bytes === null || isBinary) return bytes === null ? null : Buffer.from(bytes);
    return textOf(bytes, isUtf16 ? null : (collation ?? findCollation(DEFAULT_COLLATION)));
  };
  return { type, read: (values) => convert(isMax ? readPlp(values) : readCounted(values, lengthBytes)) };
}

function readCollation(reader: ByteReader): Collation {
  const bytes = reader.take(5);
  // Clients send zeroes where they have not been told of a collation.
  const collation = bytes.every((byte) => byte === 0) ? findCollation(DEFAULT_COLLATION) : collationOfBytes(bytes);
  if (collation === null) throw new ProtocolError(`the unknown collation 0x${bytes.toString('hex')}`);
  return collation;
}

function readCounted(reader: ByteReader, lengthBytes: 1 | 2 | 4): Buffer | null {
  if (lengthBytes === 1) return reader.take(reader.u8());
  const length = lengthBytes === 2 ? reader.u16() : reader.u32();
  if (length === (lengthBytes === 2 ? 0xffff : 0xffffffff)) return null;
  return reader.take(length);
}

/** Null decodes UTF-16. */
function textOf(bytes: Buffer | null, collation: Collation | null): string | null {
  if (bytes === null) return null;
  if (collation !== null) return textCodec(collation.codePage).decode(bytes);
  if (bytes.length % 2 !== 0) throw new ProtocolError('a text of UTF-16 with an odd number of bytes');
  return bytes.toString('utf16le');
}

const PLP_NULL = 0xffffffffffffffffn;
const PLP_UNKNOWN = 0xfffffffffffffffen;

function readPlp(reader: ByteReader): Buffer | null {
  const total = reader.u64();
  if (total === PLP_NULL) return null;
  const chunks: Buffer[] = [];
  for (let length = reader.u32(); length !== 0; length = reader.u32()) chunks.push(reader.take(length));
  const value = Buffer.concat(chunks);
  if (total !== PLP_UNKNOWN && total !== BigInt(value.length))
    throw new ProtocolError(`a value of ${value.length} bytes that was announced with ${total}`);
  return value;
}

const DAY_TICKS = 864_000_000_000n;

/** A value that is not NULL. `length` tells the bytes of those types that have several. */
function readScalar(reader: ByteReader, type: SqlType, length = 0): SqlValue {
  switch (type.name) {
    case 'bit':
      return reader.u8() !== 0;
    case 'tinyint':
      return reader.u8();
    case 'smallint':
      return reader.i16();
    case 'int':
      return reader.i32();
    case 'bigint':
      return reader.i64();
    case 'real':
      return finite(reader.f32());
    case 'float':
      return finite(reader.f64());
    case 'smallmoney':
      return BigInt(reader.i32());
    case 'money':
      return (BigInt(reader.i32()) << 32n) + BigInt(reader.u32());
    case 'smalldatetime':
      return reader.u16() * 1440 + reader.u16();
    case 'datetime':
      return BigInt(reader.i32()) * (300n * 86_400n) + BigInt(reader.i32());
    case 'date':
      return reader.u24();
    case 'uniqueidentifier':
      return guidText(reader.take(16));
    case 'decimal':
    case 'numeric':
      return readDecimal(reader, type, length);
    case 'time':
      return readTime(reader, type.scale!);
    case 'datetime2': {
      const ticks = readTime(reader, type.scale!);
      return BigInt(reader.u24()) * DAY_TICKS + ticks;
    }
    case 'datetimeoffset': {
      const ticks = readTime(reader, type.scale!);
      return { utcTicks: BigInt(reader.u24()) * DAY_TICKS + ticks, offsetMinutes: reader.i16() };
    }
    default:
      throw new ProtocolError(`a value of ${type.name} where none can be`);
  }
}

/** float holds neither infinities nor NaN: the server refuses them as a parameter with 8023. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RefusedRequest({
    number: 8023,
    state: 1,
    text: 'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. The supplied value is not a valid instance of data type float. Check the source data for invalid values. An example of an invalid value is data of numeric type with scale greater than precision.',
  });
}

function readDecimal(reader: ByteReader, type: SqlType, length: number): bigint {
  const isPositive = reader.u8() !== 0;
  let magnitude = 0n;
  for (let word = 0n; word < BigInt((length - 1) / 4); word += 1n) magnitude |= BigInt(reader.u32()) << (word * 32n);
  if (magnitude >= 10n ** BigInt(type.precision!))
    throw new RefusedRequest({
      number: 8023,
      state: 2,
      text: `The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. The supplied value is not a valid instance of data type ${type.name}. Check the source data for invalid values. An example of an invalid value is data of numeric type with scale greater than precision.`,
    });
  return isPositive ? magnitude : -magnitude;
}

function readTime(reader: ByteReader, scale: number): bigint {
  const size = timeBytes(scale);
  const units = reader.take(size).readUIntLE(0, size);
  const ticks = BigInt(units) * 10n ** BigInt(7 - scale);
  if (ticks >= DAY_TICKS) throw new ProtocolError('a time of day behind midnight');
  return ticks;
}

/** sql_variant: MS-TDS 2.2.5.5.4 */
function readVariant(reader: ByteReader): SqlValue {
  const length = reader.u32();
  if (length === 0) return null;
  const body = new ByteReader(reader.take(length));
  const token = body.u8();
  const properties = new ByteReader(body.take(body.u8()));
  const type = readVariantType(token, properties);
  const value = readVariantValue(body, type);
  return { type, value };
}

function readVariantType(token: number, properties: ByteReader): SqlType {
  const fixed = FIXED[token];
  if (fixed !== undefined) return { name: fixed };
  switch (token) {
    case TYPE.guid:
      return { name: 'uniqueidentifier' };
    case TYPE.date:
      return { name: 'date' };
    case TYPE.time:
      return { name: 'time', scale: properties.u8() };
    case TYPE.dateTime2:
      return { name: 'datetime2', scale: properties.u8() };
    case TYPE.dateTimeOffset:
      return { name: 'datetimeoffset', scale: properties.u8() };
    case TYPE.decimalN:
    case TYPE.numericN:
      return {
        name: token === TYPE.decimalN ? 'decimal' : 'numeric',
        precision: properties.u8(),
        scale: properties.u8(),
      };
    case TYPE.bigBinary:
    case TYPE.bigVarBinary:
      return { name: token === TYPE.bigBinary ? 'binary' : 'varbinary', length: properties.u16() };
    case TYPE.bigChar:
    case TYPE.bigVarChar:
    case TYPE.nChar:
    case TYPE.nVarChar: {
      const collation = readCollation(properties);
      const isUtf16 = token === TYPE.nChar || token === TYPE.nVarChar;
      const names = {
        [TYPE.bigChar]: 'char',
        [TYPE.bigVarChar]: 'varchar',
        [TYPE.nChar]: 'nchar',
        [TYPE.nVarChar]: 'nvarchar',
      } as const;
      return {
        name: names[token],
        length: isUtf16 ? properties.u16() / 2 : properties.u16(),
        collation: collation.name,
      };
    }
    default:
      throw new ProtocolError(`a sql_variant of the unknown type 0x${token.toString(16)}`);
  }
}

function readVariantValue(body: ByteReader, type: SqlType): SqlValue {
  if (type.scale !== undefined && type.precision === undefined && type.scale > 7)
    throw new ProtocolError(`a sql_variant with a scale of ${type.scale}`);
  if (type.precision !== undefined && (type.precision < 1 || type.precision > 38 || (body.remaining - 1) % 4 !== 0))
    throw new ProtocolError('a sql_variant that is no decimal');
  if (type.collation !== undefined)
    return textOf(body.take(body.remaining), type.name.startsWith('n') ? null : findCollation(type.collation));
  if (BINARY_NAMES.has(type.name)) return Buffer.from(body.take(body.remaining));
  return readScalar(body, type, body.remaining);
}
