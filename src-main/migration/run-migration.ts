import { isAbort, toErrorValue } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import type { RunState } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import type { LedgerRow } from '../targets/target.ts';
import { recoverRun } from './recover-run.ts';
import { PauseRequested, type RunContext } from './run-context.ts';
import { runTable } from './run-table.ts';
import { planStage } from './stage-place.ts';

/**
 * Runs or resumes a plan until every table is loaded or failed, or until pause or cancel, and answers how far it got. A table that fails does not stop
 * the others. Rejects only when nothing could be started at all (ledger or journal not usable).
 */
export async function runMigration(context: RunContext): Promise<RunState> {
  const { progress, plan } = context;
  progress.addEvent('info', `The run begins: ${plan.tables.length} ${plan.tables.length === 1 ? 'table' : 'tables'}.`);
  try {
    await prepareLedger(context);
    await recoverRun(context);
    await runTables(context);
  } catch (error) {
    if (!isAbort(error) && !(error instanceof PauseRequested)) {
      progress.addEvent('error', toErrorValue(error).message);
      progress.setState('interrupted');
      throw error;
    }
  }
  const state = finalState(context);
  if (state === 'cancelled') markCancelled(context);
  progress.addEvent(state === 'done' ? 'info' : 'warning', endSentence(state, context));
  progress.setState(state);
  return state;
}

/** A table worker takes the next table when it is free; there are enough of them to keep all lanes busy. */
async function runTables(context: RunContext): Promise<void> {
  const waiting = context.plan.tables.filter((task) => context.progress.table(task.id).state !== 'loaded');
  const queue = waiting.values();
  const { unloadLanes, loadLanes } = context.plan.options;
  const workerCount = Math.min(waiting.length, unloadLanes + loadLanes);
  const work = async (): Promise<void> => {
    for (const task of queue) {
      if (context.signal.aborted || context.isPausing() || hasTooManyFailures(context)) return;
      await runTable(context, task);
    }
  };
  await Promise.all(Array.from({ length: workerCount }, work));
}

function hasTooManyFailures({ plan, progress }: RunContext): boolean {
  const limit = plan.options.stopAfterFailedTables;
  return limit !== null && progress.summary().totals.tablesFailed >= limit;
}

/** The ledger knows every partition before the first one is touched. */
async function prepareLedger({ plan, runId, connections, progress, signal }: RunContext): Promise<void> {
  const done = progress.beginActivity(
    'Prepare the ledger',
    `${plan.options.ledger.database}.${plan.options.ledger.schema}`,
  );
  try {
    await connections.target.ensureLedger(plan.options.ledger, { signal });
    if (plan.strategy === 'regular') await connections.target.ensureInternalStage(planStage(plan), { signal });
    const rows = plan.tables.filter((task) => !task.blocked).flatMap((task) => ledgerRows(runId, task));
    await connections.target.registerPartitions({ ledger: plan.options.ledger, rows }, { signal });
  } finally {
    done();
  }
}

function ledgerRows(runId: string, task: TableTask): LedgerRow[] {
  return task.partitions.map((partition) => ({
    runId,
    tableId: task.id,
    partitionId: partition.id,
    targetTable: tableLabel(task.target),
    attemptId: null,
    state: 'PLANNED',
    expectedRows: null,
    loadedRows: null,
    fileDigest: null,
  }));
}

function finalState(context: RunContext): RunState {
  if (context.signal.aborted) return 'cancelled';
  const states = context.plan.tables.map((task) => context.progress.table(task.id).state);
  if (states.every((state) => state === 'loaded')) return 'done';
  if (context.isPausing()) return 'paused';
  return 'finished-with-failures';
}

/** Cancel says what stays: loaded partitions stay loaded, everything else of the run is marked as not done. */
function markCancelled({ plan, progress }: RunContext): void {
  for (const task of plan.tables) {
    const { state } = progress.table(task.id);
    if (state !== 'loaded' && state !== 'failed') progress.updateTable(task.id, { state: 'cancelled' });
  }
}

function endSentence(state: RunState, { progress, plan }: RunContext): string {
  const { totals } = progress.summary();
  const loaded = `${totals.tablesLoaded} of ${plan.tables.length} tables are loaded`;
  if (state === 'done') return `The run is done: ${loaded}.`;
  if (state === 'paused') return `The run is paused: ${loaded}. Resuming goes on with what is left.`;
  if (state === 'cancelled') return `The run was cancelled: ${loaded}. What was loaded stays; nothing is half-loaded.`;
  return `The run has finished: ${loaded}, ${totals.tablesFailed} failed.`;
}
