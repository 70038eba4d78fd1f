import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { LaneLimits, RunState, Side } from '#shared/model/run';
import { runLimitsSchema, type RunLimits } from '#shared/model/run-limits';
import type { Connections } from './connections.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createOutages } from './outages.ts';
import { pauseForUser } from './pause-for-user.ts';
import { createRunLanes, type RunContext } from './run-context.ts';
import { createRunControl, type OwnLanes, type RunControl } from './run-control.ts';
import type { RunManagerOptions } from './run-manager.ts';
import { hasTooManyFailures, markCancelled, runMigration } from './run-migration.ts';
import type { RunProgress } from './run-progress.ts';
import { failureKind } from './failure-kind.ts';
import { TICK_MS } from './speedometer.ts';
import { placeLabel } from './stage-place.ts';
import { createTableQueue, type TableQueue } from './table-queue.ts';
import { watchConnections } from './watched-connections.ts';

/** A run at work, and what can be asked of it meanwhile. */
export interface ActiveRun {
  readonly plan: MigrationPlan;
  readonly progress: RunProgress;
  readonly queue: TableQueue;
  readonly control: RunControl;
  readonly finished: Promise<RunState>;
  pause(): void;
  cancel(): void;
  setLanes(limits: LaneLimits): void;
  setTableLanes(tableId: string, own: OwnLanes): void;
  suspended(): void;
  resumed(): void;
}

export interface ActiveRunRequest {
  plan: MigrationPlan;
  progress: RunProgress;
  kind: 'begin' | 'resume' | 'clean-up';
  /** The tables to work on; null for all that are not loaded. */
  tableIds: readonly string[] | null;
  /** Called when the run is this process's own, before anything is written. */
  onOwned?(): void;
  options: RunManagerOptions;
}

/** What belongs to the run once it is connected. */
interface Connected {
  context: RunContext;
  /** When the system went to sleep, for the event that says how long it slept. */
  sleptAt: number | null;
}

const DELTA_MS = 250;

export function createActiveRun(request: ActiveRunRequest): ActiveRun {
  const { plan, progress, kind } = request;
  const limits = progress.snapshot().laneLimits;
  const lanes = createRunLanes(limits);
  const control = createRunControl({
    limits,
    ownLanes: (tableId) => progress.table(tableId),
    onPause(pause) {
      progress.setPause(pause);
      if (progress.state === 'running') progress.setState('pausing');
    },
  });
  let places = limits.unloadLanes + limits.loadLanes;
  const queue = createTableQueue({
    tasks: plan.tables,
    tableIds: wantedTables(request).map(({ id }) => id),
    isHeld: (tableId) => progress.table(tableId).isPaused,
    isStopping: () =>
      control.signal.aborted || control.pause !== null || hasTooManyFailures({ plan, progress, control }),
    places: () => places,
  });
  progress.whenJournalFails((error) => {
    pauseForUser(control, 'machine', error);
    queue.notify();
  });
  progress.setPause(null);
  progress.setState(kind === 'clean-up' ? 'cancelling' : 'running');
  const connected: { now: Connected | null } = { now: null };
  const wake = (): void => {
    control.notify();
    queue.notify();
  };
  return {
    plan,
    progress,
    queue,
    control,
    finished: work(request, { control, queue, lanes, connected }),
    pause() {
      control.requestPause({ cause: 'user', side: null, since: new Date().toISOString(), error: null, secrets: [] });
      wake();
    },
    cancel() {
      progress.setState('cancelling');
      control.cancel();
      wake();
    },
    setLanes(wanted) {
      places = wanted.unloadLanes + wanted.loadLanes;
      progress.setLaneLimits(wanted);
      lanes.unload.resize(wanted.unloadLanes);
      lanes.load.resize(wanted.loadLanes);
      connected.now?.context.connections.extractor?.resize(wanted.unloadLanes);
      control.setLanes(wanted);
      queue.notify();
    },
    setTableLanes(tableId, own) {
      progress.updateTable(tableId, own);
      control.setTableLanes(tableId, own);
    },
    suspended() {
      if (connected.now) connected.now.sleptAt = Date.now();
      progress.addEvent('info', 'The system goes to sleep. The run goes on when it wakes up.');
    },
    resumed: () => wakeUp(connected.now, progress),
  };
}

/** The lease may have run out during the sleep, and every connection may be dead: both are looked at before anything else notices. */
function wakeUp(connected: Connected | null, progress: RunProgress): void {
  if (!connected) return;
  const { sleptAt, context } = connected;
  connected.sleptAt = null;
  const minutes = sleptAt === null ? null : Math.round((Date.now() - sleptAt) / 60_000);
  progress.addEvent(
    'info',
    `The system woke up${minutes ? ` after ${minutes} minutes` : ''}. Connections are tried again.`,
  );
  context.outages.hurry();
  context.lease
    .verify()
    .catch((error: unknown) =>
      context.log('warn', 'The lease could not be renewed after waking up.', { detail: String(error) }),
    );
}

/** In the plan's order. A table that failed or was cancelled is done again when it is asked for, or when everything is. */
function wantedTables({ plan, progress, tableIds, kind }: ActiveRunRequest): TableTask[] {
  if (kind === 'clean-up') return [];
  return plan.tables.filter(
    ({ id }) => progress.table(id).state !== 'loaded' && (tableIds === null || tableIds.includes(id)),
  );
}

interface Parts {
  control: RunControl;
  queue: TableQueue;
  lanes: RunContext['lanes'];
  connected: { now: Connected | null };
}

async function work(request: ActiveRunRequest, { control, queue, lanes, connected }: Parts): Promise<RunState> {
  const { plan, progress, kind, options } = request;
  const { journal, log, parseManifest, onChange } = options;
  const publish = (): void => {
    const delta = progress.takeDelta();
    if (delta) onChange(delta);
  };
  const publishing = setInterval(publish, DELTA_MS);
  const ticking = setInterval(() => progress.tick(), TICK_MS);
  let connections: Connections | null = null;
  let isOwned = kind === 'begin';
  try {
    connections = await options.connect(plan);
    const limits = limitsOf(request);
    const watched = watchConnections(connections, limits);
    const context: RunContext = {
      plan,
      runId: progress.runId,
      connections: watched,
      journal,
      progress,
      signal: control.signal,
      isPausing: () => control.pause !== null,
      parseManifest,
      lanes,
      control,
      queue,
      outages: createOutages({
        probe: (side, signal) => probe(watched, plan, side, signal),
        control,
        progress,
        limits,
      }),
      lease: createLeaseKeeper({
        target: watched.target,
        ledger: plan.options.ledger,
        runId: progress.runId,
        instance: journal.instance,
        leaseSeconds: limits.leaseSeconds,
        hasEnded: (instance) => journal.hasEnded(instance),
        onLost(pause) {
          progress.stopWriting();
          control.loseLease(pause);
          queue.notify();
        },
        log,
      }),
      limits,
      refusedPaths: new Set(),
      log,
    };
    connected.now = { context, sleptAt: null };
    const state = await runMigration(context, {
      isResumed: kind !== 'begin',
      isOnlyCleanUp: kind === 'clean-up',
      onOwned() {
        own(request, { queue, control });
        isOwned = true;
      },
    });
    return isUnseenCancel(request, { state, isOwned }) ? cancelUnseen(request) : state;
  } catch (error) {
    return endBadly(request, control, error);
  } finally {
    connected.now = null;
    clearInterval(publishing);
    clearInterval(ticking);
    await closeAll(connections);
    publish();
  }
}

/** The run is this process's own now: the journal is read anew, as another one may have worked on it, and written from here on. */
function own(request: ActiveRunRequest, { queue, control }: { queue: TableQueue; control: RunControl }): void {
  const { progress, plan } = request;
  if (request.kind === 'begin') return;
  request.onOwned?.();
  progress.beginWriting();
  for (const { id } of plan.tables) if (progress.table(id).state === 'loaded') queue.remove(id);
  for (const task of wantedTables(request)) resetUnfinished(progress, task);
  control.forgiveFailures(progress.summary().totals.tablesFailed);
}

/** Plans of earlier versions have no limits. Cancelling does not wait long for a side that is away. */
function limitsOf({ plan, kind }: ActiveRunRequest): RunLimits {
  const limits = runLimitsSchema.parse(plan.options.limits ?? {});
  return kind === 'clean-up' ? { ...limits, reconnectSeconds: Math.min(limits.reconnectSeconds, 15) } : limits;
}

/** The user's word, although the lease could not be asked for. */
function isUnseenCancel(
  { kind, progress }: ActiveRunRequest,
  { state, isOwned }: { state: RunState; isOwned: boolean },
): boolean {
  const cause = progress.pause?.cause;
  if (isOwned || cause === 'lease-held' || cause === 'lease-lost') return false;
  return state === 'cancelled' || (kind === 'clean-up' && state === 'paused');
}

/** A run that was not at work is cancelled although Snowflake could not be asked: nothing of it is loaded any more, but its files may stay. */
function cancelUnseen({ plan, progress }: ActiveRunRequest): RunState {
  progress.beginWriting();
  markCancelled({ plan, progress });
  progress.setPause(null);
  progress.addEvent(
    'warning',
    `The run was cancelled without Snowflake, which could not be reached. Staged files may stay below ${placeLabel(plan, `${progress.runId}/`)}.`,
  );
  progress.setState('cancelled');
  return 'cancelled';
}

/** What cannot go on at all. A setting or secret that is missing is for the user; the rest is a fault. */
function endBadly(request: ActiveRunRequest, control: RunControl, error: unknown): RunState {
  const { progress, options } = request;
  options.log('error', 'A run could not go on.', {
    runId: progress.runId,
    detail: error instanceof Error ? error.message : String(error),
  });
  if (request.kind === 'clean-up') return cancelUnseen(request);
  if (error instanceof AppError && failureKind(error, null) === 'needs-you') {
    pauseForUser(control, null, error);
    progress.setPause(control.pause);
    progress.addEvent('warning', `The run is paused: ${error.message}`);
    progress.setState('paused');
    return 'paused';
  }
  progress.addEvent('error', toErrorValue(error).message);
  progress.setState('interrupted');
  throw error;
}

async function closeAll(connections: Connections | null): Promise<void> {
  if (!connections) return;
  const { source, target, staging, extractor } = connections;
  await Promise.allSettled([source.close(), target.close(), staging?.close(), extractor?.close()]);
}

/** One small call that needs what the work needs. */
async function probe(
  { source, target, staging }: Connections,
  plan: MigrationPlan,
  side: Side,
  signal: AbortSignal,
): Promise<void> {
  if (side === 'source') await source.listDatabases({ signal });
  if (side === 'snowflake') await target.ping({ signal });
  if (side === 'staging' && staging && plan.staging)
    await staging.list(plan.staging.s3Uri.slice(`s3://${staging.bucket}/`.length), { signal, limit: 1 });
}

/** Failed and cancelled work becomes waiting work; what is loaded or staged stays as it is. */
export function resetUnfinished(progress: RunProgress, task: TableTask): void {
  const table = progress.table(task.id);
  if (table.state === 'loaded') return;
  for (const { id, state } of progress.partitions(task.id)) {
    if (state === 'failed' || state === 'cancelled' || state === 'extracting')
      progress.updatePartition(task.id, id, { state: 'waiting', error: null });
  }
  progress.updateTable(task.id, { state: 'waiting', error: null });
}
