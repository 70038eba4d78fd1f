import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from './options.ts';

export type DataDirectory = { path: string; remove(): Promise<void> };

/** A directory for everything that the stand-ins write: a temporary one, or the given one, which must be empty or not there. */
export async function openDataDirectory(given: string | null): Promise<DataDirectory> {
  if (given === null) {
    const path = await mkdtemp(join(tmpdir(), 'snowferry-sandbox-'));
    // PostgreSQL runs as another user under root: it must be able to pass through, not to look around.
    await chmod(path, 0o711);
    return { path, remove: () => removeTree(path) };
  }
  const path = resolve(given);
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`--data-dir ${path} cannot be used: ${error.message}.`);
  });
  if (entries.length > 0) {
    throw new UsageError(
      `--data-dir ${path} is not empty: name an empty or a new directory, as its content is removed at the end.`,
    );
  }
  await mkdir(path, { recursive: true }).catch((error: Error) => {
    throw new UsageError(`--data-dir ${path} cannot be made: ${error.message}.`);
  });
  return {
    path,
    remove: async () => void (await Promise.all((await readdir(path)).map((name) => removeTree(join(path, name))))),
  };
}

function removeTree(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}
