import { readToken, type Token } from './read-token.ts';
import { createRowScan, NBCROW, ROW, type CellIndex, type RowScan, type ScanResult } from './scan-rows.ts';
import { WireError, type WireColumn } from './wire-column.ts';

export interface WireRows extends CellIndex {
  bytes: Uint8Array;
  rowCount: number;
}

export interface BatchStreamOptions {
  /** Rows are gathered until about as many bytes are there; 256 KB by default. */
  batchBytes?: number;
  /** Every token that is no row, in order; may throw. */
  onToken(token: Token): void;
  /** The rows are valid until the promise resolves; nothing is pushed before. */
  onRows(rows: WireRows): Promise<void> | undefined;
}

/** Reads the payload of one answer that comes in pieces cut anywhere. */
export interface BatchStream {
  /** Takes a piece; it may be reused afterwards. */
  push(piece: Uint8Array): void;
  /** True when `drain` has something to do: enough rows for a batch, or no column known yet. */
  isReady(): boolean;
  /** Hands over what is there as a whole. With `isLast` everything must be. Throws WireError, or what the callbacks throw. */
  drain(options: { isLast: boolean }): Promise<void>;
}

const BATCH_BYTES = 256 * 1024;
const MAX_BUFFER_BYTES = 0x7fffffff;
/** Cells that a batch indexes at most, so that wide tables do not take more memory than long ones. */
const MAX_CELLS = 1 << 19;
const MAX_ROWS = 8192;

export function createBatchStream(options: BatchStreamOptions): BatchStream {
  const batchBytes = options.batchBytes ?? BATCH_BYTES;
  let bytes = new Uint8Array(batchBytes * 2);
  let end = 0;
  /** Bytes that must be there before another look makes sense. */
  let wanted = 1;
  let scan: RowScan | null = null;
  let index: CellIndex = { stride: 0, starts: new Int32Array(0), lengths: new Int32Array(0) };

  const setColumns = (columns: WireColumn[]): void => {
    const stride = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_CELLS / Math.max(1, columns.length))));
    const cells = stride * columns.length;
    index = { stride, starts: new Int32Array(cells), lengths: new Int32Array(cells) };
    scan = createRowScan(columns);
  };

  const makeRoom = (count: number): void => {
    const needed = end + count;
    if (needed <= bytes.length) return;
    if (needed > MAX_BUFFER_BYTES) throw new WireError('a row is larger than 2 GB');
    const grown = new Uint8Array(Math.min(MAX_BUFFER_BYTES, Math.max(needed, bytes.length * 2)));
    grown.set(bytes.subarray(0, end));
    bytes = grown;
  };

  /** Keeps what was not taken; a buffer that one large row has blown up is given back. */
  const keepFrom = (position: number): void => {
    const rest = end - position;
    if (bytes.length > batchBytes * 8 && rest < batchBytes) {
      const small = new Uint8Array(batchBytes * 2);
      small.set(bytes.subarray(position, end));
      bytes = small;
    } else {
      bytes.copyWithin(0, position, end);
    }
    end = rest;
  };

  const scanRows = (position: number): ScanResult => {
    if (!scan) throw new WireError('a row came before its columns');
    return scan(bytes, { from: position, to: end }, index);
  };

  /** Answers the first byte that was not taken. */
  const takeAll = async (): Promise<number> => {
    let position = 0;
    while (position < end) {
      const type = bytes[position]!;
      if (type === ROW || type === NBCROW) {
        const { rowCount, next } = scanRows(position);
        if (rowCount === 0) return position;
        const open = options.onRows({ bytes, rowCount, ...index });
        if (open) await open;
        position = next;
        continue;
      }
      const read = readToken(bytes, { from: position, to: end });
      if (!read) return position;
      if (read.token.kind === 'columns' && read.token.columns.length > 0) setColumns(read.token.columns);
      options.onToken(read.token);
      position = read.next;
    }
    return position;
  };

  return {
    push(piece) {
      makeRoom(piece.length);
      bytes.set(piece, end);
      end += piece.length;
    },
    isReady: () => end >= wanted,
    async drain({ isLast }) {
      const position = await takeAll();
      keepFrom(position);
      if (isLast && end > 0) throw new WireError(`the answer ends inside of the token 0x${bytes[0]!.toString(16)}`);
      // Before the columns every piece counts, so that a caller learns them soon; a row that is longer than a batch is not looked at again for every piece.
      wanted = scan === null ? end + 1 : Math.max(batchBytes, end + (end >> 1));
    },
  };
}
