import type { ResultColumn, SqlValue } from '../engine-contract.ts';
import type { ByteWriter } from './byte-writer.ts';
import { cellEncoder, nullBytes } from './encode-cells.ts';
import { TOKEN } from './tokens.ts';

/** Writes a row as ROW, or as NBCROW where a bitmap of NULLs is shorter than the NULLs themselves (MS-TDS 2.2.7.20 and 2.2.7.15). */
export function rowEncoder(columns: ResultColumn[]): (writer: ByteWriter, row: SqlValue[]) => void {
  const encoders = columns.map((column) => cellEncoder(column.type, column.nullable));
  const savings = columns.map((column) => nullBytes(column.type));
  const bitmapBytes = Math.ceil(columns.length / 8);
  const count = columns.length;
  return (writer, row) => {
    if (row.length !== count) throw new Error(`a row of ${row.length} values under ${count} columns`);
    let saved = 0;
    for (let index = 0; index < count; index += 1) if (row[index] === null) saved += savings[index]!;
    if (saved > bitmapBytes) {
      writeNullBitmap(writer, row, bitmapBytes);
      for (let index = 0; index < count; index += 1) {
        const value = row[index]!;
        if (value !== null) encoders[index]!(writer, value);
      }
      return;
    }
    writer.u8(TOKEN.row);
    for (let index = 0; index < count; index += 1) encoders[index]!(writer, row[index]!);
  };
}

function writeNullBitmap(writer: ByteWriter, row: SqlValue[], bitmapBytes: number): void {
  writer.u8(TOKEN.nbcRow);
  writer.ensure(bitmapBytes);
  const from = writer.position;
  writer.bytes.fill(0, from, from + bitmapBytes);
  for (const [index, value] of row.entries()) {
    if (value === null) writer.bytes[from + (index >> 3)]! |= 1 << (index & 7);
  }
  writer.position = from + bitmapBytes;
}
