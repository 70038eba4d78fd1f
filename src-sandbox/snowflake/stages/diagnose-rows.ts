import { DuckDBScalarFunction, BOOLEAN, VARCHAR } from '@duckdb/node-api';
import type { Column } from '../catalog/catalog-types.ts';
import type { StageRelation, StatementContext } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { SnowflakeError } from '../errors.ts';
import type { Expression, Query } from '../sql/ast.ts';
import type { TypeKind } from '../sql/data-type.ts';
import type { CopyTarget } from './copy-target.ts';
import { columnReference } from './copy-target.ts';

/** Why a row cannot be loaded: the first column at fault. */
export interface RowError {
  /** METADATA$FILE_ROW_NUMBER. */
  row: number;
  code: string;
  sqlState: string;
  message: string;
  columnName: string;
  /** Place of the column among the loaded ones, from 0. */
  columnIndex: number;
}

export interface RowDiagnosis {
  errorCount: number;
  first: RowError;
  /** A temporary DuckDB table with the numbers of the rejected rows, column `row_number`. */
  rejected: string;
}

/** What a file's rows are checked with: the query of the load, the file as a relation, and where the rows go. */
export interface RowCheck {
  query: Query;
  relation: () => Promise<StageRelation>;
  target: CopyTarget;
  /** Whether values come out of VARIANTs, whose cast errors have words of their own. */
  fromVariant: boolean;
  /** Whether the query is the load's own (a COPY without SELECT), whose items all stand for one field each. */
  isPlain: boolean;
}

/**
 * Finds the rows that an INSERT of the load's query would reject, without stopping at the first: every expression is tried
 * row by row (DuckDB's TRY), then NOT NULL and text lengths are looked at. Undefined: no row is at fault.
 */
export async function diagnoseRows(
  context: StatementContext,
  check: RowCheck,
  limit?: number,
): Promise<RowDiagnosis | undefined> {
  ensureRaise(context);
  const statement = await tryStatement(context, check);
  const rejected = `stage_rejected_${context.catalog.nextId()}`;
  const { columns } = check.target;
  const faults = columns.map((_, i) => `f${i}`).join(', ');
  const create =
    `CREATE TEMP TABLE ${rejected} AS SELECT row_number, list_position([${faults}], true) - 1 AS place, ` +
    `[${columns.map((_, i) => `CAST(k${i} AS INTEGER)`).join(', ')}] AS kinds FROM (${statement}) ` +
    `WHERE ${columns.map((_, i) => `f${i}`).join(' OR ')}${limit === undefined ? '' : ` ORDER BY row_number LIMIT ${limit}`}`;
  await withoutSharedExpressions(context, () => context.run(create));
  const [count] = await context.run(`SELECT count(*) AS n FROM ${rejected}`);
  const errorCount = Number(count?.['n'] ?? 0);
  if (errorCount === 0) {
    await context.run(`DROP TABLE ${rejected}`);
    return undefined;
  }
  const [row] = await context.run(
    `SELECT row_number AS n, place, kinds[place + 1] AS kind FROM ${rejected} ORDER BY row_number LIMIT 1`,
  );
  const found = { row: Number(row?.['n']), columnIndex: Number(row?.['place']), kind: Number(row?.['kind']) };
  return { errorCount, first: await describeError(context, check, found), rejected };
}

/** All rejected rows, for VALIDATION_MODE. */
export async function listRowErrors(
  context: StatementContext,
  check: RowCheck,
  diagnosis: RowDiagnosis,
): Promise<RowError[]> {
  const rows = await context.run(
    `SELECT row_number AS n, place, kinds[place + 1] AS kind FROM ${diagnosis.rejected} ORDER BY row_number LIMIT 10000`,
  );
  const found: RowError[] = [];
  for (const row of rows) {
    found.push(
      await describeError(context, check, {
        row: Number(row['n']),
        columnIndex: Number(row['place']),
        kind: Number(row['kind']),
      }),
    );
  }
  return found;
}

/**
 * DuckDB computes an expression that occurs twice once, ahead of the TRY around it, and so lets the error out: that optimizer
 * is off while rows are tried.
 */
async function withoutSharedExpressions<T>(context: StatementContext, work: () => Promise<T>): Promise<T> {
  const { extensions } = context.services;
  const users = (extensions.get('stage-tries') as number | undefined) ?? 0;
  extensions.set('stage-tries', users + 1);
  if (users === 0) {
    await context.run("SET GLOBAL disabled_optimizers = 'common_subexpressions'");
  }
  try {
    return await work();
  } finally {
    const left = ((extensions.get('stage-tries') as number | undefined) ?? 1) - 1;
    extensions.set('stage-tries', left);
    if (left === 0) {
      await context.run('RESET GLOBAL disabled_optimizers');
    }
  }
}

const CONVERSION = 1;
const IS_NULL = 2;

/** A SELECT of row_number and, for each column i, f<i> (at fault) and k<i> (1 conversion, 2 NULL, 3 too long). */
async function tryStatement(context: StatementContext, check: RowCheck): Promise<string> {
  const { tree, items } = await parsedQuery(context, check);
  const rowNumber = items.at(-1);
  const wrapped: unknown[] = [{ ...(rowNumber as object), alias: 'row_number' }];
  for (const [i, column] of check.target.columns.entries()) {
    const wrapper = await wrapperOf(context, check, i, column);
    for (const item of wrapper) {
      wrapped.push(replaceColumn(item, '__value', items[i]));
    }
  }
  setItems(tree, wrapped);
  return toSql(context, replaceErrorCalls(tree));
}

async function wrapperOf(context: StatementContext, check: RowCheck, i: number, column: Column): Promise<unknown[]> {
  const cast = await castSql(context, check, i, column);
  const isError = `(TRY(struct_pack(v := ${cast})) IS NULL)`;
  const isNull = column.nullable ? 'false' : `(TRY(${cast}) IS NULL)`;
  const isLong =
    column.type.kind === 'text'
      ? `(coalesce(length(TRY(CAST(__value AS VARCHAR))), 0) > ${column.type.length})`
      : 'false';
  const kind = `CASE WHEN ${isLong} THEN 3 WHEN ${isError} THEN 1 WHEN ${isNull} THEN 2 ELSE 0 END`;
  const { items } = await parseSelect(
    context,
    `SELECT (${isError} OR ${isNull} OR ${isLong}) AS f${i}, ${kind} AS k${i}`,
  );
  return items;
}

async function castSql(context: StatementContext, check: RowCheck, i: number, column: Column): Promise<string> {
  const translated = await context.translateQuery(check.query, { stageRelation: check.relation });
  const from = translated.columns[i];
  return from ? context.cast({ sql: '__value', type: from.type }, column.type).sql : '__value';
}

async function describeError(
  context: StatementContext,
  check: RowCheck,
  found: { row: number; columnIndex: number; kind: number },
): Promise<RowError> {
  const column = check.target.columns[found.columnIndex];
  if (!column) {
    throw new Error('a rejected row without a column');
  }
  const at = {
    row: found.row,
    columnIndex: found.columnIndex,
    columnName: columnReference(check.target.table, column),
  };
  if (found.kind === IS_NULL) {
    return { ...at, code: '100072', sqlState: '22000', message: 'NULL result in a non-nullable column' };
  }
  const { tree, items } = await parsedQuery(context, check);
  const rowNumber = items.at(-1);
  if (found.kind === CONVERSION) {
    const cast = await parseSelect(context, `SELECT ${await castSql(context, check, found.columnIndex, column)} AS v`);
    setItems(tree, [replaceColumn(cast.items[0], '__value', items[found.columnIndex])]);
    await filterRow(context, tree, rowNumber, found.row);
    const failure = await failureOf(context, await toSql(context, tree));
    return {
      ...at,
      ...wordFailure(failure, {
        isVariant: check.fromVariant && (check.isPlain || isVariantCast(check.query, found.columnIndex)),
        type: column.type.kind,
      }),
    };
  }
  setItems(tree, [{ ...(items[found.columnIndex] as object), alias: 'v' }]);
  await filterRow(context, tree, rowNumber, found.row);
  const [row] = await context.run(await toSql(context, tree));
  const limit = column.type.kind === 'text' ? column.type.length : 0;
  const value = row?.['v'];
  const shown = typeof value === 'string' ? value : '';
  const message = `User character length limit (${limit}) exceeded by string '${shown}'`;
  return { ...at, code: '100074', sqlState: '54000', message };
}

async function failureOf(context: StatementContext, sql: string): Promise<SnowflakeError> {
  try {
    await context.run(sql);
  } catch (error) {
    if (error instanceof SnowflakeError) {
      return error;
    }
    throw error;
  }
  throw new Error('a rejected row was accepted the second time');
}

const VARIANT_TYPE_NAMES: Partial<Record<TypeKind, string>> = {
  number: 'FIXED',
  float: 'REAL',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp_ntz: 'TIMESTAMP_NTZ',
  timestamp_ltz: 'TIMESTAMP_LTZ',
  timestamp_tz: 'TIMESTAMP_TZ',
};

/** Casts of VARIANT values fail with 100071 and the value as JSON, where text has an error for each type. */
function wordFailure(
  failure: SnowflakeError,
  to: { isVariant: boolean; type: TypeKind },
): { code: string; sqlState: string; message: string } {
  const { code, sqlState, message } = failure;
  const value = /^(?:Numeric value|Boolean value|Date|Time|Timestamp) '([\s\S]*)' is not recognized$/.exec(
    message,
  )?.[1];
  const type = VARIANT_TYPE_NAMES[to.type];
  if (!to.isVariant || value === undefined || type === undefined) {
    return { code, sqlState, message };
  }
  return {
    code: '100071',
    sqlState: '22000',
    message: `Failed to cast variant value ${JSON.stringify(value)} to ${type}`,
  };
}

/** Whether column `i` of the load is a path into the staged record, or a cast of one. */
function isVariantCast(query: Query, i: number): boolean {
  const item = query.body.kind === 'select' ? query.body.items[i]?.expression : undefined;
  let at: Expression | undefined = item;
  while (at?.kind === 'cast') {
    at = at.operand;
    if (at.kind === 'cast') {
      return false;
    }
  }
  return at?.kind === 'path' || at?.kind === 'position';
}

async function parsedQuery(context: StatementContext, check: RowCheck): Promise<ParsedSelect> {
  const { query } = check;
  if (query.body.kind !== 'select') {
    throw new Error('a load needs a SELECT');
  }
  const span = query.body.items[0]?.expression.span ?? { start: 0, end: 0, line: 1, position: 0 };
  const rowNumber: Expression = { kind: 'column', parts: [{ name: 'METADATA$FILE_ROW_NUMBER', quoted: false }], span };
  const withRow: Query = {
    ...query,
    body: { ...query.body, items: [...query.body.items, { expression: rowNumber, alias: null }] },
  };
  const translated = await context.translateQuery(withRow, { stageRelation: check.relation });
  return parseSelect(context, translated.sql);
}

interface ParsedSelect {
  tree: SqlTree;
  items: unknown[];
}

interface SqlTree {
  statements: { node: { select_list: unknown[]; where_clause: unknown } }[];
}

const LONG_NUMBER = '@number@';

async function parseSelect(context: StatementContext, sql: string): Promise<ParsedSelect> {
  const [row] = await context.run(`SELECT CAST(json_serialize_sql(${quoteText(sql)}) AS VARCHAR) AS tree`);
  const text = String(row?.['tree'])
    .replace(/"query_location":\d+/g, '"query_location":0')
    // Numbers beyond a double's precision travel as marked texts.
    .replace(/:(-?\d{16,})([,}\]])/g, `:"${LONG_NUMBER}$1"$2`);
  const tree = JSON.parse(text) as SqlTree & { error: boolean; error_message?: string };
  const node = tree.statements[0]?.node;
  if (tree.error || !node) {
    throw new Error(`the load's query cannot be taken apart: ${tree.error_message ?? 'no statement'}`);
  }
  return { tree, items: node.select_list };
}

async function toSql(context: StatementContext, tree: SqlTree): Promise<string> {
  const text = JSON.stringify(tree).replace(new RegExp(`"${LONG_NUMBER}(-?\\d+)"`, 'g'), '$1');
  const [row] = await context.run(`SELECT json_deserialize_sql(CAST(${quoteText(text)} AS JSON)) AS sql`);
  return String(row?.['sql']);
}

function setItems(tree: SqlTree, items: unknown[]): void {
  const node = tree.statements[0]?.node;
  if (node) {
    node.select_list = items;
  }
}

async function filterRow(context: StatementContext, tree: SqlTree, rowNumber: unknown, row: number): Promise<void> {
  const { items } = await parseSelect(context, `SELECT __value = ${row} AS hit`);
  const node = tree.statements[0]?.node;
  if (node) {
    node.where_clause = withoutAlias(replaceColumn(items[0], '__value', rowNumber));
  }
}

function replaceColumn(node: unknown, name: string, by: unknown): unknown {
  if (Array.isArray(node)) {
    return node.map((item) => replaceColumn(item, name, by));
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const record = node as Record<string, unknown>;
  if (record['class'] === 'COLUMN_REF' && JSON.stringify(record['column_names']) === JSON.stringify([name])) {
    return { ...(by as object), alias: record['alias'] };
  }
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, replaceColumn(value, name, by)]));
}

function withoutAlias(node: unknown): unknown {
  return { ...(node as object), alias: '' };
}

/**
 * `error(...)` cannot stand inside TRY because DuckDB takes it for volatile: it becomes a CASE whose condition raises.
 */
function replaceErrorCalls<T>(tree: T): T {
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      return node.map(visit);
    }
    if (node === null || typeof node !== 'object') {
      return node;
    }
    const record = Object.fromEntries(
      Object.entries(node as Record<string, unknown>).map(([key, value]) => [key, visit(value)]),
    );
    if (record['class'] !== 'FUNCTION' || record['function_name'] !== 'error') {
      return record;
    }
    const nothing = {
      class: 'CONSTANT',
      type: 'VALUE_CONSTANT',
      alias: '',
      query_location: 0,
      value: { type: { id: 'NULL', type_info: null }, is_null: true },
    };
    return {
      class: 'CASE',
      type: 'CASE_EXPR',
      alias: record['alias'],
      query_location: 0,
      case_checks: [{ when_expr: { ...record, alias: '', function_name: 'stage_raise' }, then_expr: nothing }],
      else_expr: nothing,
    };
  };
  return visit(tree) as T;
}

function ensureRaise(context: StatementContext): void {
  const { extensions } = context.services;
  if (extensions.has('stage-raise')) {
    return;
  }
  extensions.set('stage-raise', true);
  context.session.connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'stage_raise',
      returnType: BOOLEAN,
      parameterTypes: [VARCHAR],
      mainFunction: (_info, input) => {
        throw new Error(String(input.getColumnVector(0).getItem(0)));
      },
    }),
  );
}
