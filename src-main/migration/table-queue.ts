import type { TableTask } from '#shared/model/plan';

/** The tables of a run that are still to be done. Tables may be held back, come back or be added while others are at work. */
export interface TableQueue {
  /** The next table, when there is a place for it; null when nothing is left that could begin. */
  take(): Promise<TableTask | null>;
  /** The table is not at work any more; `isLeft` when it has to be taken once more. */
  settle(tableId: string, isLeft: boolean): void;
  add(tableId: string): void;
  remove(tableId: string): void;
  isAtWork(tableId: string): boolean;
  /** To be called when anything changed that `isHeld`, `isStopping` or `places` look at. */
  notify(): void;
}

export interface TableQueueOptions {
  tasks: readonly TableTask[];
  /** Ids of the tables to begin with, in this order. */
  tableIds: readonly string[];
  /** True for a table that the user paused. */
  isHeld(tableId: string): boolean;
  /** True when nothing new begins. */
  isStopping(): boolean;
  /** Tables at work at most. */
  places(): number;
}

export function createTableQueue({ tasks, tableIds, isHeld, isStopping, places }: TableQueueOptions): TableQueue {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const waiting = new Set(tableIds);
  const atWork = new Set<string>();
  const sleepers = new Set<() => void>();

  const notify = (): void => {
    const all = [...sleepers];
    sleepers.clear();
    for (const wake of all) wake();
  };
  const findNext = (): TableTask | null => {
    for (const id of waiting) {
      const task = byId.get(id);
      if (task && !atWork.has(id) && !isHeld(id)) return task;
    }
    return null;
  };

  return {
    async take() {
      for (;;) {
        if (isStopping()) return null;
        const next = atWork.size < places() ? findNext() : null;
        if (next) {
          waiting.delete(next.id);
          atWork.add(next.id);
          return next;
        }
        if (atWork.size === 0) return null;
        await new Promise<void>((resolve) => sleepers.add(resolve));
      }
    },
    settle(tableId, isLeft) {
      atWork.delete(tableId);
      if (isLeft) waiting.add(tableId);
      notify();
    },
    add(tableId) {
      if (byId.has(tableId)) waiting.add(tableId);
      notify();
    },
    remove(tableId) {
      waiting.delete(tableId);
      notify();
    },
    isAtWork: (tableId) => atWork.has(tableId),
    notify,
  };
}
