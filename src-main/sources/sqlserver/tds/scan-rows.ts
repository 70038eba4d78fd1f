import { WireError, type CellLayout, type WireColumn } from './wire-column.ts';

export const ROW = 0xd1;
export const NBCROW = 0xd2;

/** Where the scan writes: the cell of row r in column c is at `c * stride + r`. */
export interface CellIndex {
  stride: number;
  starts: Int32Array;
  lengths: Int32Array;
}

/** `next` is the first byte that was not taken: of another token, or of a row that is not there as a whole. */
export interface ScanResult {
  rowCount: number;
  next: number;
}

/**
 * Finds the cells of as many ROW and NBCROW tokens as are there as a whole (MS-TDS 2.2.7.19, 2.2.7.14), at most `index.stride`. Nothing is decoded. Values in
 * several chunks are pushed together where they lie, so `bytes` must be the caller's own.
 */
export type RowScan = (bytes: Uint8Array, range: { from: number; to: number }, index: CellIndex) => ScanResult;

const CODES: Record<CellLayout, number> = {
  byte: 0,
  short: 1,
  fixed: 2,
  plp: 3,
  'text-pointer': 4,
  long: 5,
  none: 6,
};

export function createRowScan(columns: WireColumn[]): RowScan {
  const columnCount = columns.length;
  const layouts = Uint8Array.from(columns, (column) => CODES[column.layout]);
  const sizes = Int32Array.from(columns, (column) => column.size);
  const bitmapBytes = (columnCount + 7) >> 3;
  const pieces: ChunkedCell[] = [];

  return (bytes, { from, to }, { stride, starts, lengths }) => {
    let rowCount = 0;
    let next = from;
    rows: while (rowCount < stride && next < to) {
      const token = bytes[next]!;
      if (token !== ROW && token !== NBCROW) break;
      let at = next + 1;
      let bitmap = -1;
      if (token === NBCROW) {
        bitmap = at;
        at += bitmapBytes;
        if (at > to) break;
      }
      pieces.length = 0;
      for (let column = 0, cell = rowCount; column < columnCount; column += 1, cell += stride) {
        if (bitmap >= 0 && ((bytes[bitmap + (column >> 3)]! >> (column & 7)) & 1) === 1) {
          lengths[cell] = -1;
          continue;
        }
        let length: number;
        switch (layouts[column]) {
          case 0:
            if (at >= to) break rows;
            length = bytes[at]!;
            at += 1;
            if (length === 0) length = -1;
            break;
          case 1:
            if (at + 2 > to) break rows;
            length = bytes[at]! | (bytes[at + 1]! << 8);
            at += 2;
            if (length === 0xffff) length = -1;
            break;
          case 2:
            length = sizes[column]!;
            break;
          case 3: {
            const end = findPlp(bytes, { at, to, cell, starts, lengths, pieces });
            if (end < 0) break rows;
            at = end;
            continue;
          }
          case 4: {
            if (at >= to) break rows;
            const pointer = bytes[at]!;
            at += 1;
            if (pointer === 0) {
              length = -1;
              break;
            }
            // The pointer and the eight bytes of a timestamp.
            at += pointer + 8;
            if (at + 4 > to) break rows;
            length = readLength(bytes, at);
            at += 4;
            break;
          }
          case 5:
            if (at + 4 > to) break rows;
            length = readLength(bytes, at);
            at += 4;
            if (length === 0) length = -1;
            break;
          default:
            length = -1;
        }
        starts[cell] = at;
        lengths[cell] = length;
        if (length > 0) at += length;
        if (at > to) break rows;
      }
      for (const piece of pieces) joinChunks(bytes, piece);
      next = at;
      rowCount += 1;
    }
    return { rowCount, next };
  };
}

interface ChunkedCell {
  /** Where the first chunk's bytes begin, and how many it has. */
  start: number;
  length: number;
}

/**
 * Notes a partially length-prefixed value (MS-TDS 2.2.5.2.3) and answers where it ends; -1 when it is not there as a whole. The total length in front may be
 * "unknown"; the chunks end with one of length zero.
 */
function findPlp(
  bytes: Uint8Array,
  place: {
    at: number;
    to: number;
    cell: number;
    starts: Int32Array;
    lengths: Int32Array;
    pieces: ChunkedCell[];
  },
): number {
  const { to, cell, starts, lengths } = place;
  let at = place.at;
  if (at + 8 > to) return -1;
  const low = readUnsigned(bytes, at);
  const high = readUnsigned(bytes, at + 4);
  at += 8;
  if (low === 0xffffffff && high === 0xffffffff) {
    lengths[cell] = -1;
    return at;
  }
  const isTotalKnown = !(low === 0xfffffffe && high === 0xffffffff);
  let total = 0;
  let chunkCount = 0;
  let start = at;
  let firstLength = 0;
  for (;;) {
    if (at + 4 > to) return -1;
    const length = readLength(bytes, at);
    at += 4;
    if (length === 0) break;
    if (chunkCount === 0) {
      start = at;
      firstLength = length;
    }
    chunkCount += 1;
    total += length;
    at += length;
    if (at > to) return -1;
  }
  if (isTotalKnown && (high !== 0 || total !== low)) {
    throw new WireError(`a value was announced with ${high * 2 ** 32 + low} bytes and came with ${total}`);
  }
  starts[cell] = start;
  lengths[cell] = total;
  if (chunkCount > 1) place.pieces.push({ start, length: firstLength });
  return at;
}

/** Moves all chunks of a value right behind its first one. */
function joinChunks(bytes: Uint8Array, { start, length }: ChunkedCell): void {
  let write = start + length;
  let read = write;
  for (;;) {
    const chunk = readLength(bytes, read);
    if (chunk === 0) return;
    read += 4;
    bytes.copyWithin(write, read, read + chunk);
    write += chunk;
    read += chunk;
  }
}

function readUnsigned(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function readLength(bytes: Uint8Array, at: number): number {
  const length = readUnsigned(bytes, at);
  if (length > 0x7fffffff) throw new WireError(`a value was announced with ${length} bytes`);
  return length;
}
