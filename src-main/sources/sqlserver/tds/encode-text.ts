import { CellError } from '../../../extract/cell-error.ts';
import { parseNativeType } from '../column-types.ts';
import { timeBytes } from './col-metadata.ts';
import type { WireColumn } from './wire-column.ts';

/** A value as SQL Server spells it, in the bytes in which it would have come for `column`. Throws CellError for a spelling that is not the type's. */
export type TextEncoder = (text: string) => Uint8Array;

const PLAIN = { precision: 0, scale: 0, collation: null, layout: 'plp' } as const;
const EPOCH_DAYS = 719_162;
const DATETIME_EPOCH_DAYS = 25_567;
const MINUTES_A_DAY = 1440;

/** The column that a native type would have on the wire; types that only travel as text become nvarchar. */
export function wireColumnOf(name: string, nativeType: string): WireColumn {
  const native = parseNativeType(nativeType);
  const [first, second] = native.sizes;
  switch (native.name) {
    case 'bit':
      return { ...PLAIN, name, kind: 'bit', size: 1 };
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return { ...PLAIN, name, kind: 'integer', size: { tinyint: 1, smallint: 2, int: 4, bigint: 8 }[native.name] };
    case 'decimal':
      return { ...PLAIN, name, kind: 'decimal', size: 17, precision: first ?? 18, scale: second ?? 0 };
    case 'money':
    case 'smallmoney':
      return { ...PLAIN, name, kind: 'money', size: native.name === 'money' ? 8 : 4 };
    case 'real':
      return { ...PLAIN, name, kind: 'float', size: 4 };
    case 'float':
      return { ...PLAIN, name, kind: 'float', size: first !== undefined && first <= 24 ? 4 : 8 };
    case 'date':
      return { ...PLAIN, name, kind: 'date', size: 3 };
    case 'time':
      return { ...PLAIN, name, kind: 'time', size: timeBytes(first ?? 7), scale: first ?? 7 };
    case 'datetime':
    case 'smalldatetime':
      return { ...PLAIN, name, kind: 'datetime', size: native.name === 'datetime' ? 8 : 4 };
    case 'datetime2':
      return { ...PLAIN, name, kind: 'datetime2', size: timeBytes(first ?? 7) + 3, scale: first ?? 7 };
    case 'datetimeoffset':
      return { ...PLAIN, name, kind: 'datetimeoffset', size: timeBytes(first ?? 7) + 5, scale: first ?? 7 };
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return { ...PLAIN, name, kind: 'binary', size: -1 };
    default:
      return { ...PLAIN, name, kind: 'nvarchar', size: -1 };
  }
}

export function textEncoder(column: WireColumn): TextEncoder {
  const { size, scale } = column;
  switch (column.kind) {
    case 'bit':
      return (text) => Uint8Array.of(match(text, /^([01])$/, column)[0] === '1' ? 1 : 0);
    case 'integer':
      return (text) => littleEndian(BigInt(match(text, /^(-?\d+)$/, column)[0]!), size);
    case 'decimal':
      return (text) => {
        const value = unscaled(text, scale, column);
        return Uint8Array.of(value < 0n ? 0 : 1, ...littleEndian(value < 0n ? -value : value, 16));
      };
    case 'money':
      return (text) => {
        const bytes = littleEndian(unscaled(text, 4, column), size);
        return size === 4 ? bytes : Uint8Array.of(...bytes.subarray(4), ...bytes.subarray(0, 4));
      };
    case 'float':
      return (text) => floatBytes(Number(match(text, /^([-+]?[\d.]+(?:e[-+]?\d+)?)$/i, column)[0]), size);
    case 'binary':
      return (text) => new Uint8Array(Buffer.from(match(text, /^((?:[\da-f]{2})*)$/i, column)[0]!, 'hex'));
    case 'date':
    case 'time':
    case 'datetime':
    case 'datetime2':
    case 'datetimeoffset':
      return timeEncoder(column);
    default:
      return (text) => Buffer.from(text, 'utf16le');
  }
}

function timeEncoder(column: WireColumn): TextEncoder {
  const { scale } = column;
  switch (column.kind) {
    case 'date':
      return (text) => littleEndian(BigInt(daysOf(text, column)), 3);
    case 'time':
      return (text) => littleEndian(timeUnits(text, scale, column), timeBytes(scale));
    case 'datetime':
      return (text) => {
        const [date, time] = match(text, /^(\S+) (\S+)$/, column);
        const days = daysOf(date!, column) - EPOCH_DAYS + DATETIME_EPOCH_DAYS;
        const milliseconds = Number(timeUnits(time!, 3, column));
        if (column.size === 4) {
          const minutes = littleEndian(BigInt(milliseconds / 60_000), 2);
          return Uint8Array.of(...littleEndian(BigInt(days), 2), ...minutes);
        }
        const parts = BigInt(Math.round((milliseconds * 3) / 10));
        return Uint8Array.of(...littleEndian(BigInt(days), 4), ...littleEndian(parts, 4));
      };
    case 'datetime2':
      return (text) => {
        const [date, time] = match(text, /^(\S+) (\S+)$/, column);
        const units = littleEndian(timeUnits(time!, scale, column), timeBytes(scale));
        return Uint8Array.of(...units, ...littleEndian(BigInt(daysOf(date!, column)), 3));
      };
    default:
      return (text) => offsetBytes(text, column);
  }
}

/** datetimeoffset is UTC on the wire, and its minutes of offset. */
function offsetBytes(text: string, column: WireColumn): Uint8Array {
  const [date, time, sign, hours, minutes] = match(text, /^(\S+) (\S+) ([-+])(\d\d):(\d\d)$/, column);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const unitsAMinute = 60n * 10n ** BigInt(column.scale);
  const unitsADay = unitsAMinute * BigInt(MINUTES_A_DAY);
  const local = BigInt(daysOf(date!, column)) * unitsADay + timeUnits(time!, column.scale, column);
  const utc = local - BigInt(offset) * unitsAMinute;
  return Uint8Array.of(
    ...littleEndian(utc % unitsADay, timeBytes(column.scale)),
    ...littleEndian(utc / unitsADay, 3),
    ...littleEndian(BigInt(offset), 2),
  );
}

/** Days since 0001-01-01. */
function daysOf(text: string, column: WireColumn): number {
  const [year, month, day] = match(text, /^(\d{4})-(\d\d)-(\d\d)$/, column).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day);
  return date.getTime() / 86_400_000 + EPOCH_DAYS;
}

/** Units of 10^-scale seconds since midnight. */
function timeUnits(text: string, scale: number, column: WireColumn): bigint {
  const [hours, minutes, seconds, fraction] = match(text, /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?$/, column);
  const digits = (fraction ?? '').padEnd(scale, '0');
  if (/[1-9]/.test(digits.slice(scale))) throw notOfType(text, column);
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return BigInt(whole) * 10n ** BigInt(scale) + BigInt(digits.slice(0, scale) || '0');
}

function unscaled(text: string, scale: number, column: WireColumn): bigint {
  const [sign, whole, fraction] = match(text, /^(-?)(\d*)(?:\.(\d+))?$/, column);
  const digits = (fraction ?? '').padEnd(scale, '0');
  if (/[1-9]/.test(digits.slice(scale))) throw notOfType(text, column);
  const value = BigInt(`${whole ?? ''}${digits.slice(0, scale)}` || '0');
  return sign === '-' ? -value : value;
}

function floatBytes(value: number, size: number): Uint8Array {
  const buffer = Buffer.alloc(size);
  if (size === 4) buffer.writeFloatLE(value);
  else buffer.writeDoubleLE(value);
  return buffer;
}

function littleEndian(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let at = 0; at < size; at += 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

function match(text: string, pattern: RegExp, column: WireColumn): (string | undefined)[] {
  const found = pattern.exec(text);
  if (!found) throw notOfType(text, column);
  return found.slice(1);
}

function notOfType(text: string, column: WireColumn): CellError {
  return new CellError(`the server's text is no value of the type ${column.kind}`, text);
}
