import type { CellCodec, ParquetType, WireBatch } from '../../../extract/column-batch.ts';
import { CellError } from '../../../extract/cell-error.ts';
import { writeLength } from '../../../lib/plain-length.ts';
import type { WireColumn } from './wire-column.ts';

type FixedCodec = Extract<CellCodec, { kind: 'fixed' }>;

/** tinyint (unsigned), smallint, int as int32; bigint as int64. A shorter cell than announced is taken as what it is. */
export function integerCodec(column: WireColumn): FixedCodec {
  return column.size === 8 ? INT64 : INT32;
}

/** bit: one byte, anything but zero is true. */
export const BIT_CODEC: FixedCodec = {
  kind: 'fixed',
  parquet: { kind: 'boolean' },
  words: 1,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      if (lengths[cell]! < 0) continue;
      out[at] = bytes[starts[cell]!] === 0 ? 0 : 1;
      at += 1;
    }
    return at;
  },
};

/** bit for a target that takes numbers. */
export const BIT_AS_INTEGER_CODEC: FixedCodec = { ...BIT_CODEC, parquet: { kind: 'int32' } };

const INT32: FixedCodec = {
  kind: 'fixed',
  parquet: { kind: 'int32' },
  words: 1,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      const start = starts[cell]!;
      if (length === 4) out[at] = readInt32(bytes, start);
      else if (length === 2) out[at] = ((bytes[start]! | (bytes[start + 1]! << 8)) << 16) >> 16;
      else if (length === 1) out[at] = bytes[start]!;
      else throw wrongLength('an integer', length);
      at += 1;
    }
    return at;
  },
};

const INT64: FixedCodec = {
  kind: 'fixed',
  parquet: { kind: 'int64' },
  words: 2,
  decode({ bytes, starts, lengths, stride }, column, { from, count }, out, at) {
    const first = column * stride + from;
    for (let cell = first; cell < first + count; cell += 1) {
      const length = lengths[cell]!;
      if (length < 0) continue;
      const start = starts[cell]!;
      if (length === 8) {
        out[at] = readInt32(bytes, start);
        out[at + 1] = readInt32(bytes, start + 4);
      } else {
        const value = readShortInteger(bytes, start, length);
        out[at] = value;
        out[at + 1] = value >> 31;
      }
      at += 2;
    }
    return at;
  },
};

/** real as float, float as double: the bits as they are. */
export function floatCodec(column: WireColumn): FixedCodec {
  const size = column.size === 4 ? 4 : 8;
  const words = size === 4 ? 1 : 2;
  return {
    kind: 'fixed',
    parquet: { kind: size === 4 ? 'float' : 'double' },
    words,
    decode({ bytes, starts, lengths, stride }, index, { from, count }, out, at) {
      const first = index * stride + from;
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        if (length !== size) throw wrongLength('a float', length);
        const start = starts[cell]!;
        out[at] = readInt32(bytes, start);
        if (words === 2) out[at + 1] = readInt32(bytes, start + 4);
        at += words;
      }
      return at;
    },
  };
}

/** decimal and numeric: a byte of sign (0 is negative) and the magnitude, little-endian (MS-TDS 2.2.5.5.1.6). */
export function decimalCodec(column: WireColumn): FixedCodec {
  const { precision, scale } = column;
  const parquet: ParquetType = { kind: 'decimal', precision, scale };
  return precision <= 18
    ? { kind: 'fixed', parquet, words: 2, decode: decodeDecimal64 }
    : { kind: 'fixed', parquet, words: 4, decode: decodeDecimal128 };
}

function decodeDecimal64(
  { bytes, starts, lengths, stride }: WireBatch,
  column: number,
  { from, count }: { from: number; count: number },
  out: Int32Array,
  at: number,
): number {
  const first = column * stride + from;
  for (let cell = first; cell < first + count; cell += 1) {
    const length = lengths[cell]!;
    if (length < 0) continue;
    const start = starts[cell]!;
    checkDecimalLength(length);
    let low = readInt32(bytes, start + 1);
    let high = length >= 9 ? readInt32(bytes, start + 5) : 0;
    if (high < 0 || (length > 9 && hasBitsAbove(bytes, start + 9, start + length)))
      throw tooManyDigits(bytes, start, length);
    if (bytes[start] === 0) {
      low = (~low + 1) | 0;
      high = low === 0 ? (~high + 1) | 0 : ~high;
    }
    out[at] = low;
    out[at + 1] = high;
    at += 2;
  }
  return at;
}

function decodeDecimal128(
  { bytes, starts, lengths, stride }: WireBatch,
  column: number,
  { from, count }: { from: number; count: number },
  out: Int32Array,
  at: number,
): number {
  const first = column * stride + from;
  for (let cell = first; cell < first + count; cell += 1) {
    const length = lengths[cell]!;
    if (length < 0) continue;
    checkDecimalLength(length);
    const start = starts[cell]!;
    const isNegative = bytes[start] === 0;
    let carry = isNegative ? 1 : 0;
    for (let word = 0; word < 4; word += 1) {
      const offset = 1 + word * 4;
      const value = offset < length ? readInt32(bytes, start + offset) : 0;
      if (word === 3 && value < 0) throw tooManyDigits(bytes, start, length);
      const turned = isNegative ? (~value + carry) | 0 : value;
      if (carry === 1 && turned !== 0) carry = 0;
      out[at + word] = turned;
    }
    at += 4;
  }
  return at;
}

/** money: the high four bytes first, each little-endian; four digits behind the point (MS-TDS 2.2.5.5.1.2). smallmoney: four bytes. */
export function moneyCodec(column: WireColumn): FixedCodec {
  const isSmall = column.size === 4;
  const parquet: ParquetType = { kind: 'decimal', precision: isSmall ? 10 : 19, scale: 4 };
  const words = isSmall ? 2 : 4;
  return {
    kind: 'fixed',
    parquet,
    words,
    decode({ bytes, starts, lengths, stride }, index, { from, count }, out, at) {
      const first = index * stride + from;
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        if (length !== 4 && (length !== 8 || isSmall)) throw wrongLength('a money value', length);
        const start = starts[cell]!;
        const high = length === 8 ? readInt32(bytes, start) : readInt32(bytes, start) >> 31;
        out[at] = readInt32(bytes, start + length - 4);
        out[at + 1] = high;
        if (words === 4) out[at + 2] = out[at + 3] = high >> 31;
        at += words;
      }
      return at;
    },
  };
}

/** Decimals, money and integers as plain digits, for targets that take text. */
export function numberTextCodec(column: WireColumn): CellCodec {
  const unscaled = column.kind === 'decimal' ? decimalOf : column.kind === 'money' ? moneyOf : integerOf;
  const scale = column.kind === 'money' ? 4 : column.kind === 'decimal' ? column.scale : 0;
  return {
    kind: 'bytes',
    parquet: { kind: 'text' },
    // 38 digits, sign, point, a zero in front, and the length.
    maxBytes: (_wireBytes, cellCount) => cellCount * 46,
    decode({ bytes, starts, lengths, stride }, index, { from, count }, out, at) {
      const first = index * stride + from;
      for (let cell = first; cell < first + count; cell += 1) {
        const length = lengths[cell]!;
        if (length < 0) continue;
        const text = decimalText(unscaled(bytes, starts[cell]!, length), scale);
        at = writeLength(out, at, text.length);
        for (let index = 0; index < text.length; index += 1) out[at + index] = text.charCodeAt(index);
        at += text.length;
      }
      return at;
    },
  };
}

export function decimalText(unscaled: bigint, scale: number): string {
  const isNegative = unscaled < 0n;
  const digits = (isNegative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return isNegative ? `-${text}` : text;
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

export function wrongLength(what: string, length: number): CellError {
  return new CellError(`the server sent ${what} of ${length} bytes`, '');
}

function readShortInteger(bytes: Uint8Array, start: number, length: number): number {
  if (length === 4) return readInt32(bytes, start);
  if (length === 2) return ((bytes[start]! | (bytes[start + 1]! << 8)) << 16) >> 16;
  if (length === 1) return bytes[start]!;
  throw wrongLength('an integer', length);
}

function checkDecimalLength(length: number): void {
  if (length !== 5 && length !== 9 && length !== 13 && length !== 17) throw wrongLength('a decimal', length);
}

function hasBitsAbove(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return true;
  return false;
}

function tooManyDigits(bytes: Uint8Array, start: number, length: number): CellError {
  return new CellError('the number has more digits than its type', decimalOf(bytes, start, length).toString());
}

function decimalOf(bytes: Uint8Array, start: number, length: number): bigint {
  checkDecimalLength(length);
  const magnitude = littleEndian(bytes, start + 1, start + length);
  return bytes[start] === 0 ? -magnitude : magnitude;
}

function moneyOf(bytes: Uint8Array, start: number, length: number): bigint {
  if (length === 4) return BigInt(readInt32(bytes, start));
  if (length !== 8) throw wrongLength('a money value', length);
  return (BigInt(readInt32(bytes, start)) << 32n) | BigInt(readInt32(bytes, start + 4) >>> 0);
}

function integerOf(bytes: Uint8Array, start: number, length: number): bigint {
  if (length === 8) return BigInt.asIntN(64, littleEndian(bytes, start, start + 8));
  return BigInt(readShortInteger(bytes, start, length));
}

function littleEndian(bytes: Uint8Array, from: number, to: number): bigint {
  let value = 0n;
  for (let at = to - 1; at >= from; at -= 1) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}
