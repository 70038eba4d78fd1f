import { AppError } from '#shared/errors/app-error';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { RunSnapshot } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { resetUnfinished, type ActiveRun } from './active-run.ts';
import { cancelledSentence } from './cancelled-sentence.ts';
import type { OwnLanes } from './run-control.ts';
import type { RunProgress } from './run-progress.ts';

/** Commands for single tables of a run; its other tables go on. Unknown ids reject with RUN_NOT_FOUND. */
export interface TableCommands {
  pauseTable(runId: string, tableId: string): RunSnapshot;
  /** A run that is not at work goes on with this table alone. */
  resumeTable(runId: string, tableId: string): RunSnapshot;
  /** The answer's `stays` of the table is what is committed so far; a load that commits in this very moment still counts when the table has stopped. */
  cancelTable(runId: string, tableId: string): RunSnapshot;
  /** Failed and cancelled tables once more, also while the run is at work with others. */
  retryTables(runId: string, tableIds: readonly string[]): RunSnapshot;
  setTableLanes(runId: string, tableId: string, own: OwnLanes): RunSnapshot;
}

export interface TableCommandsOptions {
  active(runId: string): ActiveRun | undefined;
  /** Makes this instance the run's owner in the journal; false when another one may be at work. */
  claim(runId: string): boolean;
  readRun(runId: string): { plan: MigrationPlan; progress: RunProgress };
  resume(runId: string, request: { tableIds: string[] }): RunSnapshot;
  snapshot(runId: string): RunSnapshot;
}

export function createTableCommands({ active, claim, readRun, resume, snapshot }: TableCommandsOptions): TableCommands {
  const find = (runId: string, tableId: string): { run: ActiveRun | null; progress: RunProgress; task: TableTask } => {
    const run = active(runId) ?? null;
    const { plan, progress } = run ?? readRun(runId);
    if (!run && !claim(runId)) throw new AppError('RUN_BUSY', { facts: { id: runId } });
    const task = plan.tables.find(({ id }) => id === tableId);
    if (!task) throw new AppError('RUN_NOT_FOUND', { facts: { id: `${runId}, table ${tableId}` } });
    return { run, progress, task };
  };
  const setPaused = (runId: string, tableId: string, isPaused: boolean): ReturnType<typeof find> => {
    const found = find(runId, tableId);
    if (found.progress.table(tableId).isPaused !== isPaused) {
      found.progress.updateTable(tableId, { isPaused });
      const text = isPaused ? 'is paused: what is at work of it is finished' : 'goes on';
      found.progress.addEvent('info', `${tableLabel(found.task.source)} ${text}.`, tableId);
    }
    found.run?.control.notify();
    found.run?.queue.notify();
    return found;
  };
  return {
    pauseTable(runId, tableId) {
      setPaused(runId, tableId, true);
      return snapshot(runId);
    },
    resumeTable(runId, tableId) {
      const { run } = setPaused(runId, tableId, false);
      return run ? snapshot(runId) : resume(runId, { tableIds: [tableId] });
    },
    cancelTable(runId, tableId) {
      const { run, progress, task } = find(runId, tableId);
      if (progress.table(tableId).state === 'loaded') return snapshot(runId);
      if (run?.queue.isAtWork(tableId)) {
        run.control.cancelTable(tableId);
        return snapshot(runId);
      }
      run?.queue.remove(tableId);
      progress.updateTable(tableId, { state: 'cancelled' });
      progress.addEvent('info', cancelledSentence(progress, task), tableId);
      return snapshot(runId);
    },
    retryTables(runId, tableIds) {
      const run = active(runId);
      if (!run) return resume(runId, { tableIds: [...tableIds] });
      for (const tableId of tableIds) {
        const { progress, task } = find(runId, tableId);
        const { state } = progress.table(tableId);
        if ((state !== 'failed' && state !== 'cancelled') || run.queue.isAtWork(tableId)) continue;
        run.control.renewTable(tableId);
        resetUnfinished(progress, task);
        run.queue.add(tableId);
      }
      return snapshot(runId);
    },
    setTableLanes(runId, tableId, own) {
      const { run, progress } = find(runId, tableId);
      if (run) run.setTableLanes(tableId, own);
      else progress.updateTable(tableId, own);
      return snapshot(runId);
    },
  };
}
