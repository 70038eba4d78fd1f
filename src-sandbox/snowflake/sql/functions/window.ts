import type { TypedSql } from '../../commands/command.ts';
import { errors } from '../../errors.ts';
import { types } from '../data-type.ts';
import { unify, windowSql } from '../translate-expression.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

function over(tools: CallTools): string {
  if (!tools.node.over) throw errors.syntax(tools.name, tools.node.span);
  return windowSql(tools.node.over, tools.t);
}

const ranking = (name: string): FunctionTable[string] =>
  rule(0, 0, (_args, tools) => ({
    sql: `CAST(${name}()${over(tools)} AS DECIMAL(18,0))`,
    type: types.number(18, 0),
    nullable: false,
  }));

const fraction = (name: string): FunctionTable[string] =>
  rule(0, 0, (_args, tools) => ({ sql: `${name}()${over(tools)}`, type: types.float, nullable: false }));

const edge = (name: string): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => ({
    sql: `${name}(${(a as TypedSql).sql}${tools.node.ignoreNulls ? ' IGNORE NULLS' : ''})${over(tools)}`,
    type: (a as TypedSql).type,
  }));

const shift = (name: string): FunctionTable[string] =>
  rule(1, 3, ([a, offset, fallback], tools) => {
    const steps = offset ? `CAST(${offset.sql} AS BIGINT)` : '1';
    const both = unify(fallback ? [a as TypedSql, fallback] : [a as TypedSql], tools.t);
    const nulls = tools.node.ignoreNulls ? ' IGNORE NULLS' : '';
    return {
      sql: `${name}(${both.values[0]}, ${steps}${fallback ? `, ${both.values[1]}` : ''}${nulls})${over(tools)}`,
      type: both.type,
    };
  });

/** https://docs.snowflake.com/en/sql-reference/functions-window-syntax */
export const windowFunctions: FunctionTable = {
  ROW_NUMBER: ranking('row_number'),
  RANK: ranking('rank'),
  DENSE_RANK: ranking('dense_rank'),
  PERCENT_RANK: fraction('percent_rank'),
  CUME_DIST: fraction('cume_dist'),
  NTILE: rule(1, 1, ([n], tools) => ({
    sql: `CAST(ntile(CAST(${(n as TypedSql).sql} AS BIGINT))${over(tools)} AS DECIMAL(18,0))`,
    type: types.number(18, 0),
    nullable: false,
  })),
  FIRST_VALUE: edge('first_value'),
  LAST_VALUE: edge('last_value'),
  LAG: shift('lag'),
  LEAD: shift('lead'),
};
