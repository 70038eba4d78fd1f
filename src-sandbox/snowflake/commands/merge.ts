import type { Column, Table } from '../catalog/catalog-types.ts';
import { assignment, columnsNamed, defaultSql } from '../engine/insert-rows.ts';
import { parameterOf } from '../engine/parameters.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { columnSql, visibleRows } from '../engine/storage.ts';
import { SnowflakeError } from '../errors.ts';
import type { Expression } from '../sql/ast.ts';
import { parseAlias, parseExpression, parseOneTableSource } from '../sql/parse-query.ts';
import { emptyScope } from '../sql/scope.ts';
import type { Identifier, TokenReader } from '../sql/token-reader.ts';
import { asBoolean, translateExpression, type Translator } from '../sql/translate-expression.ts';
import { translator } from '../sql/translate-query.ts';
import { bindSource } from '../sql/translate-source.ts';
import { coreHandler } from './core.ts';
import {
  addTargetColumns,
  newValues,
  parseAssignments,
  removeTouched,
  replaceTouched,
  type Assignment,
} from './dml.ts';
import { parseColumns, parseRows, requireTable } from './insert.ts';
import { countResult, statementTypes } from './results.ts';

type Clause =
  | { kind: 'update'; condition: Expression | null; assignments: Assignment[] }
  | { kind: 'delete'; condition: Expression | null }
  | { kind: 'insert'; condition: Expression | null; columns: Column[]; values: (Expression | null)[] };

/** https://docs.snowflake.com/en/sql-reference/sql/merge */
export const mergeHandler = coreHandler(
  'MERGE',
  (reader) => reader.isWords('MERGE'),
  async (context, reader) => {
    reader.expectWords('MERGE', 'INTO');
    const table = requireTable(context, reader.objectName());
    const alias = reader.isWords('USING') ? null : parseAlias(reader);
    reader.expectWords('USING');
    const source = parseOneTableSource(reader);
    reader.expectWords('ON');
    const on = parseExpression(reader);
    const clauses: Clause[] = [];
    while (reader.acceptWords('WHEN')) clauses.push(parseClause(reader, table, alias));
    reader.expectEnd();
    if (clauses.length === 0) throw reader.unexpected();
    for (const kind of ['insert', 'update', 'delete'] as const) {
      if (clauses.some((c) => c.kind === kind)) context.requirePrivilege(kind.toUpperCase(), table);
    }
    await context.lock(table, 'write');
    const counts = await context.atomically(async () => {
      const { environment, prelude } = await context.environment();
      const sourceScope = emptyScope();
      const sourceSql = bindSource(source, translator(environment, sourceScope));
      const scope = emptyScope();
      addTargetColumns(scope, table, alias);
      scope.columns.push(...sourceScope.columns);
      const t = translator(environment, scope);
      const condition = asBoolean(translateExpression(on, t), t).sql;
      await context.runPrelude(prelude);
      const target = `${visibleRows(table, context.session.transaction)} AS target`;
      return merge(context, {
        table,
        clauses,
        t,
        insertT: translator(environment, sourceScope),
        target,
        sourceSql,
        condition,
      });
    });
    const shown: [string, number][] = [];
    if (clauses.some((c) => c.kind === 'insert')) shown.push(['number of rows inserted', counts.inserted]);
    if (clauses.some((c) => c.kind === 'update')) shown.push(['number of rows updated', counts.updated]);
    if (clauses.some((c) => c.kind === 'delete')) shown.push(['number of rows deleted', counts.deleted]);
    return countResult(shown, statementTypes.merge);
  },
);

function parseClause(reader: TokenReader, table: Table, alias: Identifier | null): Clause {
  const matched = !reader.acceptWords('NOT');
  reader.expectWords('MATCHED');
  const condition = reader.acceptWords('AND') ? parseExpression(reader) : null;
  reader.expectWords('THEN');
  if (!matched) {
    reader.expectWords('INSERT');
    const columns = columnsNamed(table, parseColumns(reader));
    reader.expectWords('VALUES');
    const values = parseRows(reader)[0] ?? [];
    if (values.length !== columns.length) {
      throw new SnowflakeError(
        '002020',
        '21S01',
        `SQL compilation error:\nInsert value list does not match column list expecting ${columns.length} but got ${values.length}`,
      );
    }
    return { kind: 'insert', condition, columns, values };
  }
  if (reader.acceptWords('DELETE')) return { kind: 'delete', condition };
  reader.expectWords('UPDATE', 'SET');
  return { kind: 'update', condition, assignments: parseAssignments(reader, table, alias) };
}

interface MergeParts {
  table: Table;
  clauses: Clause[];
  t: Translator;
  insertT: Translator;
  target: string;
  sourceSql: string;
  condition: string;
}

async function merge(
  context: CoreContext,
  parts: MergeParts,
): Promise<{ inserted: number; updated: number; deleted: number }> {
  const { table, clauses, t } = parts;
  // What is not matched is found before anything changes, and written last.
  const inserts = await insertSql(context, parts);
  if (inserts) await context.run(`CREATE OR REPLACE TEMP TABLE merged AS ${inserts}`);
  const matched = clauses.filter((c) => c.kind !== 'insert');
  let updated = 0;
  let deleted = 0;
  if (matched.length > 0) {
    const which = matched.map(
      (c, i) => `WHEN ${c.condition ? asBoolean(translateExpression(c.condition, t), t).sql : 'TRUE'} THEN ${i}`,
    );
    const columns: string[] = [];
    for (const [i, clause] of matched.entries()) {
      if (clause.kind !== 'update') continue;
      columns.push(
        (await newValues(context, { table, assignments: clause.assignments, t })).replaceAll(
          / AS (c\d+)(?=,|$)/g,
          ` AS u${i}_$1`,
        ),
      );
    }
    const from = `${parts.target} JOIN ${parts.sourceSql} ON ${parts.condition}`;
    const list = columns.length ? `, ${columns.join(', ')}` : '';
    await context.run(
      `CREATE OR REPLACE TEMP TABLE matched AS SELECT target.rid AS rid, CASE ${which.join(' ')} END AS clause, count(*) OVER (PARTITION BY target.rid) AS matches${list} FROM ${from}`,
    );
    await checkDeterministic(context);
    for (const [i, clause] of matched.entries()) {
      const rows = `temp.matched WHERE clause = ${i} QUALIFY row_number() OVER (PARTITION BY rid) = 1`;
      if (clause.kind === 'delete') {
        await context.run(`CREATE OR REPLACE TEMP TABLE touched AS SELECT rid FROM ${rows}`);
        deleted += await removeTouched(context, table);
      } else {
        const names = table.columns.map((c) => `u${i}_${columnSql(c)} AS ${columnSql(c)}`).join(', ');
        await context.run(`CREATE OR REPLACE TEMP TABLE touched AS SELECT rid, ${names} FROM ${rows}`);
        const counted = await context.run('SELECT count(*) AS n FROM temp.touched');
        await replaceTouched(context, table);
        updated += Number(counted[0]?.['n'] ?? 0);
      }
    }
  }
  return { inserted: inserts ? await writeInserts(context, table) : 0, updated, deleted };
}

async function checkDeterministic(context: CoreContext): Promise<void> {
  if (parameterOf(context.session.parameters, 'ERROR_ON_NONDETERMINISTIC_MERGE') !== 'true') return;
  const rows = await context.run('SELECT count(*) AS n FROM temp.matched WHERE matches > 1 AND clause IS NOT NULL');
  if (Number(rows[0]?.['n'] ?? 0) > 0) {
    throw new SnowflakeError('100090', '42P18', 'Duplicate row detected during DML action');
  }
}

async function insertSql(context: CoreContext, parts: MergeParts): Promise<string | null> {
  const inserts = parts.clauses.filter((c) => c.kind === 'insert');
  if (inserts.length === 0) return null;
  const selects: string[] = [];
  const earlier: string[] = [];
  const unmatched = `FROM ${parts.sourceSql} WHERE NOT EXISTS (SELECT 1 FROM ${parts.target} WHERE ${parts.condition})`;
  for (const clause of inserts) {
    const t = parts.insertT;
    const own = clause.condition ? asBoolean(translateExpression(clause.condition, t), t).sql : 'TRUE';
    const values: string[] = [];
    for (const column of parts.table.columns) {
      const index = clause.columns.indexOf(column);
      const expression = index < 0 ? null : clause.values[index];
      const sql = expression
        ? assignment(context, column, translateExpression(expression, t))
        : await defaultSql(context, column);
      values.push(`${sql} AS ${columnSql(column)}`);
    }
    const before = earlier.map((e) => ` AND ${e} IS NOT TRUE`).join('');
    selects.push(`SELECT nextval('rid') AS rid, ${values.join(', ')} ${unmatched} AND ${own}${before}`);
    earlier.push(own);
  }
  return selects.join(' UNION ALL ');
}

async function writeInserts(context: CoreContext, table: Table): Promise<number> {
  const delta = await context.state.transactions.delta(context.session, table);
  const names = ['rid', ...table.columns.map(columnSql)].join(', ');
  const rows = await context.run(`INSERT INTO ${delta.inserted} (${names}) SELECT ${names} FROM temp.merged`);
  const count = Number(rows[0]?.['Count'] ?? 0);
  if (count > 0) delta.hasInserts = true;
  return count;
}
