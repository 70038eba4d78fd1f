import { isAbort, toErrorValue, AppError } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import type { Pause, RunState } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import type { LedgerRow } from '../targets/target.ts';
import { sweepRun } from './clean-up.ts';
import { failureKind } from './failure-kind.ts';
import { holderLabel } from './lease-keeper.ts';
import { pauseForUser } from './pause-for-user.ts';
import { PauseRequested } from './pause-requested.ts';
import { recoverRun } from './recover-run.ts';
import type { RunContext } from './run-context.ts';
import { runTable } from './run-table.ts';
import { sideOf } from './sides.ts';
import { planStage } from './stage-place.ts';
import { tryUntilDone } from './try-until-done.ts';

export interface MigrationWork {
  /** Called once the run is this process's own: from here on the journal may be written. */
  onOwned(): void;
  /** False for a run that begins: then nobody can have done anything for it. */
  isResumed: boolean;
  /** Only clean up after a run that was cancelled while it was not at work. */
  isOnlyCleanUp: boolean;
}

/**
 * Runs or resumes a plan until every table is loaded or failed, or until pause or cancel, and answers how far it got. A table that fails does not stop
 * the others. Rejects only when nothing could be started at all and waiting or the user cannot mend it.
 */
export async function runMigration(context: RunContext, work: MigrationWork): Promise<RunState> {
  const { progress, plan, lease } = context;
  const step = (act: () => Promise<void>): Promise<void> =>
    tryUntilDone(context, { tableId: '', partitionId: null, label: 'The beginning of the run' }, act);
  try {
    await step(() => takeRun(context));
    work.onOwned();
    progress.addEvent(
      'info',
      `The run begins: ${plan.tables.length} ${plan.tables.length === 1 ? 'table' : 'tables'}.`,
    );
    if (work.isResumed) await step(() => recoverRun(context));
    if (work.isOnlyCleanUp) context.control.cancel();
    else await runTables(context);
  } catch (error) {
    if (!isAbort(error) && !(error instanceof PauseRequested)) await stopFor(context, error);
  }
  const state = finalState(context);
  if (state === 'cancelled') markCancelled(context);
  await cleanUp(context, state);
  await lease.release();
  progress.setPause(pauseOf(context, state));
  progress.addEvent(state === 'done' ? 'info' : 'warning', endSentence(state, context));
  progress.setState(state);
  return state;
}

/** The ledger is there, and nobody else works on this run. */
async function takeRun({ plan, connections, progress, lease, signal }: RunContext): Promise<void> {
  const done = progress.beginActivity('Prepare the ledger', ledgerLabel(plan));
  try {
    await connections.target.ensureLedger(plan.options.ledger, { signal });
    await lease.acquire(signal);
    if (plan.strategy === 'regular') await connections.target.ensureInternalStage(planStage(plan), { signal });
  } finally {
    done();
  }
}

async function stopFor(context: RunContext, error: unknown): Promise<void> {
  const { control, progress, lease } = context;
  const value = toErrorValue(error);
  const at = new Date().toISOString();
  if (error instanceof AppError && error.code === 'LEASE_HELD') {
    control.requestPause({ cause: 'lease-held', side: null, since: at, error: value, secrets: [] });
    return;
  }
  if (error instanceof AppError && failureKind(error, sideOf(error)) === 'needs-you') {
    pauseForUser(control, sideOf(error), error);
    return;
  }
  await lease.release();
  progress.addEvent('error', value.message);
  progress.setState('interrupted');
  throw error;
}

async function runTables(context: RunContext): Promise<void> {
  const { queue } = context;
  await registerPartitions(context);
  await refuseTablesInUse(context);
  const work = async (): Promise<void> => {
    for (let task = await queue.take(); task; task = await queue.take()) {
      const outcome = await runTable(context, task);
      queue.settle(task.id, outcome === 'waiting');
    }
  };
  await Promise.all(Array.from({ length: MOST_TABLES }, work));
}

/** The most tables at work at once; the lanes decide how many are. */
const MOST_TABLES = 64;

/** The ledger knows every partition before the first one is touched. */
async function registerPartitions(context: RunContext): Promise<void> {
  const { plan, runId, connections, signal } = context;
  const rows = plan.tables.filter((task) => !task.blocked).flatMap((task) => ledgerRows(runId, task));
  await tryUntilDone(context, { tableId: '', partitionId: null, label: 'The ledger' }, () =>
    connections.target.registerPartitions({ ledger: plan.options.ledger, rows }, { signal }),
  );
}

/**
 * Two runs into one table could empty it under each other. Both register their partitions before they look, so of two that begin at once at least one sees
 * the other; its tables of the same name fail, the rest goes on.
 */
async function refuseTablesInUse(context: RunContext): Promise<void> {
  const { plan, runId, connections, progress, queue, signal } = context;
  const others = await tryUntilDone(context, { tableId: '', partitionId: null, label: 'The ledger' }, () =>
    connections.target.otherRunsInto({ ledger: plan.options.ledger, runId }, { signal }),
  );
  const byTable = new Map(others.map((other) => [other.targetTable, other]));
  for (const task of plan.tables) {
    const other = byTable.get(tableLabel(task.target));
    const { state } = progress.table(task.id);
    if (!other || state === 'loaded' || state === 'cancelled') continue;
    const facts = { table: tableLabel(task.target), holder: holderLabel(other.holder), id: other.runId };
    const error = toErrorValue(new AppError('TARGET_IN_USE', { facts }));
    queue.remove(task.id);
    progress.updateTable(task.id, { state: 'failed', error });
    progress.addEvent('error', `${tableLabel(task.source)} failed: ${error.message}`, task.id);
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

function finalState({ control, plan, progress }: RunContext): RunState {
  if (control.isLeaseLost) return 'paused';
  if (control.signal.aborted) return 'cancelled';
  const states = plan.tables.map((task) => progress.table(task.id).state);
  if (states.every((state) => state === 'loaded')) return 'done';
  const isLeft = states.some((state) => state !== 'loaded' && state !== 'failed' && state !== 'cancelled');
  if (isLeft && (control.pause || !hasTooManyFailures({ plan, progress, control }))) return 'paused';
  return 'finished-with-failures';
}

export function hasTooManyFailures({
  plan,
  progress,
  control,
}: Pick<RunContext, 'plan' | 'progress' | 'control'>): boolean {
  const limit = plan.options.stopAfterFailedTables;
  return limit !== null && progress.summary().totals.tablesFailed - control.forgivenFailures >= limit;
}

/** Why something is left. */
function pauseOf(context: RunContext, state: RunState): Pause | null {
  const { control, plan, progress } = context;
  const since = new Date().toISOString();
  if (state === 'paused') {
    const isHeld = plan.tables.some((task) => progress.table(task.id).isPaused);
    return control.pause ?? { cause: isHeld ? 'tables-paused' : 'user', side: null, since, error: null, secrets: [] };
  }
  const isCutShort = plan.tables.some((task) => progress.table(task.id).state === 'waiting');
  if (state !== 'finished-with-failures' || !isCutShort || !hasTooManyFailures(context)) return null;
  const error = plan.tables.map((task) => progress.table(task.id).error).find((known) => known !== null) ?? null;
  return { cause: 'too-many-failures', side: null, since, error, secrets: [] };
}

async function cleanUp(context: RunContext, state: RunState): Promise<void> {
  const { cleanUp: policy } = context.plan.options;
  if (policy === 'never' || context.control.isLeaseLost || context.control.pause?.cause === 'lease-held') return;
  if (state === 'done' || state === 'cancelled') await sweepRun(context, { keepsStaged: false });
  if (state === 'finished-with-failures') await sweepRun(context, { keepsStaged: policy === 'on-success' });
}

/** Cancel says what stays: loaded partitions stay loaded, everything else of the run is marked as not done. */
export function markCancelled({ plan, progress }: Pick<RunContext, 'plan' | 'progress'>): void {
  for (const task of plan.tables) {
    const { state } = progress.table(task.id);
    if (state !== 'loaded' && state !== 'failed') progress.updateTable(task.id, { state: 'cancelled' });
  }
}

function endSentence(state: RunState, { progress, plan, control }: RunContext): string {
  const { totals } = progress.summary();
  const loaded = `${totals.tablesLoaded} of ${plan.tables.length} tables are loaded`;
  if (state === 'done') return `The run is done: ${loaded}.`;
  if (state === 'paused') {
    const { pause } = control;
    const why = pause?.error ? ` ${pause.error.message} ${pause.error.advice}` : '';
    return `The run is paused: ${loaded}.${why} Resuming goes on with what is left.`;
  }
  if (state === 'cancelled') return `The run was cancelled: ${loaded}. What was loaded stays; nothing is half-loaded.`;
  return `The run has finished: ${loaded}, ${totals.tablesFailed} failed.`;
}

function ledgerLabel(plan: RunContext['plan']): string {
  return `${plan.options.ledger.database}.${plan.options.ledger.schema}`;
}
