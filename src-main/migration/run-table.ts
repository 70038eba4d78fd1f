import { AppError, isAbort, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef, type TargetTable } from '#shared/model/table';
import { createSemaphore } from '../lib/semaphore.ts';
import { PauseRequested, type RunContext } from './run-context.ts';
import { runPartition } from './run-partition.ts';

/** Loads one table: target ready, partitions, swap. Its failure is written down and does not reject; only pause and cancel end the caller's loop. */
export async function runTable(context: RunContext, task: TableTask): Promise<void> {
  const { progress } = context;
  const begun = performance.now();
  const earlierMs = progress.table(task.id).elapsedMs ?? 0;
  const elapsedMs = (): number => Math.round(earlierMs + performance.now() - begun);
  if (task.blocked) return fail(context, task, task.blocked, 0);
  const startedAt = progress.table(task.id).startedAt ?? new Date().toISOString();
  progress.updateTable(task.id, { state: 'preparing', startedAt, error: null });
  try {
    const table = await prepareTarget(context, task);
    progress.updateTable(task.id, { state: 'running', isPrepared: true });
    await runPartitions(context, task, table);
    await finishTable(context, task, table);
    progress.updateTable(task.id, { state: 'loaded', elapsedMs: elapsedMs(), error: null });
    progress.addEvent('info', `${tableLabel(task.target)} is loaded.`, task.id);
  } catch (error) {
    if (error instanceof PauseRequested) progress.updateTable(task.id, { state: 'waiting', elapsedMs: elapsedMs() });
    else if (isAbort(error)) progress.updateTable(task.id, { state: 'cancelled', elapsedMs: elapsedMs() });
    else fail(context, task, toErrorValue(error), elapsedMs());
  }
}

function fail({ progress }: RunContext, task: TableTask, error: ErrorValue, elapsedMs: number): void {
  progress.updateTable(task.id, { state: 'failed', error, elapsedMs });
  progress.addEvent('error', `${tableLabel(task.source)} failed: ${error.message}`, task.id);
}

/** Where the rows go: the target itself, or a table beside it that takes its place at the end. */
export function loadTarget(context: Pick<RunContext, 'runId'>, task: TableTask): TableRef {
  if (!isReplaced(task)) return task.target;
  const suffix = `__MIG_${context.runId.replaceAll('-', '').slice(0, 12).toUpperCase()}`;
  return { ...task.target, name: `${task.target.name.slice(0, 255 - suffix.length)}${suffix}` };
}

/** Creates what is missing and deals with rows that are already there. Done once a run: a resumed table is not touched again. */
async function prepareTarget(context: RunContext, task: TableTask): Promise<TableRef> {
  const { connections, progress, signal } = context;
  const { target } = connections;
  const table = loadTarget(context, task);
  if (progress.table(task.id).isPrepared) return table;
  const done = progress.beginActivity('Prepare the target', tableLabel(task.target));
  try {
    const [existing] = await target.describeTables([task.target], { signal });
    if (existing) await dealWithExistingRows(context, task, table);
    else await createTarget(context, task);
    return table;
  } finally {
    done();
  }
}

async function createTarget({ connections, progress, signal }: RunContext, task: TableTask): Promise<void> {
  const { target } = connections;
  const { database, schema } = task.target;
  if (!task.createDdl) throw new AppError('TARGET_TABLE_NOT_FOUND', { facts: { table: tableLabel(task.target) } });
  await target.runDdl(target.dialect.createSchema(database, schema), { signal });
  await target.runDdl(task.createDdl, { signal });
  progress.addEvent('info', `${tableLabel(task.target)} was created.`, task.id);
}

async function dealWithExistingRows(
  { connections, progress, signal }: RunContext,
  task: TableTask,
  table: TableRef,
): Promise<void> {
  const { target } = connections;
  switch (task.existingRows) {
    case 'append':
      return;
    case 'truncate':
      await target.runDdl(target.dialect.truncateTable(task.target), { signal });
      progress.addEvent('info', `${tableLabel(task.target)} was truncated.`, task.id);
      return;
    case 'replace':
      if (!isReplaced(task)) return refuseExistingRows({ connections, signal }, task);
      await target.runDdl(target.dialect.dropTable(table), { signal });
      await target.runDdl(target.dialect.createLike({ table, like: task.target }), { signal });
      return;
    case 'stop':
      return refuseExistingRows({ connections, signal }, task);
    default:
      return task.existingRows satisfies never;
  }
}

/** A table that is to be replaced and exists is loaded beside itself; one that the run creates is loaded directly. */
function isReplaced(task: TableTask): boolean {
  return task.existingRows === 'replace' && task.targetState === 'exists';
}

async function refuseExistingRows(
  { connections, signal }: Pick<RunContext, 'connections' | 'signal'>,
  task: TableTask,
): Promise<void> {
  const rows = await connections.target.countRows(task.target, { signal });
  if (rows > 0) throw new AppError('TARGET_NOT_EMPTY', { facts: { table: tableLabel(task.target), rows } });
}

/** All partitions; one that fails does not stop the others. The first error is thrown when all have ended. */
async function runPartitions(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  const loads = createSemaphore(context.plan.options.loadLanesPerTable);
  const left = task.partitions.filter(
    (partition) => context.progress.partition(task.id, partition.id).state !== 'loaded',
  );
  const queue = left.values();
  const errors: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const partition of queue) {
      if (context.isPausing()) throw new PauseRequested();
      try {
        await runPartition(context, { task, partition, table, loads });
      } catch (error) {
        if (isAbort(error) || error instanceof PauseRequested) throw error;
        errors.push(error);
      }
    }
  };
  const { unloadLanes, loadLanes } = context.plan.options;
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(left.length, unloadLanes + loadLanes) }, work),
  );
  const stopped = results.find((result) => result.status === 'rejected');
  if (stopped) throw stopped.reason;
  if (errors.length > 0) throw errors[0];
}

/**
 * With `replace`, the loaded table takes the target's place in one statement, and only when it holds exactly what was staged. A crash after the swap is
 * seen by the age of the two tables: the one that was loaded is the younger one, so a target younger than its neighbour has been swapped already.
 */
async function finishTable(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  if (!isReplaced(task)) return;
  const { connections, progress, signal } = context;
  const { target } = connections;
  progress.updateTable(task.id, { state: 'finishing' });
  const [replaced, loaded] = await target.describeTables([task.target, table], { signal });
  if (replaced && !loaded) return;
  const isSwapped = replaced && loaded && isYounger(replaced, loaded);
  if (!isSwapped) {
    const expected = task.partitions.reduce(
      (sum, partition) => sum + (progress.partition(task.id, partition.id).loadedRows ?? 0),
      0,
    );
    const rows = await target.countRows(table, { signal });
    if (rows !== expected) {
      throw new AppError('LOAD_COUNT_MISMATCH', {
        facts: { table: tableLabel(table), loadedRows: rows, stagedRows: expected },
      });
    }
    await target.runDdl(target.dialect.swapTables({ table: task.target, other: table }), { signal });
  }
  await target.runDdl(target.dialect.dropTable(table), { signal });
  progress.addEvent('info', `${tableLabel(task.target)} was replaced in one step; its earlier rows are gone.`, task.id);
}

function isYounger(one: TargetTable, other: TargetTable): boolean {
  return one.createdAt !== null && other.createdAt !== null && Date.parse(one.createdAt) > Date.parse(other.createdAt);
}
