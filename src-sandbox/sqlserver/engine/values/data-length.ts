import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { isText, isUnicode } from '../sql-types.ts';
import { byteLength, codePageOf } from './code-page.ts';

/** Bytes that a value takes in storage. https://learn.microsoft.com/en-us/sql/t-sql/functions/datalength-transact-sql */
export function dataLength(value: SqlValue, type: SqlType): number {
  if (value instanceof Uint8Array) return value.length;
  if (isText(type))
    return isUnicode(type)
      ? (value as string).length * 2
      : byteLength(value as string, codePageOf(type.collation ?? ''));
  switch (type.name) {
    case 'bit':
    case 'tinyint':
      return 1;
    case 'smallint':
      return 2;
    case 'int':
    case 'smallmoney':
    case 'real':
    case 'smalldatetime':
      return 4;
    case 'date':
      return 3;
    case 'time':
      return timeBytes(type.scale ?? 7);
    case 'datetime2':
      return 3 + timeBytes(type.scale ?? 7);
    case 'datetimeoffset':
      return 5 + timeBytes(type.scale ?? 7);
    case 'uniqueidentifier':
      return 16;
    case 'decimal':
    case 'numeric': {
      const magnitude = value as bigint;
      const size = magnitude < 0n ? -magnitude : magnitude;
      return size < 2n ** 32n ? 5 : size < 2n ** 64n ? 9 : size < 2n ** 96n ? 13 : 17;
    }
    case 'sql_variant': {
      const { type: inner, value: held } = value as { type: SqlType; value: SqlValue };
      return dataLength(held, inner);
    }
    case 'xml':
      return (value as string).length * 2;
    default:
      return 8;
  }
}

const timeBytes = (scale: number): number => (scale < 3 ? 3 : scale < 5 ? 4 : 5);
