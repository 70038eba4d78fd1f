import {
  DuckDBBlobValue,
  DuckDBDecimalValue,
  type DuckDBValue,
  type DuckDBVector,
  type DuckDBBlobVector,
  type DuckDBDecimal64Vector,
} from '@duckdb/node-api';
import type { SqlType, SqlValue } from '../engine-contract.ts';
import { guidFromStored, guidToStored } from './values/guid.ts';
import { fromStored, toStored } from './stored-text.ts';

/** Reads one value of a DuckDB vector that holds `type` as `duckType` says. */
export type ValueReader = (vector: DuckDBVector, row: number) => SqlValue;

export function readerOf(type: SqlType): ValueReader {
  switch (type.name) {
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return readDecimal;
    case 'datetimeoffset':
      return (vector, row) => {
        const packed = vector.getItem(row) as bigint | null;
        return packed === null ? null : unpackOffset(packed);
      };
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
    case 'hierarchyid':
    case 'geometry':
    case 'geography':
      return readBytes;
    case 'uniqueidentifier':
      return (vector, row) => {
        const bytes = (vector as DuckDBBlobVector).getItemBytes(row);
        return bytes === null ? null : guidFromStored(bytes);
      };
    case 'sql_variant':
      return (vector, row) => {
        const text = vector.getItem(row) as string | null;
        return text === null ? null : variantFromStored(text);
      };
    case 'char':
    case 'varchar':
    case 'text':
    case 'nchar':
    case 'nvarchar':
    case 'ntext':
    case 'xml':
      return (vector, row) => {
        const text = vector.getItem(row) as string | null;
        return text === null ? null : fromStored(text);
      };
    default:
      return (vector, row) => vector.getItem(row) as SqlValue;
  }
}

function readDecimal(vector: DuckDBVector, row: number): SqlValue {
  const scaled = (vector as DuckDBDecimal64Vector).getScaledValue(row) as bigint | number | null;
  return typeof scaled === 'number' ? BigInt(scaled) : scaled;
}

/** A copy: the vector's own memory is reused. */
function readBytes(vector: DuckDBVector, row: number): SqlValue {
  const bytes = (vector as DuckDBBlobVector).getItemBytes(row);
  return bytes === null ? null : new Uint8Array(bytes);
}

/** The value as DuckDB's binding takes it for a vector or an appender. `precision` of a decimal may be raised to that of the vector. */
export function toDuckValue(value: SqlValue, type: SqlType, width?: number): DuckDBValue {
  if (value === null) return null;
  switch (type.name) {
    case 'decimal':
    case 'numeric':
      return new DuckDBDecimalValue(value as bigint, width ?? type.precision ?? 18, type.scale ?? 0);
    case 'money':
      return new DuckDBDecimalValue(value as bigint, width ?? 19, 4);
    case 'smallmoney':
      return new DuckDBDecimalValue(value as bigint, width ?? 10, 4);
    case 'datetimeoffset':
      return packOffset(value as { utcTicks: bigint; offsetMinutes: number });
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
    case 'hierarchyid':
    case 'geometry':
    case 'geography':
      return new DuckDBBlobValue(value as Uint8Array);
    case 'uniqueidentifier':
      return new DuckDBBlobValue(guidToStored(value as string));
    case 'sql_variant':
      return variantToStored(value as { type: SqlType; value: SqlValue });
    case 'char':
    case 'varchar':
    case 'text':
    case 'nchar':
    case 'nvarchar':
    case 'ntext':
    case 'xml':
      return toStored(value as string);
    default:
      return value as DuckDBValue;
  }
}

/** datetimeoffset in one HUGEINT: UTC ticks times 4096, plus the offset in minutes plus 2048; integer division by 4096 gives what it is compared by. */
export function packOffset(value: { utcTicks: bigint; offsetMinutes: number }): bigint {
  return value.utcTicks * 4096n + BigInt(value.offsetMinutes + 2048);
}

export function unpackOffset(packed: bigint): { utcTicks: bigint; offsetMinutes: number } {
  const offset = packed & 4095n;
  return { utcTicks: (packed - offset) / 4096n, offsetMinutes: Number(offset) - 2048 };
}

type StoredVariant = { type: SqlType; kind: string; value: unknown };

/** sql_variant as JSON in a text; binary values in base64. */
function variantToStored(variant: { type: SqlType; value: SqlValue }): string {
  const { type, value } = variant;
  const stored: StoredVariant =
    typeof value === 'bigint'
      ? { type, kind: 'bigint', value: String(value) }
      : value instanceof Uint8Array
        ? { type, kind: 'bytes', value: Buffer.from(value).toString('base64') }
        : typeof value === 'object' && value !== null && 'utcTicks' in value
          ? { type, kind: 'offset', value: [String(value.utcTicks), value.offsetMinutes] }
          : { type, kind: 'plain', value };
  return JSON.stringify(stored);
}

function variantFromStored(text: string): { type: SqlType; value: SqlValue } {
  const { type, kind, value } = JSON.parse(text) as StoredVariant;
  switch (kind) {
    case 'bigint':
      return { type, value: BigInt(value as string) };
    case 'bytes':
      return { type, value: new Uint8Array(Buffer.from(value as string, 'base64')) };
    case 'offset': {
      const [ticks, offsetMinutes] = value as [string, number];
      return { type, value: { utcTicks: BigInt(ticks), offsetMinutes } };
    }
    default:
      return { type, value: value as SqlValue };
  }
}
