import { statfs } from 'node:fs/promises';
import { AppError } from '#shared/errors/app-error';
import { sleep, throwIfAborted } from '../lib/abort.ts';

/** What the lanes of a process have on the disk, in memory that their threads share: the sum first, then one counter for each lane. */
export interface DiskUse {
  shared: SharedArrayBuffer;
  /** Infinity for none. */
  quotaBytes: number;
}

/** The view of one lane. */
export interface DiskBudget {
  /** Books bytes that are about to be written; answers false when there is no room now. */
  tryReserve(bytes: number): Promise<boolean>;
  /** Waits for room while files of any lane are still there to go away; with none of them left, rejects with DISK_FULL. */
  reserve(bytes: number): Promise<void>;
  release(bytes: number): void;
}

const SUM = 0;
const FREE_SPACE_LEFT = 64 * 1024 * 1024;
const LOOK_AGAIN_MS = 100;

export function createDiskUse(mostLanes: number, quotaBytes: number | null): DiskUse {
  const shared = new SharedArrayBuffer((1 + mostLanes) * BigInt64Array.BYTES_PER_ELEMENT);
  return { shared, quotaBytes: quotaBytes ?? Infinity };
}

export function createDiskBudget(options: {
  use: DiskUse;
  /** From 0 on. */
  lane: number;
  directory: string;
  signal: AbortSignal;
  /** Bytes that may still be written to the disk of `directory`; for tests. */
  readFreeBytes?: (directory: string) => Promise<number>;
}): DiskBudget {
  const { use, lane, directory, signal, readFreeBytes = freeBytes } = options;
  const counters = new BigInt64Array(use.shared);

  const tryReserve = async (bytes: number): Promise<boolean> => {
    throwIfAborted(signal);
    if (!book(counters, bytes, use.quotaBytes)) return false;
    Atomics.add(counters, 1 + lane, BigInt(bytes));
    const free = await readFreeBytes(directory).catch(() => Infinity);
    if (free >= bytes + FREE_SPACE_LEFT) return true;
    release(bytes);
    return false;
  };

  const release = (bytes: number): void => {
    Atomics.sub(counters, 1 + lane, BigInt(bytes));
    Atomics.sub(counters, SUM, BigInt(bytes));
  };

  return {
    tryReserve,
    async reserve(bytes) {
      for (;;) {
        // Read first: what goes away between the two looks makes one more round, not an error.
        const hadOthers = Atomics.load(counters, SUM) > 0n;
        if (await tryReserve(bytes)) return;
        if (!hadOthers) throw diskFull(directory);
        await sleep(LOOK_AGAIN_MS, signal);
      }
    },
    release,
  };
}

/** Books nothing for a lane any more: its worker is gone and its files are removed. */
export function forgetLane(use: DiskUse, lane: number): void {
  const counters = new BigInt64Array(use.shared);
  Atomics.sub(counters, SUM, Atomics.exchange(counters, 1 + lane, 0n));
}

export function diskFull(path: string, cause?: unknown): AppError {
  return new AppError('DISK_FULL', { cause, facts: { path } });
}

/** No space, quota of the user, or a file larger than the file system takes. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

function book(counters: BigInt64Array, bytes: number, quotaBytes: number): boolean {
  for (;;) {
    const before = Atomics.load(counters, SUM);
    if (Number(before) + bytes > quotaBytes) return false;
    if (Atomics.compareExchange(counters, SUM, before, before + BigInt(bytes)) === before) return true;
  }
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
