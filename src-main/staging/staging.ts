import type { Cancellable } from '../sources/source.ts';

/** An object store as far as a run needs it. Keys are full keys inside the bucket. Every method rejects with an AppError. */
export interface Staging {
  readonly bucket: string;
  /** Objects below a prefix, at most `limit` when given. */
  list(prefix: string, options: Cancellable & { limit?: number }): Promise<{ key: string; bytes: number }[]>;
  readText(key: string, options: Cancellable & { maxBytes: number }): Promise<string>;
  /** Writes a small object; used by checks. */
  putText(key: string, text: string, options: Cancellable): Promise<void>;
  /** Deletes objects, 1,000 a request; answers which were refused and why. A missing object counts as deleted. */
  remove(keys: string[], options: Cancellable): Promise<{ key: string; code: string; message: string }[]>;
  close(): Promise<void>;
}

/** The manifest that UNLOAD ... MANIFEST VERBOSE writes, as far as it is used. */
export interface StagedManifest {
  files: { key: string; bytes: number; rows: number }[];
  rows: number;
  bytes: number;
  /** SHA-256 over file names, sizes and rows, in hex: what the ledger keeps. */
  digest: string;
}
