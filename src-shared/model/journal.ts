import type { ErrorValue } from '../errors/app-error.ts';
import type { MigrationPlan } from './plan.ts';
import type {
  JournalFinding,
  PartitionError,
  PartitionState,
  Pause,
  RunEvent,
  RunState,
  RunSummary,
  TableState,
} from './run.ts';
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
  /** The first error of the run and how many there were; the journal of errors has them all. */
  firstError: ErrorValue | null;
  errorCount: number;
}

export interface JournalTable {
  tableId: string;
  state: TableState;
  /** True once the target is ready and its existing rows are dealt with: never done twice. */
  isPrepared: boolean;
  /** When Snowflake says that the prepared target was created: another time later means that it is another table. Null when not known. */
  targetCreatedAt: string | null;
  /** Rows that were in the target when the run began with it; null when not counted. */
  targetRowsBefore: number | null;
  isPaused: boolean;
  unloadLanes: number | null;
  loadLanes: number | null;
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
  pause: Pause | null;
  /** The journal was lost: only the ledger knows what is loaded, by the partitions of this very plan, so the plan must not change before it was asked. */
  isRebuilt: boolean;
}

/** One start of the app on a data directory. Others can tell whether it still lives, as long as they see the same directory on the same machine. */
export interface JournalInstance {
  id: string;
  host: string;
  pid: number;
  /** The operating system's user. */
  user: string;
  /** Tells machines of the same name apart. */
  machine: string;
}

/**
 * The intent of every run, on this machine. Synchronous and durable: when a call returns, it survives a power cut. States, events and errors of a run are
 * written by its owner only.
 */
export interface Journal {
  readonly instance: JournalInstance;
  /** What was wrong with the files when they were opened. */
  readonly findings: JournalFinding[];
  /** True only when it is certain that an instance, which worked in this data directory on this machine, has ended. */
  hasEnded(instance: Pick<JournalInstance, 'id' | 'machine'>): boolean;
  savePlan(plan: MigrationPlan): void;
  readPlan(planId: string): MigrationPlan | null;
  createRun(run: { runId: string; planId: string; projectId: string | null; startedAt: string }): void;
  readRun(runId: string): JournalRun | null;
  /**
   * From now on this instance alone writes to the run; what another one still writes to it is dropped. Only who holds the run's lease may do this, or who
   * knows that nobody works on it.
   */
  own(runId: string): void;
  /** False when another instance owns the run and may be alive. */
  isFree(runId: string): boolean;
  /** A resumed run may go on under a newer plan of the same tables. */
  setRunPlan(runId: string, planId: string): void;
  /** A rebuilt run has been compared with the ledger. */
  setRecovered(runId: string): void;
  listRuns(projectId: string | null): JournalRun[];
  /** Of all projects, newest first. */
  listAllRuns(): JournalRun[];
  /** Runs that were at work when the process ended. */
  unfinishedRuns(): JournalRun[];
  setRunState(
    runId: string,
    change: {
      state: RunState;
      finishedAt: string | null;
      elapsedMs: number;
      summary: RunSummary;
      pause: Pause | null;
    },
  ): void;
  setTable(runId: string, table: JournalTable): void;
  tables(runId: string): JournalTable[];
  setPartition(runId: string, partition: JournalPartition): void;
  partitions(runId: string): JournalPartition[];
  startAttempt(attempt: Omit<JournalAttempt, 'manifest' | 'sessionId' | 'isCleaned'>): void;
  setManifest(attemptId: string, manifest: string): void;
  /** A load begins: from now on the table keeps its partitions, whatever becomes of the journal. */
  setSession(attemptId: string, sessionId: string): void;
  /** Loads that have begun, as a file beside the journal tells; null when it cannot be understood, so that there may be any. */
  begunLoads(runId: string): { tableId: string; sessionId: string }[] | null;
  setCleaned(attemptId: string): void;
  readAttempt(attemptId: string): JournalAttempt | null;
  attempts(runId: string): JournalAttempt[];
  addError(runId: string, tableId: string, error: PartitionError): void;
  /** Oldest first; of one partition when given. */
  errors(runId: string, tableId: string, partitionId?: string): PartitionError[];
  addEvent(runId: string, event: RunEvent): void;
  /** Events before a sequence number, newest first. */
  events(runId: string, options: { before: number | null; limit: number }): RunEvent[];
  saveValidation(runId: string, report: ValidationReport): void;
  readValidation(runId: string): ValidationReport | null;
  close(): void;
}
