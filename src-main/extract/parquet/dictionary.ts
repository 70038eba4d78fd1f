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
  const ends = new Int32Array(limit + 1);
  let data = allocate(4096);
  let dataView = viewOf(data);
  let size = 0;
  let takenCodes = 0;

  const encode: Dictionary['encode'] = (batch, column, { from, count }, codes, at) => {
    const { bytes, starts, lengths } = batch;
    const view = viewOf(bytes);
    const first = column * batch.stride + from;
    let place = at;
    let taken = 0;
    for (; taken < count; taken++) {
      const length = lengths[first + taken] as number;
      if (length < 0) continue;
      const start = starts[first + taken] as number;
      let slot = hashBytes(view, start, length) & mask;
      let code = (slots[slot] as number) - 1;
      while (code >= 0) {
        const begin = ends[code] as number;
        // Few slots are taken: the first entry is nearly always the right one, so its hash is not looked up beforehand.
        if ((ends[code + 1] as number) - begin === length && areEqual(dataView, begin, view, start, length)) break;
        slot = (slot + 1) & mask;
        code = (slots[slot] as number) - 1;
      }
      if (code < 0) {
        const end = ends[size] as number;
        if (size === limit || length > LONGEST_VALUE || end + length > MOST_BYTES) break;
        if (end + length > data.length) {
          data = grow(data, end + length);
          dataView = viewOf(data);
        }
        for (let index = 0; index < length; index++) data[end + index] = bytes[start + index] as number;
        code = size++;
        ends[size] = end + length;
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

/** Four bytes at a time, the last ones overlapping, then mixed: values of a column differ in few bytes, and the low bits choose the slot. */
function hashBytes(view: DataView, start: number, length: number): number {
  let hash = Math.imul(length, 0x9e3779b1 | 0);
  const end = start + length;
  if (length >= 4) {
    const lastWord = end - 4;
    for (let place = start; place < lastWord; place += 4) {
      hash = Math.imul(hash ^ view.getInt32(place, true), 0x85ebca6b | 0);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ view.getInt32(lastWord, true), 0x85ebca6b | 0);
  } else {
    for (let place = start; place < end; place++) hash = Math.imul(hash ^ view.getUint8(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35 | 0);
  return hash ^ (hash >>> 16);
}

function areEqual(one: DataView, oneStart: number, other: DataView, otherStart: number, length: number): boolean {
  if (length < 4) {
    for (let index = 0; index < length; index++) {
      if (one.getUint8(oneStart + index) !== other.getUint8(otherStart + index)) return false;
    }
    return true;
  }
  const lastWord = length - 4;
  for (let index = 0; index < lastWord; index += 4) {
    if (one.getInt32(oneStart + index, true) !== other.getInt32(otherStart + index, true)) return false;
  }
  return one.getInt32(oneStart + lastWord, true) === other.getInt32(otherStart + lastWord, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function grow(data: Uint8Array, needed: number): Uint8Array {
  const larger = allocate(Math.max(data.length * 2, needed));
  larger.set(data);
  return larger;
}
