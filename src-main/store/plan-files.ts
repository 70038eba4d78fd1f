import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { migrationPlanSchema, type MigrationPlan } from '#shared/model/plan';

/** A run as far as it has to survive the loss of the journal: what was to be done. How far it is, the ledger in Snowflake tells. */
export interface RunFile {
  runId: string;
  projectId: string | null;
  startedAt: string;
  plan: MigrationPlan;
}

const FORMAT = 1;
const envelopeSchema = z.object({ format: z.literal(FORMAT), digest: z.string(), body: z.string() });
const bodySchema = z.object({
  runId: z.string(),
  projectId: z.string().nullable(),
  startedAt: z.string(),
  plan: migrationPlanSchema,
});

/** Writes the file so that it is whole or not there, and there after a power cut. */
export function writeRunFile(directory: string, run: RunFile): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const body = JSON.stringify(run);
  const path = fileOf(directory, run.runId);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, JSON.stringify({ format: FORMAT, digest: digestOf(body), body }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Null when the file is missing, or not what was written. */
export function readRunFile(directory: string, runId: string): RunFile | null {
  try {
    const { digest, body } = envelopeSchema.parse(JSON.parse(readFileSync(fileOf(directory, runId), 'utf8')));
    if (digestOf(body) !== digest) return null;
    return bodySchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

/** A load that may have left an open transaction in its session, and rows in its table. */
export interface BegunLoad {
  tableId: string;
  sessionId: string;
}

/**
 * Notes that a load begins. SQLite may lose its last commits when its log is torn, and looks sound then; which tables must keep their partitions, and
 * which sessions may hold locks, is therefore written here, too.
 */
export function noteBegun(directory: string, runId: string, { tableId, sessionId }: BegunLoad): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = openSync(begunFileOf(directory, runId), 'a', 0o600);
  try {
    writeFileSync(file, `${JSON.stringify([tableId, sessionId])}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncDirectory(directory);
}

/** Loads that have begun; null when the file cannot be understood, so that there may be any. */
export function readBegun(directory: string, runId: string): BegunLoad[] | null {
  try {
    const lines = readFileSync(begunFileOf(directory, runId), 'utf8').split('\n');
    return lines.flatMap((line) => {
      if (line === '') return [];
      const [tableId, sessionId] = z.tuple([z.string(), z.string()]).parse(JSON.parse(line));
      return [{ tableId, sessionId }];
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null;
  }
}

/** A run that is done needs no file: there is nothing left that could be lost. */
export function removeRunFile(directory: string, runId: string): void {
  rmSync(fileOf(directory, runId), { force: true });
  rmSync(begunFileOf(directory, runId), { force: true });
}

/** Ids of all runs that have a file, readable or not. */
export function listRunFiles(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []));
  } catch {
    return [];
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const SUFFIX = '.run.json';

function fileOf(directory: string, runId: string): string {
  return join(directory, `${runId}${SUFFIX}`);
}

function begunFileOf(directory: string, runId: string): string {
  return join(directory, `${runId}.begun`);
}

/** The name is durable only when the directory is. Windows cannot open directories; its file system journals names. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
