import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ChecksumAlgorithm } from './checksums.ts';

/** A file on disk that holds a part of an object, or all of it. */
export type Segment = { file: string; size: number };

export type ObjectRecord = {
  key: string;
  segments: Segment[];
  size: number;
  /** Without quotes. */
  etag: string;
  /** Milliseconds since the epoch, whole seconds as S3 keeps them. */
  lastModifiedMs: number;
  checksum: { algorithm: ChecksumAlgorithm; value: string; type: 'FULL_OBJECT' | 'COMPOSITE' } | null;
  encryption: { algorithm: 'AES256' | 'aws:kms'; keyArn: string | null };
  storageClass: string;
  /** Lower-case names: content-type, content-encoding, ... and x-amz-meta-*. */
  headers: Record<string, string>;
};

export type PartRecord = {
  partNumber: number;
  segment: Segment;
  etag: string;
  lastModifiedMs: number;
  checksum: { algorithm: ChecksumAlgorithm; value: string } | null;
};

export type UploadRecord = {
  uploadId: string;
  key: string;
  initiatedMs: number;
  initiatorArn: string;
  checksum: { algorithm: ChecksumAlgorithm; type: 'FULL_OBJECT' | 'COMPOSITE' } | null;
  encryption: ObjectRecord['encryption'];
  storageClass: string;
  headers: Record<string, string>;
  parts: Map<number, PartRecord>;
};

export type BucketRecord = {
  name: string;
  region: string;
  createdMs: number;
  objects: Map<string, ObjectRecord>;
  uploads: Map<string, UploadRecord>;
  /** Keys in UTF-8 order; null when an object came or went since. */
  sortedKeys: string[] | null;
};

export type ObjectStore = {
  buckets: Map<string, BucketRecord>;
  createBucket(name: string, region: string): Promise<BucketRecord>;
  deleteBucket(bucket: BucketRecord): Promise<void>;
  /** A new empty file of the bucket, to be written before it becomes part of an object. */
  newFile(bucket: BucketRecord): string;
  /** Makes the object visible and removes what was there under its key. */
  putObject(bucket: BucketRecord, record: ObjectRecord): Promise<void>;
  deleteObject(bucket: BucketRecord, key: string): Promise<void>;
  removeSegments(segments: Segment[]): Promise<void>;
  /** Bytes `start` to `end`, both included. */
  read(record: Pick<ObjectRecord, 'segments'>, start: number, end: number): AsyncGenerator<Buffer>;
  keys(bucket: BucketRecord): string[];
};

/** Objects as files with a JSON file beside each; what is in the directory already is served again. Unfinished multipart uploads do not survive. */
export async function openObjectStore(dataDirectory: string): Promise<ObjectStore> {
  const buckets = new Map<string, BucketRecord>();
  await mkdir(dataDirectory, { recursive: true });
  for (const name of await readdir(dataDirectory)) {
    const record = await loadBucket(join(dataDirectory, name));
    if (record) buckets.set(record.name, record);
  }
  const directoryOf = (bucket: BucketRecord) => join(dataDirectory, bucket.name);
  const metadataFile = (bucket: BucketRecord, record: ObjectRecord) =>
    join(directoryOf(bucket), `${encodeFileName(record)}.json`);

  async function removeSegments(segments: Segment[]): Promise<void> {
    await Promise.all(segments.map(({ file }) => rm(file, { force: true })));
  }

  async function removeRecord(bucket: BucketRecord, record: ObjectRecord): Promise<void> {
    await rm(metadataFile(bucket, record), { force: true });
    await removeSegments(record.segments);
  }

  return {
    buckets,
    async createBucket(name, region) {
      const bucket = emptyBucket(name, region, Date.now());
      await mkdir(directoryOf(bucket), { recursive: true });
      await writeFile(
        join(directoryOf(bucket), 'bucket.json'),
        JSON.stringify({ name, region, createdMs: bucket.createdMs }),
      );
      buckets.set(name, bucket);
      return bucket;
    },
    async deleteBucket(bucket) {
      buckets.delete(bucket.name);
      await rm(directoryOf(bucket), { recursive: true, force: true });
    },
    newFile: (bucket) => join(directoryOf(bucket), `${randomUUID()}.bin`),
    async putObject(bucket, record) {
      await writeFile(metadataFile(bucket, record), JSON.stringify(record));
      const previous = bucket.objects.get(record.key);
      bucket.objects.set(record.key, record);
      if (previous) await removeRecord(bucket, previous);
      else bucket.sortedKeys = null;
    },
    async deleteObject(bucket, key) {
      const record = bucket.objects.get(key);
      if (!record) return;
      bucket.objects.delete(key);
      bucket.sortedKeys = null;
      await removeRecord(bucket, record);
    },
    removeSegments,
    read: readSegments,
    keys(bucket) {
      bucket.sortedKeys ??= [...bucket.objects.keys()].sort(compareUtf8);
      return bucket.sortedKeys;
    },
  };
}

/** Order of the UTF-8 bytes, which is the order S3 lists in; differs from JavaScript's for characters beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Writes to a new file; the caller calls `end` exactly once. */
export function openSink(file: string): { write(chunk: Buffer): Promise<void>; end(): Promise<void> } {
  const stream = createWriteStream(file, { highWaterMark: 1024 * 1024 });
  let failure: Error | null = null;
  let wake: (() => void) | null = null;
  const go = (): void => {
    wake?.();
    wake = null;
  };
  stream.on('drain', go);
  stream.on('error', (error) => {
    failure = error;
    go();
  });
  return {
    async write(chunk) {
      if (!failure && !stream.write(chunk)) await new Promise<void>((resolve) => (wake = resolve));
      if (failure) throw failure;
    },
    end: () =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        stream.once('error', reject);
        stream.end(() => resolve());
      }),
  };
}

function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

async function* readSegments(
  record: Pick<ObjectRecord, 'segments'>,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let offset = 0;
  for (const { file, size } of record.segments) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, size - 1);
    offset += size;
    if (from > to) continue;
    const stream: Readable = createReadStream(file, { start: from, end: to, highWaterMark: 256 * 1024 });
    for await (const chunk of stream) yield chunk as Buffer;
  }
}

function emptyBucket(name: string, region: string, createdMs: number): BucketRecord {
  return { name, region, createdMs, objects: new Map(), uploads: new Map(), sortedKeys: null };
}

/** One metadata file an object version: named for its first data file, which is unique, not for its key, which may not be a file name. */
function encodeFileName(record: ObjectRecord): string {
  const first = record.segments[0];
  if (!first) throw new Error(`The object ${record.key} has no data file`);
  return (first.file.split(/[\\/]/).at(-1) as string).replace(/\.bin$/, '');
}

async function loadBucket(directory: string): Promise<BucketRecord | null> {
  const header = await readFile(join(directory, 'bucket.json'), 'utf8').catch(() => null);
  if (header === null) return null;
  const { name, region, createdMs } = JSON.parse(header) as { name: string; region: string; createdMs: number };
  const bucket = emptyBucket(name, region, createdMs);
  for (const file of await readdir(directory)) {
    if (!file.endsWith('.json') || file === 'bucket.json') continue;
    const record = JSON.parse(await readFile(join(directory, file), 'utf8')) as ObjectRecord;
    record.segments = record.segments.map((segment) => ({
      ...segment,
      file: join(directory, segment.file.split(/[\\/]/).at(-1) as string),
    }));
    bucket.objects.set(record.key, record);
  }
  return bucket;
}
