import { AppError, type ErrorValue } from '#shared/errors/app-error';
import type { Journal, JournalPartition, JournalTable } from '#shared/model/journal';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type {
  LaneActivity,
  LaneLimits,
  PartitionProgress,
  Pause,
  RunDelta,
  RunEvent,
  RunSnapshot,
  RunState,
  RunSummary,
  Side,
  TableProgress,
  Wait,
} from '#shared/model/run';
import { newPartition, newTable, partitionProgress, remainingMs, tableProgress } from './progress-values.ts';
import { createRunTotals } from './run-totals.ts';
import { tableAtRest } from './states-at-rest.ts';
import { createSpeedometer } from './speedometer.ts';
import { createTableAggregate, type TableAggregate } from './table-aggregate.ts';

const KEPT_EVENTS = 200;

/** What is known of a run at this moment, kept in memory for the window and in the journal for the next start. */
export interface RunProgress {
  readonly runId: string;
  readonly state: RunState;
  setState(state: RunState): void;
  readonly pause: Pause | null;
  setPause(pause: Pause | null): void;
  setLaneLimits(limits: LaneLimits): void;
  /** A side that does not answer; null when it does again. */
  setWait(side: Side, wait: Wait | null): void;
  /** When a partition is tried again; null when it is not waiting for that. */
  setNextTry(tableId: string, partitionId: string, at: string | null): void;
  /** Keeps the error of a failed try for good. */
  addPartitionError(tableId: string, partitionId: string, error: ErrorValue): void;
  /**
   * Until this is called, nothing is written to the journal: another process may work on the run. It reads anew what the journal holds now, and writes
   * from then on.
   */
  beginWriting(): void;
  /** Another process took the run over: what happens here is of no interest to the journal any more. */
  stopWriting(): void;
  /**
   * From now on a journal that cannot be written does not throw here, as whoever reports progress could do nothing about it: nothing more is written, and
   * the listener is told once.
   */
  whenJournalFails(listener: (error: AppError) => void): void;
  table(tableId: string): JournalTable;
  updateTable(tableId: string, change: Partial<Omit<JournalTable, 'tableId'>>): void;
  partition(tableId: string, partitionId: string): JournalPartition;
  updatePartition(
    tableId: string,
    partitionId: string,
    change: Partial<Omit<JournalPartition, 'tableId' | 'partitionId'>>,
  ): void;
  addEvent(level: RunEvent['level'], text: string, tableId?: string | null): void;
  /** Says what a lane does. */
  beginActivity(activity: string, table: string): Activity;
  partitions(tableId: string): PartitionProgress[];
  /** What a failed or cancelled table has committed. */
  stays(tableId: string): TableProgress['stays'];
  snapshot(): RunSnapshot;
  summary(): RunSummary;
  /** What changed since the last call, or null for nothing. */
  takeDelta(): RunDelta | null;
  /** To be called every 2 s while the run is at work: speeds and time left come from it. */
  tick(): void;
}

/** To be called when the lane is done with it; `report` says how many rows it has read so far. */
export interface Activity {
  (): void;
  report(rows: number): void;
}

export interface RunProgressOptions {
  runId: string;
  plan: MigrationPlan;
  journal: Journal;
  startedAt: string;
  /** Working time before this start of the process. */
  earlierElapsedMs: number;
  earlierPause?: Pause | null;
  /** False: nothing is written before `beginWriting`. */
  isWriting?: boolean;
  now?: () => number;
}

export function createRunProgress({
  runId,
  plan,
  journal,
  startedAt,
  earlierElapsedMs,
  earlierPause = null,
  isWriting: writesFromTheStart = true,
  now = Date.now,
}: RunProgressOptions): RunProgress {
  const tasks = new Map(plan.tables.map((task) => [task.id, task]));
  const tables = new Map<string, JournalTable>();
  const partitions = new Map<string, Map<string, JournalPartition>>();
  const aggregates = new Map<string, TableAggregate>();
  let totals = createRunTotals();
  let events: RunEvent[] = [];
  const waits = new Map<Side, Wait>();
  const nextTries = new Map<string, string>();
  const lanes = new Map<number, LaneActivity>();
  const speed = createSpeedometer();
  let sequence = 0;
  let sentSequence = 0;
  let isWriting = writesFromTheStart;
  let onJournalFailure: ((error: AppError) => void) | null = null;
  let pause = earlierPause;
  let laneLimits: LaneLimits = pickLimits(plan.options);
  let version = 1;
  let isChanged = false;
  let nextLane = 1;
  let state: RunState = 'running';
  let finishedAt: string | null = null;
  /** Monotonic since this process began working on the run: a changed system clock does not matter. */
  const begun = performance.now();
  let stoppedAfterMs: number | null = null;
  const changedTables = new Set<string>();

  const elapsedMs = (): number => Math.round(earlierElapsedMs + (stoppedAfterMs ?? performance.now() - begun));
  const getTable = (tableId: string): JournalTable => tables.get(tableId) ?? newTable(tableId);
  const getPartition = (tableId: string, partitionId: string): JournalPartition =>
    partitions.get(tableId)?.get(partitionId) ?? newPartition(tableId, partitionId);
  const aggregateOf = (tableId: string): TableAggregate => getOrMake(aggregates, tableId, createTableAggregate);
  const progressOf = (task: TableTask): TableProgress =>
    tableProgress(runId, { task, table: getTable(task.id), sums: aggregateOf(task.id).read() });
  const keepPartition = (partition: JournalPartition): void => {
    const ofTable = getOrMake(partitions, partition.tableId, () => new Map<string, JournalPartition>());
    aggregateOf(partition.tableId).change(ofTable.get(partition.partitionId) ?? null, partition);
    ofTable.set(partition.partitionId, partition);
  };
  const touch = (tableId: string): void => {
    const task = tasks.get(tableId);
    if (task) totals.set(progressOf(task));
    changedTables.add(tableId);
    isChanged = true;
  };

  const write = (work: () => void): void => {
    if (!isWriting) return;
    try {
      work();
    } catch (error) {
      if (!onJournalFailure || !(error instanceof AppError)) throw error;
      isWriting = false;
      onJournalFailure(error);
    }
  };
  const read = (): void => {
    tables.clear();
    partitions.clear();
    aggregates.clear();
    totals = createRunTotals();
    for (const table of journal.tables(runId)) tables.set(table.tableId, tableAtRest(table));
    journal.partitions(runId).forEach(keepPartition);
    for (const task of plan.tables) totals.set(progressOf(task));
    events = journal.events(runId, { before: null, limit: KEPT_EVENTS }).reverse();
    sequence = events.at(-1)?.sequence ?? 0;
    sentSequence = Math.min(sentSequence, sequence);
  };
  read();
  sentSequence = sequence;

  const head = (): Omit<RunSnapshot, 'tables' | 'events'> => ({
    runId,
    projectId: plan.projectId,
    planId: plan.id,
    state,
    version,
    startedAt,
    finishedAt,
    elapsedMs: elapsedMs(),
    totals: totals.sum(),
    rowsPerSecond: speed.rowsPerSecond(),
    bytesPerSecond: speed.bytesPerSecond(),
    remainingMs: remainingMs(totals.sum(), speed.rowsPerSecond()),
    speedHistory: speed.history(),
    lanes: [...lanes.values()],
    laneLimits,
    waits: [...waits.values()],
    pause,
  });
  const setPartition = (partition: JournalPartition): void => {
    write(() => journal.setPartition(runId, partition));
    keepPartition(partition);
    touch(partition.tableId);
  };
  const summary = (): RunSummary => {
    const { projectId, planId, totals: sums } = head();
    return { runId, projectId, planId, state, startedAt, finishedAt, elapsedMs: elapsedMs(), totals: sums };
  };

  return {
    runId,
    get state() {
      return state;
    },
    setState(newState) {
      state = newState;
      isChanged = true;
      const isOver = newState !== 'running' && newState !== 'pausing' && newState !== 'cancelling';
      if (isOver) {
        stoppedAfterMs ??= performance.now() - begun;
        finishedAt = newState === 'paused' ? null : new Date(now()).toISOString();
      }
      write(() => journal.setRunState(runId, { state, finishedAt, elapsedMs: elapsedMs(), summary: summary(), pause }));
    },
    get pause() {
      return pause;
    },
    setPause(newPause) {
      pause = newPause;
      isChanged = true;
    },
    setLaneLimits(limits) {
      laneLimits = limits;
      isChanged = true;
    },
    setWait(side, wait) {
      if (wait) waits.set(side, wait);
      else waits.delete(side);
      isChanged = true;
    },
    setNextTry(tableId, partitionId, at) {
      const key = JSON.stringify([tableId, partitionId]);
      if (at) nextTries.set(key, at);
      else nextTries.delete(key);
      isChanged = true;
    },
    addPartitionError(tableId, partitionId, error) {
      const known = getPartition(tableId, partitionId);
      const at = new Date(now()).toISOString();
      write(() => journal.addError(runId, tableId, { partitionId, attempt: known.attempt, at, error }));
      setPartition({ ...known, firstError: known.firstError ?? error, errorCount: known.errorCount + 1 });
    },
    beginWriting() {
      isWriting = true;
      journal.own(runId);
      read();
      isChanged = true;
      for (const { id } of plan.tables) changedTables.add(id);
      journal.setRunState(runId, { state, finishedAt, elapsedMs: elapsedMs(), summary: summary(), pause });
    },
    stopWriting() {
      isWriting = false;
    },
    whenJournalFails(listener) {
      onJournalFailure = listener;
    },
    table: getTable,
    updateTable(tableId, change) {
      const table = { ...getTable(tableId), ...change };
      write(() => journal.setTable(runId, table));
      tables.set(tableId, table);
      touch(tableId);
    },
    partition: getPartition,
    updatePartition(tableId, partitionId, change) {
      setPartition({ ...getPartition(tableId, partitionId), ...change });
    },
    addEvent(level, text, tableId = null) {
      sequence += 1;
      const event: RunEvent = { sequence, at: new Date(now()).toISOString(), level, tableId, text };
      events.push(event);
      if (events.length > KEPT_EVENTS) events.shift();
      write(() => journal.addEvent(runId, event));
      isChanged = true;
    },
    beginActivity(activity, table) {
      const number = nextLane++;
      const lane = { lane: String(number), activity, table, since: new Date(now()).toISOString(), rows: null };
      const show = (rows: number | null): void => {
        lanes.set(number, { ...lane, rows });
        isChanged = true;
      };
      show(null);
      const end = (): void => {
        lanes.delete(number);
        isChanged = true;
      };
      return Object.assign(end, { report: show });
    },
    partitions(tableId) {
      const task = tasks.get(tableId);
      const { maxAttempts } = plan.options;
      return (task?.partitions ?? []).map((partition) =>
        partitionProgress(partition, getPartition(tableId, partition.id), {
          maxAttempts,
          nextTryAt: nextTries.get(JSON.stringify([tableId, partition.id])) ?? null,
        }),
      );
    },
    stays(tableId) {
      const task = tasks.get(tableId);
      return task ? progressOf(task).stays : null;
    },
    snapshot: () => ({ ...head(), tables: plan.tables.map(progressOf), events: [...events] }),
    summary,
    takeDelta() {
      if (!isChanged) return null;
      isChanged = false;
      version += 1;
      const changed = [...changedTables].flatMap((tableId) => tasks.get(tableId) ?? []).map(progressOf);
      changedTables.clear();
      const fresh = events.filter((event) => event.sequence > sentSequence);
      sentSequence = sequence;
      return { ...head(), tables: changed, events: fresh };
    },
    tick() {
      const { loadedRows, stagedBytes } = totals.sum();
      speed.add(loadedRows, stagedBytes);
      isChanged = true;
    },
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export function pickLimits({ unloadLanes, loadLanes, loadLanesPerTable }: LaneLimits): LaneLimits {
  return { unloadLanes, loadLanes, loadLanesPerTable };
}
