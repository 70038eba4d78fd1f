import { writeLength } from '../../lib/plain-length.ts';

/** Parquet's hybrid of runs and bit packing, with the least number of bits: https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3 */

/** The most bytes that the definition levels of `rows` rows take with their length. */
export function maxLevelBytes(rows: number): number {
  return 4 + 5 + ((rows + 7) >> 3);
}

/**
 * Definition levels of a page so that they end right before `end`; answers where they begin. `isPresent` holds 1 for a value, 0 for NULL. Pages of one kind
 * are a single run, the others are bit-packed whole: a bit a row is little against the values.
 */
export function writeLevelsBefore(
  body: Uint8Array,
  end: number,
  levels: { isPresent: Uint8Array; rows: number; nulls: number },
): number {
  const { isPresent, rows, nulls } = levels;
  if (nulls === 0 || nulls === rows) {
    const header = varintBytes(rows * 2);
    const begin = end - 4 - header.length - 1;
    writeLength(body, begin, header.length + 1);
    body.set(header, begin + 4);
    body[end - 1] = nulls === 0 ? 1 : 0;
    return begin;
  }
  const groups = (rows + 7) >> 3;
  const header = varintBytes(groups * 2 + 1);
  const begin = end - groups - header.length - 4;
  writeLength(body, begin, header.length + groups);
  body.set(header, begin + 4);
  packBits(isPresent, rows, body, end - groups);
  return begin;
}

/** Eight values of 0 or 1 to a byte, the first in the lowest bit; the last byte is filled with zeros. */
export function packBits(values: ArrayLike<number>, count: number, out: Uint8Array, at: number): number {
  let place = at;
  for (let first = 0; first < count; first += 8) {
    const last = Math.min(first + 8, count);
    let packed = 0;
    for (let index = first; index < last; index++) packed |= (values[index] as number) << (index - first);
    out[place++] = packed;
  }
  return place;
}

/** Dictionary codes of a page: bit width, then one run. `distinct` is the number of entries of the dictionary, above 0. */
export function codesLength(count: number, distinct: number): number {
  const bits = bitWidth(distinct);
  if (count === 0) return 1;
  if (distinct === 1) return 1 + varintBytes(count * 2).length + 1;
  const groups = (count + 7) >> 3;
  return 1 + varintBytes(groups * 2 + 1).length + groups * bits;
}

export function writeCodes(codes: Uint16Array, count: number, distinct: number, out: Uint8Array, at: number): number {
  const bits = bitWidth(distinct);
  out[at] = bits;
  let place = at + 1;
  if (count === 0) return place;
  if (distinct === 1) {
    const header = varintBytes(count * 2);
    out.set(header, place);
    place += header.length;
    out[place] = 0;
    return place + 1;
  }
  const groups = (count + 7) >> 3;
  const header = varintBytes(groups * 2 + 1);
  out.set(header, place);
  place += header.length;
  codes.fill(0, count, groups * 8);
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0, end = groups * 8; index < end; index++) {
    pending |= (codes[index] as number) << pendingBits;
    pendingBits += bits;
    while (pendingBits >= 8) {
      out[place++] = pending & 255;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }
  return place;
}

function bitWidth(distinct: number): number {
  return Math.max(1, 32 - Math.clz32(distinct - 1));
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
