import type { ConnectionReport } from '#shared/model/check';
import type { Carrier, ColumnType } from '#shared/model/column-type';
import type { ColumnDifference, TableRef, TargetTable } from '#shared/model/table';
import type { JournalInstance } from '#shared/model/journal';
import type { RunLimits } from '#shared/model/run-limits';
import type { Cancellable } from '../sources/source.ts';

/** A stage and the path below it: `@db.schema.stage/path`. The path has no leading slash. */
export interface StageRef {
  database: string;
  schema: string;
  name: string;
}

export interface StagedFile {
  /** Path below the stage's URL, so that `@stage/<path>` names it. */
  path: string;
  bytes: number;
}

export interface StageDescription {
  /** Null for an internal stage. */
  url: string | null;
  storageIntegration: string | null;
}

export interface TargetObject {
  name: string;
  detail: string;
  url: string | null;
}

/**
 * A connected Snowflake account. Statements that change data run on connections of their own; reads share one. Names are as Snowflake stores them.
 * Every method rejects with an AppError, or with an AbortError when its signal ends it (the statement is then cancelled at the server too).
 */
export interface Target {
  readonly label: string;
  readonly dialect: TargetDialect;
  test(request: TargetTestRequest, options: Cancellable): Promise<ConnectionReport>;
  list(request: ListRequest, options: Cancellable): Promise<TargetObject[]>;
  describeStage(stage: StageRef, options: Cancellable): Promise<StageDescription>;
  createStage(request: CreateStageRequest, options: Cancellable): Promise<void>;
  /** Creates the internal stage where it is missing. Rejects with INPUT_INVALID when an external stage has that name. */
  ensureInternalStage(stage: StageRef, options: Cancellable): Promise<void>;
  /**
   * Uploads one local file by PUT into an internal stage, below `path`, under its own name and as it is. Resolves only when the driver says of this very
   * file that it is there; that its size is right is for the caller to check by `listStaged`. Rejects with UPLOAD_FAILED.
   */
  putFile(
    request: {
      stage: StageRef;
      path: string;
      localPath: string;
      bytes: number;
      limits?: Pick<RunLimits, 'statementSilenceSeconds' | 'slowestUploadBytesPerSecond'>;
    },
    options: Cancellable,
  ): Promise<void>;
  /** Files below `path`, at most `limit` of them when given. */
  listStaged(request: { stage: StageRef; path: string; limit?: number }, options: Cancellable): Promise<StagedFile[]>;
  /** Deletes by REMOVE; answers how many files are gone. A refusal by the bucket rejects with S3_ACCESS_DENIED. */
  removeStaged(request: { stage: StageRef; path: string }, options: Cancellable): Promise<number>;
  /** A JSON file read through the stage. */
  readStagedJson(request: { stage: StageRef; path: string }, options: Cancellable): Promise<unknown>;
  /** Rows of a staged Parquet file by SELECT COUNT(*) through the stage: proves that Snowflake can read what was written. */
  countStagedRows(request: { stage: StageRef; path: string }, options: Cancellable): Promise<number>;
  /** Descriptions in the order of `tables`; null where a table does not exist. A bounded number of queries a schema, whatever the number of tables. */
  describeTables(tables: TableRef[], options: Cancellable): Promise<(TargetTable | null)[]>;
  /** SELECT COUNT(*). */
  countRows(table: TableRef, options: Cancellable): Promise<number>;
  /** Counts of many tables with few statements, in the order of `tables`; null where a table is missing. */
  countManyRows(tables: TableRef[], options: Cancellable): Promise<(number | null)[]>;
  /** Runs one DDL statement that the dialect built (createTable, createSchema, createLike, swap, drop, truncate). */
  runDdl(statement: string, options: Cancellable): Promise<void>;

  /** Creates database, schema, ledger table and file format where they are missing. */
  ensureLedger(ledger: LedgerLocation, options: Cancellable): Promise<void>;
  /** Inserts the rows of a run, state PLANNED, where they do not exist yet; in batches. */
  registerPartitions(request: { ledger: LedgerLocation; rows: LedgerRow[] }, options: Cancellable): Promise<void>;
  /**
   * Takes back that partitions of a table are loaded, as their rows are gone with the table. Rejects with LEASE_LOST without the lease; answers how many
   * were taken back.
   */
  forgetLoads(
    request: { ledger: LedgerLocation; runId: string; tableId: string; instanceId: string },
    options: Cancellable,
  ): Promise<number>;
  readLedger(request: { ledger: LedgerLocation; runId: string }, options: Cancellable): Promise<LedgerRow[]>;
  /** Logs in anew and runs a small statement: proves that Snowflake answers and takes the credentials. */
  ping(options: Cancellable): Promise<void>;
  /**
   * Takes the lease on a run when it is free, run out, one's own, or `takeOverFrom`'s. Times are Snowflake's. Safe against two that do it at once: at most
   * one of them gets it.
   */
  acquireLease(
    request: {
      ledger: LedgerLocation;
      runId: string;
      holder: JournalInstance;
      leaseSeconds: number;
      takeOverFrom: string | null;
    },
    options: Cancellable,
  ): Promise<{ kind: 'held' } | { kind: 'held-by-other'; by: LeaseState }>;
  /** `lost`: another instance holds it, or nobody. */
  renewLease(
    request: { ledger: LedgerLocation; runId: string; instanceId: string; leaseSeconds: number },
    options: Cancellable,
  ): Promise<{ kind: 'held' } | { kind: 'lost'; by: LeaseState | null }>;
  releaseLease(
    request: { ledger: LedgerLocation; runId: string; instanceId: string },
    options: Cancellable,
  ): Promise<void>;
  /** Runs at work, by their leases, that have partitions of tables which this run loads too. */
  otherRunsInto(
    request: { ledger: LedgerLocation; runId: string },
    options: Cancellable,
  ): Promise<{ targetTable: string; runId: string; holder: LeaseState }[]>;
  /** Aborts transactions of these sessions that are still open, as after a crash; answers how many. */
  abortOrphans(request: { sessionIds: string[] }, options: Cancellable): Promise<number>;
  /** One partition, exactly once: BEGIN, optional DELETE, COPY, compare, ledger UPDATE, COMMIT. See DESIGN 6.3. */
  loadPartition(request: LoadRequest, options: Cancellable): Promise<LoadOutcome>;
  close(): Promise<void>;
}

export interface TargetDialect {
  quoteIdentifier(name: string): string;
  quoteLiteral(text: string): string;
  /** Three-part, quoted where needed. */
  tableName(table: TableRef): string;
  /** The name that an unquoted identifier becomes. */
  foldIdentifier(name: string): string;
  /** The Snowflake type that a column gets when its table is created: holds every value of the type exactly. */
  inferType(type: ColumnType): string;
  /**
   * The expression that loads a staged column into a target column, and what must be known about it. `nullOutOfRange` loads NULL for values that the type
   * cannot hold (TRY_ functions). Answers `loss` when the target type cannot hold every value of the source type: why, as a sentence.
   */
  loadExpression(request: {
    alias: string;
    carrier: Carrier;
    type: ColumnType;
    targetType: string;
    nullOutOfRange: boolean;
  }): LoadExpression;
  createTable(request: CreateTableRequest): string;
  createSchema(database: string, schema: string): string;
  createLike(request: { table: TableRef; like: TableRef }): string;
  swapTables(request: { table: TableRef; other: TableRef }): string;
  dropTable(table: TableRef): string;
  truncateTable(table: TableRef): string;
  copyStatement(request: CopyRequest): string;
  stageStatement(request: CreateStageRequest, options: { maskSecrets: boolean }): string;
  /** The statements of loadPartition in order, for reading. */
  loadStatements(request: Omit<LoadRequest, 'files' | 'expectedRows'> & { files: string[] }): string[];
  /** How source columns and an existing table differ. */
  compareColumns(request: {
    columns: { sourceName: string; targetName: string; type: ColumnType; nullable: boolean }[];
    target: TargetTable;
  }): ColumnDifference[];
}

export type LoadExpression =
  { kind: 'loads'; expression: string; notes: string[] } | { kind: 'cannot-load'; reason: string };

export interface TargetTestRequest {
  /** What the run will need, to be checked as rights: the target database and schemas, the stage, the ledger's place; null when not chosen yet. */
  database: string | null;
  schemas: string[];
  stage: StageRef | null;
  ledger: LedgerLocation;
}

export type ListRequest =
  | { what: 'databases' | 'warehouses' | 'roles' | 'storage-integrations' }
  | { what: 'schemas'; database: string }
  | { what: 'stages'; database: string; schema: string };

export interface CreateStageRequest {
  stage: StageRef;
  s3Uri: string;
  access:
    | { kind: 'integration'; integration: string }
    | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken: string | null };
  encryption: 'none' | 'sse-s3' | 'sse-kms';
}

export interface CreateTableRequest {
  table: TableRef;
  columns: { name: string; dataType: string; nullable: boolean }[];
  primaryKey: string[];
  comment: string | null;
}

export interface LedgerLocation {
  database: string;
  schema: string;
}

export const LEDGER_STATES = ['PLANNED', 'LOADED'] as const;

export interface LedgerRow {
  runId: string;
  tableId: string;
  partitionId: string;
  /** The target's full name, for people who read the ledger. */
  targetTable: string;
  attemptId: string | null;
  state: (typeof LEDGER_STATES)[number];
  expectedRows: number | null;
  loadedRows: number | null;
  fileDigest: string | null;
}

/** Who works on a run. Times as Snowflake writes them, in UTC. */
export interface LeaseState extends Omit<JournalInstance, 'id'> {
  instanceId: string;
  since: string;
  renewedAt: string;
  expiresAt: string;
}

export interface CopyRequest {
  table: TableRef;
  columns: { targetName: string; loadExpression: string }[];
  stage: StageRef;
  /** Directory of the attempt below the stage, with a slash at the end. */
  path: string;
  /** Names below `path`. */
  files: string[];
  ledger: LedgerLocation;
}

export interface LoadRequest extends CopyRequest {
  runId: string;
  tableId: string;
  partitionId: string;
  attemptId: string;
  expectedRows: number;
  /** Digest of the manifest, kept in the ledger. */
  fileDigest: string;
  /** Set when rows of this partition may have been loaded before: they are deleted in the same transaction. In the target's SQL. */
  deletePredicate: string | null;
  /** The load commits only while this instance holds the run's lease, else it rejects with LEASE_LOST; without it nothing is asked. */
  lease?: { instanceId: string };
  /** The driver's own limits without this. */
  limits?: Pick<RunLimits, 'loadSeconds' | 'statementSilenceSeconds'>;
  /** Called with the session's id before BEGIN, so that it can be journaled and aborted after a crash. */
  onSession?(sessionId: string): void;
}

/** `already-loaded`: the ledger said so, nothing was changed. */
export type LoadOutcome =
  | { kind: 'loaded'; loadedRows: number; queryId: string; elapsedMs: number }
  | { kind: 'already-loaded'; loadedRows: number };
