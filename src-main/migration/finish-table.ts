import { AppError } from '#shared/errors/app-error';
import { formatCount } from '#shared/format/count';
import type { TableTask } from '#shared/model/plan';
import { tableLabel, type TableRef, type TargetTable } from '#shared/model/table';
import { sleep } from '../lib/abort.ts';
import { isReplaced } from './load-target.ts';
import { PauseRequested } from './pause-requested.ts';
import { targetChanged } from './check-prepared-target.ts';
import type { RunContext } from './run-context.ts';

/** After the last partition: the table holds what was loaded, and takes its target's place where it was loaded beside it. */
export async function finishTable(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  context.progress.updateTable(task.id, { state: 'finishing' });
  if (isReplaced(task)) await replaceTarget(context, task, table);
  else await compareWithTarget(context, task, table);
}

/** Times that a count which is too low is taken again before it is believed. */
const RECOUNTS = 3;

/**
 * Fewer rows than before and loaded: somebody deleted or truncated, and the table must not pass for loaded. More rows: somebody else added some, which is a
 * warning. A session may see the commit of another one late, so a low count is taken again first.
 * docs.snowflake.com/en/sql-reference/transactions#read-consistency
 */
async function compareWithTarget(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  const { connections, plan, progress, signal, limits } = context;
  const { targetRowsBefore, warnings } = progress.table(task.id);
  if (targetRowsBefore === null) return;
  const expected = targetRowsBefore + loadedRows(context, task);
  let rows = await connections.target.countRows(table, { signal });
  for (let recount = 0; rows < expected && recount < RECOUNTS; recount += 1) {
    await sleep(limits.recountMs, signal);
    rows = await connections.target.countRows(table, { signal });
  }
  if (rows < expected)
    throw targetChanged(
      table,
      `it holds ${formatCount(rows)} rows, but ${formatCount(expected)} should be there after the load`,
    );
  const isShared = plan.tables.some((other) => other !== task && tableLabel(other.target) === tableLabel(task.target));
  if (rows === expected || isShared) return;
  const text = `${tableLabel(table)} holds ${formatCount(rows - expected)} rows more than this run loaded: somebody else added rows meanwhile.`;
  progress.addEvent('warning', text, task.id);
  progress.updateTable(task.id, { warnings: [...warnings, text] });
}

function loadedRows({ progress }: RunContext, task: TableTask): number {
  return task.partitions.reduce((sum, { id }) => sum + (progress.partition(task.id, id).loadedRows ?? 0), 0);
}

/**
 * With `replace`, the loaded table takes the target's place in one statement, and only when it holds exactly what was staged. A crash after the swap is
 * seen by the age of the two tables: the one that was loaded is the younger one, so a target younger than its neighbour has been swapped already.
 */
async function replaceTarget(context: RunContext, task: TableTask, table: TableRef): Promise<void> {
  const { connections, progress, signal, lease } = context;
  const { target } = connections;
  const [replaced, loaded] = await target.describeTables([task.target, table], { signal });
  if (replaced && !loaded) return;
  const isSwapped = replaced && loaded && isYounger(replaced, loaded);
  if (!isSwapped) {
    const expected = loadedRows(context, task);
    const rows = await target.countRows(table, { signal });
    if (rows !== expected) {
      throw new AppError('LOAD_COUNT_MISMATCH', {
        facts: { table: tableLabel(table), loadedRows: rows, stagedRows: expected },
      });
    }
    if (!(await lease.verify())) throw new PauseRequested();
    await target.runDdl(target.dialect.swapTables({ table: task.target, other: table }), { signal });
  }
  await target.runDdl(target.dialect.dropTable(table), { signal });
  progress.addEvent('info', `${tableLabel(task.target)} was replaced in one step; its earlier rows are gone.`, task.id);
}

function isYounger(one: TargetTable, other: TargetTable): boolean {
  return one.createdAt !== null && other.createdAt !== null && Date.parse(one.createdAt) > Date.parse(other.createdAt);
}
