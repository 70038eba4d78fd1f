import { SqlError } from './errors.ts';

type Waiter = { owner: number; wake: () => void };

/**
 * Locks of whole tables for those who write, held to the end of their transaction. Readers under READ COMMITTED without row versions wait for them and hold
 * nothing. The real server locks rows and escalates; what a test can see of it is that a reader waits or gets error 1222, and that deadlocks end in 1205.
 */
export class TableLocks {
  private readonly holders = new Map<string, number>();
  private readonly waiters = new Map<string, Waiter[]>();
  private readonly waitsFor = new Map<number, string>();

  /** Takes the table for `owner` (a spid). */
  async acquire(table: string, options: { owner: number; timeoutMs: number; signal: AbortSignal }): Promise<void> {
    await this.untilFree(table, options);
    this.holders.set(table, options.owner);
  }

  /** Waits until nobody else holds the table. */
  async untilFree(table: string, options: { owner: number; timeoutMs: number; signal: AbortSignal }): Promise<void> {
    const { owner, timeoutMs, signal } = options;
    const deadline = timeoutMs < 0 ? Infinity : Date.now() + timeoutMs;
    for (;;) {
      const holder = this.holders.get(table);
      if (holder === undefined || holder === owner) return;
      if (this.closesCircle(owner, holder)) throw deadlock(owner);
      const left = deadline - Date.now();
      if (left <= 0) throw new SqlError(1222, 'Lock request time out period exceeded.', { state: 51 });
      this.waitsFor.set(owner, table);
      await this.wait(table, { owner, left, signal });
      this.waitsFor.delete(owner);
      if (signal.aborted) throw new SqlError(3617, 'The attention was received.', { severity: 0 });
    }
  }

  holderOf(table: string): number | undefined {
    return this.holders.get(table);
  }

  release(owner: number): void {
    for (const [table, holder] of [...this.holders]) {
      if (holder !== owner) continue;
      this.holders.delete(table);
      const waiting = this.waiters.get(table) ?? [];
      this.waiters.delete(table);
      for (const waiter of waiting) waiter.wake();
    }
  }

  private closesCircle(owner: number, holder: number): boolean {
    const seen = new Set<number>();
    for (let at: number | undefined = holder; at !== undefined && !seen.has(at);) {
      if (at === owner) return true;
      seen.add(at);
      const table = this.waitsFor.get(at);
      at = table === undefined ? undefined : this.holders.get(table);
    }
    return false;
  }

  private wait(table: string, options: { owner: number; left: number; signal: AbortSignal }): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = (): void => {
        if (timer !== undefined) clearTimeout(timer);
        options.signal.removeEventListener('abort', done);
        resolve();
      };
      if (options.left !== Infinity) timer = setTimeout(done, Math.min(options.left, 2_147_483_647));
      options.signal.addEventListener('abort', done, { once: true });
      const list = this.waiters.get(table) ?? [];
      list.push({ owner: options.owner, wake: done });
      this.waiters.set(table, list);
    });
  }
}

function deadlock(spid: number): SqlError {
  return new SqlError(
    1205,
    `Transaction (Process ID ${spid}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
    { severity: 13, state: 51 },
  );
}
