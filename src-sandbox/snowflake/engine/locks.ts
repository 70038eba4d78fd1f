import { errors, SnowflakeError } from '../errors.ts';

/**
 * - append: INSERT and COPY; go beside each other and beside one writer
 * - write: UPDATE, DELETE, MERGE, TRUNCATE; exclude each other
 * - all: DDL; excludes everything
 */
export type LockMode = 'append' | 'write' | 'all';

export interface HeldLock {
  tableId: number;
  tableName: string;
  owner: string;
  mode: LockMode;
  acquiredOn: Date | null;
}

interface Waiter extends HeldLock {
  grant(): void;
}

export interface LockManager {
  /**
   * Waits for the lock. Held until `release(owner)`. A lock already held is widened.
   * @throws 000625 after `timeoutMs`; 000635 when waiting would be a deadlock; 000604 when the signal aborts
   */
  acquire(request: {
    owner: string;
    tableId: number;
    tableName: string;
    mode: LockMode;
    timeoutMs: number;
    signal: AbortSignal;
    onWait: (blockers: string[]) => void;
  }): Promise<void>;
  release(owner: string): void;
  list(): { held: HeldLock[]; waiting: HeldLock[] };
  /** Whether someone waits for a lock that `owner` holds. */
  blocks(owner: string): boolean;
}

const conflict = (a: LockMode, b: LockMode): boolean => a === 'all' || b === 'all' || (a === 'write' && b === 'write');
/** https://community.snowflake.com: more statements than this waiting for one lock are refused at once. */
const MOST_WAITERS = 20;
const WIDTH: Record<LockMode, number> = { append: 0, write: 1, all: 2 };

/** Table locks of all transactions. https://docs.snowflake.com/en/sql-reference/transactions#resource-locking */
export function createLockManager(): LockManager {
  const held: HeldLock[] = [];
  const waiting: Waiter[] = [];

  const blockersOf = (want: HeldLock): string[] =>
    held
      .filter((h) => h.tableId === want.tableId && h.owner !== want.owner && conflict(h.mode, want.mode))
      .map((h) => h.owner);
  const wouldDeadlock = (owner: string, blockers: string[], seen = new Set<string>()): boolean =>
    blockers.some((blocker) => {
      if (blocker === owner) return true;
      if (seen.has(blocker)) return false;
      seen.add(blocker);
      return waiting.filter((w) => w.owner === blocker).some((w) => wouldDeadlock(owner, blockersOf(w), seen));
    });
  const take = (lock: HeldLock): void => {
    const known = held.find((h) => h.owner === lock.owner && h.tableId === lock.tableId);
    if (!known) held.push({ ...lock, acquiredOn: new Date() });
    else if (WIDTH[lock.mode] > WIDTH[known.mode]) known.mode = lock.mode;
  };
  const wake = (): void => {
    for (let i = 0; i < waiting.length; i += 1) {
      const waiter = waiting[i] as Waiter;
      const ahead = waiting.slice(0, i).some((w) => w.tableId === waiter.tableId && conflict(w.mode, waiter.mode));
      if (ahead || blockersOf(waiter).length > 0) continue;
      waiting.splice(i, 1);
      i -= 1;
      take(waiter);
      waiter.grant();
    }
  };

  return {
    acquire: ({ owner, tableId, tableName, mode, timeoutMs, signal, onWait }) => {
      const lock: HeldLock = { owner, tableId, tableName, mode, acquiredOn: null };
      const blockers = blockersOf(lock);
      if (blockers.length === 0) {
        take(lock);
        return Promise.resolve();
      }
      if (waiting.filter((w) => w.tableId === tableId).length >= MOST_WAITERS)
        return Promise.reject(tooManyWaiters(tableName, blockers));
      if (wouldDeadlock(owner, blockers)) return Promise.reject(deadlock());
      onWait(blockers);
      return new Promise((resolve, reject) => {
        const leave = (error: SnowflakeError): void => {
          const index = waiting.indexOf(waiter);
          if (index < 0) return;
          waiting.splice(index, 1);
          clearTimeout(timer);
          reject(error);
          wake();
        };
        const onAbort = (): void => leave(errors.canceled());
        const waiter: Waiter = {
          ...lock,
          grant: () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const timer = setTimeout(() => leave(lockTimeout(tableName, blockers)), timeoutMs);
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(waiter);
      });
    },
    release: (owner) => {
      for (let i = held.length - 1; i >= 0; i -= 1) if (held[i]?.owner === owner) held.splice(i, 1);
      wake();
    },
    list: () => ({ held: [...held], waiting: waiting.map(({ grant: _, ...w }) => w) }),
    blocks: (owner) => waiting.some((w) => blockersOf(w).includes(owner)),
  };
}

function lockTimeout(tableName: string, blockers: string[]): SnowflakeError {
  return new SnowflakeError(
    '000625',
    '57014',
    `Statement was aborted because it could not acquire the lock on table '${tableName}' held by transaction ${blockers[0]} within LOCK_TIMEOUT.`,
  );
}

function tooManyWaiters(tableName: string, blockers: string[]): SnowflakeError {
  return new SnowflakeError(
    '000625',
    '57014',
    `Statement has locked table '${tableName}' in transaction ${blockers[0]} and this lock has not yet been released.\nYour statement was aborted because the number of waiters for this lock exceeds the ${MOST_WAITERS} statements limit.`,
  );
}

function deadlock(): SnowflakeError {
  return new SnowflakeError('000635', '57014', 'Statement was aborted because it would be part of a deadlock.');
}
