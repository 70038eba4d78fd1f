import { AppError } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef } from '#shared/model/table';
import { checkPreparedTarget } from './check-prepared-target.ts';
import { isReplaced, loadTarget } from './load-target.ts';
import { PauseRequested } from './pause-requested.ts';
import type { RunContext } from './run-context.ts';

/**
 * Creates what is missing and deals with rows that are already there. Done once a run: a resumed table is not touched again as long as it is the same one.
 */
export async function prepareTarget(context: RunContext, task: TableTask): Promise<TableRef> {
  const { connections, progress, signal, lease } = context;
  const { target } = connections;
  const table = loadTarget(context, task);
  if (progress.table(task.id).isPrepared) {
    await checkPreparedTarget(context, task, { table, create: () => createTarget(context, task) });
    return table;
  }
  const done = progress.beginActivity('Prepare the target', tableLabel(task.target));
  try {
    const [existing] = await target.describeTables([task.target], { signal });
    // What follows may empty a table: nobody else may have loaded into it in the name of this run meanwhile.
    const mayEmpty = task.existingRows === 'truncate' || task.existingRows === 'replace';
    if (mayEmpty && !(await lease.verify())) throw new PauseRequested();
    if (existing) await dealWithExistingRows(context, task, table);
    else await createTarget(context, task);
    const [prepared] =
      existing && table === task.target ? [existing] : await target.describeTables([table], { signal });
    const targetRowsBefore = existing && task.existingRows === 'append' ? await target.countRows(table, { signal }) : 0;
    progress.updateTable(task.id, { isPrepared: true, targetCreatedAt: prepared?.createdAt ?? null, targetRowsBefore });
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

async function refuseExistingRows(
  { connections, signal }: Pick<RunContext, 'connections' | 'signal'>,
  task: TableTask,
): Promise<void> {
  const rows = await connections.target.countRows(task.target, { signal });
  if (rows > 0) throw new AppError('TARGET_NOT_EMPTY', { facts: { table: tableLabel(task.target), rows } });
}
