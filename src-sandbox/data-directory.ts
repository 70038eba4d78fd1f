import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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
  await chmod(path, 0o711);
  if (process.getuid?.() === 0) await requireReachable(dirname(path));
  return {
    path,
    remove: async () => void (await Promise.all((await readdir(path)).map((name) => removeTree(join(path, name))))),
  };
}

/** Under root every directory above must let PostgreSQL's user pass. */
async function requireReachable(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o001) === 0) {
    throw new UsageError(
      `--data-dir: under root PostgreSQL runs as the user nobody, who may not enter ${directory}. Name a directory elsewhere, or allow it with chmod o+x.`,
    );
  }
  if (dirname(directory) !== directory) await requireReachable(dirname(directory));
}

function removeTree(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}
