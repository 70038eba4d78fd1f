import type { Cancellable, ReadRequest } from '../sources/source.ts';

export interface ExtractRequest {
  read: ReadRequest;
  /** Names the directory of the attempt's files, below the extractor's own; gone again at the end. */
  attemptId: string;
  /** A file is closed when its compressed size comes near this. */
  maxFileBytes: number;
}

/** A complete Parquet file: closed, synced, under its final name. */
export interface ExtractedFile {
  path: string;
  /** `part-00000.parquet`, numbered in the order of writing. */
  name: string;
  rows: number;
  bytes: number;
}

export interface ExtractOptions extends Cancellable {
  /**
   * Called for each file as soon as it is complete; the lane deletes the file when the promise resolves. While two files of a lane wait here, the lane
   * pauses, and with it the source. A rejection ends the extraction with that error.
   */
  onFile(file: ExtractedFile): Promise<void>;
  /** About four times a second at most. */
  onProgress?(progress: { rows: number; wireBytes: number }): void;
}

/** `rows` were written and equal what the server says it sent; an extraction where they differ rejects with MANIFEST_MISMATCH. */
export interface ExtractOutcome {
  rows: number;
  files: number;
  bytes: number;
  wireBytes: number;
  elapsedMs: number;
}

/**
 * Reads partitions of one source in worker threads, each with a connection of its own, into Parquet files. Rejects with an AppError (DISK_FULL names the
 * path; VALUES_NOT_CARRIED table, column and value) or an AbortError; whatever happens, no file of the attempt is left behind.
 */
export interface Extractor {
  extract(request: ExtractRequest, options: ExtractOptions): Promise<ExtractOutcome>;
  /** Lanes at most at the same time; further calls wait for their turn. */
  resize(lanes: number): void;
  close(): Promise<void>;
}
