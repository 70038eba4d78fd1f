import type { StagingSettings } from '#shared/model/connection-settings';
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

/** What can be said about a bucket without keys; compose.ts gives the real one. */
export interface StagingTools {
  /** `prefix` has a slash at its end, or is empty. Throws S3_URI_INVALID. */
  parseUri(uri: string): { bucket: string; prefix: string };
  /** The region that S3 names for a bucket, keys or not. Rejects with S3_BUCKET_NOT_FOUND. */
  findRegion(settings: Pick<StagingSettings, 's3Uri' | 's3Endpoint'>, options: Cancellable): Promise<string>;
  /** The manifest that UNLOAD wrote for the attempt at `uri`, checked: every file below it, sums in agreement. */
  parseManifest(json: unknown, expected: { uri: string }): StagedManifest;
  /** Both IAM policies filled in, as JSON text. */
  buildPolicies(s3Uri: string): { unloadRole: string; cleanUpUser: string };
}

/** The manifest that UNLOAD ... MANIFEST VERBOSE writes, as far as it is used. */
export interface StagedManifest {
  files: { key: string; bytes: number; rows: number }[];
  rows: number;
  bytes: number;
  /** SHA-256 over file names, sizes and rows, in hex: what the ledger keeps. */
  digest: string;
}
