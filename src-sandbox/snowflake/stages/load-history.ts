import type { Table } from '../catalog/catalog-types.ts';
import type { StagedFile } from './internal-store.ts';

/** What a table remembers of a file that COPY INTO read. https://docs.snowflake.com/en/user-guide/data-load-considerations-load */
export interface LoadRecord {
  /** The file's whole name, the same through every stage that reaches it. */
  readonly file: string;
  /** Name relative to the stage, as COPY_HISTORY shows it. */
  readonly fileName: string;
  readonly stageLocation: string;
  readonly size: number;
  readonly md5: string;
  readonly loadedOn: Date;
  readonly status: LoadStatus;
  readonly rowsParsed: number;
  readonly rowsLoaded: number;
  readonly errorCount: number;
  readonly errorLimit: number;
  readonly firstError: {
    message: string;
    line: number | null;
    character: number | null;
    columnName: string | null;
  } | null;
}

export type LoadStatus = 'LOADED' | 'PARTIALLY_LOADED' | 'LOAD_FAILED';

/** What COPY does with a file: load it, skip it as loaded, or skip it because nobody can know any more. */
export type LoadDecision = 'load' | 'loaded-before' | 'uncertain';

const DAY_MS = 86_400_000;
/** Load metadata expires after 64 days. */
const EXPIRY_DAYS = 64;
/** LOAD_HISTORY and COPY_HISTORY look back 14 days. */
const VIEW_DAYS = 14;

/**
 * Whether a file is to be loaded, by the vendor's rules for known and unknown load status ("Loading older files").
 * DELETE keeps the history; TRUNCATE, DROP and CREATE OR REPLACE clear it.
 */
export function decideLoad(table: Table, file: { name: string; staged: StagedFile }, now: Date): LoadDecision {
  const history = loadHistoryOf(table);
  const since = now.getTime() - EXPIRY_DAYS * DAY_MS;
  const isKnown = history.some(
    (record) =>
      record.file === file.name &&
      record.md5 === file.staged.md5 &&
      record.size === file.staged.size &&
      record.status !== 'LOAD_FAILED' &&
      record.loadedOn.getTime() >= since,
  );
  if (isKnown) {
    return 'loaded-before';
  }
  const firstLoad = Math.min(...history.map((record) => record.loadedOn.getTime()));
  const isOldTable = history.length > 0 && firstLoad < since;
  return file.staged.lastModified.getTime() < since && isOldTable ? 'uncertain' : 'load';
}

/** The table's records, oldest first. */
export function loadHistoryOf(table: Table): LoadRecord[] {
  return table.loadHistory as LoadRecord[];
}

/** Adds records and gives a function that takes them back, for a transaction that is rolled back. */
export function addLoadRecords(table: Table, records: readonly LoadRecord[]): () => void {
  table.loadHistory.push(...records);
  return () => {
    const gone = new Set<unknown>(records);
    table.loadHistory = table.loadHistory.filter((record) => !gone.has(record));
  };
}

/** One row of INFORMATION_SCHEMA.LOAD_HISTORY, columns in the view's order. */
export interface LoadHistoryRow {
  schemaName: string;
  fileName: string;
  tableName: string;
  lastLoadTime: Date;
  status: string;
  rowCount: number;
  rowParsed: number;
  firstErrorMessage: string | null;
  firstErrorLineNumber: number | null;
  firstErrorCharacterPosition: number | null;
  firstErrorColName: string | null;
  errorCount: number;
  errorLimit: number;
}

/**
 * The rows of INFORMATION_SCHEMA.LOAD_HISTORY for some tables: the last 14 days, 10,000 rows at most.
 * https://docs.snowflake.com/en/sql-reference/info-schema/load_history
 */
export function loadHistoryRows(tables: readonly Table[], now: Date): LoadHistoryRow[] {
  return tables
    .flatMap((table) =>
      recent(table, now.getTime() - VIEW_DAYS * DAY_MS, now.getTime()).map((record) => ({ table, record })),
    )
    .slice(0, 10_000)
    .map(({ table, record }) => ({
      schemaName: table.schema.name,
      fileName: record.file,
      tableName: table.name,
      lastLoadTime: record.loadedOn,
      status: record.status.replace('_', ' '),
      rowCount: record.rowsLoaded,
      rowParsed: record.rowsParsed,
      firstErrorMessage: record.firstError?.message ?? null,
      firstErrorLineNumber: record.firstError?.line ?? null,
      firstErrorCharacterPosition: record.firstError?.character ?? null,
      firstErrorColName: record.firstError?.columnName ?? null,
      errorCount: record.errorCount,
      errorLimit: record.errorLimit,
    }));
}

/** One row of TABLE(INFORMATION_SCHEMA.COPY_HISTORY(...)), columns in the function's order; pipes are always NULL. */
export interface CopyHistoryRow {
  fileName: string;
  stageLocation: string;
  lastLoadTime: Date;
  rowCount: number;
  rowParsed: number;
  fileSize: number;
  firstErrorMessage: string | null;
  firstErrorLineNumber: number | null;
  firstErrorCharacterPos: number | null;
  firstErrorColumnName: string | null;
  errorCount: number;
  errorLimit: number;
  /** `Loaded`, `Partially loaded` or `Load failed`. */
  status: string;
  tableCatalogName: string;
  tableSchemaName: string;
  tableName: string;
}

/** The rows of COPY_HISTORY for a table and a time range. https://docs.snowflake.com/en/sql-reference/functions/copy_history */
export function copyHistoryRows(table: Table, range: { start: Date; end?: Date }, now: Date): CopyHistoryRow[] {
  const oldest = now.getTime() - VIEW_DAYS * DAY_MS;
  const end = (range.end ?? now).getTime();
  return recent(table, Math.max(range.start.getTime(), oldest), end).map((record) => ({
    fileName: record.fileName,
    stageLocation: record.stageLocation,
    lastLoadTime: record.loadedOn,
    rowCount: record.rowsLoaded,
    rowParsed: record.rowsParsed,
    fileSize: record.size,
    firstErrorMessage: record.firstError?.message ?? null,
    firstErrorLineNumber: record.firstError?.line ?? null,
    firstErrorCharacterPos: record.firstError?.character ?? null,
    firstErrorColumnName: record.firstError?.columnName ?? null,
    errorCount: record.errorCount,
    errorLimit: record.errorLimit,
    status: { LOADED: 'Loaded', PARTIALLY_LOADED: 'Partially loaded', LOAD_FAILED: 'Load failed' }[record.status],
    tableCatalogName: table.schema.database.name,
    tableSchemaName: table.schema.name,
    tableName: table.name,
  }));
}

function recent(table: Table, from: number, to: number): LoadRecord[] {
  return loadHistoryOf(table).filter((record) => record.loadedOn.getTime() >= from && record.loadedOn.getTime() <= to);
}
