import { randomUUID } from 'node:crypto';
import { AppError } from '#shared/errors/app-error';
import type { Journal } from '#shared/model/journal';
import type { MigrationPlan } from '#shared/model/plan';
import type { ExistingRows } from '#shared/model/project';
import type {
  LaneLimits,
  PartitionError,
  PartitionProgress,
  Pause,
  RunDelta,
  RunEvent,
  RunSnapshot,
  RunState,
  RunSummary,
} from '#shared/model/run';
import type { Log } from '../lib/log.ts';
import type { StagedManifest } from '../staging/staging.ts';
import { createActiveRun, type ActiveRun } from './active-run.ts';
import type { Connections } from './connections.ts';
import { mergePlans } from './merge-plans.ts';
import { createRunProgress, type RunProgress } from './run-progress.ts';
import { partitionAtRest, runAtRest } from './states-at-rest.ts';
import { createTableCommands, type TableCommands } from './table-commands.ts';

/** Starts runs and keeps hold of them. One run a project works at a time. */
export interface RunManager extends TableCommands {
  start(plan: MigrationPlan): RunSnapshot;
  /**
   * Goes on with a paused or interrupted run, or with the failed tables of a finished one. `freshPlan` is the same project's plan of now: it brings changed
   * settings, and replaces tables of which nothing was staged or loaded yet.
   */
  resume(runId: string, request?: { freshPlan?: MigrationPlan; tableIds?: string[] }): RunSnapshot;
  /** A new run of the same plan; `existingRows` says what happens to the rows that the earlier run loaded. */
  startAgain(runId: string, request: { existingRows: ExistingRows; tableIds?: string[] }): RunSnapshot;
  pause(runId: string): RunSnapshot;
  /** Stops what is at work and removes the files of what is not loaded; `stays` of each table says what is. Also of a run that is not at work. */
  cancel(runId: string): RunSnapshot;
  setLanes(runId: string, lanes: Omit<LaneLimits, 'loadLanesPerTable'> & Partial<LaneLimits>): RunSnapshot;
  snapshot(runId: string): RunSnapshot;
  partitions(runId: string, tableId: string): PartitionProgress[];
  events(runId: string, options: { before: number | null; limit: number }): RunEvent[];
  /** Failed tries, oldest first. */
  errors(runId: string, tableId: string, partitionId?: string): PartitionError[];
  list(projectId: string | null): RunSummary[];
  /** Runs of all projects that can go on, newest first. */
  unfinished(): RunSummary[];
  plan(runId: string): MigrationPlan;
  /** Resolves with the end state of a run at work; at once for one that is not. */
  finished(runId: string): Promise<RunState>;
  activeRunIds(): string[];
  /** Pauses all runs and waits until they have stopped. */
  pauseAll(): Promise<void>;
  /** The system goes to sleep. */
  suspended(): void;
  /** The system woke up, or the network is back: leases are renewed and sides that were away are tried at once. */
  resumed(): void;
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

export function createRunManager(options: RunManagerOptions): RunManager {
  const { journal } = options;
  const active = new Map<string, ActiveRun>();
  /** Ends that the journal does not tell: another process writes it, it cannot be written, or the run stopped before it was this process's to write. */
  const elsewhere = new Map<string, RunSnapshot>();

  const readRun = (
    runId: string,
    isWriting = true,
    newPlan?: MigrationPlan,
  ): { plan: MigrationPlan; progress: RunProgress; state: RunState } => {
    const run = journal.readRun(runId);
    const plan = newPlan ?? (run && journal.readPlan(run.planId));
    if (!run || !plan) throw new AppError('RUN_NOT_FOUND', { facts: { id: runId } });
    const progress = createRunProgress({
      runId,
      plan,
      journal,
      startedAt: run.startedAt,
      earlierElapsedMs: run.elapsedMs,
      earlierPause: run.pause,
      isWriting,
    });
    return { plan, progress, state: run.state };
  };
  const idleSnapshot = (runId: string): RunSnapshot => {
    const known = elsewhere.get(runId);
    if (known) return known;
    const { progress, state } = readRun(runId);
    const run = journal.readRun(runId);
    return {
      ...progress.snapshot(),
      state: runAtRest(state),
      finishedAt: run?.finishedAt ?? null,
      elapsedMs: run?.elapsedMs ?? 0,
    };
  };
  /** Of a run that is not at work here. */
  const stateNow = (runId: string, state: RunState): RunState => elsewhere.get(runId)?.state ?? runAtRest(state);
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
  const launch = (request: Omit<Parameters<typeof createActiveRun>[0], 'options'>): RunSnapshot => {
    const { runId } = request.progress;
    if (active.has(runId)) throw new AppError('RUN_BUSY', { facts: { id: runId } });
    elsewhere.delete(runId);
    const run = createActiveRun({ ...request, options });
    active.set(runId, run);
    run.finished
      .finally(() => {
        active.delete(runId);
        const snapshot = run.progress.snapshot();
        if (isOnlyKnownHere(snapshot.pause) || journal.readRun(runId)?.state !== snapshot.state)
          elsewhere.set(runId, snapshot);
        options.onEnd(snapshot);
      })
      .catch(() => undefined);
    return run.progress.snapshot();
  };
  const begin = (plan: MigrationPlan): RunSnapshot => {
    const runId = randomUUID();
    const startedAt = new Date().toISOString();
    if (!journal.readPlan(plan.id)) journal.savePlan(plan);
    journal.createRun({ runId, planId: plan.id, projectId: plan.projectId, startedAt });
    const progress = createRunProgress({ runId, plan, journal, startedAt, earlierElapsedMs: 0 });
    return launch({ plan, progress, kind: 'begin', tableIds: null });
  };
  const resume: RunManager['resume'] = (runId, { freshPlan, tableIds } = {}) => {
    if (active.has(runId)) throw new AppError('RUN_BUSY', { facts: { id: runId } });
    const earlier = readRun(runId, false);
    requireIdle(earlier.plan.projectId);
    const merge = (): MigrationPlan => mergeWithFresh(runId, freshPlan);
    const plan = merge();
    const progress = plan === earlier.plan ? earlier.progress : readRun(runId, false, plan).progress;
    return launch({
      plan,
      progress,
      kind: 'resume',
      tableIds: tableIds ?? null,
      onOwned: () => keepPlan(runId, plan, merge),
    });
  };
  const mergeWithFresh = (runId: string, freshPlan: MigrationPlan | undefined): MigrationPlan => {
    const { plan, progress } = readRun(runId, false);
    if (!freshPlan || journal.readRun(runId)?.isRebuilt) return plan;
    return mergePlans(plan, freshPlan, {
      partitions: progress.partitions,
      attempts: journal.attempts(runId),
      begunTables: journal.begunLoads(runId)?.map(({ tableId }) => tableId) ?? null,
    });
  };
  /** The lease is ours only now: what another process did meanwhile must not have changed what the plan may change. */
  const keepPlan = (runId: string, plan: MigrationPlan, merge: () => MigrationPlan): void => {
    if (journal.readRun(runId)?.planId === plan.id) return;
    if (JSON.stringify(merge()) !== JSON.stringify(plan)) throw new AppError('PLAN_OUTDATED');
    journal.savePlan(plan);
    journal.setRunPlan(runId, plan.id);
  };
  const snapshot = (runId: string): RunSnapshot => active.get(runId)?.progress.snapshot() ?? idleSnapshot(runId);

  return {
    start(plan) {
      requireIdle(plan.projectId);
      return begin(plan);
    },
    resume,
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
      run.pause();
      run.progress.addEvent('info', 'The run pauses: what is at work is finished, nothing new begins.');
      return run.progress.snapshot();
    },
    cancel(runId) {
      const run = active.get(runId);
      if (!run) {
        const { plan, progress } = readRun(runId, false);
        requireIdle(plan.projectId);
        return launch({ plan, progress, kind: 'clean-up', tableIds: [] });
      }
      run.progress.addEvent('info', 'The run is being cancelled: statements at work are stopped.');
      run.cancel();
      return run.progress.snapshot();
    },
    setLanes(runId, lanes) {
      const run = requireActive(runId);
      const limits = { ...run.progress.snapshot().laneLimits, ...lanes };
      run.setLanes(limits);
      run.progress.addEvent(
        'info',
        `At the same time from now on: ${limits.unloadLanes} unloads, ${limits.loadLanes} loads, ${limits.loadLanesPerTable} of them into one table.`,
      );
      return run.progress.snapshot();
    },
    ...createTableCommands({
      active: (runId) => active.get(runId),
      claim(runId) {
        if (!journal.isFree(runId)) return false;
        journal.own(runId);
        return true;
      },
      readRun,
      resume,
      snapshot,
    }),
    snapshot,
    partitions: (runId, tableId) =>
      active.get(runId)?.progress.partitions(tableId) ??
      readRun(runId).progress.partitions(tableId).map(partitionAtRest),
    events: (runId, page) => journal.events(runId, page),
    errors: (runId, tableId, partitionId) => journal.errors(runId, tableId, partitionId),
    list: (projectId) =>
      journal.listRuns(projectId).flatMap(({ runId, summary }) => {
        const known = active.get(runId)?.progress.summary() ?? summary;
        return known ? [{ ...known, state: active.has(runId) ? known.state : stateNow(runId, known.state) }] : [];
      }),
    unfinished: () =>
      journal.listAllRuns().flatMap(({ runId, summary }) => {
        if (!summary || active.has(runId)) return [];
        const state = stateNow(runId, summary.state);
        return state === 'paused' || state === 'interrupted' || state === 'finished-with-failures'
          ? [{ ...summary, state }]
          : [];
      }),
    plan: (runId) => active.get(runId)?.plan ?? readRun(runId).plan,
    finished: (runId) => active.get(runId)?.finished ?? Promise.resolve(idleSnapshot(runId).state),
    activeRunIds: () => [...active.keys()],
    async pauseAll() {
      for (const run of active.values()) run.pause();
      await Promise.allSettled([...active.values()].map((run) => run.finished));
    },
    suspended() {
      for (const run of active.values()) run.suspended();
    },
    resumed() {
      for (const run of active.values()) run.resumed();
    },
  };
}

function isOnlyKnownHere(pause: Pause | null): boolean {
  return pause?.cause === 'lease-held' || pause?.cause === 'lease-lost' || pause?.side === 'machine';
}
