import type { Journal, JournalPartition, JournalTable } from '#shared/model/journal';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type {
  LaneActivity,
  PartitionProgress,
  RunDelta,
  RunEvent,
  RunSnapshot,
  RunState,
  RunSummary,
  RunTotals,
  TableProgress,
} from '#shared/model/run';

import { createRunTotals } from './run-totals.ts';
import { createSpeedometer } from './speedometer.ts';
import { createTableAggregate, type AggregateValues, type TableAggregate } from './table-aggregate.ts';

const KEPT_EVENTS = 200;

/** What is known of a run at this moment, kept in memory for the window and in the journal for the next start. */
export interface RunProgress {
  readonly runId: string;
  readonly state: RunState;
  setState(state: RunState): void;
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
  now?: () => number;
}

export function createRunProgress({
  runId,
  plan,
  journal,
  startedAt,
  earlierElapsedMs,
  now = Date.now,
}: RunProgressOptions): RunProgress {
  const tasks = new Map(plan.tables.map((task) => [task.id, task]));
  const tables = new Map(journal.tables(runId).map((table) => [table.tableId, table]));
  const partitions = new Map<string, Map<string, JournalPartition>>();
  const aggregates = new Map<string, TableAggregate>();
  const totals = createRunTotals();
  const events: RunEvent[] = journal.events(runId, { before: null, limit: KEPT_EVENTS }).reverse();
  const lanes = new Map<number, LaneActivity>();
  const speed = createSpeedometer();
  let sequence = events.at(-1)?.sequence ?? 0;
  let sentSequence = sequence;
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
    tableProgress(task, getTable(task.id), aggregateOf(task.id).read());
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

  journal.partitions(runId).forEach(keepPartition);
  for (const task of plan.tables) totals.set(progressOf(task));

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
  });
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
      journal.setRunState(runId, { state, finishedAt, elapsedMs: elapsedMs(), summary: summary() });
    },
    table: getTable,
    updateTable(tableId, change) {
      const table = { ...getTable(tableId), ...change };
      tables.set(tableId, table);
      journal.setTable(runId, table);
      touch(tableId);
    },
    partition: getPartition,
    updatePartition(tableId, partitionId, change) {
      const partition = { ...getPartition(tableId, partitionId), ...change };
      journal.setPartition(runId, partition);
      keepPartition(partition);
      touch(tableId);
    },
    addEvent(level, text, tableId = null) {
      sequence += 1;
      const event: RunEvent = { sequence, at: new Date(now()).toISOString(), level, tableId, text };
      events.push(event);
      if (events.length > KEPT_EVENTS) events.shift();
      journal.addEvent(runId, event);
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
      return (task?.partitions ?? []).map(({ id, index, label }) =>
        partitionProgress({ id, index, label }, getPartition(tableId, id)),
      );
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

function newTable(tableId: string): JournalTable {
  return { tableId, state: 'waiting', isPrepared: false, startedAt: null, elapsedMs: null, error: null, warnings: [] };
}

function newPartition(tableId: string, partitionId: string): JournalPartition {
  return {
    tableId,
    partitionId,
    state: 'waiting',
    attempt: 0,
    attemptId: null,
    sourceRows: null,
    stagedRows: null,
    stagedBytes: null,
    stagedFiles: null,
    loadedRows: null,
    error: null,
  };
}

function partitionProgress(
  task: { id: string; index: number; label: string },
  partition: JournalPartition,
): PartitionProgress {
  const { state, attempt, sourceRows, stagedRows, stagedBytes, stagedFiles, loadedRows, error } = partition;
  return { ...task, state, attempt, sourceRows, stagedRows, stagedBytes, stagedFiles, loadedRows, error };
}

function tableProgress(task: TableTask, table: JournalTable, sums: AggregateValues): TableProgress {
  return {
    id: task.id,
    source: task.source,
    target: task.target,
    state: table.state,
    partitionCount: task.partitions.length,
    partitionsStaged: sums.staged,
    partitionsLoaded: sums.loaded,
    partitionsFailed: sums.failed,
    expectedRows: task.expectedRows,
    sourceRows: sums.sourceRows,
    stagedRows: sums.stagedRows,
    loadedRows: sums.loadedRows,
    stagedBytes: sums.stagedBytes,
    startedAt: table.startedAt,
    elapsedMs: table.elapsedMs,
    error: table.error ?? sums.firstError,
    leftOut: task.leftOut,
    warnings: table.warnings,
  };
}

function remainingMs(totals: RunTotals, rowsPerSecond: number | null): number | null {
  if (totals.expectedRows === null || !rowsPerSecond) return null;
  return Math.max(0, Math.round(((totals.expectedRows - totals.loadedRows) / rowsPerSecond) * 1000));
}
