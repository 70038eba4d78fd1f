import type { ResultColumn, StatementContext, StatementResult } from '../commands/command.ts';
import type { CopyIntoTable, ValidationMode } from './copy-statement.ts';
import type { SelectedFiles, selectFiles } from './copy-into-table.ts';
import { numberColumn, textColumn } from './ddl-helpers.ts';
import { diagnoseRows, listRowErrors } from './diagnose-rows.ts';
import { runLater } from './leftovers.ts';
import type { LoadPlan, OpenedFile } from './load-file.ts';
import { fieldOfItem, openFile, parsingError, rowCheck } from './load-file.ts';
import type { OpenStage } from './open-stage.ts';
import { abortedLoad, fileNotFoundText } from './stage-errors.ts';
import { toSourceFile } from './stage-source.ts';

const ERROR_COLUMNS: ResultColumn[] = [
  textColumn('ERROR'),
  textColumn('FILE'),
  numberColumn('LINE'),
  numberColumn('CHARACTER'),
  numberColumn('BYTE_OFFSET'),
  textColumn('CATEGORY'),
  numberColumn('CODE'),
  textColumn('SQL_STATE'),
  textColumn('COLUMN_NAME'),
  numberColumn('ROW_NUMBER'),
  numberColumn('ROW_START_LINE'),
  textColumn('REJECTED_RECORD'),
];

type Select = typeof selectFiles;

interface Validation {
  stage: OpenStage;
  statement: CopyIntoTable;
  plan: LoadPlan;
  validation: ValidationMode;
  select: Select;
}

/** COPY ... VALIDATION_MODE: nothing is loaded, purged or remembered. */
export async function validateFiles(context: StatementContext, work: Validation): Promise<StatementResult> {
  const { stage, statement, plan, validation } = work;
  const files = await work.select(context, {
    stage,
    statement,
    options: { ...plan.options, force: true },
    table: plan.target.table,
    toleratesMissing: validation.kind === 'errors',
  });
  return validation.kind === 'errors'
    ? listErrors(context, work, files)
    : firstRows(context, work, files, validation.count);
}

async function listErrors(context: StatementContext, work: Validation, files: SelectedFiles): Promise<StatementResult> {
  const { stage, plan } = work;
  const rows: (string | null)[][] = [];
  for (const file of files.load) {
    const copy = await stage.open(file.path);
    const source = toSourceFile(context, stage, file, copy.file);
    const opened = await openFile(context, source, plan);
    try {
      rows.push(...(await fileErrors(context, plan, opened, source.metadataName)));
    } finally {
      await opened.close();
      await copy.release();
    }
  }
  for (const path of files.missing) {
    const text = fileNotFoundText(stage.reference(path));
    rows.push([text, stage.metadataName(path), null, null, null, 'other', '100112', '22000', null, '0', '0', null]);
  }
  return { kind: 'rows', columns: ERROR_COLUMNS, rows };
}

async function fileErrors(
  context: StatementContext,
  plan: LoadPlan,
  opened: OpenedFile,
  name: string,
): Promise<(string | null)[][]> {
  const rows: { row: number; cells: (string | null)[] }[] = opened.rejected.map((record) => {
    const error = parsingError(plan, record);
    const place = [String(record.line), String(record.character), String(record.offset)];
    const tail = [error.columnName, String(record.row), String(record.rowStartLine), record.text];
    return { row: record.row, cells: [error.message, name, ...place, 'parsing', error.code, error.sqlState, ...tail] };
  });
  const check = rowCheck(plan, opened);
  const diagnosis = opened.recordCount > opened.rejected.length ? await diagnoseRows(context, check) : undefined;
  if (diagnosis) {
    for (const error of await listRowErrors(context, check, diagnosis)) {
      const place = await opened.placeOf(error.row, fieldOfItem(opened.query, error.columnIndex));
      const line = String(place?.line ?? error.row);
      const cells = [error.message, name, line, place ? String(place.character) : null, null, 'conversion', error.code];
      rows.push({ row: error.row, cells: [...cells, error.sqlState, error.columnName, String(error.row), line, null] });
    }
    await context.run(`DROP TABLE IF EXISTS ${diagnosis.rejected}`);
  }
  return rows.sort((a, b) => a.row - b.row).map(({ cells }) => cells);
}

async function firstRows(
  context: StatementContext,
  work: Validation,
  files: SelectedFiles,
  count: number,
): Promise<StatementResult> {
  const { stage, plan } = work;
  const parts: string[] = [];
  let left = count;
  for (const file of files.load) {
    if (left <= 0) {
      break;
    }
    const copy = await stage.open(file.path);
    runLater(context, () => copy.release());
    const source = toSourceFile(context, stage, file, copy.file);
    const opened = await openFile(context, source, plan);
    runLater(context, () => opened.close());
    const [rejected] = opened.rejected;
    if (rejected && rejected.row <= left) {
      throw abortedLoad(source.metadataName, parsingError(plan, rejected));
    }
    const relation = await opened.relation();
    const translated = await context.translateQuery(opened.query, { stageRelation: () => Promise.resolve(relation) });
    const casts = plan.target.columns.map((column, i) => {
      const from = translated.columns[i];
      return `${from ? context.cast({ sql: `r${i + 1}`, type: from.type }, column.type).sql : 'NULL'} AS r${i + 1}`;
    });
    parts.push(`(SELECT ${casts.join(', ')} FROM (${translated.sql}) LIMIT ${left})`);
    left -= opened.recordCount;
  }
  const columns = plan.target.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
  }));
  if (parts.length === 0) {
    return { kind: 'rows', columns, rows: [] };
  }
  return { kind: 'query', query: { sql: parts.join(' UNION ALL '), columns, tables: [plan.target.table] } };
}
