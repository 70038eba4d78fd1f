import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#shared/errors/app-error';
import { diskFull, isDiskFull } from './disk-budget.ts';

/** Where the files of one extractor are until they are staged. */
export interface SpoolDirectory {
  /** Makes a new directory for the files of an attempt. Rejects with DISK_FULL or FILE_NOT_READABLE. */
  open(attemptId: string): Promise<string>;
  /** Removes it with all that is in it. */
  remove(directory: string): Promise<void>;
  close(): Promise<void>;
}

/** `lanes-<host>-<process id>-<random>`; the host tells processes apart that share a folder of the network. */
const NAME = /^lanes-([\w.~]+)-(\d+)-\w{6}$/;

/** Directories of extractors of this process that still work. */
const ownDirectories = new Set<string>();

/** Names the place; nothing is made or removed before the first attempt. */
export function createSpoolDirectory(directory: string): SpoolDirectory {
  let home: Promise<string> | null = null;

  const makeHome = async (): Promise<string> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const made = await mkdtemp(join(directory, `lanes-${hostLabel()}-${process.pid}-`));
    ownDirectories.add(made);
    await sweepOrphans(directory);
    return made;
  };

  const remove = (path: string): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);

  return {
    async open(attemptId) {
      try {
        home ??= makeHome();
        return await mkdtemp(join(await home, `${attemptId.replace(/[^\w.-]/g, '_').slice(0, 80)}-`));
      } catch (error) {
        home = null;
        if (isDiskFull(error)) throw diskFull(directory, error);
        const detail = error instanceof Error ? error.message : String(error);
        throw new AppError('FILE_NOT_READABLE', { cause: error, facts: { path: directory, detail } });
      }
    },
    remove,
    async close() {
      const made = await home?.catch(() => null);
      if (!made) return;
      await remove(made);
      ownDirectories.delete(made);
    },
  };
}

/** Removes what processes of this host have left behind that are no more. A process id that is in use again keeps its directory for another time. */
export async function sweepOrphans(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    const [, host, processId] = NAME.exec(name) ?? [];
    const path = join(directory, name);
    if (host !== hostLabel() || ownDirectories.has(path)) continue;
    const isOwn = Number(processId) === process.pid;
    if (!isOwn && isProcessAlive(Number(processId))) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isProcessAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Somebody else's process: alive, but not ours to signal.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function hostLabel(): string {
  return hostname().replace(/[^\w.]/g, '~') || 'localhost';
}
