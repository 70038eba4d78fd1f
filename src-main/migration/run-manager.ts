import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors/app-error';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { ExistingRows } from '#shared/model/project';
import type { PartitionProgress, RunDelta, RunEvent, RunSnapshot, RunState, RunSummary } from '#shared/model/run';
import { createAbortController } from '../lib/abort.ts';
import type { Log } from '../lib/log.ts';
import type { StagedManifest } from '../staging/staging.ts';
import type { Connections } from './connections.ts';
import { mergePlans } from './merge-plans.ts';
import { createRunLanes, type RunLanes } from './run-context.ts';
import { runMigration } from './run-migration.ts';
import { createRunProgress, type RunProgress } from './run-progress.ts';
import { TICK_MS } from './speedometer.ts';

const DELTA_MS = 250;

/** Starts runs and keeps hold of them. One run a project works at a time. */
export interface RunManager {
  start(plan: MigrationPlan): RunSnapshot;
  /**
   * Goes on with a paused or interrupted run, or with the failed tables of a finished one. `freshPlan` is the same project's plan of now: it brings changed
   * settings, and replaces tables of which nothing was staged or loaded yet.
   */
  resume(runId: string, request?: { freshPlan?: MigrationPlan; tableIds?: string[] }): RunSnapshot;
  /** A new run of the same plan; `existingRows` says what happens to the rows that the earlier run loaded. */
  startAgain(runId: string, request: { existingRows: ExistingRows; tableIds?: string[] }): RunSnapshot;
  pause(runId: string): RunSnapshot;
  cancel(runId: string): RunSnapshot;
  setLanes(runId: string, lanes: { unloadLanes: number; loadLanes: number }): RunSnapshot;
  snapshot(runId: string): RunSnapshot;
  partitions(runId: string, tableId: string): PartitionProgress[];
  events(runId: string, options: { before: number | null; limit: number }): RunEvent[];
  list(projectId: string | null): RunSummary[];
  plan(runId: string): MigrationPlan;
  /** Resolves with the end state of a run at work; at once for one that is not. */
  finished(runId: string): Promise<RunState>;
  activeRunIds(): string[];
  /** Pauses all runs and waits until they have stopped. */
  pauseAll(): Promise<void>;
}

export interface RunManagerOptions {
  journal: Journal;
  log: Log;
  /** Connections of their own for each run. */
  connect(plan: MigrationPlan): Promise<Connections>;
  parseManifest(json: unknown, expected: { uri: string }): StagedManifest;
  onChange(delta: RunDelta): void;
  onEnd(snapshot: RunSnapshot): void;
}

interface ActiveRun {
  plan: MigrationPlan;
  progress: RunProgress;
  lanes: RunLanes;
  controller: AbortController;
  isPausing: boolean;
  finished: Promise<RunState>;
}

export function createRunManager(options: RunManagerOptions): RunManager {
  const { journal } = options;
  const active = new Map<string, ActiveRun>();

  const readRun = (runId: string): { plan: MigrationPlan; progress: RunProgress; state: RunState } => {
    const run = journal.readRun(runId);
    const plan = run && journal.readPlan(run.planId);
    if (!run || !plan) throw new AppError('RUN_NOT_FOUND', { facts: { id: runId } });
    const progress = createRunProgress({
      runId,
      plan,
      journal,
      startedAt: run.startedAt,
      earlierElapsedMs: run.elapsedMs,
    });
    return { plan, progress, state: run.state };
  };
  /** A run that was at work when the process ended is interrupted, not running. */
  const idleSnapshot = (runId: string): RunSnapshot => {
    const { progress, state } = readRun(runId);
    const run = journal.readRun(runId);
    const shown: RunState =
      state === 'running' || state === 'pausing' || state === 'cancelling' ? 'interrupted' : state;
    return {
      ...progress.snapshot(),
      state: shown,
      finishedAt: run?.finishedAt ?? null,
      elapsedMs: run?.elapsedMs ?? 0,
    };
  };
  const requireActive = (runId: string): ActiveRun => {
    const run = active.get(runId);
    if (!run) throw new AppError('RUN_NOT_FOUND', { facts: { id: runId } });
    return run;
  };
  const requireIdle = (projectId: string | null): void => {
    for (const [id, run] of active) {
      if (projectId !== null && run.plan.projectId === projectId) throw new AppError('RUN_BUSY', { facts: { id } });
    }
  };
  const launch = (runId: string, plan: MigrationPlan, progress: RunProgress): RunSnapshot => {
    const run: ActiveRun = {
      plan,
      progress,
      lanes: createRunLanes(plan.options),
      controller: createAbortController(),
      isPausing: false,
      finished: Promise.resolve<RunState>('running'),
    };
    active.set(runId, run);
    progress.setState('running');
    run.finished = work(run, options).finally(() => {
      active.delete(runId);
      options.onEnd(progress.snapshot());
    });
    run.finished.catch(() => undefined);
    return progress.snapshot();
  };
  const begin = (plan: MigrationPlan): RunSnapshot => {
    const runId = randomUUID();
    const startedAt = new Date().toISOString();
    if (!journal.readPlan(plan.id)) journal.savePlan(plan);
    journal.createRun({ runId, planId: plan.id, projectId: plan.projectId, startedAt });
    return launch(runId, plan, createRunProgress({ runId, plan, journal, startedAt, earlierElapsedMs: 0 }));
  };

  return {
    start(plan) {
      requireIdle(plan.projectId);
      return begin(plan);
    },
    resume(runId, { freshPlan, tableIds } = {}) {
      const earlier = readRun(runId);
      requireIdle(earlier.plan.projectId);
      const known = { partitions: earlier.progress.partitions, attempts: journal.attempts(runId) };
      const plan = freshPlan ? mergePlans(earlier.plan, freshPlan, known) : earlier.plan;
      if (plan !== earlier.plan) {
        journal.savePlan(plan);
        journal.setRunPlan(runId, plan.id);
      }
      const { progress } = readRun(runId);
      for (const task of plan.tables) {
        if (!tableIds || tableIds.includes(task.id)) resetUnfinished(progress, task);
      }
      return launch(runId, plan, progress);
    },
    startAgain(runId, { existingRows, tableIds }) {
      const { plan } = readRun(runId);
      requireIdle(plan.projectId);
      const tables = plan.tables
        .filter((task) => !tableIds || tableIds.includes(task.id))
        .map((task) => ({
          ...task,
          existingRows,
          blocked: task.blocked?.code === 'TARGET_NOT_EMPTY' ? null : task.blocked,
        }));
      return begin({ ...plan, id: randomUUID(), createdAt: new Date().toISOString(), tables });
    },
    pause(runId) {
      const run = requireActive(runId);
      run.isPausing = true;
      run.progress.setState('pausing');
      run.progress.addEvent('info', 'The run pauses: what is at work is finished, nothing new begins.');
      return run.progress.snapshot();
    },
    cancel(runId) {
      const run = active.get(runId);
      if (!run) return cancelIdle(readRun(runId).progress);
      run.progress.setState('cancelling');
      run.progress.addEvent('info', 'The run is being cancelled: statements at work are stopped.');
      run.controller.abort();
      return run.progress.snapshot();
    },
    setLanes(runId, { unloadLanes, loadLanes }) {
      const run = requireActive(runId);
      run.lanes.unload.resize(unloadLanes);
      run.lanes.load.resize(loadLanes);
      run.progress.addEvent('info', `At the same time from now on: ${unloadLanes} unloads, ${loadLanes} loads.`);
      return run.progress.snapshot();
    },
    snapshot: (runId) => active.get(runId)?.progress.snapshot() ?? idleSnapshot(runId),
    partitions: (runId, tableId) => (active.get(runId)?.progress ?? readRun(runId).progress).partitions(tableId),
    events: (runId, page) => journal.events(runId, page),
    list: (projectId) =>
      journal.listRuns(projectId).flatMap((run) => active.get(run.runId)?.progress.summary() ?? run.summary ?? []),
    plan: (runId) => active.get(runId)?.plan ?? readRun(runId).plan,
    finished: (runId) => active.get(runId)?.finished ?? Promise.resolve(readRun(runId).state),
    activeRunIds: () => [...active.keys()],
    async pauseAll() {
      for (const run of active.values()) run.isPausing = true;
      await Promise.allSettled([...active.values()].map((run) => run.finished));
    },
  };
}

async function work(
  run: ActiveRun,
  { journal, log, connect, parseManifest, onChange }: RunManagerOptions,
): Promise<RunState> {
  const { plan, progress, lanes, controller } = run;
  const publish = (): void => {
    const delta = progress.takeDelta();
    if (delta) onChange(delta);
  };
  const publishing = setInterval(publish, DELTA_MS);
  const ticking = setInterval(() => progress.tick(), TICK_MS);
  let connections: Connections | null = null;
  try {
    connections = await connect(plan);
    return await runMigration({
      plan,
      runId: progress.runId,
      connections,
      journal,
      progress,
      signal: controller.signal,
      isPausing: () => run.isPausing,
      parseManifest,
      lanes,
      log,
    });
  } catch (error) {
    log('error', 'A run could not go on.', {
      runId: progress.runId,
      detail: error instanceof Error ? error.message : String(error),
    });
    if (progress.state === 'running' || progress.state === 'pausing' || progress.state === 'cancelling')
      progress.setState('interrupted');
    throw error;
  } finally {
    clearInterval(publishing);
    clearInterval(ticking);
    await closeAll(connections);
    publish();
  }
}

async function closeAll(connections: Connections | null): Promise<void> {
  if (!connections) return;
  await Promise.allSettled([connections.source.close(), connections.target.close(), connections.staging?.close()]);
}

/** Failed and cancelled work becomes waiting work; what is loaded or staged stays as it is. */
function resetUnfinished(progress: RunProgress, task: MigrationPlan['tables'][number]): void {
  const table = progress.table(task.id);
  if (table.state === 'loaded') return;
  for (const { id, state } of progress.partitions(task.id)) {
    if (state === 'failed' || state === 'cancelled' || state === 'extracting')
      progress.updatePartition(task.id, id, { state: 'waiting', error: null });
  }
  progress.updateTable(task.id, { state: 'waiting', error: null });
}

function cancelIdle(progress: RunProgress): RunSnapshot {
  progress.addEvent('info', 'The run was cancelled while it was not at work. What was loaded stays.');
  progress.setState('cancelled');
  return progress.snapshot();
}
