import type { CellCodec, WireBatch } from '../../extract/column-batch.ts';
import { CellError } from '../../extract/cell-error.ts';
import { cellText, DOT, MINUS, TWO_32, writeBigInt, writeInt64, ZERO } from './read-cells.ts';

/** SMALLINT and INTEGER: decimal digits, INT32 in the file. */
export const int32Codec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'int32' },
  words: 1,
  decode(batch, column, { from, count }, out, at) {
    const { bytes, starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      const stop = start + length;
      const isNegative = bytes[start] === MINUS;
      let index = isNegative ? start + 1 : start;
      if (stop - index > 10 || stop === index) throw notAnInteger(batch, start, length, 32);
      let value = 0;
      let wrong = 0;
      while (index < stop) {
        const digit = (bytes[index++] as number) - ZERO;
        wrong |= digit | (9 - digit);
        value = value * 10 + digit;
      }
      if (isNegative) value = -value;
      if (wrong < 0 || value > 2147483647 || value < -2147483648) throw notAnInteger(batch, start, length, 32);
      out[place++] = value;
    }
    return place;
  },
};

/** BIGINT: decimal digits, INT64 in the file. */
export const int64Codec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'int64' },
  words: 2,
  decode(batch, column, { from, count }, out, at) {
    const { bytes, starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      const stop = start + length;
      const isNegative = bytes[start] === MINUS;
      let index = isNegative ? start + 1 : start;
      const digits = stop - index;
      let wrong = 0;
      if (digits > 0 && digits <= 9) {
        let value = 0;
        while (index < stop) {
          const digit = (bytes[index++] as number) - ZERO;
          wrong |= digit | (9 - digit);
          value = (value * 10 + digit) | 0;
        }
        if (isNegative) value = -value;
        out[place] = value;
        out[place + 1] = value >> 31;
      } else if (digits > 9 && digits <= 15) {
        let value = 0;
        while (index < stop) {
          const digit = (bytes[index++] as number) - ZERO;
          wrong |= digit | (9 - digit);
          value = value * 10 + digit;
        }
        writeInt64(isNegative ? -value : value, out, place);
      } else writeDigits64(batch, start, length, out, place);
      if (wrong < 0) throw notAnInteger(batch, start, length, 64);
      place += 2;
    }
    return place;
  },
};

/**
 * NUMERIC(p,s) with p up to 18: the unscaled value as INT64. Digits behind the point are filled up to the scale; further ones must be zero, for nothing is
 * rounded here.
 */
export function decimal64Codec(precision: number, scale: number): CellCodec {
  return {
    kind: 'fixed',
    parquet: { kind: 'decimal', precision, scale },
    words: 2,
    decode(batch, column, { from, count }, out, at) {
      const { bytes, starts, lengths } = batch;
      const first = column * batch.stride + from;
      let place = at;
      for (let row = first, end = first + count; row < end; row++) {
        const length = lengths[row] as number;
        if (length < 0) continue;
        const start = starts[row] as number;
        const stop = start + length;
        const isNegative = bytes[start] === MINUS;
        let index = isNegative ? start + 1 : start;
        const dot = scale > 0 ? stop - scale - 1 : stop;
        const digits = dot - index + scale;
        let wrong = 0;
        // The server always writes as many digits behind the point as the scale says.
        if (dot > index && digits <= 15 && digits <= precision && (scale === 0 || bytes[dot] === DOT)) {
          let value = 0;
          while (index < dot) {
            const digit = (bytes[index++] as number) - ZERO;
            wrong |= digit | (9 - digit);
            value = value * 10 + digit;
          }
          index++;
          while (index < stop) {
            const digit = (bytes[index++] as number) - ZERO;
            wrong |= digit | (9 - digit);
            value = value * 10 + digit;
          }
          writeInt64(isNegative ? -value : value, out, place);
        } else writeBigInt(parseDecimal(batch, start, length, { precision, scale }), 2, out, place);
        if (wrong < 0) throw notADecimal(batch, start, length, { precision, scale });
        place += 2;
      }
      return place;
    },
  };
}

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
const GROUP = 6;

/**
 * NUMERIC(p,s) with p from 19 to 38: four 32-bit words, built up six digits at a time: 2^32 * 10^6 still fits the 53 bits of a double, one digit more is
 * silently wrong.
 */
export function decimal128Codec(precision: number, scale: number): CellCodec {
  return {
    kind: 'fixed',
    parquet: { kind: 'decimal', precision, scale },
    words: 4,
    decode(batch, column, { from, count }, out, at) {
      const { bytes, starts, lengths } = batch;
      const first = column * batch.stride + from;
      let place = at;
      for (let row = first, end = first + count; row < end; row++) {
        const length = lengths[row] as number;
        if (length < 0) continue;
        const start = starts[row] as number;
        const stop = start + length;
        const isNegative = bytes[start] === MINUS;
        const begin = isNegative ? start + 1 : start;
        const dot = scale > 0 ? stop - scale - 1 : stop;
        const digits = dot - begin + scale;
        if (dot <= begin || digits > precision || (scale > 0 && bytes[dot] !== DOT)) {
          writeBigInt(parseDecimal(batch, start, length, { precision, scale }), 4, out, place);
          place += 4;
          continue;
        }
        let word0 = 0;
        let word1 = 0;
        let word2 = 0;
        let word3 = 0;
        let group = 0;
        let groupDigits = 0;
        let wrong = 0;
        for (let index = begin; index < stop; index++) {
          if (index === dot) continue;
          const digit = (bytes[index] as number) - ZERO;
          wrong |= digit | (9 - digit);
          group = group * 10 + digit;
          if (++groupDigits < GROUP && index < stop - 1) continue;
          const factor = POWERS[groupDigits] as number;
          let carry = word0 * factor + group;
          word0 = carry % TWO_32;
          carry = word1 * factor + Math.floor(carry / TWO_32);
          word1 = carry % TWO_32;
          carry = word2 * factor + Math.floor(carry / TWO_32);
          word2 = carry % TWO_32;
          word3 = word3 * factor + Math.floor(carry / TWO_32);
          group = 0;
          groupDigits = 0;
        }
        if (wrong < 0) throw notADecimal(batch, start, length, { precision, scale });
        if (isNegative) {
          word0 = TWO_32 - word0;
          let borrow = word0 === TWO_32 ? 0 : 1;
          word0 = word0 === TWO_32 ? 0 : word0;
          word1 = TWO_32 - borrow - word1;
          borrow = word1 === TWO_32 ? 0 : 1;
          word2 = TWO_32 - borrow - word2;
          borrow = word2 === TWO_32 ? 0 : 1;
          word3 = TWO_32 - borrow - word3;
        }
        out[place] = word0 | 0;
        out[place + 1] = word1 | 0;
        out[place + 2] = word2 | 0;
        out[place + 3] = word3 | 0;
        place += 4;
      }
      return place;
    },
  };
}

function writeDigits64(batch: WireBatch, start: number, length: number, out: Int32Array, at: number): void {
  const text = cellText(batch, start, length);
  if (length > 40 || !/^-?\d+$/.test(text)) throw notAnInteger(batch, start, length, 64);
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) throw notAnInteger(batch, start, length, 64);
  writeBigInt(value, 2, out, at);
}

interface DecimalType {
  precision: number;
  scale: number;
}

function parseDecimal(batch: WireBatch, start: number, length: number, type: DecimalType): bigint {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(cellText(batch, start, length)) ?? [];
  if (sign === undefined || length > 300 || whole + fraction === '' || /[^0]/.test(fraction.slice(type.scale)))
    throw notADecimal(batch, start, length, type);
  const digits = whole + fraction.slice(0, type.scale).padEnd(type.scale, '0');
  const value = BigInt(digits === '' ? '0' : digits);
  if (value >= 10n ** BigInt(type.precision)) throw notADecimal(batch, start, length, type);
  return sign === '-' ? -value : value;
}

function notAnInteger(batch: WireBatch, start: number, length: number, bits: number): CellError {
  return new CellError(`this is not an integer of ${bits} bits`, cellText(batch, start, length));
}

function notADecimal(batch: WireBatch, start: number, length: number, { precision, scale }: DecimalType): CellError {
  return new CellError(`this does not fit NUMERIC(${precision},${scale})`, cellText(batch, start, length));
}
