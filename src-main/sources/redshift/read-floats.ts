import { CellError } from '../../extract/cell-error.ts';
import type { CellCodec, WireBatch } from '../../extract/column-batch.ts';
import { cellText, DOT, MINUS, ZERO } from './read-cells.ts';

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

/** REAL, with NaN and the infinities. */
export const floatCodec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'float' },
  words: 1,
  decode(batch, column, { from, count }, out, at) {
    const numbers = new Float32Array(out.buffer, out.byteOffset, out.length);
    const { starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length < 0) continue;
      const start = starts[row] as number;
      const value = parseFloatCell(batch, start, length);
      numbers[place++] = isBetweenFloats(value) ? roundToFloat(value, cellText(batch, start, length)) : value;
    }
    return place;
  },
};

/** DOUBLE PRECISION, with NaN and the infinities. */
export const doubleCodec: CellCodec = {
  kind: 'fixed',
  parquet: { kind: 'double' },
  words: 2,
  decode(batch, column, { from, count }, out, at) {
    const numbers = new Float64Array(out.buffer, out.byteOffset, out.length >> 1);
    const { starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at >> 1;
    for (let row = first, end = first + count; row < end; row++) {
      const length = lengths[row] as number;
      if (length >= 0) numbers[place++] = parseFloatCell(batch, starts[row] as number, length);
    }
    return place * 2;
  },
};

/**
 * Up to 15 digits and a power of ten up to 10^22 are both exact doubles, so one division rounds correctly (Clinger, "How to read floating point numbers
 * accurately"); everything else goes through the language's own parser.
 */
function parseFloatCell(batch: WireBatch, start: number, length: number): number {
  const { bytes } = batch;
  const stop = start + length;
  let index = bytes[start] === MINUS ? start + 1 : start;
  let digits = 0;
  let value = 0;
  let behindDot = -1;
  for (; index < stop; index++) {
    const byte = bytes[index] as number;
    if (byte === DOT && behindDot < 0) behindDot = 0;
    else if (byte >= ZERO && byte <= 57) {
      value = value * 10 + byte - ZERO;
      digits++;
      if (behindDot >= 0) behindDot++;
    } else break;
  }
  if (index < stop || digits === 0 || digits > 15) return parseFloatText(cellText(batch, start, length));
  const magnitude = behindDot > 0 ? value / (POWERS_OF_TEN[behindDot] as number) : value;
  return bytes[start] === MINUS ? -magnitude : magnitude;
}

function parseFloatText(text: string): number {
  if (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (text === 'NaN') return NaN;
  if (text === 'Infinity' || text === '-Infinity') return Number(text);
  throw new CellError('this is not a floating-point number', text);
}

const SMALLEST_NORMAL_FLOAT = 2 ** -126;
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** Whether the double may lie exactly in the middle of two floats: there, and only there, rounding twice can differ from rounding once. */
function isBetweenFloats(value: number): boolean {
  scratch[0] = value;
  return (
    ((scratchWords[0] as number) & 0x1fffffff) === 0x10000000 ||
    (Math.abs(value) < SMALLEST_NORMAL_FLOAT && value !== 0)
  );
}

/** The float nearest to the decimal number in `text`, whose nearest double is `value`. */
function roundToFloat(value: number, text: string): number {
  const nearest = Math.fround(value);
  if (nearest === value || !Number.isFinite(value)) return nearest;
  const other = neighbour(nearest, value > nearest ? 1 : -1);
  if ((nearest + other) / 2 !== value) return nearest;
  const difference = compareExactly(text, value);
  if (difference === 0) return nearest;
  return difference > 0 ? Math.max(nearest, other) : Math.min(nearest, other);
}

function neighbour(float: number, direction: 1 | -1): number {
  const floats = new Float32Array([float]);
  const bits = new Int32Array(floats.buffer);
  if (float === 0) return direction * 2 ** -149;
  bits[0] = (bits[0] as number) + (float > 0 === direction > 0 ? 1 : -1);
  return floats[0] as number;
}

/** Below 0 when the decimal number is less than the double, 0 when they are the same. */
function compareExactly(text: string, double: number): number {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  let left = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
  const tens = Number(exponent) - fraction.length;
  // A double between two floats has 25 bits at most above 2^-150, so this product is a whole number.
  const twos = 200;
  let right = BigInt(double * 2 ** twos);
  left <<= BigInt(twos);
  if (tens >= 0) left *= 10n ** BigInt(tens);
  else right *= 10n ** BigInt(-tens);
  return left < right ? -1 : left > right ? 1 : 0;
}
