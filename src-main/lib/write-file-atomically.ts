import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { AppError } from '#shared/errors/app-error';

/** Writes beside the file, syncs, renames: after a crash the file is the old one or the new one, never half of it. Readable by its owner only. */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toFileError(error, path);
  }
}

function toFileError(error: unknown, path: string): AppError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { cause: error, facts: { path } });
  return new AppError('FILE_NOT_READABLE', { cause: error, facts: { path, detail: message } });
}
