import type { SqlType } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { DEFAULT_COLLATION, findCollation, type Collation } from './collations.ts';

/** Data type tokens, MS-TDS 2.2.5.4: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/ce3183a6-9d89-47e8-a02f-de5a1a1303de */
export const TYPE = {
  null: 0x1f,
  image: 0x22,
  text: 0x23,
  guid: 0x24,
  varBinaryOld: 0x25,
  intN: 0x26,
  varCharOld: 0x27,
  date: 0x28,
  time: 0x29,
  dateTime2: 0x2a,
  dateTimeOffset: 0x2b,
  binaryOld: 0x2d,
  charOld: 0x2f,
  int1: 0x30,
  bit: 0x32,
  int2: 0x34,
  decimalOld: 0x37,
  int4: 0x38,
  dateTime4: 0x3a,
  float4: 0x3b,
  money: 0x3c,
  dateTime: 0x3d,
  float8: 0x3e,
  numericOld: 0x3f,
  variant: 0x62,
  nText: 0x63,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  dateTimeN: 0x6f,
  money4: 0x7a,
  int8: 0x7f,
  bigVarBinary: 0xa5,
  bigVarChar: 0xa7,
  bigBinary: 0xad,
  bigChar: 0xaf,
  nVarChar: 0xe7,
  nChar: 0xef,
  udt: 0xf0,
  xml: 0xf1,
  tableValue: 0xf3,
} as const;

/** Types that have a form without a length where NULL cannot occur: [token, token with a length, bytes]. */
export const FIXED_FORMS = {
  bit: [TYPE.bit, TYPE.bitN, 1],
  tinyint: [TYPE.int1, TYPE.intN, 1],
  smallint: [TYPE.int2, TYPE.intN, 2],
  int: [TYPE.int4, TYPE.intN, 4],
  bigint: [TYPE.int8, TYPE.intN, 8],
  real: [TYPE.float4, TYPE.floatN, 4],
  float: [TYPE.float8, TYPE.floatN, 8],
  smallmoney: [TYPE.money4, TYPE.moneyN, 4],
  money: [TYPE.money, TYPE.moneyN, 8],
  smalldatetime: [TYPE.dateTime4, TYPE.dateTimeN, 4],
  datetime: [TYPE.dateTime, TYPE.dateTimeN, 8],
} as const;
export type FixedTypeName = keyof typeof FIXED_FORMS;

const ASSEMBLY = 'Microsoft.SqlServer.Types, Version=11.0.0.0, Culture=neutral, PublicKeyToken=89845dcd8080cc91';
/** The CLR types that come with the server: name of the class, and the most bytes of a value (0xFFFF: without limit). */
const CLR_TYPES = {
  hierarchyid: ['SqlHierarchyId', 892],
  geometry: ['SqlGeometry', 0xffff],
  geography: ['SqlGeography', 0xffff],
} as const;

export interface TypeInfoOptions {
  isNullable: boolean;
  /** The database whose CLR type it is. */
  database: string;
}

/** TYPE_INFO of a column or a returned value: MS-TDS 2.2.5.6, TYPE_INFO */
export function writeTypeInfo(writer: ByteWriter, type: SqlType, options: TypeInfoOptions): void {
  if (isFixedName(type.name)) {
    const [fixed, nullable, size] = FIXED_FORMS[type.name];
    writer.u8(options.isNullable ? nullable : fixed);
    if (options.isNullable) writer.u8(size);
    return;
  }
  switch (type.name) {
    case 'decimal':
    case 'numeric': {
      const precision = type.precision ?? 18;
      writer.u8(type.name === 'decimal' ? TYPE.decimalN : TYPE.numericN);
      writer.u8(decimalBytes(precision));
      writer.u8(precision);
      writer.u8(type.scale ?? 0);
      return;
    }
    case 'date':
      writer.u8(TYPE.date);
      return;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8({ time: TYPE.time, datetime2: TYPE.dateTime2, datetimeoffset: TYPE.dateTimeOffset }[type.name]);
      writer.u8(type.scale ?? 7);
      return;
    case 'uniqueidentifier':
      writer.u8(TYPE.guid);
      writer.u8(16);
      return;
    case 'sql_variant':
      writer.u8(TYPE.variant);
      writer.u32(8009);
      return;
    case 'xml':
      writer.u8(TYPE.xml);
      // Without a schema collection.
      writer.u8(0);
      return;
    case 'hierarchyid':
    case 'geometry':
    case 'geography':
      writeClrType(writer, type.name, options.database);
      return;
    default:
      writeStringType(writer, type);
  }
}

function writeClrType(writer: ByteWriter, name: keyof typeof CLR_TYPES, database: string): void {
  const [className, maxBytes] = CLR_TYPES[name];
  writer.u8(TYPE.udt);
  writer.u16(maxBytes);
  writer.byteText(database);
  writer.byteText('sys');
  writer.byteText(name);
  writer.shortText(`Microsoft.SqlServer.Types.${className}, ${ASSEMBLY}`);
}

function writeStringType(writer: ByteWriter, type: SqlType): void {
  switch (type.name) {
    case 'char':
    case 'varchar':
      writer.u8(type.name === 'char' ? TYPE.bigChar : TYPE.bigVarChar);
      writer.u16(sizeOf(type, 1));
      writer.raw(collationOf(type).bytes);
      return;
    case 'nchar':
    case 'nvarchar':
      writer.u8(type.name === 'nchar' ? TYPE.nChar : TYPE.nVarChar);
      writer.u16(sizeOf(type, 2));
      writer.raw(collationOf(type).bytes);
      return;
    case 'binary':
    case 'varbinary':
      writer.u8(type.name === 'binary' ? TYPE.bigBinary : TYPE.bigVarBinary);
      writer.u16(sizeOf(type, 1));
      return;
    case 'timestamp':
      writer.u8(TYPE.bigBinary);
      writer.u16(8);
      return;
    case 'text':
      writer.u8(TYPE.text);
      writer.u32(0x7fffffff);
      writer.raw(collationOf(type).bytes);
      return;
    case 'ntext':
      writer.u8(TYPE.nText);
      writer.u32(0x7ffffffe);
      writer.raw(collationOf(type).bytes);
      return;
    case 'image':
      writer.u8(TYPE.image);
      writer.u32(0x7fffffff);
      return;
    default:
      throw new Error(`the TDS endpoint has no type for ${type.name}`);
  }
}

/** Bytes of a type with a length in units of so many bytes; 0xFFFF stands for (max). */
function sizeOf(type: SqlType, unitBytes: number): number {
  if (isMax(type)) return 0xffff;
  const bytes = (type.length ?? 1) * unitBytes;
  if (bytes < 1 || bytes > 8000) throw new Error(`${type.name}(${type.length}) is no type`);
  return bytes;
}

export function isFixedName(name: string): name is FixedTypeName {
  return name in FIXED_FORMS;
}

export function isMax(type: SqlType): boolean {
  return type.length === -1;
}

/** Whether a text pointer precedes the values, and the names of a table the type. */
export function isTextPointerType(type: SqlType): boolean {
  return type.name === 'text' || type.name === 'ntext' || type.name === 'image';
}

export function collationOf(type: SqlType): Collation {
  return findCollation(type.collation ?? DEFAULT_COLLATION);
}

/** Bytes of a decimal with its sign, by its precision (MS-TDS 2.2.5.5.1.6). */
export function decimalBytes(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

/** Bytes of the time of day at a scale (MS-TDS 2.2.5.5.1.8). */
export function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}
