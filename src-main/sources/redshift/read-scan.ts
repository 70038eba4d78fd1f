import type { WireBatch } from '../../extract/column-batch.ts';

/** Finds the cells of DataRow messages: https://www.postgresql.org/docs/current/protocol-message-formats.html */
export interface RowScanner {
  /** The rows that were found since the last `clear`, in `bytes`. */
  batch(bytes: Uint8Array): WireBatch;
  readonly rowCount: number;
  clear(): void;
  /**
   * Takes the complete DataRow messages that lie one behind the other from `begin` on; answers where the first message begins that is another one, is not
   * complete, or has no room any more. Throws when a message contradicts itself.
   */
  scan(bytes: Uint8Array, begin: number, end: number): number;
}

export const DATA_ROW = 68;
const HEADER_BYTES = 7;
const CELL_HEADER_BYTES = 4;

/** `batchBytes` bounds the rows of a batch: no more of them can lie in so many bytes. */
export function createRowScanner(columnCount: number, batchBytes: number): RowScanner {
  const stride = Math.max(1, Math.ceil(batchBytes / (HEADER_BYTES + CELL_HEADER_BYTES * columnCount)));
  const starts = new Int32Array(stride * columnCount);
  const lengths = new Int32Array(stride * columnCount);
  let rowCount = 0;
  return {
    batch: (bytes) => ({ bytes, rowCount, stride, starts, lengths }),
    get rowCount() {
      return rowCount;
    },
    clear: () => (rowCount = 0),
    scan(bytes, begin, end) {
      let place = begin;
      let row = rowCount;
      while (row < stride && end - place >= HEADER_BYTES && bytes[place] === DATA_ROW) {
        const next = place + 1 + readInt32(bytes, place + 1);
        if (next > end) break;
        if ((((bytes[place + 5] as number) << 8) | (bytes[place + 6] as number)) !== columnCount) throw notARow();
        let cell = place + HEADER_BYTES;
        for (let at = row, last = row + columnCount * stride; at < last; at += stride) {
          const length = readInt32(bytes, cell);
          cell += CELL_HEADER_BYTES;
          starts[at] = cell;
          lengths[at] = length;
          if (length > 0) cell += length;
        }
        if (cell !== next) throw notARow();
        place = next;
        row++;
      }
      rowCount = row;
      return place;
    },
  };
}

export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function notARow(): Error {
  return new Error('The server sent a row that does not have the columns of the statement.');
}
