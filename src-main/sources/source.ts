import type { Carrier, ColumnType } from '#shared/model/column-type';
import type { ConnectionReport } from '#shared/model/check';
import type { SourceKind } from '#shared/model/connection-settings';
import type { StagingSettings } from '#shared/model/connection-settings';
import type { ColumnDescription, TableDescription, TableRef, TableSummary } from '#shared/model/table';

export interface Cancellable {
  signal: AbortSignal;
}

/**
 * A connected source. One object serves a whole run: it opens and closes connections as its calls need them and may be used by many callers at once.
 * Every method rejects with an AppError, or with an AbortError when its signal ends it (the statement is then cancelled at the server too).
 */
export interface Source {
  readonly kind: SourceKind;
  /** For messages: `Redshift analytics at cluster.example.com:5439`. */
  readonly label: string;
  readonly dialect: SourceDialect;
  test(options: Cancellable): Promise<ConnectionReport>;
  listDatabases(options: Cancellable): Promise<string[]>;
  /** What the rows of one statement have in common under `snapshot-if-allowed`, as part of a sentence; only where that depends on the database. */
  describeReads?(options: Cancellable): Promise<string>;
  /** Tables and views that the user may see, system schemas left out, ordered by schema and name. Estimates come from the catalog; nothing is scanned. */
  listTables(options: Cancellable): Promise<TableSummary[]>;
  /** Descriptions in the order of `tables`; null where a table does not exist. A bounded number of catalog queries, whatever the number of tables. */
  describeTables(tables: TableRef[], options: Cancellable): Promise<(TableDescription | null)[]>;
  /** What the values of the risky columns are, by one scan of those columns; an empty list when nothing in the table is at risk. */
  profileValues(request: ProfileRequest, options: Cancellable): Promise<ValueRisk[]>;
  /** Counts by COUNT(*) now. */
  countRows(request: { table: TableRef; where: string | null }, options: Cancellable): Promise<number>;
  /** Up to `limit` rows as text, each value cut to `maxLength` characters. */
  previewRows(
    request: { table: TableRef; limit: number; maxLength: number },
    options: Cancellable,
  ): Promise<{ columns: string[]; rows: (string | null)[][] }>;
  /**
   * Boundaries that cut the table into about `count` equal parts: tuples of literals in the source's SQL, one literal for each of `columns`, ascending in
   * the source's own order (collation, uniqueidentifier), without duplicates. Rows with a NULL in the first column are left out. Large tables may be
   * sampled: wherever the boundaries lie, `rangePredicates` covers every row once.
   */
  quantiles(
    request: { table: TableRef; columns: string[]; count: number; where: string | null },
    options: Cancellable,
  ): Promise<string[][]>;
  /** Server-side extraction; present only when the source can write to S3 itself. */
  unload?(request: UnloadRequest, options: Cancellable): Promise<UnloadOutcome>;
  /** UNLOAD of one constant row, to prove role, region and bucket; answers the statement as it may be shown. */
  unloadProbe?(request: Omit<UnloadRequest, 'select'>, options: Cancellable): Promise<string>;
  close(): Promise<void>;
}

/** The pure part of a source: planning and showing a plan need no connection. */
export interface SourceDialect {
  quoteIdentifier(name: string): string;
  quoteLiteral(text: string): string;
  /** `"schema"."table"`, three-part where the source allows it. */
  tableName(table: TableRef): string;
  /**
   * How a column travels, or why it cannot. `strategy` matters where server-side files carry fewer types. `asText` asks for the text form of dates and
   * timestamps (`iso-date`, `iso-timestamp`, `iso-timestamp-tz`), in which years that Parquet or the target's types cannot hold travel unchanged.
   */
  carry(column: ColumnDescription, strategy: 'unload' | 'regular', options?: { asText?: boolean }): ColumnCarry;
  /**
   * Predicates that cut a table at the boundaries of `quantiles`: every row satisfies exactly one of them, NULLs in any of the columns included (a NULL in
   * the first column has a partition of its own where the column is nullable).
   */
  rangePredicates(
    columns: { name: string; nullable: boolean }[],
    boundaries: string[][],
  ): { label: string; predicate: string }[];
  /** The SELECT of an extraction: every column by expression and alias, never `*`. */
  selectStatement(request: SelectRequest): string;
  /** The UNLOAD as it will run; secrets replaced by `***`. Only for sources with `unload`. */
  unloadStatement?(request: UnloadRequest): string;
}

export type ColumnCarry =
  | { kind: 'carried'; expression: string; carrier: Carrier; notes: string[]; risk: RiskKind | null }
  | { kind: 'not-carried'; reason: string };

/** What may be wrong with values although their type can be carried. */
export const RISK_KINDS = ['date-range', 'timestamp-range', 'hex-length', 'text-length'] as const;
export type RiskKind = (typeof RISK_KINDS)[number];

export interface ProfileRequest {
  table: TableRef;
  where: string | null;
  columns: { name: string; type: ColumnType; nativeType: string; risk: RiskKind }[];
}

/** `count` values of `column` that cannot travel as planned; `example` shows one, cut to 100 characters. */
export interface ValueRisk {
  column: string;
  risk: RiskKind;
  count: number;
  example: string | null;
  detail: string;
}

export const READ_ISOLATIONS = ['snapshot-if-allowed', 'read-committed', 'read-uncommitted'] as const;
export type ReadIsolation = (typeof READ_ISOLATIONS)[number];

/** One SELECT that a lane reads in its worker thread; plain data. Columns in the order of the SELECT list. */
export interface ReadRequest {
  statement: string;
  /** For messages. */
  table: TableRef;
  columns: { alias: string; sourceName: string; nativeType: string; type: ColumnType; carrier: Carrier }[];
  isolation: ReadIsolation;
}

export interface SelectRequest {
  table: TableRef;
  columns: { expression: string; alias: string }[];
  /** Conditions joined by AND; empty for all rows. */
  conditions: string[];
}

export interface UnloadRequest {
  select: SelectRequest;
  /** `s3://bucket/prefix/` of this attempt alone, with a slash at the end. Files are named below it; the manifest is `<uri>manifest`. */
  uri: string;
  iamRole: string;
  region: string;
  encryption: StagingSettings['encryption'];
  maxFileSizeMb: number;
}

/** `sourceRows` is COUNT(*) under the same snapshot as the UNLOAD; `unloadedRows` what the source says it unloaded. */
export interface UnloadOutcome {
  sourceRows: number;
  unloadedRows: number;
  queryId: string | null;
  elapsedMs: number;
}
