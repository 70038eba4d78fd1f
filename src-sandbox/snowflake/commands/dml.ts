import type { Column, Table } from '../catalog/catalog-types.ts';
import { quoteText } from '../engine/database.ts';
import { assignment, columnsNamed, defaultSql } from '../engine/insert-rows.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { columnSql, visibleRows } from '../engine/storage.ts';
import { engineErrorText, SnowflakeError } from '../errors.ts';
import { parseAlias, parseExpression, parseTableSources } from '../sql/parse-query.ts';
import type { Expression, TableSource } from '../sql/ast.ts';
import { emptyScope, type Scope } from '../sql/scope.ts';
import type { Identifier, TokenReader } from '../sql/token-reader.ts';
import { asBoolean, translateExpression, type Translator } from '../sql/translate-expression.ts';
import { translator } from '../sql/translate-query.ts';
import { bindSource } from '../sql/translate-source.ts';
import { coreHandler } from './core.ts';
import { requireTable } from './insert.ts';
import { countResult, statementTypes } from './results.ts';

export interface Assignment {
  column: Column;
  /** null: DEFAULT. */
  value: Expression | null;
}

/** UPDATE t SET c = e [, ...] [FROM ...] [WHERE ...]. https://docs.snowflake.com/en/sql-reference/sql/update */
const updateHandler = coreHandler(
  'UPDATE',
  (reader) => reader.isWords('UPDATE'),
  async (context, reader) => {
    reader.expectWords('UPDATE');
    const table = requireTable(context, reader.objectName());
    const alias = reader.isWords('SET') ? null : parseAlias(reader);
    reader.expectWords('SET');
    const assignments = parseAssignments(reader, table, alias);
    const from = reader.acceptWords('FROM') ? parseTableSources(reader) : null;
    const where = reader.acceptWords('WHERE') ? parseExpression(reader) : null;
    reader.expectEnd();
    context.requirePrivilege('UPDATE', table);
    await context.lock(table, 'write');
    const counts = await context.atomically(() => update(context, { table, alias, assignments, from, where }));
    return countResult(
      [
        ['number of rows updated', counts.rows],
        ['number of multi-joined rows updated', counts.multiJoined],
      ],
      statementTypes.update,
    );
  },
);

/** DELETE FROM t [USING ...] [WHERE ...]. https://docs.snowflake.com/en/sql-reference/sql/delete */
const deleteHandler = coreHandler(
  'DELETE',
  (reader) => reader.isWords('DELETE'),
  async (context, reader) => {
    reader.expectWords('DELETE', 'FROM');
    const table = requireTable(context, reader.objectName());
    const alias = reader.isWords('USING') ? null : parseAlias(reader);
    const using = reader.acceptWords('USING') ? parseTableSources(reader) : null;
    const where = reader.acceptWords('WHERE') ? parseExpression(reader) : null;
    reader.expectEnd();
    context.requirePrivilege('DELETE', table);
    await context.lock(table, 'write');
    const count = await context.atomically(async () => {
      const target = await bindTarget(context, { table, alias, from: using });
      const condition = where ? ` WHERE ${asBoolean(translateExpression(where, target.t), target.t).sql}` : '';
      await context.runPrelude(target.prelude);
      await context.run(
        `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT target.rid AS rid FROM ${target.from}${condition}`,
      );
      return removeTouched(context, table);
    });
    return countResult([['number of rows deleted', count]], statementTypes.delete);
  },
);

export const dmlHandlers = [updateHandler, deleteHandler];

export function parseAssignments(reader: TokenReader, table: Table, alias: Identifier | null): Assignment[] {
  const assignments: Assignment[] = [];
  do {
    const name = reader.objectName();
    const last = name[name.length - 1] as Identifier;
    if (name.length > 1 && name[name.length - 2]?.name !== (alias?.name ?? table.name)) throw reader.unexpected();
    reader.expectOperator('=');
    const value = reader.acceptWords('DEFAULT') ? null : parseExpression(reader);
    const [column] = columnsNamed(table, [last]);
    assignments.push({ column: column as Column, value });
  } while (reader.acceptOperator(','));
  const names = assignments.map((a) => a.column.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new SnowflakeError('002025', '42S21', `SQL compilation error:\nduplicate column name '${twice}'`);
  return assignments;
}

export interface Target {
  t: Translator;
  scope: Scope;
  from: string;
  prelude: (() => Promise<void>)[];
}

/** The table as `target`, beside what FROM or USING adds. */
export async function bindTarget(
  context: CoreContext,
  given: { table: Table; alias: Identifier | null; from: TableSource | null },
): Promise<Target> {
  const { table, alias } = given;
  const { environment, prelude } = await context.environment();
  const scope = emptyScope();
  const t = translator(environment, scope);
  addTargetColumns(scope, table, alias);
  const other = given.from ? `, ${bindSource(given.from, t)}` : '';
  return { t, scope, prelude, from: `${visibleRows(table, context.session.transaction)} AS target${other}` };
}

export function addTargetColumns(scope: Scope, table: Table, alias: Identifier | null): void {
  const qualifiers = alias ? [alias.name] : [table.schema.database.name, table.schema.name, table.name];
  for (const c of table.columns) {
    scope.columns.push({
      name: c.name,
      value: { sql: `target.${columnSql(c)}`, type: c.type, nullable: c.nullable },
      qualifiers,
    });
  }
}

async function update(
  context: CoreContext,
  given: {
    table: Table;
    alias: Identifier | null;
    assignments: Assignment[];
    from: TableSource | null;
    where: Expression | null;
  },
): Promise<{ rows: number; multiJoined: number }> {
  const { table } = given;
  const target = await bindTarget(context, given);
  const values = await newValues(context, { table, assignments: given.assignments, t: target.t });
  const condition = given.where ? ` WHERE ${asBoolean(translateExpression(given.where, target.t), target.t).sql}` : '';
  await context.runPrelude(target.prelude);
  const once = given.from ? ' QUALIFY row_number() OVER (PARTITION BY target.rid) = 1' : '';
  const many = given.from ? 'count(*) OVER (PARTITION BY target.rid)' : '1';
  await context.run(
    `CREATE OR REPLACE TEMP TABLE touched AS SELECT target.rid AS rid, ${values}, ${many} AS matches FROM ${target.from}${condition}${once}`,
  );
  const counted = await context.run(
    'SELECT count(*) AS n, count(CASE WHEN matches > 1 THEN 1 END) AS m FROM temp.touched',
  );
  await replaceTouched(context, table);
  return { rows: Number(counted[0]?.['n'] ?? 0), multiJoined: Number(counted[0]?.['m'] ?? 0) };
}

/** `expr AS c1, ...` for every column: the assigned ones new, the others as they are. */
export async function newValues(
  context: CoreContext,
  given: { table: Table; assignments: Assignment[]; t: Translator },
): Promise<string> {
  const parts: string[] = [];
  for (const column of given.table.columns) {
    const assigned = given.assignments.find((a) => a.column === column);
    if (!assigned) parts.push(`target.${columnSql(column)} AS ${columnSql(column)}`);
    else if (assigned.value === null) parts.push(`${await defaultSql(context, column)} AS ${columnSql(column)}`);
    else
      parts.push(
        `${assignment(context, column, translateExpression(assigned.value, given.t))} AS ${columnSql(column)}`,
      );
  }
  return parts.join(', ');
}

/** Rows of temp.touched (rid and all columns) take the place of the rows with these rids. */
export async function replaceTouched(context: CoreContext, table: Table): Promise<void> {
  const delta = await context.state.transactions.delta(context.session, table);
  const names = ['rid', ...table.columns.map(columnSql)].join(', ');
  await context.run(`DELETE FROM ${delta.inserted} WHERE rid IN (SELECT rid FROM temp.touched)`);
  await context.run(`INSERT INTO ${delta.deleted} SELECT rid FROM temp.touched`);
  const rows = await context.run(`INSERT INTO ${delta.inserted} (${names}) SELECT ${names} FROM temp.touched`);
  if (Number(rows[0]?.['Count'] ?? 0) > 0) {
    delta.hasDeletes = true;
    delta.hasInserts = true;
  }
}

/** Removes the rows whose rid is in temp.touched. @returns how many */
export async function removeTouched(context: CoreContext, table: Table): Promise<number> {
  const delta = await context.state.transactions.delta(context.session, table);
  await context.run(`DELETE FROM ${delta.inserted} WHERE rid IN (SELECT rid FROM temp.touched)`);
  const rows = await context.run(`INSERT INTO ${delta.deleted} SELECT rid FROM temp.touched`);
  const count = Number(rows[0]?.['Count'] ?? 0);
  if (count > 0) delta.hasDeletes = true;
  return count;
}

export function nondeterministic(): string {
  return quoteText(engineErrorText('100090', '42P18', 'Duplicate row detected during DML action'));
}
