/** Types of Thrift's compact protocol, as far as Parquet's metadata uses them: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Types of list elements. */
export const ELEMENT = { i32: I32, binary: BINARY, struct: STRUCT } as const;

/** Writes one struct in Thrift's compact protocol: fields in ascending order of their ids. Numbers are exact up to 2^53. */
export interface ThriftWriter {
  bool(field: number, value: boolean): void;
  i32(field: number, value: number): void;
  i64(field: number, value: number): void;
  binary(field: number, value: string | Uint8Array): void;
  struct(field: number, write: () => void): void;
  list(field: number, element: (typeof ELEMENT)[keyof typeof ELEMENT], length: number): void;
  /** Elements behind a `list`. */
  listNumber(value: number): void;
  listBinary(value: string): void;
  listStruct(write: () => void): void;
  /** The bytes with the end mark of the outermost struct. */
  finish(): Uint8Array;
}

export function createThriftWriter(): ThriftWriter {
  let bytes = Buffer.allocUnsafe(1024);
  let length = 0;
  let lastField = 0;

  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, length + count));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  };
  const byte = (value: number): void => {
    reserve(1);
    bytes[length++] = value;
  };
  const varint = (value: number): void => {
    let rest = value;
    while (rest >= 128) {
      byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    byte(rest);
  };
  const zigzag = (value: number): void => varint(value >= 0 ? value * 2 : -value * 2 - 1);
  const field = (id: number, type: number): void => {
    const delta = id - lastField;
    if (delta > 0 && delta < 16) byte((delta << 4) | type);
    else {
      byte(type);
      zigzag(id);
    }
    lastField = id;
  };
  const raw = (value: string | Uint8Array): void => {
    const content = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    varint(content.length);
    reserve(content.length);
    bytes.set(content, length);
    length += content.length;
  };
  const nested = (write: () => void): void => {
    const outerField = lastField;
    lastField = 0;
    write();
    byte(0);
    lastField = outerField;
  };

  return {
    bool: (id, value) => field(id, value ? TRUE : FALSE),
    i32(id, value) {
      field(id, I32);
      zigzag(value);
    },
    i64(id, value) {
      field(id, I64);
      zigzag(value);
    },
    binary(id, value) {
      field(id, BINARY);
      raw(value);
    },
    struct(id, write) {
      field(id, STRUCT);
      nested(write);
    },
    list(id, element, count) {
      field(id, LIST);
      if (count < 15) byte((count << 4) | element);
      else {
        byte(0xf0 | element);
        varint(count);
      }
    },
    listNumber: zigzag,
    listBinary: raw,
    listStruct: nested,
    finish() {
      byte(0);
      return bytes.subarray(0, length);
    },
  };
}
