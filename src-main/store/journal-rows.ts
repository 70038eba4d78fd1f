import type { ErrorValue } from '#shared/errors/app-error';
import type { JournalAttempt, JournalPartition, JournalRun, JournalTable } from '#shared/model/journal';
import {
  PARTITION_STATES,
  RUN_STATES,
  TABLE_STATES,
  type PartitionError,
  type Pause,
  type RunEvent,
  type RunSummary,
} from '#shared/model/run';

export type Row = Record<string, string | number | null>;

/** A row that holds what was never written to it; the journal treats it as damage. */
export class DamagedRow extends Error {}

export function toRun(row: Row): JournalRun {
  return {
    runId: text(row, 'run_id'),
    planId: text(row, 'plan_id'),
    projectId: textOrNull(row, 'project_id'),
    state: oneOf(row, 'state', RUN_STATES),
    startedAt: text(row, 'started_at'),
    finishedAt: textOrNull(row, 'finished_at'),
    elapsedMs: Number(row['elapsed_ms']),
    summary: jsonOrNull<RunSummary>(row, 'summary'),
    pause: jsonOrNull<Pause>(row, 'pause'),
    isRebuilt: row['is_rebuilt'] === 1,
  };
}

export function toTable(row: Row): JournalTable {
  return {
    tableId: text(row, 'table_id'),
    state: oneOf(row, 'state', TABLE_STATES),
    isPrepared: row['is_prepared'] === 1,
    targetCreatedAt: textOrNull(row, 'target_created_at'),
    targetRowsBefore: numberOrNull(row, 'target_rows_before'),
    isPaused: row['is_paused'] === 1,
    unloadLanes: numberOrNull(row, 'unload_lanes'),
    loadLanes: numberOrNull(row, 'load_lanes'),
    startedAt: textOrNull(row, 'started_at'),
    elapsedMs: numberOrNull(row, 'elapsed_ms'),
    error: jsonOrNull<ErrorValue>(row, 'error'),
    warnings: jsonOrNull<string[]>(row, 'warnings') ?? [],
  };
}

export function toPartition(row: Row): JournalPartition {
  return {
    tableId: text(row, 'table_id'),
    partitionId: text(row, 'partition_id'),
    state: oneOf(row, 'state', PARTITION_STATES),
    attempt: Number(row['attempt']),
    attemptId: textOrNull(row, 'attempt_id'),
    sourceRows: numberOrNull(row, 'source_rows'),
    stagedRows: numberOrNull(row, 'staged_rows'),
    stagedBytes: numberOrNull(row, 'staged_bytes'),
    stagedFiles: numberOrNull(row, 'staged_files'),
    loadedRows: numberOrNull(row, 'loaded_rows'),
    error: jsonOrNull<ErrorValue>(row, 'error'),
    firstError: jsonOrNull<ErrorValue>(row, 'first_error'),
    errorCount: Number(row['error_count']),
  };
}

export function toPartitionError(row: Row): PartitionError {
  return {
    partitionId: text(row, 'partition_id'),
    attempt: Number(row['attempt']),
    at: text(row, 'at'),
    error: parseJson(row, 'error') as ErrorValue,
  };
}

export function toAttempt(row: Row): JournalAttempt {
  return {
    attemptId: text(row, 'attempt_id'),
    runId: text(row, 'run_id'),
    tableId: text(row, 'table_id'),
    partitionId: text(row, 'partition_id'),
    path: text(row, 'path'),
    manifest: textOrNull(row, 'manifest'),
    sessionId: textOrNull(row, 'session_id'),
    isCleaned: row['is_cleaned'] === 1,
  };
}

export function toEvent(row: Row): RunEvent {
  return {
    sequence: Number(row['sequence']),
    at: text(row, 'at'),
    level: oneOf(row, 'level', ['info', 'warning', 'error'] as const),
    tableId: textOrNull(row, 'table_id'),
    text: text(row, 'text'),
  };
}

export function parseJson(row: Row, column: string): unknown {
  try {
    return JSON.parse(text(row, column)) as unknown;
  } catch {
    throw new DamagedRow(`the column ${column} does not hold what was written to it`);
  }
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : String(row[column]);
}

function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : Number(row[column]);
}

function jsonOrNull<T>(row: Row, column: string): T | null {
  return row[column] === null ? null : (parseJson(row, column) as T);
}

function oneOf<T extends string>(row: Row, column: string, values: readonly T[]): T {
  const found = values.find((value) => value === row[column]);
  if (found === undefined) throw new DamagedRow(`the column ${column} holds the unknown value ${String(row[column])}`);
  return found;
}
