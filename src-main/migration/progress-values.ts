import type { JournalPartition, JournalTable } from '#shared/model/journal';
import type { PartitionTask, TableTask } from '#shared/model/plan';
import type { PartitionProgress, RunTotals, TableProgress } from '#shared/model/run';
import { loadTarget } from './load-target.ts';
import type { AggregateValues } from './table-aggregate.ts';

export function newTable(tableId: string): JournalTable {
  return {
    tableId,
    state: 'waiting',
    isPrepared: false,
    targetCreatedAt: null,
    targetRowsBefore: null,
    isPaused: false,
    unloadLanes: null,
    loadLanes: null,
    startedAt: null,
    elapsedMs: null,
    error: null,
    warnings: [],
  };
}

export function newPartition(tableId: string, partitionId: string): JournalPartition {
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
    firstError: null,
    errorCount: 0,
  };
}

export function partitionProgress(
  { id, index, label }: PartitionTask,
  partition: JournalPartition,
  { maxAttempts, nextTryAt }: { maxAttempts: number; nextTryAt: string | null },
): PartitionProgress {
  const { state, attempt, sourceRows, stagedRows, stagedBytes, stagedFiles, loadedRows } = partition;
  const { error, firstError, errorCount } = partition;
  return {
    id,
    index,
    label,
    state,
    attempt,
    maxAttempts,
    nextTryAt,
    sourceRows,
    stagedRows,
    stagedBytes,
    stagedFiles,
    loadedRows,
    error,
    firstError,
    errorCount,
  };
}

export function tableProgress(
  runId: string,
  { task, table, sums }: { task: TableTask; table: JournalTable; sums: AggregateValues },
): TableProgress {
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
    isPaused: table.isPaused,
    unloadLanes: table.unloadLanes,
    loadLanes: table.loadLanes,
    stays: staysOf(runId, { task, table, sums }),
    leftOut: task.leftOut,
    warnings: table.warnings,
  };
}

export function remainingMs(totals: RunTotals, rowsPerSecond: number | null): number | null {
  if (totals.expectedRows === null || !rowsPerSecond) return null;
  return Math.max(0, Math.round(((totals.expectedRows - totals.loadedRows) / rowsPerSecond) * 1000));
}

/** What was committed of a table that did not get to its end. */
function staysOf(
  runId: string,
  { task, table, sums }: { task: TableTask; table: JournalTable; sums: AggregateValues },
): TableProgress['stays'] {
  if ((table.state !== 'failed' && table.state !== 'cancelled') || sums.loaded === 0) return null;
  return { table: loadTarget({ runId }, task), rows: sums.loadedRows ?? 0, partitions: sums.loaded };
}
