import type { SqlType, SqlValue } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { textCodec } from './collations.ts';
import { scalarEncoder } from './encode-scalars.ts';
import { collationOf, FIXED_FORMS, isFixedName, TYPE } from './type-info.ts';

/** sql_variant, MS-TDS 2.2.5.5.4: https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/2435e85d-9e61-492c-acb2-627ffccb5b92 */
export function encodeVariant(writer: ByteWriter, value: SqlValue): void {
  if (value === null) {
    writer.u32(0);
    return;
  }
  if (typeof value !== 'object' || !('type' in value)) throw new Error('a value of sql_variant without its type');
  const inner = value.value;
  if (inner === null) {
    writer.u32(0);
    return;
  }
  writer.withLongLength(() => writeInner(writer, value.type, inner));
}

function writeInner(writer: ByteWriter, type: SqlType, value: Exclude<SqlValue, null>): void {
  writeProperties(writer, type, value);
  writer.ensure(18);
  if (typeof value === 'string' && type.name !== 'uniqueidentifier') {
    const isUtf16 = type.name === 'nchar' || type.name === 'nvarchar';
    writer.raw(isUtf16 ? Buffer.from(value, 'utf16le') : textCodec(collationOf(type).codePage).encode(value));
  } else if (value instanceof Uint8Array) writer.raw(value);
  else scalarEncoder(type)(writer, value);
}

/** The base type, how many bytes describe it, and those. */
function writeProperties(writer: ByteWriter, type: SqlType, value: SqlValue): void {
  if (isFixedName(type.name)) {
    writer.u8(FIXED_FORMS[type.name][0]);
    writer.u8(0);
    return;
  }
  switch (type.name) {
    case 'uniqueidentifier':
    case 'date':
      writer.u8(type.name === 'date' ? TYPE.date : TYPE.guid);
      writer.u8(0);
      return;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8({ time: TYPE.time, datetime2: TYPE.dateTime2, datetimeoffset: TYPE.dateTimeOffset }[type.name]);
      writer.u8(1);
      writer.u8(type.scale ?? 7);
      return;
    case 'decimal':
    case 'numeric':
      writer.u8(type.name === 'decimal' ? TYPE.decimalN : TYPE.numericN);
      writer.u8(2);
      writer.u8(type.precision ?? 18);
      writer.u8(type.scale ?? 0);
      return;
    case 'binary':
    case 'varbinary':
      writer.u8(type.name === 'binary' ? TYPE.bigBinary : TYPE.bigVarBinary);
      writer.u8(2);
      writer.u16(type.length ?? (value instanceof Uint8Array ? value.length : 0));
      return;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const unit = type.name.startsWith('n') ? 2 : 1;
      writer.u8(
        { char: TYPE.bigChar, varchar: TYPE.bigVarChar, nchar: TYPE.nChar, nvarchar: TYPE.nVarChar }[type.name],
      );
      writer.u8(7);
      writer.raw(collationOf(type).bytes);
      writer.u16((type.length ?? (typeof value === 'string' ? value.length : 0)) * unit);
      return;
    }
    default:
      throw new Error(`sql_variant cannot hold ${type.name}`);
  }
}
