import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { JournalInstance } from '#shared/model/journal';

/** This start of the app, known to others in the same data directory by a file that stays locked for as long as the process lives. */
export interface InstanceLock {
  readonly instance: JournalInstance;
  /** True only when the instance worked in this directory on this machine and its process is gone. */
  hasEnded(instance: Pick<JournalInstance, 'id' | 'machine'>): boolean;
  /** Like `hasEnded`, for an instance of which only the id is known from this very directory's journal. */
  isGone(id: string): boolean;
  /** Whether any other instance in this directory lives. */
  hasLivingOthers(): boolean;
  release(): void;
}

const OLD_MS = 7 * 24 * 3_600_000;

/**
 * The lock is SQLite's own: the system frees it when the process ends, however that happens, and it is the same on every system. A process number would
 * not do: it is given again, and containers have their own.
 */
export function lockInstance(directory: string): InstanceLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const instance = describeInstance(directory);
  const lock = tryLock(fileOf(directory, instance.id));
  forgetOld(directory);
  const hasEnded: InstanceLock['hasEnded'] = ({ id, machine }) =>
    id !== instance.id && machine === instance.machine && isId(id) && isFree(fileOf(directory, id));
  return {
    instance,
    hasEnded,
    isGone: (id) => id !== instance.id && !(isId(id) && isLocked(fileOf(directory, id))),
    hasLivingOthers: () => listIds(directory).some((id) => id !== instance.id && isLocked(fileOf(directory, id))),
    // The file stays: whoever finds it unlocked knows that this instance has ended.
    release: () => lock?.close(),
  };
}

function describeInstance(directory: string): JournalInstance {
  return { id: randomUUID(), host: hostname(), pid: process.pid, user: userName(), machine: machineDigest(directory) };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

/** A data directory may be synchronised to, or mounted by, another machine of the same name, or be copied: there a lock says nothing. */
function machineDigest(directory: string): string {
  let id = '';
  try {
    id = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // macOS and Windows have no such file; the host name has to do.
  }
  const { dev, ino } = statSync(directory, { bigint: true });
  const place = `${dev}:${ino}`;
  return createHash('sha256').update(`${hostname()} ${id} ${place}`).digest('hex').slice(0, 32);
}

function fileOf(directory: string, id: string): string {
  return join(directory, `${id}.lock`);
}

function isId(id: string): boolean {
  return /^[0-9a-f-]{36}$/.test(id);
}

function listIds(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => (name.endsWith('.lock') ? [name.slice(0, -'.lock'.length)] : []));
}

function tryLock(path: string): Database.Database | null {
  const database = new Database(path);
  try {
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch {
    database.close();
    return null;
  }
}

/** The file is there and nobody holds it. */
function isFree(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })) return false;
  const lock = tryLock(path);
  lock?.close();
  return lock !== null;
}

function isLocked(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined && !isFree(path);
}

/** A lease has long expired by then, so nobody asks for the file any more. */
function forgetOld(directory: string): void {
  for (const id of listIds(directory)) {
    const path = fileOf(directory, id);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > OLD_MS && isFree(path)) rmSync(path, { force: true });
  }
}
