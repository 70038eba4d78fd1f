/** What lies between a source's wire reader and the Parquet writer. Types only: both sides are written against it and never see each other. */

/**
 * Rows as they came from the wire: nothing is decoded, only the place of every cell is known. The cell of row r in column c is at index `c * stride + r`.
 * A length of -1 is NULL, 0 an empty value. Buffers are reused: a batch is valid until the handler that got it is done.
 */
export interface WireBatch {
  bytes: Uint8Array;
  rowCount: number;
  stride: number;
  starts: Int32Array;
  lengths: Int32Array;
}

/** Physical and logical type of a Parquet column. Every column is OPTIONAL. */
export type ParquetType =
  | { kind: 'boolean' }
  | { kind: 'int32' }
  | { kind: 'int64' }
  | { kind: 'float' }
  | { kind: 'double' }
  /** INT32, days since 1970-01-01. */
  | { kind: 'date' }
  /** INT64 up to 18 digits, else FIXED_LEN_BYTE_ARRAY(16), big-endian two's complement. */
  | { kind: 'decimal'; precision: number; scale: number }
  /** INT64 microseconds; `isUtc` is Parquet's isAdjustedToUTC. */
  | { kind: 'timestamp'; isUtc: boolean }
  | { kind: 'text' }
  | { kind: 'binary' };

/**
 * Decodes the cells of one column. `decode` takes the rows `from` up to `from + count` of a batch, leaves NULLs out, and writes the other values one
 * behind the other in Parquet's PLAIN layout from `at` on; it answers the place behind the last one. It throws CellError for a value that it cannot carry
 * exactly: never rounds, never cuts.
 */
export type CellCodec =
  | {
      kind: 'fixed';
      parquet: ParquetType;
      /** 32-bit words of a value: 1, 2, or 4 (decimals above 18 digits: least significant word first; the writer turns the bytes round). Booleans are one word, 0 or 1. */
      words: 1 | 2 | 4;
      decode(
        batch: WireBatch,
        column: number,
        rows: { from: number; count: number },
        out: Int32Array,
        at: number,
      ): number;
    }
  | {
      kind: 'bytes';
      parquet: ParquetType;
      /** The most bytes that `cellCount` values take which fill `wireBytes` on the wire, without their length prefixes. */
      maxBytes(wireBytes: number, cellCount: number): number;
      /** Every value is its length (4 bytes, little-endian) and its bytes. */
      decode(
        batch: WireBatch,
        column: number,
        rows: { from: number; count: number },
        out: Uint8Array,
        at: number,
      ): number;
    };

/** An open result at the source, inside a worker thread. */
export interface RowReader {
  /** In the order of the request's columns. */
  readonly codecs: CellCodec[];
  /**
   * Hands over all rows. While a promise of `onBatch` is open, nothing more is taken from the socket (back-pressure down to the server). Resolves with the
   * number of rows that the server says it sent. Rejects with an AppError, or with an AbortError after the statement is cancelled at the server.
   */
  read(
    onBatch: (batch: WireBatch) => Promise<void> | undefined,
    options: { signal: AbortSignal },
  ): Promise<{ serverRows: number }>;
  close(): Promise<void>;
}
