import type { Column, Table } from '../catalog/catalog-types.ts';
import type { TranslatedQuery, TypedSql } from '../commands/command.ts';
import { engineErrorText, errors, SnowflakeError } from '../errors.ts';
import { duckDbType, typeName, types, type SnowflakeType } from '../sql/data-type.ts';
import { parseExpressionText } from '../sql/parse-query.ts';
import { quoteText } from './database.ts';
import type { CoreContext } from './statement-context.ts';
import { columnSql } from './storage.ts';

/** Appends a query's rows to a table; see StatementContext.insertRows. */
export async function insertRows(
  context: CoreContext,
  table: Table,
  columns: Column[],
  query: TranslatedQuery,
): Promise<number> {
  context.requirePrivilege('INSERT', table);
  if (query.columns.length !== columns.length) {
    throw new SnowflakeError(
      '002020',
      '21S01',
      `SQL compilation error:\nInsert value list does not match column list expecting ${columns.length} but got ${query.columns.length}`,
    );
  }
  await context.lock(table, 'append');
  const values = new Map<Column, string>();
  columns.forEach((column, i) => {
    const source = query.columns[i];
    values.set(
      column,
      assignment(context, column, {
        sql: `q.r${i + 1}`,
        type: source?.type ?? types.null,
        nullable: source?.nullable ?? true,
      }),
    );
  });
  for (const column of table.columns) {
    if (!values.has(column)) values.set(column, await defaultSql(context, column));
  }
  const { session, state } = context;
  return context.atomically(async () => {
    const delta = await state.transactions.delta(session, table);
    const names = table.columns.map(columnSql).join(', ');
    const list = table.columns.map((c) => values.get(c)).join(', ');
    const rows = await context.run(
      `INSERT INTO ${delta.inserted} (rid, ${names}) SELECT nextval('rid'), ${list} FROM (${query.sql}) AS q`,
    );
    const count = Number(rows[0]?.['Count'] ?? 0);
    if (count > 0) delta.hasInserts = true;
    return count;
  });
}

/** What an omitted column gets. */
export async function defaultSql(context: CoreContext, column: Column): Promise<string> {
  if (column.identity) return `CAST(nextval('${column.identity.sequenceName}') AS ${duckDbType(column.type)})`;
  const value: TypedSql = column.defaultText
    ? await context.translateExpression(parseExpressionText(column.defaultText))
    : { sql: 'NULL', type: types.null, nullable: true };
  return assignment(context, column, value);
}

/** The value as the column holds it, with the checks of an assignment. */
export function assignment(context: CoreContext, column: Column, value: TypedSql): string {
  if (!assignable(value.type, column.type)) {
    throw new SnowflakeError(
      '002023',
      '22000',
      `SQL compilation error:\nExpression type does not match column data type, expecting ${typeName(column.type)} but got ${typeName(value.type)} for column ${column.name}`,
    );
  }
  const sql = context.cast(value, column.type).sql;
  if (column.nullable || value.nullable === false) return sql;
  const error = engineErrorText('100072', '22000', 'NULL result in a non-nullable column');
  return `CASE WHEN ${sql} IS NULL THEN error(${quoteText(error)}) ELSE ${sql} END`;
}

/** Which types an assignment converts by itself. https://docs.snowflake.com/en/sql-reference/data-type-conversion */
export function assignable(from: SnowflakeType, to: SnowflakeType): boolean {
  if (from.kind === to.kind || from.kind === 'null' || from.kind === 'variant') return true;
  const group = (kind: SnowflakeType['kind']): string =>
    kind === 'number' || kind === 'float'
      ? 'number'
      : kind.startsWith('timestamp') || kind === 'date'
        ? 'moment'
        : kind;
  if (group(from.kind) === group(to.kind)) return true;
  if (to.kind === 'text') return from.kind !== 'object' && from.kind !== 'array';
  if (from.kind === 'text') return !['object', 'array', 'variant'].includes(to.kind) || to.kind === 'variant';
  if (to.kind === 'variant') return true;
  if (to.kind === 'boolean') return from.kind === 'number' || from.kind === 'float';
  if (from.kind === 'boolean') return to.kind === 'number';
  return to.kind === 'time' && from.kind.startsWith('timestamp');
}

/** Columns by name; all of them when no list is given. */
export function columnsNamed(table: Table, names: { name: string }[]): Column[] {
  if (names.length === 0) return table.columns;
  const seen = new Set<string>();
  return names.map(({ name }) => {
    const column = table.columns.find((c) => c.name === name);
    if (!column) throw errors.invalidIdentifier(name);
    if (seen.has(name))
      throw new SnowflakeError('002025', '42S21', `SQL compilation error:\nduplicate column name '${name}'`);
    seen.add(name);
    return column;
  });
}
