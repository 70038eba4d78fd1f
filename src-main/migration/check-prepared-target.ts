import { AppError } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef } from '#shared/model/table';
import { isReplaced } from './load-target.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunContext } from './run-context.ts';

export interface PreparedTarget {
  /** Where the rows go. */
  table: TableRef;
  create(): Promise<void>;
}

/**
 * A table of the same name may be another one by now: dropped, or created anew. What was loaded into it is gone then, while the ledger has it as loaded.
 * Where nothing can be left of it, because the table is missing or empty, it is loaded from the start. With rows of somebody else in it nothing
 * more is loaded: TARGET_CHANGED.
 */
export async function checkPreparedTarget(
  context: RunContext,
  task: TableTask,
  prepared: PreparedTarget,
): Promise<void> {
  const { connections, progress, signal } = context;
  const { table } = prepared;
  const { targetCreatedAt } = progress.table(task.id);
  const loaded = task.partitions.filter(({ id }) => progress.partition(task.id, id).state === 'loaded').length;
  const [found] = await connections.target.describeTables([table], { signal });
  // A finished replacement leaves nothing beside the target.
  if (!found && isReplaced(task) && loaded === task.partitions.length) return;
  if (found && (isReplaced(task) || targetCreatedAt === null || found.createdAt === targetCreatedAt)) return;
  if (found && (await connections.target.countRows(table, { signal })) > 0)
    throw targetChanged(
      table,
      `it was created anew at ${found.createdAt ?? 'an unknown time'} and holds rows that are not of this run`,
    );
  await startOver(context, task, { ...prepared, isMissing: !found });
}

export function targetChanged(table: TableRef, detail: string): AppError {
  return new AppError('TARGET_CHANGED', { facts: { table: tableLabel(table), detail } });
}

/**
 * In this order a crash at any point leads back here: the table's new age is written last. That it could be created proves that it was gone, and not
 * only out of sight of this role.
 */
async function startOver(
  { connections, journal, lease, plan, progress, runId, signal }: RunContext,
  task: TableTask,
  { table, create, isMissing }: PreparedTarget & { isMissing: boolean },
): Promise<void> {
  const { target } = connections;
  if (!(await lease.verify())) throw new PauseRequested();
  if (isMissing && isReplaced(task))
    await target.runDdl(target.dialect.createLike({ table, like: task.target }), { signal });
  else if (isMissing) await create();
  for (const { id } of task.partitions)
    progress.updatePartition(task.id, id, {
      state: 'waiting',
      attemptId: null,
      sourceRows: null,
      stagedRows: null,
      stagedBytes: null,
      stagedFiles: null,
      loadedRows: null,
    });
  const instanceId = journal.instance.id;
  await target.forgetLoads({ ledger: plan.options.ledger, runId, tableId: task.id, instanceId }, { signal });
  const [anew] = await target.describeTables([table], { signal });
  progress.updateTable(task.id, { targetCreatedAt: anew?.createdAt ?? null, targetRowsBefore: 0 });
  progress.addEvent(
    'warning',
    `${tableLabel(table)} was ${isMissing ? 'dropped' : 'created anew'} during the run. It is loaded from the start.`,
    task.id,
  );
}
