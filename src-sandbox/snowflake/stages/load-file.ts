import type { StageRelation, StatementContext } from '../commands/command.ts';
import { SnowflakeError } from '../errors.ts';
import type { Query } from '../sql/ast.ts';
import type { CopyOptions } from './copy-options.ts';
import { errorLimit } from './copy-options.ts';
import type { CopyTarget } from './copy-target.ts';
import { columnReference } from './copy-target.ts';
import type { RowCheck, RowDiagnosis } from './diagnose-rows.ts';
import { diagnoseRows } from './diagnose-rows.ts';
import type { FileFormat } from './file-format.ts';
import type { LoadStatus } from './load-history.ts';
import { buildLoadQuery, truncateItems } from './load-query.ts';
import { countParquetRows, parquetRelation, readParquetFields } from './parquet-source.ts';
import type { LoadError } from './stage-errors.ts';
import { abortedLoad } from './stage-errors.ts';
import type { SourceFile } from './stage-source.ts';
import type { RejectedRecord } from './text-records.ts';
import type { TextTable } from './text-source.ts';
import { openTextTable, textTableRelation } from './text-source.ts';

/** What became of one file. */
export interface FileOutcome {
  status: LoadStatus;
  rowsParsed: number;
  rowsLoaded: number;
  errorLimit: number;
  errorsSeen: number;
  firstError: LoadError | null;
}

/** One COPY as far as a file needs it. */
export interface LoadPlan {
  target: CopyTarget;
  format: FileFormat;
  options: CopyOptions;
  /** The SELECT of a transforming COPY, or null. */
  query: Query | null;
  /** Whether the statement lists its target columns, which suspends the check of the number of fields. */
  hasColumnList: boolean;
}

/** A file opened for loading: records as rows, and the records that are no rows at all. */
export interface OpenedFile {
  query: Query;
  target: CopyTarget;
  recordCount: number;
  rejected: readonly RejectedRecord[];
  /** `exclude`: SQL of a query that gives the row numbers to leave out. */
  relation(exclude?: string): Promise<StageRelation>;
  /** Where a row stands, for error texts; null for formats without lines. */
  placeOf(row: number, columnIndex: number): Promise<{ line: number; character: number } | null>;
  close(): Promise<void>;
}

/**
 * Loads one file whose first rejected record ends the statement: all rows at once. Runs inside `atomically`; a refused row fails
 * the whole statement there, and `explainFailure` finds it afterwards.
 */
export async function insertFile(context: StatementContext, file: SourceFile, plan: LoadPlan): Promise<FileOutcome> {
  const opened = await openFile(context, file, plan);
  try {
    const [rejected] = opened.rejected;
    if (rejected) {
      const worded = abortedLoad(file.metadataName, parsingError(plan, rejected));
      throw new RejectedRecordError(worded.code, worded.sqlState, worded.message);
    }
    const rowsLoaded = await insertRowsOf(context, opened);
    return outcome(opened, 1, { rowsLoaded, errorsSeen: 0, firstError: null });
  } finally {
    // After a failed INSERT the engine refuses every statement until the rollback, which takes the helper table along.
    await opened.close().catch(() => undefined);
  }
}

/** A record that the parser refused: already worded, and not to be looked for again. */
export class RejectedRecordError extends SnowflakeError {}

/** The vendor's error for a load that failed at `file`: the first row at fault with its place, or the failure itself. */
export async function explainFailure(
  context: StatementContext,
  file: SourceFile,
  plan: LoadPlan,
  failure: unknown,
): Promise<unknown> {
  if (!(failure instanceof SnowflakeError) || isStatementError(failure)) {
    return failure;
  }
  const opened = await openFile(context, file, plan);
  try {
    const diagnosis = await diagnoseRows(context, rowCheck(plan, opened), 1);
    if (!diagnosis) {
      return failure;
    }
    await context.run(`DROP TABLE IF EXISTS ${diagnosis.rejected}`);
    return abortedLoad(file.metadataName, await conversionError(plan, opened, diagnosis));
  } finally {
    await opened.close();
  }
}

/** A file that was looked through before anything is written: what is wrong with it and what will become of it. */
export interface ExaminedFile {
  opened: OpenedFile;
  limit: number;
  errorsSeen: number;
  firstError: LoadError | null;
  /** A table with the numbers of rejected rows, when there are any. */
  rejected: string | null;
  isLost: boolean;
  close(): Promise<void>;
}

/** Looks through a file for a load that tolerates errors; nothing is written. */
export async function examineFile(context: StatementContext, file: SourceFile, plan: LoadPlan): Promise<ExaminedFile> {
  const opened = await openFile(context, file, plan);
  const limit = errorLimit(plan.options.onError, opened.recordCount);
  const parsing = opened.rejected[0] ? parsingError(plan, opened.rejected[0]) : null;
  const hasRows = opened.recordCount > opened.rejected.length;
  await checkQuery(context, opened);
  const diagnosis = hasRows ? await diagnoseRows(context, rowCheck(plan, opened)) : undefined;
  const errorsSeen = opened.rejected.length + (diagnosis?.errorCount ?? 0);
  const firstError = earliest(parsing, diagnosis ? await conversionError(plan, opened, diagnosis) : null);
  const isOverBudget = plan.options.onError.kind === 'skip-file' && errorsSeen >= limit;
  return {
    opened,
    limit,
    errorsSeen,
    firstError,
    rejected: diagnosis?.rejected ?? null,
    isLost: isOverBudget || (errorsSeen > 0 && errorsSeen >= opened.recordCount),
    close: async () => {
      if (diagnosis) {
        await context.run(`DROP TABLE IF EXISTS ${diagnosis.rejected}`);
      }
      await opened.close();
    },
  };
}

/** Writes what an examined file has to give. Runs inside `atomically`. */
export async function insertExamined(context: StatementContext, examined: ExaminedFile): Promise<FileOutcome> {
  const { opened, limit, errorsSeen, firstError } = examined;
  if (examined.isLost) {
    return {
      status: 'LOAD_FAILED',
      rowsParsed: opened.recordCount,
      rowsLoaded: 0,
      errorLimit: limit,
      errorsSeen,
      firstError,
    };
  }
  const exclude = examined.rejected === null ? undefined : `SELECT row_number FROM ${examined.rejected}`;
  const rowsLoaded = await insertRowsOf(context, opened, exclude);
  return outcome(opened, limit, { rowsLoaded, errorsSeen, firstError });
}

/** Opens a file by its format. */
export async function openFile(context: StatementContext, file: SourceFile, plan: LoadPlan): Promise<OpenedFile> {
  return plan.format.type === 'PARQUET' ? openParquet(context, file, plan) : openText(context, file, plan);
}

async function openParquet(context: StatementContext, file: SourceFile, plan: LoadPlan): Promise<OpenedFile> {
  const needsNames = plan.query === null && plan.options.matchByColumnName !== 'NONE';
  const fieldNames = needsNames ? (await readParquetFields(context, file.localFile)).map((field) => field.name) : null;
  const recordCount = await countParquetRows(context, file.localFile);
  return {
    ...loadQueryOf(context, plan, fieldNames),
    recordCount,
    rejected: [],
    relation: (exclude) =>
      parquetRelation(context, [file], { format: plan.format, ...(exclude === undefined ? {} : { exclude }) }),
    placeOf: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

async function openText(context: StatementContext, file: SourceFile, plan: LoadPlan): Promise<OpenedFile> {
  const checksFieldCount = plan.query === null && !plan.hasColumnList && plan.options.matchByColumnName === 'NONE';
  const table: TextTable = await openTextTable(context, file, {
    format: plan.format,
    expectedFields: checksFieldCount && plan.format.type === 'CSV' ? plan.target.columns.length : null,
    collectNames: plan.query === null && plan.options.matchByColumnName !== 'NONE',
  });
  return {
    ...loadQueryOf(context, plan, table.fieldNames),
    recordCount: table.recordCount,
    rejected: table.rejected,
    relation: (exclude) =>
      Promise.resolve(
        textTableRelation([table], { format: plan.format, ...(exclude === undefined ? {} : { exclude }) }),
      ),
    placeOf: (row, columnIndex) => table.placeOf(row, columnIndex),
    close: () => table.close(),
  };
}

function loadQueryOf(
  context: StatementContext,
  plan: LoadPlan,
  fieldNames: readonly string[] | null,
): { query: Query; target: CopyTarget } {
  if (plan.query) {
    const query = plan.options.truncateColumns ? truncateItems(plan.query, plan.target.columns) : plan.query;
    return { query, target: plan.target };
  }
  return buildLoadQuery(context, plan.target, { format: plan.format, options: plan.options, fieldNames });
}

async function insertRowsOf(context: StatementContext, opened: OpenedFile, exclude?: string): Promise<number> {
  const relation = await opened.relation(exclude);
  const translated = await context.translateQuery(opened.query, { stageRelation: () => Promise.resolve(relation) });
  checkItemCount(translated.columns.length, opened.target.columns.length);
  return context.insertRows(opened.target.table, opened.target.columns, translated);
}

async function checkQuery(context: StatementContext, opened: OpenedFile): Promise<void> {
  const relation = await opened.relation();
  const translated = await context.translateQuery(opened.query, { stageRelation: () => Promise.resolve(relation) });
  checkItemCount(translated.columns.length, opened.target.columns.length);
}

export function rowCheck(plan: LoadPlan, opened: OpenedFile): RowCheck {
  return {
    query: opened.query,
    relation: () => opened.relation(),
    target: opened.target,
    fromVariant: plan.format.type !== 'CSV',
    isPlain: plan.query === null,
  };
}

/** A rejected record of the text parser as a load error. */
export function parsingError(plan: LoadPlan, record: RejectedRecord): LoadError {
  const { table, columns } = plan.target;
  const column = record.columnIndex === null ? undefined : columns[record.columnIndex];
  const columnName =
    column === undefined
      ? record.fieldCount === null
        ? null
        : `"${table.name}"[${record.fieldCount}]`
      : columnReference(table, column);
  return {
    code: record.code,
    sqlState: record.sqlState,
    message: record.message.replace('{column}', columnName ?? ''),
    line: record.line,
    character: record.character,
    columnName,
    row: record.row,
  };
}

async function conversionError(plan: LoadPlan, opened: OpenedFile, diagnosis: RowDiagnosis): Promise<LoadError> {
  const { first } = diagnosis;
  const place = await opened.placeOf(first.row, fieldOfItem(opened.query, first.columnIndex));
  return {
    code: first.code,
    sqlState: first.sqlState,
    message: first.message,
    line: place?.line ?? first.row,
    character: place?.character ?? null,
    // JSON results name no column, as measured on the vendor's side; Parquet results do by its page.
    columnName: plan.format.type === 'JSON' && plan.options.onError.kind !== 'abort' ? null : first.columnName,
    row: first.row,
  };
}

/** The staged field (from 0) that a load's item reads first; the item's own place when it reads none. */
export function fieldOfItem(query: Query, item: number): number {
  const expression = query.body.kind === 'select' ? query.body.items[item]?.expression : undefined;
  const position = findPosition(expression);
  return position === undefined ? item : position - 1;
}

function findPosition(node: unknown): number | undefined {
  if (node === null || typeof node !== 'object') {
    return undefined;
  }
  const { kind, index } = node as { kind?: unknown; index?: unknown };
  if (kind === 'position' && typeof index === 'number') {
    return index;
  }
  for (const child of Object.values(node)) {
    const found = findPosition(child);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function earliest(a: LoadError | null, b: LoadError | null): LoadError | null {
  if (!a || !b) {
    return a ?? b;
  }
  return a.row <= b.row ? a : b;
}

function outcome(
  opened: OpenedFile,
  limit: number,
  result: { rowsLoaded: number; errorsSeen: number; firstError: LoadError | null },
): FileOutcome {
  const status = result.errorsSeen === 0 ? 'LOADED' : result.rowsLoaded === 0 ? 'LOAD_FAILED' : 'PARTIALLY_LOADED';
  return { status, rowsParsed: opened.recordCount, errorLimit: limit, ...result };
}

function checkItemCount(items: number, columns: number): void {
  if (items !== columns) {
    throw new SnowflakeError(
      '002020',
      '21S01',
      `SQL compilation error:\nInsert value list does not match column list expecting ${columns} but got ${items}`,
    );
  }
}

/** Errors that belong to the statement and not to a row: cancelled, compilation, locks and the engine's own failures to bind. */
function isStatementError(error: SnowflakeError): boolean {
  return (
    error.code === '000604' ||
    error.code.startsWith('0006') ||
    error.message.startsWith('SQL compilation error') ||
    /Binder Error|Parser Error|Catalog Error|IO Error|Out of Memory/i.test(error.message)
  );
}
