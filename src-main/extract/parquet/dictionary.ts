import type { WireBatch } from '../column-batch.ts';
import { allocate } from './page-buffers.ts';

/** Distinct values of a column chunk as the wire carries them: hashed and compared as bytes, decoded once at the end. */
export interface Dictionary {
  readonly size: number;
  /**
   * Codes of the values of `count` rows, NULLs left out, into `codes` from `at` on. Stops in front of a row whose value has no room any more; answers how
   * many rows were taken. `takenCodes` says how many codes that made.
   */
  encode(
    batch: WireBatch,
    column: number,
    rows: { from: number; count: number },
    codes: Uint16Array,
    at: number,
  ): number;
  readonly takenCodes: number;
  /** The entries in the order of their codes, as a batch with a single column. */
  toBatch(): WireBatch;
}

/** Longer values rarely repeat, and comparing them costs more than a dictionary saves. */
const LONGEST_VALUE = 1024;
const MOST_BYTES = 1024 * 1024;

/** `limit` is a power of two, at most 32,768. */
export function createDictionary(limit: number): Dictionary {
  const mask = limit * 4 - 1;
  const slots = new Uint16Array(limit * 4);
  const hashes = new Int32Array(limit);
  const ends = new Int32Array(limit + 1);
  let data = allocate(4096);
  let size = 0;
  let takenCodes = 0;

  const encode: Dictionary['encode'] = (batch, column, { from, count }, codes, at) => {
    const { bytes, starts, lengths } = batch;
    const first = column * batch.stride + from;
    let place = at;
    let taken = 0;
    for (; taken < count; taken++) {
      const length = lengths[first + taken] as number;
      if (length < 0) continue;
      const start = starts[first + taken] as number;
      const hash = hashBytes(bytes, start, length);
      let slot = hash & mask;
      let code = -1;
      for (;;) {
        const found = slots[slot] as number;
        if (found === 0) break;
        const begin = ends[found - 1] as number;
        if (hashes[found - 1] === hash && (ends[found] as number) - begin === length) {
          let same = 0;
          while (same < length && data[begin + same] === bytes[start + same]) same++;
          if (same === length) {
            code = found - 1;
            break;
          }
        }
        slot = (slot + 1) & mask;
      }
      if (code < 0) {
        const end = ends[size] as number;
        if (size === limit || length > LONGEST_VALUE || end + length > MOST_BYTES) break;
        if (end + length > data.length) data = grow(data, end + length);
        for (let index = 0; index < length; index++) data[end + index] = bytes[start + index] as number;
        code = size++;
        ends[size] = end + length;
        hashes[code] = hash;
        slots[slot] = size;
      }
      codes[place++] = code;
    }
    takenCodes = place - at;
    return taken;
  };

  return {
    get size() {
      return size;
    },
    get takenCodes() {
      return takenCodes;
    },
    encode,
    toBatch() {
      const lengths = new Int32Array(size);
      for (let code = 0; code < size; code++) lengths[code] = (ends[code + 1] as number) - (ends[code] as number);
      return { bytes: data, rowCount: size, stride: size, starts: ends.slice(0, size), lengths };
    },
  };
}

/** Four bytes at a time, then mixed: values of a column differ in few bytes, and the low bits choose the slot. */
function hashBytes(bytes: Uint8Array, start: number, length: number): number {
  let hash = Math.imul(length, 0x9e3779b1 | 0);
  const end = start + length;
  const lastWord = end - 3;
  let place = start;
  while (place < lastWord) {
    const word =
      (bytes[place] as number) |
      ((bytes[place + 1] as number) << 8) |
      ((bytes[place + 2] as number) << 16) |
      ((bytes[place + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x85ebca6b | 0);
    hash ^= hash >>> 15;
    place += 4;
  }
  while (place < end) hash = Math.imul(hash ^ (bytes[place++] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 16);
}

function grow(data: Uint8Array, needed: number): Uint8Array {
  const larger = allocate(Math.max(data.length * 2, needed));
  larger.set(data);
  return larger;
}
