/** Thrown by a cursor when a token goes on behind the bytes that have arrived so far: it is read again from its start when there are more. */
export const NEED_MORE = new Error('more bytes are needed');

/** Reads little-endian values one behind the other. */
export interface ByteCursor {
  position: number;
  u8(): number;
  u16(): number;
  i32(): number;
  u32(): number;
  /** Exact up to 2^53, which no count of rows reaches. */
  u64(): number;
  skip(count: number): void;
  take(count: number): Uint8Array;
  /** B_VARCHAR: a byte of length, UTF-16. */
  byteText(): string;
  /** US_VARCHAR: two bytes of length, UTF-16. */
  shortText(): string;
}

export function createByteCursor(bytes: Uint8Array, start: number, end: number): ByteCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const advance = (count: number): number => {
    const at = cursor.position;
    if (at + count > end) throw NEED_MORE;
    cursor.position = at + count;
    return at;
  };
  const text = (characters: number): string => {
    const at = advance(characters * 2);
    return Buffer.from(bytes.buffer, bytes.byteOffset + at, characters * 2).toString('utf16le');
  };
  const cursor: ByteCursor = {
    position: start,
    u8: () => view.getUint8(advance(1)),
    u16: () => view.getUint16(advance(2), true),
    i32: () => view.getInt32(advance(4), true),
    u32: () => view.getUint32(advance(4), true),
    u64: () => Number(view.getBigUint64(advance(8), true)),
    skip: (count) => void advance(count),
    take: (count) => bytes.slice(advance(count), cursor.position),
    byteText: () => text(cursor.u8()),
    shortText: () => text(cursor.u16()),
  };
  return cursor;
}
