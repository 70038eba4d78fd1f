/** Writes the tokens of an answer byte by byte as MS-TDS draws them, so that tests do not depend on what a server happens to send. */

/** A column of COLMETADATA: `info` is TYPE_INFO with its type byte. `cell` writes a value with its prefix. */
export interface WrittenColumn {
  name: string;
  info: number[];
  /** Parts of the table's name, which text, ntext and image carry. */
  tableName?: string[];
  cell(value: Uint8Array | null): number[];
}

export const fixedColumn = (name: string, token: number): WrittenColumn => ({
  name,
  info: [token],
  cell: (value) => [...value!],
});

/** Types of a byte of length: `details` follow the type byte. */
export const byteColumn = (name: string, info: number[]): WrittenColumn => ({
  name,
  info,
  cell: (value) => (value === null ? [0] : [value.length, ...value]),
});

export const shortColumn = (name: string, info: number[]): WrittenColumn => ({
  name,
  info,
  cell: (value) => (value === null ? [0xff, 0xff] : [...u16(value.length), ...value]),
});

/** Partially length-prefixed: in chunks of `chunk` bytes, with the total in front or, when `isTotalKnown` is false, the mark of an unknown one. */
export const plpColumn = (
  name: string,
  info: number[],
  { chunk = Infinity, isTotalKnown = true }: { chunk?: number; isTotalKnown?: boolean } = {},
): WrittenColumn => ({
  name,
  info,
  cell(value) {
    if (value === null) return Array.from({ length: 8 }, () => 0xff);
    const bytes = isTotalKnown ? u64(BigInt(value.length)) : u64(0xfffffffffffffffen);
    for (let at = 0; at < value.length; at += chunk) {
      const piece = value.subarray(at, Math.min(value.length, at + chunk));
      bytes.push(...u32(piece.length), ...piece);
    }
    return [...bytes, ...u32(0)];
  },
});

export const pointerColumn = (name: string, info: number[]): WrittenColumn => ({
  name,
  info,
  tableName: ['dbo', 'documents'],
  cell(value) {
    if (value === null) return [0];
    const pointer = Array.from({ length: 16 }, (_none, index) => index);
    return [16, ...pointer, 1, 2, 3, 4, 5, 6, 7, 8, ...u32(value.length), ...value];
  },
});

export const longColumn = (name: string, info: number[]): WrittenColumn => ({
  name,
  info,
  cell: (value) => (value === null ? u32(0) : [...u32(value.length), ...value]),
});

export function colMetadata(columns: WrittenColumn[]): number[] {
  return [
    0x81,
    ...u16(columns.length),
    ...columns.flatMap(({ name, info, tableName }) => [
      ...u32(0),
      ...u16(1),
      ...info,
      ...(tableName ? [tableName.length, ...tableName.flatMap(shortText)] : []),
      ...byteText(name),
    ]),
  ];
}

export function row(columns: WrittenColumn[], values: (Uint8Array | null)[]): number[] {
  return [0xd1, ...columns.flatMap((column, index) => column.cell(values[index]!))];
}

/** A row whose NULLs are bits in front. */
export function nbcRow(columns: WrittenColumn[], values: (Uint8Array | null)[]): number[] {
  const bitmap = new Uint8Array(Math.ceil(columns.length / 8));
  values.forEach((value, index) => {
    if (value === null) bitmap[index >> 3]! |= 1 << (index & 7);
  });
  const cells = columns.flatMap((column, index) => (values[index] === null ? [] : column.cell(values[index]!)));
  return [0xd2, ...bitmap, ...cells];
}

/** DONE of a SELECT: `status` is DONE_COUNT unless given. */
export function done(rowCount: number, status = 0x10): number[] {
  return [0xfd, ...u16(status), ...u16(0xc1), ...u64(BigInt(rowCount))];
}

export function errorMessage(number: number, severity: number, text: string): number[] {
  const body = [...u32(number), 1, severity, ...shortText(text), ...byteText('srv'), ...byteText(''), ...u32(3)];
  return [0xaa, ...u16(body.length), ...body];
}

export function u16(value: number): number[] {
  return [value & 255, (value >> 8) & 255];
}

export function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

export function u64(value: bigint): number[] {
  return Array.from({ length: 8 }, (_none, index) => Number((value >> BigInt(index * 8)) & 255n));
}

export function utf16(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le');
}

export function byteText(text: string): number[] {
  return [text.length, ...utf16(text)];
}

export function shortText(text: string): number[] {
  return [...u16(text.length), ...utf16(text)];
}
