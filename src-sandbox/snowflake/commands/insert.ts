import type { Table } from '../catalog/catalog-types.ts';
import { assignment, columnsNamed, defaultSql } from '../engine/insert-rows.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { Expression } from '../sql/ast.ts';
import { parseExpression, parseQuery } from '../sql/parse-query.ts';
import type { Identifier, TokenReader } from '../sql/token-reader.ts';
import { duckDbType } from '../sql/data-type.ts';
import { emptyScope } from '../sql/scope.ts';
import { translateExpression } from '../sql/translate-expression.ts';
import { translator } from '../sql/translate-query.ts';
import { coreHandler } from './core.ts';
import { countResult, statementTypes } from './results.ts';
import { truncateTable } from './truncate.ts';

/** INSERT [OVERWRITE] INTO t [(columns)] VALUES (...) | query. https://docs.snowflake.com/en/sql-reference/sql/insert */
export const insertHandler = coreHandler(
  'INSERT',
  (reader) => reader.isWords('INSERT'),
  async (context, reader) => {
    reader.expectWords('INSERT');
    const overwrite = reader.acceptWords('OVERWRITE');
    if (reader.isWords('ALL') || reader.isWords('FIRST')) throw errors.notInPractice('multi-table INSERT');
    reader.expectWords('INTO');
    const table = requireTable(context, reader.objectName());
    const columns = columnsNamed(table, parseColumns(reader));
    context.requirePrivilege('INSERT', table);
    if (reader.isWords('VALUES')) {
      reader.next();
      const rows = parseRows(reader);
      reader.expectEnd();
      if (overwrite) await truncateTable(context, table);
      return countResult(
        [['number of rows inserted', await insertValues(context, { table, columns, rows })]],
        statementTypes.insert,
      );
    }
    const query = parseQuery(reader);
    reader.expectEnd();
    const translated = await context.translateQuery(query);
    if (overwrite) await truncateTable(context, table);
    return countResult(
      [['number of rows inserted', await context.insertRows(table, columns, translated)]],
      statementTypes.insert,
    );
  },
);

/** A base table; a view is refused as the vendor does. */
export function requireTable(context: CoreContext, name: Identifier[]): Table {
  const found = context.require<Table>('TABLE', name);
  if ((found.domain as string) === 'TABLE') return found;
  throw new SnowflakeError(
    '002037',
    '42601',
    `SQL compilation error:\nDML operation not permitted on object type 'VIEW'.`,
  );
}

export function parseColumns(reader: TokenReader): Identifier[] {
  const mark = reader.mark();
  const names: Identifier[] = [];
  if (!reader.acceptOperator('(')) return names;
  if (reader.isWords('SELECT') || reader.isWords('WITH') || reader.isOperator('(')) {
    reader.reset(mark);
    return names;
  }
  do names.push(reader.identifier());
  while (reader.acceptOperator(','));
  reader.expectOperator(')');
  return names;
}

/** Rows of expressions; null stands for DEFAULT. */
export function parseRows(reader: TokenReader): (Expression | null)[][] {
  const rows: (Expression | null)[][] = [];
  do {
    reader.expectOperator('(');
    const row: (Expression | null)[] = [];
    do row.push(reader.acceptWords('DEFAULT') ? null : parseExpression(reader));
    while (reader.acceptOperator(','));
    reader.expectOperator(')');
    rows.push(row);
  } while (reader.acceptOperator(','));
  return rows;
}

/** Rows a DuckDB statement: its parser takes long for very long texts. */
const BATCH = 1000;

async function insertValues(
  context: CoreContext,
  given: { table: Table; columns: Table['columns']; rows: (Expression | null)[][] },
): Promise<number> {
  const { table, columns, rows } = given;
  const { environment, prelude } = await context.environment();
  const t = translator(environment, emptyScope());
  const defaults = new Map<number, string>();
  for (const [i, column] of columns.entries())
    if (rows.some((row) => row[i] === null)) defaults.set(i, await defaultSql(context, column));
  const lineOf = (row: (Expression | null)[]): string => {
    if (row.length !== columns.length) {
      throw new SnowflakeError(
        '002020',
        '21S01',
        `SQL compilation error:\nInsert value list does not match column list expecting ${columns.length} but got ${row.length}`,
      );
    }
    const cells = row.map((cell, i) => {
      const column = columns[i] as Table['columns'][number];
      if (cell === null) return defaults.get(i) ?? 'NULL';
      if (cell.kind === 'call' && /^(PARSE_JSON|ARRAY_CONSTRUCT|OBJECT_CONSTRUCT|TO_VARIANT)$/.test(cell.name)) {
        throw new SnowflakeError(
          '002014',
          '22000',
          `SQL compilation error:\nInvalid expression [${context.text.slice(cell.span.start, cell.span.end)}] in VALUES clause`,
        );
      }
      const value = translateExpression(cell, t);
      return `CAST(${assignment(context, { ...column, nullable: true }, value)} AS ${duckDbType(column.type)})`;
    });
    return `(${cells.join(', ')})`;
  };
  const lines: string[] = [];
  for (const bindings of context.bindingRows) {
    context.bindings = bindings;
    for (const row of rows) lines.push(lineOf(row));
  }
  await context.runPrelude(prelude);
  const names = columns.map((_, i) => `r${i + 1}`).join(', ');
  await context.lock(table, 'append');
  return context.atomically(async () => {
    let count = 0;
    for (let i = 0; i < lines.length; i += BATCH) {
      count += await context.insertRows(table, columns, {
        sql: `SELECT ${names} FROM (VALUES ${lines.slice(i, i + BATCH).join(', ')}) AS v(${names})`,
        columns: columns.map((c) => ({ name: c.name, type: c.type })),
        tables: [],
      });
    }
    return count;
  });
}
