import { isAbort, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef } from '#shared/model/table';
import { cancelledSentence } from './cancelled-sentence.ts';
import { failureKind } from './failure-kind.ts';
import { finishTable } from './finish-table.ts';
import { PauseRequested } from './pause-requested.ts';
import { prepareTarget } from './prepare-target.ts';
import type { RunContext } from './run-context.ts';
import { runPartition } from './run-partition.ts';
import { sideOf } from './sides.ts';
import { tryUntilDone } from './try-until-done.ts';

/** How a table left its worker: `waiting` when a pause put it back. */
export type TableOutcome = 'loaded' | 'failed' | 'cancelled' | 'waiting';

/** Loads one table: target ready, partitions, counts, swap. Its failure is written down and does not reject. */
export async function runTable(runContext: RunContext, task: TableTask): Promise<TableOutcome> {
  const { progress } = runContext;
  const context = contextOfTable(runContext, task);
  const begun = performance.now();
  const earlierMs = progress.table(task.id).elapsedMs ?? 0;
  const elapsedMs = (): number => Math.round(earlierMs + performance.now() - begun);
  if (task.blocked) return fail(context, task, { error: task.blocked, elapsedMs: 0 });
  const startedAt = progress.table(task.id).startedAt ?? new Date().toISOString();
  progress.updateTable(task.id, { state: 'preparing', startedAt, error: null });
  const step = <T>(work: () => Promise<T>): Promise<T> =>
    tryUntilDone(context, { tableId: task.id, partitionId: null, label: tableLabel(task.source) }, work);
  try {
    const table = await step(() => prepareTarget(context, task));
    progress.updateTable(task.id, { state: 'running' });
    await runPartitions(context, task, table);
    await step(() => finishTable(context, task, table));
    progress.updateTable(task.id, { state: 'loaded', elapsedMs: elapsedMs(), error: null });
    progress.addEvent('info', `${tableLabel(task.target)} is loaded.`, task.id);
    return 'loaded';
  } catch (error) {
    if (error instanceof PauseRequested || runContext.control.isLeaseLost) {
      progress.updateTable(task.id, { state: 'waiting', elapsedMs: elapsedMs() });
      return 'waiting';
    }
    if (isAbort(error)) return stop(context, task, elapsedMs());
    return fail(context, task, { error: toErrorValue(error), elapsedMs: elapsedMs() });
  }
}

/** Cancelling or pausing one table leaves the others alone. */
function contextOfTable(context: RunContext, task: TableTask): RunContext {
  return {
    ...context,
    signal: context.control.tableSignal(task.id),
    isPausing: () => context.isPausing() || context.progress.table(task.id).isPaused,
  };
}

function fail(
  { progress }: RunContext,
  task: TableTask,
  { error, elapsedMs }: { error: ErrorValue; elapsedMs: number },
): TableOutcome {
  progress.updateTable(task.id, { state: 'failed', error, elapsedMs });
  progress.addEvent('error', `${tableLabel(task.source)} failed: ${error.message}`, task.id);
  return 'failed';
}

function stop({ progress, control }: RunContext, task: TableTask, elapsedMs: number): TableOutcome {
  progress.updateTable(task.id, { state: 'cancelled', elapsedMs });
  if (!control.signal.aborted) progress.addEvent('info', cancelledSentence(progress, task), task.id);
  return 'cancelled';
}

/** The most partitions of one table that may be under way; the table's lanes decide how many are. */
const MOST_WORKERS = 64;

/**
 * All partitions; one that fails does not stop the others, unless its error means that none of the table can go on. The first error is thrown when all
 * that began have ended.
 */
async function runPartitions(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  const lanes = context.control.tableLanes(task.id);
  const left = task.partitions.filter(
    (partition) => context.progress.partition(task.id, partition.id).state !== 'loaded',
  );
  const queue = left.values();
  const errors: unknown[] = [];
  let isHopeless = false;
  const runNext = async (): Promise<boolean> => {
    if (context.isPausing()) throw new PauseRequested();
    const { value: partition, done } = queue.next();
    if (done || isHopeless) return false;
    try {
      await runPartition(context, { task, partition, table, lanes });
    } catch (error) {
      if (isAbort(error) || error instanceof PauseRequested) throw error;
      errors.push(error);
      isHopeless ||= failureKind(error, sideOf(error)) === 'table';
    }
    return true;
  };
  const work = async (): Promise<void> => {
    while (await lanes.work.run(runNext, context.signal));
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(left.length, MOST_WORKERS) }, work));
  const stopped = results.find((result) => result.status === 'rejected');
  if (stopped) throw stopped.reason;
  if (errors.length > 0) throw errors[0];
}
