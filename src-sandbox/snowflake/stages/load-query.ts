import type { Column } from '../catalog/catalog-types.ts';
import type { StatementContext } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import type { Expression, Query } from '../sql/ast.ts';
import { types } from '../sql/data-type.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import type { CopyOptions } from './copy-options.ts';
import type { CopyTarget } from './copy-target.ts';
import type { FileFormat } from './file-format.ts';
import { booleanOption, listOption, textOption } from './file-format.ts';
import { singleVariantColumn } from './stage-errors.ts';

/** The query of one load, and the columns that it fills. */
export interface LoadQuery {
  query: Query;
  target: CopyTarget;
}

/**
 * The SELECT that a COPY without one stands for: fields by position for CSV, the whole record for a single VARIANT column,
 * fields by name for MATCH_BY_COLUMN_NAME (`fieldNames`: the names that this file has).
 */
export function buildLoadQuery(
  context: StatementContext,
  target: CopyTarget,
  load: { format: FileFormat; options: CopyOptions; fieldNames: readonly string[] | null },
): LoadQuery {
  const { format, options } = load;
  if (options.matchByColumnName !== 'NONE') {
    return matchedQuery(context, target, load);
  }
  if (format.type !== 'CSV') {
    const [column, ...more] = target.columns;
    if (!column || more.length > 0 || !isSemiStructured(column)) {
      throw singleVariantColumn(format.type);
    }
    return { query: parse(context, [column.type.kind === 'variant' ? '$1' : `$1::${column.type.kind}`]), target };
  }
  const items = target.columns.map((column, i) => csvItem(column, `$${i + 1}`, format, options));
  return { query: parse(context, items), target };
}

/** TRUNCATECOLUMNS for a transforming load: text for a text column is cut to the column's length. */
export function truncateItems(query: Query, columns: readonly Column[]): Query {
  if (query.body.kind !== 'select') {
    return query;
  }
  const items = query.body.items.map((item, i) => {
    const column = columns[i];
    if (column?.type.kind !== 'text') {
      return item;
    }
    const { span } = item.expression;
    const text: Expression = { kind: 'cast', operand: item.expression, type: types.text(), isTry: false, span };
    const length: Expression = { kind: 'number', text: String(column.type.length), span };
    const call: Expression = {
      kind: 'call',
      name: 'LEFT',
      args: [text, length],
      namedArgs: {},
      distinct: false,
      star: false,
      withinGroup: null,
      ignoreNulls: false,
      over: null,
      span,
    };
    return { ...item, expression: call };
  });
  return { ...query, body: { ...query.body, items } };
}

function matchedQuery(
  context: StatementContext,
  target: CopyTarget,
  load: { format: FileFormat; options: CopyOptions; fieldNames: readonly string[] | null },
): LoadQuery {
  const { format, options } = load;
  const fold = (name: string): string => (options.matchByColumnName === 'CASE_INSENSITIVE' ? name.toUpperCase() : name);
  const names = load.fieldNames ?? [];
  const items = target.columns.map((column) => {
    const at = names.findIndex((name) => fold(name) === fold(column.name));
    if (at < 0) {
      return 'NULL';
    }
    return format.type === 'CSV'
      ? csvItem(column, `$${at + 1}`, format, options)
      : matchedItem(column, `$1:"${(names[at] ?? '').replaceAll('"', '""')}"`, format, options);
  });
  return { query: parse(context, items), target };
}

/** A field found by name: NULL_IF and TRIM_SPACE apply to semi-structured data only here. */
function matchedItem(column: Column, path: string, format: FileFormat, options: CopyOptions): string {
  if (isSemiStructured(column)) {
    return path;
  }
  const nullIf = listOption(format, 'NULL_IF');
  const trims = booleanOption(format, 'TRIM_SPACE');
  const cuts = options.truncateColumns && column.type.kind === 'text';
  const text = trims ? `TRIM(${path}::VARCHAR)` : `${path}::VARCHAR`;
  const value = trims || cuts ? text : path;
  const cut = cuts && column.type.kind === 'text' ? `LEFT(${value}, ${column.type.length})` : value;
  return nullIf.length === 0 ? cut : `IFF(${text} IN (${nullIf.map(literal).join(', ')}), NULL, ${cut})`;
}

function csvItem(column: Column, field: string, format: FileFormat, options: CopyOptions): string {
  const formatted = (name: string, call: string): string => {
    const text = textOption(format, name) ?? 'AUTO';
    return text.toUpperCase() === 'AUTO' ? field : `${call}(${field}, ${literal(text)})`;
  };
  switch (column.type.kind) {
    case 'date':
      return formatted('DATE_FORMAT', 'TO_DATE');
    case 'time':
      return formatted('TIME_FORMAT', 'TO_TIME');
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return formatted('TIMESTAMP_FORMAT', `TO_${column.type.kind.toUpperCase()}`);
    case 'binary':
      return `TO_BINARY(${field}, ${literal(textOption(format, 'BINARY_FORMAT') ?? 'HEX')})`;
    case 'variant':
    case 'object':
    case 'array':
      return column.type.kind === 'variant' ? `PARSE_JSON(${field})` : `PARSE_JSON(${field})::${column.type.kind}`;
    case 'text':
      return options.truncateColumns ? `LEFT(${field}, ${column.type.length})` : field;
    default:
      return field;
  }
}

function isSemiStructured(column: Column): boolean {
  return ['variant', 'object', 'array'].includes(column.type.kind);
}

function parse(context: StatementContext, items: readonly string[]): Query {
  const reader = createTokenReader(`SELECT ${items.join(', ')} FROM @~`);
  const query = context.parseQuery(reader);
  reader.expectEnd();
  return query;
}

/** A Snowflake text literal: backslashes are escapes there. */
function literal(text: string): string {
  return quoteText(text.replaceAll('\\', '\\\\'));
}
