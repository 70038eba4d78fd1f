import type { ParquetType, WireBatch } from '../column-batch.ts';

/** Least and greatest value of a column chunk in the order that Parquet defines for its type. */
export interface Extremes {
  /** Decoded values of a fixed-size type, `words` 32-bit words each. */
  addWords(values: Int32Array, count: number): void;
  /** Values of a text or binary column as PLAIN pages hold them. */
  addPlainBytes(values: Uint8Array, end: number): void;
  /** From here on the extremes are not known. */
  giveUp(): void;
  result(): { min: Uint8Array | null; max: Uint8Array | null };
}

/** A longer minimum or maximum is left out: cutting one needs a mark that older readers do not know. */
const LONGEST_BOUND = 64;

/** https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift (ColumnOrder): floats with a NaN have no extremes, -0 counts as less than +0. */
export function createExtremes(type: ParquetType, words: 1 | 2 | 4 | null): Extremes {
  if (words === null) return bytesExtremes();
  if (type.kind === 'float' || type.kind === 'double') return floatExtremes(type.kind === 'float' ? 1 : 2);
  return type.kind === 'boolean' ? booleanExtremes() : wordsExtremes(words);
}

function wordsExtremes(words: 1 | 2 | 4): Extremes {
  const min = new Int32Array(words);
  const max = new Int32Array(words);
  let isKnown = false;
  let isGivenUp = false;
  return {
    addWords(values, count) {
      if (count === 0) return;
      if (!isKnown) {
        min.set(values.subarray(0, words));
        max.set(values.subarray(0, words));
        isKnown = true;
      }
      if (words === 1) addSingles(values, count, min, max);
      else if (words === 2) addPairs(values, count, min, max);
      else addQuads(values, count, min, max);
    },
    addPlainBytes: () => undefined,
    giveUp: () => (isGivenUp = true),
    result() {
      if (!isKnown || isGivenUp) return { min: null, max: null };
      return { min: toPlain(min), max: toPlain(max) };
    },
  };
}

function addSingles(values: Int32Array, count: number, min: Int32Array, max: Int32Array): void {
  let low = min[0] as number;
  let high = max[0] as number;
  for (let index = 0; index < count; index++) {
    const value = values[index] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  min[0] = low;
  max[0] = high;
}

function addPairs(values: Int32Array, count: number, min: Int32Array, max: Int32Array): void {
  let minTop = min[1] as number;
  let minLow = (min[0] as number) >>> 0;
  let maxTop = max[1] as number;
  let maxLow = (max[0] as number) >>> 0;
  for (let index = 0, end = count * 2; index < end; index += 2) {
    const top = values[index + 1] as number;
    const low = (values[index] as number) >>> 0;
    if (top < minTop || (top === minTop && low < minLow)) {
      minTop = top;
      minLow = low;
    } else if (top > maxTop || (top === maxTop && low > maxLow)) {
      maxTop = top;
      maxLow = low;
    }
  }
  min[1] = minTop;
  min[0] = minLow | 0;
  max[1] = maxTop;
  max[0] = maxLow | 0;
}

function addQuads(values: Int32Array, count: number, min: Int32Array, max: Int32Array): void {
  for (let at = 0, end = count * 4; at < end; at += 4) {
    if (compareQuads(values, at, min) < 0) min.set(values.subarray(at, at + 4));
    else if (compareQuads(values, at, max) > 0) max.set(values.subarray(at, at + 4));
  }
}

function compareQuads(values: Int32Array, at: number, bound: Int32Array): number {
  const top = (values[at + 3] as number) - (bound[3] as number);
  if (top !== 0) return top;
  for (let word = 2; word >= 0; word--) {
    const difference = ((values[at + word] as number) >>> 0) - ((bound[word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function toPlain(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(words.buffer.slice(0));
  // The longest ones are big-endian in the file, the others little-endian.
  return words.length === 4 ? bytes.reverse() : bytes;
}

function booleanExtremes(): Extremes {
  const words = wordsExtremes(1);
  return {
    ...words,
    result() {
      const { min, max } = words.result();
      return { min: min?.subarray(0, 1) ?? null, max: max?.subarray(0, 1) ?? null };
    },
  };
}

function floatExtremes(words: 1 | 2): Extremes {
  let min = Infinity;
  let max = -Infinity;
  let isKnown = false;
  let isGivenUp = false;
  return {
    addWords(values, count) {
      if (isGivenUp || count === 0) return;
      const { buffer, byteOffset } = values;
      const numbers =
        words === 1 ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count);
      for (let index = 0; index < count; index++) {
        const value = numbers[index] as number;
        if (value < min) min = value;
        if (value > max) max = value;
        if (value !== value) isGivenUp = true;
      }
      isKnown = true;
    },
    addPlainBytes: () => undefined,
    giveUp: () => (isGivenUp = true),
    result() {
      if (!isKnown || isGivenUp) return { min: null, max: null };
      const encode = (value: number): Uint8Array =>
        new Uint8Array((words === 1 ? new Float32Array([value]) : new Float64Array([value])).buffer);
      return { min: encode(min === 0 ? -0 : min), max: encode(max === 0 ? 0 : max) };
    },
  };
}

function bytesExtremes(): Extremes {
  let min: Uint8Array | null = null;
  let max: Uint8Array | null = null;
  let isGivenUp = false;
  return {
    addWords: () => undefined,
    addPlainBytes(values, end) {
      if (isGivenUp) return;
      for (let at = 0; at < end;) {
        const length = readLength(values, at);
        const value = values.subarray(at + 4, at + 4 + length);
        at += 4 + length;
        if (!min || Buffer.compare(value, min) < 0) min = value.slice();
        if (!max || Buffer.compare(value, max) > 0) max = value.slice();
      }
    },
    giveUp: () => (isGivenUp = true),
    result() {
      if (isGivenUp || !min || !max) return { min: null, max: null };
      return { min: min.length <= LONGEST_BOUND ? min : null, max: max.length <= LONGEST_BOUND ? max : null };
    },
  };
}

function readLength(values: Uint8Array, at: number): number {
  return (
    (values[at] as number) |
    ((values[at + 1] as number) << 8) |
    ((values[at + 2] as number) << 16) |
    ((values[at + 3] as number) << 24)
  );
}

/** Bytes that the values of a batch of one column take on the wire. */
export function wireBytesOf(batch: WireBatch): number {
  let total = 0;
  for (let row = 0; row < batch.rowCount; row++) total += Math.max(0, batch.lengths[row] as number);
  return total;
}
