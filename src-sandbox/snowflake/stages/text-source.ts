import { INTEGER, LIST, VARCHAR, listValue } from '@duckdb/node-api';
import type { StageRelation, StatementContext } from '../commands/command.ts';
import { MAX_TEXT, types } from '../sql/data-type.ts';
import { parseCsv } from './csv-parser.ts';
import type { FileFormat } from './file-format.ts';
import { booleanOption } from './file-format.ts';
import { parseJsonDocuments } from './json-parser.ts';
import { runLater } from './leftovers.ts';
import { metadataColumns, metadataExpressions } from './source-metadata.ts';
import { abortedLoad } from './stage-errors.ts';
import type { SourceFile } from './stage-source.ts';
import { readText } from './text-input.ts';
import type { RejectedRecord } from './text-records.ts';

/** A CSV or JSON file read into a temporary DuckDB table: `row_number`, `line`, `starts` and `fields`, or `document`. */
export interface TextTable {
  file: SourceFile;
  name: string;
  /** Records parsed: taken, rejected and blank ones. */
  recordCount: number;
  rejected: readonly RejectedRecord[];
  /** Names for MATCH_BY_COLUMN_NAME; null when they were not asked for. */
  fieldNames: readonly string[] | null;
  /** Line and character of a field (from 0) of a row; null when the format has no lines. */
  placeOf(row: number, fieldIndex: number): Promise<{ line: number; character: number } | null>;
  close(): Promise<void>;
}

export interface TextTableOptions {
  format: FileFormat;
  expectedFields: number | null;
  collectNames: boolean;
}

/** Reads a staged text file into a temporary table, record by record. */
export async function openTextTable(
  context: StatementContext,
  file: SourceFile,
  options: TextTableOptions,
): Promise<TextTable> {
  const name = `stage_text_${context.catalog.nextId()}`;
  return options.format.type === 'CSV'
    ? openCsv(context, file, { ...options, name })
    : openJson(context, file, { ...options, name });
}

/** Text files as one relation. */
export async function textRelation(
  context: StatementContext,
  files: readonly SourceFile[],
  options: { format: FileFormat },
): Promise<StageRelation> {
  const tables: TextTable[] = [];
  for (const file of files) {
    const table = await openTextTable(context, file, {
      format: options.format,
      expectedFields: null,
      collectNames: false,
    });
    runLater(context, () => table.close());
    const [rejected] = table.rejected;
    if (rejected) {
      throw abortedLoad(file.metadataName, { ...rejected, columnName: null });
    }
    tables.push(table);
  }
  return textTableRelation(tables, options);
}

/** Tables that are open already as one relation. `exclude`: SQL of a query that gives the row numbers to leave out. */
export function textTableRelation(
  tables: readonly TextTable[],
  options: { format: FileFormat; exclude?: string },
): StageRelation {
  const isCsv = options.format.type === 'CSV';
  const data = isCsv ? 'fields' : 'document';
  const parts = tables.map((table) => {
    const filter = options.exclude === undefined ? '' : ` WHERE t.row_number NOT IN (${options.exclude})`;
    return `SELECT ${data}, ${metadataExpressions(table.file, 't.row_number').join(', ')} FROM temp.${table.name} AS t${filter}`;
  });
  const nothing = `SELECT ${isCsv ? 'CAST(NULL AS VARCHAR[]) AS fields' : 'CAST(NULL AS VARCHAR) AS document'}, ${metadataExpressions(undefined, '0').join(', ')} WHERE false`;
  return {
    sql: `(${parts.length === 0 ? nothing : parts.join(' UNION ALL ')})`,
    column: (index, alias) => {
      if (isCsv) {
        return { sql: `${alias}fields[${index}]`, type: types.text(MAX_TEXT), nullable: true };
      }
      return { sql: index === 1 ? `${alias}document` : 'CAST(NULL AS VARCHAR)', type: types.variant, nullable: true };
    },
    path: () => undefined,
    metadata: (name, alias) => metadataColumns(name, alias),
  };
}

async function openCsv(
  context: StatementContext,
  file: SourceFile,
  options: TextTableOptions & { name: string },
): Promise<TextTable> {
  const { name, format } = options;
  await context.run(`CREATE TEMP TABLE ${name} (row_number BIGINT, line INTEGER, starts INTEGER[], fields VARCHAR[])`);
  const appender = await context.session.connection.createAppender(name, 'main', 'temp');
  const rejected: RejectedRecord[] = [];
  let recordCount = 0;
  let widest = 0;
  let header: string[] | null = null;
  let pending = 0;
  for await (const event of parseCsv(readText(file.localFile, format), options)) {
    if (event.kind === 'header') {
      header = event.names;
      continue;
    }
    recordCount += 1;
    if (event.kind === 'rejected') {
      rejected.push(event.rejected);
    } else if (event.kind === 'record') {
      const { record } = event;
      widest = Math.max(widest, record.fields.length);
      appender.appendBigInt(BigInt(record.row));
      appender.appendInteger(record.line);
      appender.appendList(listValue(record.starts), LIST(INTEGER));
      appender.appendList(listValue(record.fields), LIST(VARCHAR));
      appender.endRow();
      pending = flushAt(appender, pending + 1);
    }
  }
  appender.closeSync();
  const fieldNames = options.collectNames ? (header ?? Array.from({ length: widest }, (_, i) => `c${i + 1}`)) : null;
  if (booleanOption(format, 'PARSE_HEADER') && header === null && options.collectNames) {
    return {
      ...tableOf(context, file, name, { recordCount, rejected, fieldNames: [] }),
      placeOf: csvPlace(context, name),
    };
  }
  return { ...tableOf(context, file, name, { recordCount, rejected, fieldNames }), placeOf: csvPlace(context, name) };
}

function csvPlace(context: StatementContext, name: string): TextTable['placeOf'] {
  return async (row, fieldIndex) => {
    const [found] = await context.run(
      `SELECT line, starts[${fieldIndex + 1}] AS at FROM temp.${name} WHERE row_number = ${row}`,
    );
    return found ? { line: Number(found['line']), character: Number(found['at'] ?? 1) } : null;
  };
}

async function openJson(
  context: StatementContext,
  file: SourceFile,
  options: TextTableOptions & { name: string },
): Promise<TextTable> {
  const { name } = options;
  await context.run(`CREATE TEMP TABLE ${name} (row_number BIGINT, document VARCHAR)`);
  const appender = await context.session.connection.createAppender(name, 'main', 'temp');
  const rejected: RejectedRecord[] = [];
  const names = new Set<string>();
  let recordCount = 0;
  let pending = 0;
  for await (const event of parseJsonDocuments(readText(file.localFile, options.format), options.format)) {
    recordCount += 1;
    if (event.kind === 'rejected') {
      rejected.push(jsonRejection(event, recordCount));
      continue;
    }
    if (options.collectNames) {
      event.keys.forEach((key) => names.add(key));
    }
    appender.appendBigInt(BigInt(recordCount));
    appender.appendVarchar(event.text);
    appender.endRow();
    pending = flushAt(appender, pending + 1);
  }
  appender.closeSync();
  const fieldNames = options.collectNames ? [...names] : null;
  return {
    ...tableOf(context, file, name, { recordCount, rejected, fieldNames }),
    placeOf: () => Promise.resolve(null),
  };
}

function jsonRejection(
  event: { code: string; sqlState: string; message: string; text: string },
  row: number,
): RejectedRecord {
  const { code, sqlState, message, text } = event;
  return {
    row,
    line: row,
    character: 0,
    code,
    sqlState,
    message,
    columnIndex: 0,
    fieldCount: null,
    text,
    offset: 0,
    rowStartLine: row,
  };
}

function tableOf(
  context: StatementContext,
  file: SourceFile,
  name: string,
  content: Pick<TextTable, 'recordCount' | 'rejected' | 'fieldNames'>,
): Omit<TextTable, 'placeOf'> {
  return {
    file,
    name,
    ...content,
    close: async () => void (await context.run(`DROP TABLE IF EXISTS temp.${name}`)),
  };
}

const ROWS_PER_FLUSH = 20_000;

function flushAt(appender: { flushSync(): void }, pending: number): number {
  if (pending < ROWS_PER_FLUSH) {
    return pending;
  }
  appender.flushSync();
  return 0;
}
