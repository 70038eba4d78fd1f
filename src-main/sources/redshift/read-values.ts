import type { CellCodec } from '../../extract/column-batch.ts';
import { CellError } from '../../extract/cell-error.ts';
import { writeLength } from '../../lib/plain-length.ts';
import { cellText, DOT, MINUS, PLUS, writeBigInt, writeInt64, ZERO } from './read-cells.ts';

const POWERS_OF_TEN = Array.from({ length: 7 }, (_, exponent) => Number(`1e${exponent}`));

/** BOOLEAN is `t` or `f` on the wire. */
export const booleanCodec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'boolean' },
  words: 1,
  decode(batch, column, { from, count }, out, at) {
    const { bytes, starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      const letter = bytes[start];
      if (length !== 1 || (letter !== 116 && letter !== 102))
        throw new CellError('this is not a boolean', cellText(batch, start, length));
      out[place++] = letter === 116 ? 1 : 0;
    }
    return place;
  },
};

/** Up to here, moving words one by one is faster than a call of `set`. */
const SHORT_TEXT = 128;

/** Text of any kind: the bytes of client_encoding UTF8, which the server has checked. */
export const textCodec: CellCodec = {
  kind: 'bytes',
  parquet: { kind: 'text' },
  maxBytes: (wireBytes) => wireBytes,
  decode(batch, column, { from, count }, out, at) {
    const { bytes, starts, lengths } = batch;
    const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const target = new DataView(out.buffer, out.byteOffset, out.length);
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      target.setInt32(place, length, true);
      place += 4;
      if (length > SHORT_TEXT) out.set(bytes.subarray(start, start + length), place);
      else if (length >= 4) {
        const lastWord = length - 4;
        for (let index = 0; index < lastWord; index += 4)
          target.setInt32(place + index, source.getInt32(start + index, true), true);
        target.setInt32(place + lastWord, source.getInt32(start + lastWord, true), true);
      } else for (let index = 0; index < length; index++) out[place + index] = bytes[start + index] as number;
      place += length;
    }
    return place;
  },
};

/** BYTEA in its hex form, `\x` and two digits a byte. */
export const binaryCodec: CellCodec = {
  kind: 'bytes',
  parquet: { kind: 'binary' },
  maxBytes: (wireBytes) => wireBytes >> 1,
  decode(batch, column, { from, count }, out, at) {
    const { bytes, starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      if (length < 2 || length % 2 === 1 || bytes[start] !== 92 || bytes[start + 1] !== 120)
        throw new CellError('this is not a binary value in hex form', cellText(batch, start, length));
      place = writeLength(out, place, (length >> 1) - 1);
      for (let index = start + 2, stop = start + length; index < stop; index += 2) {
        const value = (hexDigit(bytes[index] as number) << 4) | hexDigit(bytes[index + 1] as number);
        if (value < 0) throw new CellError('this is not a hex digit', cellText(batch, index, 2));
        out[place++] = value;
      }
    }
    return place;
  },
};

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** DATE in ISO form, 0001-01-01 up to 9999-12-31; other years and the infinities have no place in the target and are profiled beforehand. */
export const dateCodec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'date' },
  words: 1,
  decode(batch, column, { from, count }, out, at) {
    const { starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      const days = length === 10 ? readDate(batch.bytes, start) : NaN;
      if (Number.isNaN(days))
        throw new CellError('this date is not between 0001-01-01 and 9999-12-31', cellText(batch, start, length));
      out[place++] = days;
    }
    return place;
  },
};

const MICROS_PER_DAY = 86_400_000_000;

/**
 * TIMESTAMP (and TIMESTAMPTZ, whose offset is subtracted) in ISO form as INT64 microseconds. 2^53 microseconds reach from 1684 to 2255: outside of that,
 * days and microseconds of the day are put together in 64 bits.
 */
export function timestampCodec(isUtc: boolean): CellCodec {
  return {
    kind: 'fixed',
    parquet: { kind: 'timestamp', isUtc },
    words: 2,
    decode(batch, column, { from, count }, out, at) {
      const { starts, lengths } = batch;
      const first = column * batch.stride + from;
      let place = at;
      for (let row = first, end = first + count; row < end; row++) {
        const length = lengths[row] as number;
        if (length < 0) continue;
        const start = starts[row] as number;
        const days = length >= 19 && batch.bytes[start + 10] === 32 ? readDate(batch.bytes, start) : NaN;
        const micros = Number.isNaN(days) ? NaN : readTime(batch.bytes, start + 11, start + length);
        if (Number.isNaN(micros))
          throw new CellError(
            'this timestamp is not between 0001-01-01 and 9999-12-31',
            cellText(batch, start, length),
          );
        writeMicros(days, micros, out, place);
        place += 2;
      }
      return place;
    },
  };
}

function writeMicros(days: number, micros: number, out: Int32Array, at: number): void {
  const total = days * MICROS_PER_DAY + micros;
  if (Number.isSafeInteger(total)) writeInt64(total, out, at);
  else writeBigInt(BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros), 2, out, at);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 of `YYYY-MM-DD` at `at`; NaN when that is not a date. */
function readDate(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return NaN;
  const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return NaN;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (MONTH_DAYS[month - 1] as number) + (month === 2 && isLeap ? 1 : 0)) return NaN;
  return daysOf(year, month, day);
}

/** https://howardhinnant.github.io/date_algorithms.html#days_from_civil, for years from 1 on. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

/** Microseconds of `HH:MM:SS[.ffffff][+HH[:MM[:SS]]]`, the offset subtracted; NaN when the text is something else (` BC`, too). */
function readTime(bytes: Uint8Array, at: number, end: number): number {
  const hours = twoDigits(bytes, at);
  const minutes = twoDigits(bytes, at + 3);
  const seconds = twoDigits(bytes, at + 6);
  if (!(hours <= 24 && minutes <= 59 && seconds <= 60)) return NaN;
  if (bytes[at + 2] !== 58 || bytes[at + 5] !== 58) return NaN;
  let micros = 0;
  let place = at + 8;
  if (place < end && bytes[place] === DOT) {
    let digits = 0;
    for (place++; place < end; place++, digits++) {
      const digit = (bytes[place] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      micros = micros * 10 + digit;
    }
    if (digits === 0 || digits > 6) return NaN;
    micros *= POWERS_OF_TEN[6 - digits] as number;
  }
  const offset = place === end ? 0 : readOffset(bytes, place, end);
  return (hours * 3600 + minutes * 60 + seconds - offset) * 1_000_000 + micros;
}

/** Seconds east of Greenwich. */
function readOffset(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at] === PLUS ? 1 : bytes[at] === MINUS ? -1 : NaN;
  const hours = twoDigits(bytes, at + 1);
  if (end === at + 3) return sign * hours * 3600;
  const minutes = bytes[at + 3] === 58 ? twoDigits(bytes, at + 4) : NaN;
  if (end === at + 6) return sign * (hours * 3600 + minutes * 60);
  const seconds = end === at + 9 && bytes[at + 6] === 58 ? twoDigits(bytes, at + 7) : NaN;
  return sign * (hours * 3600 + minutes * 60 + seconds);
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}
