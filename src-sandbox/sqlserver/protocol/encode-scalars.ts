import type { SqlType, SqlValue } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { decimalBytes, timeBytes } from './type-info.ts';

/** Writes a value that is not NULL without its length; the caller has made sure of 17 bytes of room. */
export type ScalarEncoder = (writer: ByteWriter, value: SqlValue) => void;

/** Values of a size that their type fixes: MS-TDS 2.2.5.5.1 and its neighbours. */
export function scalarEncoder(type: SqlType): ScalarEncoder {
  switch (type.name) {
    case 'bit':
      return (writer, value) => {
        if (typeof value !== 'boolean') throw wrong(type, value);
        writer.bytes[writer.position++] = value ? 1 : 0;
      };
    case 'tinyint':
      return integerEncoder(type, (bytes, value, at) => bytes.writeUInt8(value, at));
    case 'smallint':
      return integerEncoder(type, (bytes, value, at) => bytes.writeInt16LE(value, at));
    case 'int':
      return integerEncoder(type, (bytes, value, at) => bytes.writeInt32LE(value, at));
    case 'real':
      return integerEncoder(type, (bytes, value, at) => bytes.writeFloatLE(value, at));
    case 'float':
      return integerEncoder(type, (bytes, value, at) => bytes.writeDoubleLE(value, at));
    case 'bigint':
      return (writer, value) => {
        writer.position = writer.bytes.writeBigInt64LE(toBigInt(type, value), writer.position);
      };
    case 'smallmoney':
      return (writer, value) => {
        writer.position = writer.bytes.writeInt32LE(Number(toBigInt(type, value)), writer.position);
      };
    case 'money':
      return encodeMoney;
    case 'decimal':
    case 'numeric':
      return decimalEncoder(type);
    case 'smalldatetime':
    case 'datetime':
    case 'date':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return temporalEncoder(type);
    case 'uniqueidentifier':
      return encodeGuid;
    default:
      throw new Error(`the TDS endpoint has no encoder for ${type.name}`);
  }
}

function wrong(type: SqlType, value: SqlValue): Error {
  return new Error(`a value of the kind ${typeof value} in a column of ${type.name}`);
}

function toBigInt(type: SqlType, value: SqlValue): bigint {
  if (typeof value !== 'bigint') throw wrong(type, value);
  return value;
}

function toNumber(type: SqlType, value: SqlValue): number {
  if (typeof value !== 'number') throw wrong(type, value);
  return value;
}

function integerEncoder(type: SqlType, write: (bytes: Buffer, value: number, at: number) => number): ScalarEncoder {
  return (writer, value) => {
    writer.position = write(writer.bytes, toNumber(type, value), writer.position);
  };
}

/** The upper four bytes before the lower four. */
function encodeMoney(writer: ByteWriter, value: SqlValue): void {
  const money = toBigInt({ name: 'money' }, value);
  const at = writer.bytes.writeInt32LE(Number(money >> 32n), writer.position);
  writer.position = writer.bytes.writeUInt32LE(Number(money & 0xffffffffn), at);
}

const LOW_64 = 0xffffffffffffffffn;

/** A byte of sign, 1 for positive, then the magnitude, little-endian. */
function decimalEncoder(type: SqlType): ScalarEncoder {
  const precision = type.precision ?? 18;
  const size = decimalBytes(precision);
  const limit = 10n ** BigInt(precision);
  return (writer, value) => {
    const unscaled = toBigInt(type, value);
    const magnitude = unscaled < 0n ? -unscaled : unscaled;
    if (magnitude >= limit) throw new Error(`a value with more than the ${precision} digits of its ${type.name}`);
    const { bytes } = writer;
    let at = writer.position;
    bytes[at++] = unscaled < 0n ? 0 : 1;
    if (size === 5) at = bytes.writeUInt32LE(Number(magnitude), at);
    else if (size === 9) at = bytes.writeBigUInt64LE(magnitude, at);
    else {
      at = bytes.writeBigUInt64LE(magnitude & LOW_64, at);
      if (size === 13) at = bytes.writeUInt32LE(Number(magnitude >> 64n), at);
      if (size === 17) at = bytes.writeBigUInt64LE(magnitude >> 64n, at);
    }
    writer.position = at;
  };
}

const DAY_TICKS = 864_000_000_000n;
const DAY_THREE_HUNDREDTHS = 300 * 86_400;
const DAY_MINUTES = 1440;
/** 0001-01-01 to 9999-12-31 */
const LAST_DAY = 3_652_058;

function temporalEncoder(type: SqlType): ScalarEncoder {
  switch (type.name) {
    case 'smalldatetime':
      return (writer, value) => {
        const minutes = toNumber(type, value);
        const at = writer.bytes.writeUInt16LE(Math.floor(minutes / DAY_MINUTES), writer.position);
        writer.position = writer.bytes.writeUInt16LE(minutes % DAY_MINUTES, at);
      };
    case 'datetime':
      return (writer, value) => {
        const parts = Number(toBigInt(type, value));
        const days = Math.floor(parts / DAY_THREE_HUNDREDTHS);
        const at = writer.bytes.writeInt32LE(days, writer.position);
        writer.position = writer.bytes.writeInt32LE(parts - days * DAY_THREE_HUNDREDTHS, at);
      };
    case 'date':
      return (writer, value) => writeDay(writer, toNumber(type, value));
    case 'time': {
      const writeTime = timeWriter(type);
      return (writer, value) => writeTime(writer, toBigInt(type, value));
    }
    case 'datetime2': {
      const writeTime = timeWriter(type);
      return (writer, value) => {
        const ticks = toBigInt(type, value);
        writeTime(writer, ticks % DAY_TICKS);
        writeDay(writer, Number(ticks / DAY_TICKS));
      };
    }
    default: {
      const writeTime = timeWriter(type);
      return (writer, value) => {
        if (value === null || typeof value !== 'object' || !('utcTicks' in value)) throw wrong(type, value);
        // The time that is stored is UTC, the offset only says how to show it: MS-TDS 2.2.5.5.1.9.
        writeTime(writer, value.utcTicks % DAY_TICKS);
        writeDay(writer, Number(value.utcTicks / DAY_TICKS));
        writer.position = writer.bytes.writeInt16LE(value.offsetMinutes, writer.position);
      };
    }
  }
}

function writeDay(writer: ByteWriter, days: number): void {
  if (days < 0 || days > LAST_DAY) throw new Error(`a date ${days} days after 0001-01-01, which no type of date holds`);
  writer.position = writer.bytes.writeUIntLE(days, writer.position, 3);
}

/** Time of day: ticks of 100 ns become units of the scale, and must not lose any digit by that. */
function timeWriter(type: SqlType): (writer: ByteWriter, ticks: bigint) => void {
  const scale = type.scale ?? 7;
  const size = timeBytes(scale);
  const unit = 10 ** (7 - scale);
  return (writer, ticks) => {
    const whole = Number(ticks);
    const units = whole / unit;
    if (ticks < 0n || ticks >= DAY_TICKS || !Number.isInteger(units))
      throw new Error(`${ticks} ticks of 100 ns are no value of ${type.name}(${scale})`);
    writer.position = writer.bytes.writeUIntLE(units, writer.position, size);
  };
}

/** The order of the sixteen bytes: the first three groups are little-endian (MS-TDS 2.2.5.5.2). */
const GUID_PLACES = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const GUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/i;
const HEX = new Uint8Array(128);
for (let digit = 0; digit < 16; digit += 1) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

function encodeGuid(writer: ByteWriter, value: SqlValue): void {
  if (typeof value !== 'string' || !GUID.test(value)) throw new Error('a uniqueidentifier that is not one');
  const { bytes, position } = writer;
  let from = 0;
  for (const place of GUID_PLACES) {
    if (value.charCodeAt(from) === 0x2d) from += 1;
    bytes[position + place] = (HEX[value.charCodeAt(from)]! << 4) | HEX[value.charCodeAt(from + 1)]!;
    from += 2;
  }
  writer.position = position + 16;
}

/** The text of sixteen bytes, in upper case. */
export function guidText(bytes: Uint8Array): string {
  const hex = GUID_PLACES.map((place) => bytes[place]!.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
