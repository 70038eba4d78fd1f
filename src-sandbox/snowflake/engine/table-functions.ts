import type { Expression, TableSource } from '../sql/ast.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { duckDbType } from '../sql/data-type.ts';
import type { Relation } from '../sql/scope.ts';
import { fromWire } from './wire-values.ts';
import { quoteText, runSql } from './database.ts';
import type { CoreContext } from './statement-context.ts';
import type { Prelude } from './translate-environment.ts';

interface Given {
  constant: (e: Expression) => string;
  prelude: Prelude[];
}
type FunctionSource = Extract<TableSource, { kind: 'function' }>;

/** More table functions, by upper-case name: the stages engine adds COPY_HISTORY. */
export type TableFunctionHook = (context: CoreContext, source: FunctionSource, given: Given) => Relation | undefined;
export const tableFunctionHooks: TableFunctionHook[] = [];

/** TABLE(f(...)) in FROM. */
export function tableFunction(context: CoreContext, source: FunctionSource, given: Given): Relation | undefined {
  const name = source.name[source.name.length - 1]?.name;
  for (const hook of tableFunctionHooks) {
    const relation = hook(context, source, given);
    if (relation) return relation;
  }
  if (name === 'RESULT_SCAN') return resultScan(context, source, given);
  if (name === 'GENERATOR') return generator(source, given);
  return undefined;
}

/** https://docs.snowflake.com/en/sql-reference/functions/generator */
function generator(source: FunctionSource, given: Given): Relation {
  const rows = source.namedArgs['ROWCOUNT'] ?? source.args[0];
  if (!rows) throw errors.notInPractice('GENERATOR without ROWCOUNT');
  return {
    kind: 'columns',
    sql: `(SELECT range AS r1 FROM range(${Number(given.constant(rows))}))`,
    columns: [],
    qualifiers: [],
  };
}

/** https://docs.snowflake.com/en/sql-reference/functions/result_scan */
function resultScan(context: CoreContext, source: FunctionSource, given: Given): Relation {
  const arg = source.args[0];
  const id = arg ? given.constant(arg) : '';
  const record = context.state.queries.get(id);
  if (!record?.result || record.userName !== context.session.user.name) {
    throw new SnowflakeError('000709', '02000', `Statement ${id} not found`);
  }
  const { columns, rows, table } = record.result;
  const list = columns.map((c, i) => ({ name: c.name, sqlName: `r${i + 1}`, column: c }));
  const name = table ?? `q${id.replaceAll('-', '')}`;
  if (!table && rows) {
    given.prelude.push(async () => {
      const { connection } = context.session;
      await runSql(
        connection,
        `CREATE OR REPLACE TEMP TABLE ${name} (${columns.map((c, i) => `r${i + 1} ${duckDbType(c.type)}`).join(', ')})`,
      );
      for (let i = 0; i < rows.length; i += 500) {
        const lines = rows
          .slice(i, i + 500)
          .map(
            (row) =>
              `(${row.map((v, j) => (v === null ? 'NULL' : fromWire(quoteText(v), columns[j]?.type ?? { kind: 'null' }))).join(', ')})`,
          );
        await runSql(connection, `INSERT INTO temp.${name} VALUES ${lines.join(', ')}`);
      }
    });
  }
  if (!table && !rows) throw errors.notInPractice('RESULT_SCAN of a result that was too large to keep');
  return { kind: 'columns', sql: `temp.${name}`, columns: list, qualifiers: [] };
}
