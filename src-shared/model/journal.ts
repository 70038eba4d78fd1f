import type { ErrorValue } from '../errors/app-error.ts';
import type { MigrationPlan } from './plan.ts';
import type { PartitionState, RunEvent, RunState, RunSummary, TableState } from './run.ts';
import type { ValidationReport } from './validation.ts';

/** A partition's newest state. Rows and bytes are null until they are known. */
export interface JournalPartition {
  tableId: string;
  partitionId: string;
  state: PartitionState;
  attempt: number;
  attemptId: string | null;
  sourceRows: number | null;
  stagedRows: number | null;
  stagedBytes: number | null;
  stagedFiles: number | null;
  loadedRows: number | null;
  error: ErrorValue | null;
}

export interface JournalTable {
  tableId: string;
  state: TableState;
  /** True once the target is ready and its existing rows are dealt with: never done twice. */
  isPrepared: boolean;
  startedAt: string | null;
  elapsedMs: number | null;
  error: ErrorValue | null;
  warnings: string[];
}

/** One try at one partition: its path is never used again. */
export interface JournalAttempt {
  attemptId: string;
  runId: string;
  tableId: string;
  partitionId: string;
  /** Directory of the staged files below the stage, with a slash at the end. */
  path: string;
  /** Manifest as JSON once the extraction is complete. */
  manifest: string | null;
  /** Snowflake session of the load, for aborting its transaction after a crash. */
  sessionId: string | null;
  /** True when its files are deleted. */
  isCleaned: boolean;
}

export interface JournalRun {
  runId: string;
  planId: string;
  projectId: string | null;
  state: RunState;
  startedAt: string;
  finishedAt: string | null;
  elapsedMs: number;
  summary: RunSummary | null;
}

/** The intent of every run, on this machine. Synchronous and durable: when a call returns, it survives a power cut. */
export interface Journal {
  savePlan(plan: MigrationPlan): void;
  readPlan(planId: string): MigrationPlan | null;
  createRun(run: { runId: string; planId: string; projectId: string | null; startedAt: string }): void;
  readRun(runId: string): JournalRun | null;
  /** A resumed run may go on under a newer plan of the same tables. */
  setRunPlan(runId: string, planId: string): void;
  listRuns(projectId: string | null): JournalRun[];
  /** Runs that were at work when the process ended. */
  unfinishedRuns(): JournalRun[];
  setRunState(
    runId: string,
    change: { state: RunState; finishedAt: string | null; elapsedMs: number; summary: RunSummary },
  ): void;
  setTable(runId: string, table: JournalTable): void;
  tables(runId: string): JournalTable[];
  setPartition(runId: string, partition: JournalPartition): void;
  partitions(runId: string): JournalPartition[];
  startAttempt(attempt: Omit<JournalAttempt, 'manifest' | 'sessionId' | 'isCleaned'>): void;
  setManifest(attemptId: string, manifest: string): void;
  setSession(attemptId: string, sessionId: string): void;
  setCleaned(attemptId: string): void;
  readAttempt(attemptId: string): JournalAttempt | null;
  attempts(runId: string): JournalAttempt[];
  addEvent(runId: string, event: RunEvent): void;
  /** Events before a sequence number, newest first. */
  events(runId: string, options: { before: number | null; limit: number }): RunEvent[];
  saveValidation(runId: string, report: ValidationReport): void;
  readValidation(runId: string): ValidationReport | null;
  close(): void;
}
