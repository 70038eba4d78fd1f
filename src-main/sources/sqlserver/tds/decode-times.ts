import type { CellCodec, WireBatch } from '../../../extract/column-batch.ts';
import { CellError } from '../../../extract/cell-error.ts';
import { writeLength } from '../../../lib/plain-length.ts';
import { readInt32, wrongLength } from './decode-numbers.ts';
import { timeBytes } from './col-metadata.ts';
import type { WireColumn } from './wire-column.ts';

type FixedCodec = Extract<CellCodec, { kind: 'fixed' }>;
type BytesCodec = Extract<CellCodec, { kind: 'bytes' }>;

/** Days from 0001-01-01, from which date, datetime2 and datetimeoffset count, to 1970-01-01; and from there to 1900-01-01, from which datetime counts. */
const EPOCH_DAYS = 719_162;
const DATETIME_EPOCH_DAYS = 25_567;
const SECONDS_A_DAY = 86_400;
const TWO_32 = 4_294_967_296;

/** date (MS-TDS 2.2.5.5.1.8): three bytes of days. */
export const DATE_CODEC: FixedCodec = {
  kind: 'fixed',
  parquet: { kind: 'date' },
  words: 1,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      if (lengths[cell]! < 0) continue;
      out[at] = readDays(bytes, starts[cell]!) - EPOCH_DAYS;
      at += 1;
    }
    return at;
  },
};

/** A point in time: whole seconds and ten millionths of one, since 1970-01-01. One object is used again for every cell. */
interface Moment {
  seconds: number;
  ticks: number;
  /** Minutes between the local time and UTC; `seconds` are UTC. */
  offset: number;
}

type ReadMoment = (bytes: Uint8Array, cell: { start: number; length: number }, moment: Moment) => void;

/**
 * datetime, smalldatetime and datetime2 as local microseconds, datetimeoffset as UTC microseconds. A value with seven digits must end with a zero: nothing is
 * rounded.
 */
export function timestampCodec(column: WireColumn, { isUtc }: { isUtc: boolean }): FixedCodec {
  const read = momentReader(column);
  return {
    kind: 'fixed',
    parquet: { kind: 'timestamp', isUtc },
    words: 2,
    decode(batch, index, { from, count }, out, at) {
      const { bytes, starts, lengths, stride } = batch;
      const first = index * stride + from;
      const moment: Moment = { seconds: 0, ticks: 0, offset: 0 };
      const place = { start: 0, length: 0 };
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        place.start = starts[cell]!;
        place.length = length;
        read(bytes, place, moment);
        const micros = moment.ticks / 10;
        if (micros !== Math.floor(micros)) throw finerThanMicroseconds(column, batch, cell);
        // seconds * 1e6 + micros in two words of 32 bits: no step leaves the exact range of doubles.
        const upper = Math.floor(moment.seconds / TWO_32);
        const lower = (moment.seconds - upper * TWO_32) * 1_000_000 + micros;
        const carry = Math.floor(lower / TWO_32);
        out[at] = lower - carry * TWO_32;
        out[at + 1] = upper * 1_000_000 + carry;
        at += 2;
      }
      return at;
    },
  };
}

/**
 * Dates and times as SQL Server shows them: `2024-02-29`, `13:05:09.1230000`, `2024-02-29 13:05:09.123`, and with its own offset
 * `2024-02-29 13:05:09.1230000 +02:00`, with the digits of the column's scale.
 */
export function timeTextCodec(column: WireColumn): BytesCodec {
  const write = textWriter(column);
  return {
    kind: 'bytes',
    parquet: { kind: 'text' },
    // The longest is a datetimeoffset of 34 characters, and the length before it.
    maxBytes: (_wireBytes, cellCount) => cellCount * 38,
    decode({ bytes, starts, lengths, stride }, index, { from, count }, out, at) {
      const first = index * stride + from;
      const place = { start: 0, length: 0 };
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        place.start = starts[cell]!;
        place.length = length;
        const end = write(bytes, place, { out, at: at + 4 });
        writeLength(out, at, end - at - 4);
        at = end;
      }
      return at;
    },
  };
}

type WriteText = (
  bytes: Uint8Array,
  cell: { start: number; length: number },
  target: { out: Uint8Array; at: number },
) => number;

function textWriter(column: WireColumn): WriteText {
  if (column.kind === 'date') {
    return (bytes, { start }, { out, at }) => writeDate(out, at, readDays(bytes, start) - EPOCH_DAYS);
  }
  if (column.kind === 'time') {
    const toTicks = 10 ** (7 - column.scale);
    return (bytes, { start, length }, { out, at }) => {
      const ticks = readTime(bytes, start, length) * toTicks;
      const seconds = Math.floor(ticks / 10_000_000);
      return writeTime(out, at, { seconds, ticks: ticks - seconds * 10_000_000, digits: column.scale });
    };
  }
  const read = momentReader(column);
  const moment: Moment = { seconds: 0, ticks: 0, offset: 0 };
  const digits = column.kind !== 'datetime' ? column.scale : column.size === 4 ? 0 : 3;
  return (bytes, cell, { out, at }) => {
    read(bytes, cell, moment);
    const local = moment.seconds + moment.offset * 60;
    const days = Math.floor(local / SECONDS_A_DAY);
    at = writeDate(out, at, days);
    out[at] = 0x20;
    at = writeTime(out, at + 1, { seconds: local - days * SECONDS_A_DAY, ticks: moment.ticks, digits });
    return column.kind === 'datetimeoffset' ? writeOffset(out, at, moment.offset) : at;
  };
}

function momentReader(column: WireColumn): ReadMoment {
  if (column.kind === 'datetime') return readDatetime;
  const { scale } = column;
  const size = timeBytes(scale);
  const perSecond = 10 ** scale;
  const toTicks = 10 ** (7 - scale);
  const trailer = column.kind === 'datetimeoffset' ? 5 : 3;
  return (bytes, { start, length }, moment) => {
    if (length !== size + trailer) throw wrongLength(`a ${column.kind}`, length);
    const units = readTime(bytes, start, size);
    const seconds = Math.floor(units / perSecond);
    moment.seconds = (readDays(bytes, start + size) - EPOCH_DAYS) * SECONDS_A_DAY + seconds;
    moment.ticks = (units - seconds * perSecond) * toTicks;
    moment.offset = trailer === 5 ? ((bytes[start + size + 3]! | (bytes[start + size + 4]! << 8)) << 16) >> 16 : 0;
  };
}

/**
 * datetime: days since 1900-01-01 and 1/300 seconds, which SQL Server shows rounded to .000, .003 or .007; smalldatetime: days and minutes
 * (MS-TDS 2.2.5.5.1.1, https://learn.microsoft.com/sql/t-sql/data-types/datetime-transact-sql).
 */
function readDatetime(bytes: Uint8Array, { start, length }: { start: number; length: number }, moment: Moment): void {
  moment.offset = 0;
  if (length === 4) {
    const days = bytes[start]! | (bytes[start + 1]! << 8);
    const minutes = bytes[start + 2]! | (bytes[start + 3]! << 8);
    moment.seconds = (days - DATETIME_EPOCH_DAYS) * SECONDS_A_DAY + minutes * 60;
    moment.ticks = 0;
    return;
  }
  if (length !== 8) throw wrongLength('a datetime', length);
  const parts = readInt32(bytes, start + 4) >>> 0;
  const seconds = Math.floor(parts / 300);
  moment.seconds = (readInt32(bytes, start) - DATETIME_EPOCH_DAYS) * SECONDS_A_DAY + seconds;
  moment.ticks = Math.floor(((parts - seconds * 300) * 10 + 1) / 3) * 10_000;
}

function readDays(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}

/** Three to five bytes, little-endian; the fifth is beyond 32 bits. */
function readTime(bytes: Uint8Array, start: number, length: number): number {
  let value = readDays(bytes, start);
  if (length >= 4) value += bytes[start + 3]! * 0x1000000;
  if (length >= 5) value += bytes[start + 4]! * TWO_32;
  return value;
}

/** Year, month and day of a day since 1970-01-01 by shifted years of 400-year cycles: https://howardhinnant.github.io/date_algorithms.html#civil_from_days */
function writeDate(out: Uint8Array, at: number, days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const dayOfYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  at = writeDigits(out, at, { value: year, count: 4 });
  out[at] = 0x2d;
  at = writeDigits(out, at + 1, { value: month, count: 2 });
  out[at] = 0x2d;
  return writeDigits(out, at + 1, { value: day, count: 2 });
}

function writeTime(out: Uint8Array, at: number, time: { seconds: number; ticks: number; digits: number }): number {
  const minutes = Math.floor(time.seconds / 60);
  const hours = Math.floor(minutes / 60);
  at = writeDigits(out, at, { value: hours, count: 2 });
  out[at] = 0x3a;
  at = writeDigits(out, at + 1, { value: minutes - hours * 60, count: 2 });
  out[at] = 0x3a;
  at = writeDigits(out, at + 1, { value: time.seconds - minutes * 60, count: 2 });
  if (time.digits === 0) return at;
  out[at] = 0x2e;
  return writeDigits(out, at + 1, { value: time.ticks / 10 ** (7 - time.digits), count: time.digits });
}

function writeOffset(out: Uint8Array, at: number, offset: number): number {
  const minutes = Math.abs(offset);
  const hours = Math.floor(minutes / 60);
  out[at] = 0x20;
  out[at + 1] = offset < 0 ? 0x2d : 0x2b;
  at = writeDigits(out, at + 2, { value: hours, count: 2 });
  out[at] = 0x3a;
  return writeDigits(out, at + 1, { value: minutes - hours * 60, count: 2 });
}

function writeDigits(out: Uint8Array, at: number, { value, count }: { value: number; count: number }): number {
  for (let place = at + count - 1; place >= at; place -= 1) {
    const rest = Math.floor(value / 10);
    out[place] = 0x30 + value - rest * 10;
    value = rest;
  }
  return at + count;
}

function finerThanMicroseconds(column: WireColumn, batch: WireBatch, cell: number): CellError {
  const out = new Uint8Array(64);
  const place = { start: batch.starts[cell]!, length: batch.lengths[cell]! };
  const end = textWriter(column)(batch.bytes, place, { out, at: 0 });
  return new CellError('it is finer than a microsecond', Buffer.from(out.subarray(0, end)).toString('latin1'));
}
