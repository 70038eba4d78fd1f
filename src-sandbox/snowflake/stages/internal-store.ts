import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A file on a stage. `path` is relative to the stage's root for internal stages and the whole key for external ones. */
export interface StagedFile {
  readonly path: string;
  readonly size: number;
  /** MD5 of the contents for internal stages, S3's ETag without quotes for external ones. */
  readonly md5: string;
  readonly lastModified: Date;
}

interface StoredFile extends StagedFile {
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The files of the internal stages. A stage is a flat set of names (`a` and `a/b` live side by side), so the names are kept
 * in memory and the contents in files with made-up names: no name can leave the folder or collide.
 */
export interface InternalStore {
  /** Files whose path starts with `prefix`, in order of path. */
  list(stageId: string, prefix: string): StagedFile[];
  find(stageId: string, path: string): (StagedFile & { metadata: Readonly<Record<string, string>> }) | undefined;
  /** Writes a whole file; a reader of the old contents keeps them until it is done. `metadata`: headers to give back. */
  write(stageId: string, path: string, contents: Readable, metadata?: Record<string, string>): Promise<StagedFile>;
  read(stageId: string, path: string): Readable;
  /** The local file that holds the contents now, for a reader that wants a file name; undefined when there is none. */
  localFile(stageId: string, path: string): string | undefined;
  remove(stageId: string, path: string): Promise<boolean>;
  /** Forgets every file of a dropped stage. */
  removeStage(stageId: string): Promise<void>;
}

/** @param root an existing or new folder that belongs to the store alone */
export function createInternalStore(root: string): InternalStore {
  const stages = new Map<string, Map<string, StoredFile>>();

  const filesOf = (stageId: string): Map<string, StoredFile> => {
    const known = stages.get(stageId);
    if (known) {
      return known;
    }
    const files = new Map<string, StoredFile>();
    stages.set(stageId, files);
    return files;
  };
  const mustFind = (stageId: string, path: string): StoredFile => {
    const found = filesOf(stageId).get(path);
    if (!found) {
      throw new Error(`no file ${path} on internal stage ${stageId}`);
    }
    return found;
  };

  return {
    list: (stageId, prefix) =>
      [...filesOf(stageId).values()]
        .filter((file) => file.path.startsWith(prefix))
        .sort((a, b) => compareNames(a.path, b.path)),
    find: (stageId, path) => filesOf(stageId).get(path),
    async write(stageId, path, contents, metadata = {}) {
      await mkdir(root, { recursive: true });
      const name = randomUUID();
      const unfinished = join(root, `${name}.part`);
      const hash = createHash('md5');
      try {
        await pipeline(contents, hashing(hash), createWriteStream(unfinished));
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      const file = join(root, name);
      await rename(unfinished, file);
      const { size } = await stat(file);
      const stored = { path, size, md5: hash.digest('hex'), lastModified: new Date(), file, metadata };
      const replaced = filesOf(stageId).get(path);
      filesOf(stageId).set(path, stored);
      if (replaced) {
        await rm(replaced.file, { force: true });
      }
      return stored;
    },
    read: (stageId, path) => createReadStream(mustFind(stageId, path).file),
    localFile: (stageId, path) => filesOf(stageId).get(path)?.file,
    async remove(stageId, path) {
      const found = filesOf(stageId).get(path);
      if (!found) {
        return false;
      }
      filesOf(stageId).delete(path);
      await rm(found.file, { force: true });
      return true;
    },
    async removeStage(stageId) {
      const files = stages.get(stageId);
      stages.delete(stageId);
      for (const file of files?.values() ?? []) {
        await rm(file.file, { force: true });
      }
    },
  };
}

/** Byte order of the UTF-8 names, which is how object stores list. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function hashing(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
