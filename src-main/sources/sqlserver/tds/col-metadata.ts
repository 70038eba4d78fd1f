import type { ByteCursor } from './byte-cursor.ts';
import { WireError, type WireColumn } from './wire-column.ts';

/**
 * The columns of a COLMETADATA token, without its type byte (MS-TDS 2.2.7.4, of TDS 7.2 and later, without Always Encrypted, which was not asked for):
 * https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/58880b9f-381c-43b2-bf8b-0727a98c4f4c. An empty list for "no metadata".
 */
export function readColMetadata(cursor: ByteCursor): WireColumn[] {
  const count = cursor.u16();
  if (count === 0xffff) return [];
  return Array.from({ length: count }, () => readColumn(cursor));
}

function readColumn(cursor: ByteCursor): WireColumn {
  // UserType and Flags: what may be NULL shows in the cells.
  cursor.skip(6);
  const token = cursor.u8();
  const type = readTypeInfo(token, cursor);
  if (type.layout === 'text-pointer') {
    for (let parts = cursor.u8(); parts > 0; parts -= 1) cursor.shortText();
  }
  return { ...type, name: cursor.byteText() };
}

type TypeInfo = Omit<WireColumn, 'name'>;

const PLAIN: TypeInfo = { kind: 'null', layout: 'none', size: 0, precision: 0, scale: 0, collation: null };

/** Types whose values always have the same length, without a prefix (MS-TDS 2.2.5.4.1). */
const FIXED: Readonly<Record<number, Pick<TypeInfo, 'kind' | 'size'>>> = {
  0x30: { kind: 'integer', size: 1 },
  0x34: { kind: 'integer', size: 2 },
  0x38: { kind: 'integer', size: 4 },
  0x7f: { kind: 'integer', size: 8 },
  0x32: { kind: 'bit', size: 1 },
  0x3b: { kind: 'float', size: 4 },
  0x3e: { kind: 'float', size: 8 },
  0x7a: { kind: 'money', size: 4 },
  0x3c: { kind: 'money', size: 8 },
  0x3a: { kind: 'datetime', size: 4 },
  0x3d: { kind: 'datetime', size: 8 },
};

/** Types with a byte of length that tells the size (MS-TDS 2.2.5.4.2). */
const SIZED: Readonly<Record<number, TypeInfo['kind']>> = {
  0x24: 'uniqueidentifier',
  0x26: 'integer',
  0x68: 'bit',
  0x6d: 'float',
  0x6e: 'money',
  0x6f: 'datetime',
};

/** Types with two bytes of length; 0xFFFF stands for (max). The legacy ones of a byte follow. */
const STRINGS: Readonly<Record<number, { kind: TypeInfo['kind']; layout: 'short' | 'byte' }>> = {
  0xa5: { kind: 'binary', layout: 'short' },
  0xad: { kind: 'binary', layout: 'short' },
  0xa7: { kind: 'varchar', layout: 'short' },
  0xaf: { kind: 'varchar', layout: 'short' },
  0xe7: { kind: 'nvarchar', layout: 'short' },
  0xef: { kind: 'nvarchar', layout: 'short' },
  0x25: { kind: 'binary', layout: 'byte' },
  0x2d: { kind: 'binary', layout: 'byte' },
  0x27: { kind: 'varchar', layout: 'byte' },
  0x2f: { kind: 'varchar', layout: 'byte' },
};

const DECIMALS = [0x37, 0x3f, 0x6a, 0x6c];

/** TYPE_INFO behind its type byte (MS-TDS 2.2.5.6). */
function readTypeInfo(token: number, cursor: ByteCursor): TypeInfo {
  const fixed = FIXED[token];
  if (fixed) return { ...PLAIN, ...fixed, layout: 'fixed' };
  const sized = SIZED[token];
  if (sized) return { ...PLAIN, kind: sized, layout: 'byte', size: cursor.u8() };
  const text = STRINGS[token];
  if (text) return readStringType(text, cursor);
  if (DECIMALS.includes(token)) {
    const size = cursor.u8();
    return { ...PLAIN, kind: 'decimal', layout: 'byte', size, precision: cursor.u8(), scale: cursor.u8() };
  }
  return readOtherType(token, cursor);
}

function readStringType(type: { kind: TypeInfo['kind']; layout: 'short' | 'byte' }, cursor: ByteCursor): TypeInfo {
  const size = type.layout === 'short' ? cursor.u16() : cursor.u8();
  const collation = type.kind === 'binary' || type.layout === 'byte' ? null : cursor.take(5);
  if (type.layout === 'short' && size === 0xffff) return { ...PLAIN, ...type, layout: 'plp', size: -1, collation };
  return { ...PLAIN, ...type, size, collation };
}

function readOtherType(token: number, cursor: ByteCursor): TypeInfo {
  switch (token) {
    case 0x1f:
      return PLAIN;
    case 0x28:
      return { ...PLAIN, kind: 'date', layout: 'byte', size: 3 };
    case 0x29:
      return withScale('time', { cursor, fixedSize: 0 });
    case 0x2a:
      return withScale('datetime2', { cursor, fixedSize: 3 });
    case 0x2b:
      return withScale('datetimeoffset', { cursor, fixedSize: 5 });
    case 0x22:
      return readPointerType('binary', cursor);
    case 0x23:
      return readPointerType('varchar', cursor);
    case 0x63:
      return readPointerType('nvarchar', cursor);
    case 0x62:
      return { ...PLAIN, kind: 'sql_variant', layout: 'long', size: cursor.u32() };
    case 0xf1:
      return readXmlType(cursor);
    case 0xf0:
      return readUdtType(cursor);
    default:
      throw new WireError(`a column has the type 0x${token.toString(16)}, which MS-TDS does not know`);
  }
}

function withScale(
  kind: 'time' | 'datetime2' | 'datetimeoffset',
  { cursor, fixedSize }: { cursor: ByteCursor; fixedSize: number },
): TypeInfo {
  const scale = cursor.u8();
  if (scale > 7) throw new WireError(`a column of type ${kind} has ${scale} fractional digits`);
  return { ...PLAIN, kind, layout: 'byte', size: timeBytes(scale) + fixedSize, scale };
}

/** Bytes of the time part (MS-TDS 2.2.5.5.1.7). */
export function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

/** text, ntext and image. */
function readPointerType(kind: 'binary' | 'varchar' | 'nvarchar', cursor: ByteCursor): TypeInfo {
  cursor.skip(4);
  const collation = kind === 'binary' ? null : cursor.take(5);
  return { ...PLAIN, kind, layout: 'text-pointer', size: -1, collation };
}

function readXmlType(cursor: ByteCursor): TypeInfo {
  if (cursor.u8() === 1) {
    cursor.byteText();
    cursor.byteText();
    cursor.shortText();
  }
  return { ...PLAIN, kind: 'xml', layout: 'plp', size: -1 };
}

function readUdtType(cursor: ByteCursor): TypeInfo {
  cursor.skip(2);
  for (let names = 0; names < 3; names += 1) cursor.byteText();
  cursor.shortText();
  return { ...PLAIN, kind: 'udt', layout: 'plp', size: -1 };
}
