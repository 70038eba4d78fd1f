import type { TypedSql } from '../../commands/command.ts';
import { errors } from '../../errors.ts';
import { types } from '../data-type.ts';
import { asBoolean, numeric, orderSql, translateExpression, windowSql } from '../translate-expression.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const over = (tools: CallTools): string => (tools.node.over ? windowSql(tools.node.over, tools.t) : '');
const distinct = (tools: CallTools): string => (tools.node.distinct ? 'DISTINCT ' : '');

/** Values that TIMESTAMP_TZ compares by. */
const identity = (value: TypedSql): string =>
  value.type.kind === 'timestamp_tz' ? `sf_instant(${value.sql})` : value.sql;

function simple(name: string): FunctionTable[string] {
  return rule(1, 1, ([a], tools) => ({
    sql: `${name}(${(a as TypedSql).sql})${over(tools)}`,
    type: (a as TypedSql).type,
  }));
}

function spread(name: string): FunctionTable[string] {
  return rule(1, 1, ([a], tools) => {
    const value = tools.cast(numeric(a as TypedSql, tools.t), types.float);
    return { sql: `${name}(${distinct(tools)}${value.sql})${over(tools)}`, type: types.float };
  });
}

/** https://docs.snowflake.com/en/sql-reference/functions-aggregation */
export const aggregateFunctions: FunctionTable = {
  COUNT: rule(1, 20, (args, tools) => {
    const type = types.number(18, 0);
    const done = (inner: string): TypedSql => ({
      sql: `CAST(count(${inner})${over(tools)} AS DECIMAL(18,0))`,
      type,
      nullable: false,
    });
    if (tools.node.star) return done('*');
    if (args.length === 1) return done(`${distinct(tools)}${identity(args[0] as TypedSql)}`);
    const all = args.map((a) => `${a.sql} IS NOT NULL`).join(' AND ');
    const row = `struct_pack(${args.map((a, i) => `a${i} := ${identity(a)}`).join(', ')})`;
    return done(`${distinct(tools)}CASE WHEN ${all} THEN ${row} END`);
  }),
  COUNT_IF: rule(1, 1, ([a], tools) => ({
    sql: `CAST(count(CASE WHEN ${asBoolean(a as TypedSql, tools.t).sql} THEN 1 END)${over(tools)} AS DECIMAL(18,0))`,
    type: types.number(18, 0),
    nullable: false,
  })),
  SUM: rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    if (value.type.kind === 'float')
      return { sql: `sum(${distinct(tools)}${value.sql})${over(tools)}`, type: types.float };
    const scale = value.type.kind === 'number' ? value.type.scale : 0;
    return {
      sql: `CAST(sum(${distinct(tools)}${value.sql})${over(tools)} AS DECIMAL(38,${scale}))`,
      type: types.number(38, scale),
    };
  }),
  AVG: rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    if (value.type.kind !== 'number')
      return { sql: `avg(${distinct(tools)}${value.sql})${over(tools)}`, type: types.float };
    const scale = Math.max(value.type.scale, Math.min(value.type.scale + 6, 12));
    const part = (name: string): string => `CAST(${name}(${distinct(tools)}${value.sql})${over(tools)} AS VARCHAR)`;
    const count = `count(${distinct(tools)}${value.sql})${over(tools)}`;
    return {
      sql: `CASE WHEN ${count} = 0 THEN NULL ELSE CAST(sf_divide(${part('sum')}, ${part('count')}, ${scale}) AS DECIMAL(38,${scale})) END`,
      type: types.number(38, scale),
    };
  }),
  MIN: simple('min'),
  MAX: simple('max'),
  ANY_VALUE: simple('any_value'),
  STDDEV: spread('stddev_samp'),
  STDDEV_SAMP: spread('stddev_samp'),
  STDDEV_POP: spread('stddev_pop'),
  VARIANCE: spread('var_samp'),
  VAR_SAMP: spread('var_samp'),
  VARIANCE_SAMP: spread('var_samp'),
  VAR_POP: spread('var_pop'),
  VARIANCE_POP: spread('var_pop'),
  MEDIAN: rule(1, 1, ([a], tools) => ({
    sql: `median(${tools.cast(numeric(a as TypedSql, tools.t), types.float).sql})${over(tools)}`,
    type: types.float,
  })),
  BOOLAND_AGG: rule(1, 1, ([a], tools) => ({
    sql: `bool_and(${asBoolean(a as TypedSql, tools.t).sql})${over(tools)}`,
    type: types.boolean,
  })),
  BOOLOR_AGG: rule(1, 1, ([a], tools) => ({
    sql: `bool_or(${asBoolean(a as TypedSql, tools.t).sql})${over(tools)}`,
    type: types.boolean,
  })),
  // The vendor estimates by HyperLogLog; the exact count is within its documented error.
  APPROX_COUNT_DISTINCT: rule(1, 1, ([a], tools) => ({
    sql: `CAST(count(DISTINCT ${identity(a as TypedSql)})${over(tools)} AS DECIMAL(18,0))`,
    type: types.number(18, 0),
    nullable: false,
  })),
  LISTAGG: rule(1, 2, ([a, separator], tools) => {
    const order = tools.node.withinGroup
      ?.map((o) => orderSql(o, translateExpression(o.expression, tools.t).sql))
      .join(', ');
    const glue = separator ? tools.text(separator) : "''";
    const sql = `string_agg(${distinct(tools)}${tools.text(a as TypedSql)}, ${glue}${order ? ` ORDER BY ${order}` : ''})${over(tools)}`;
    return { sql: `coalesce(${sql}, '')`, type: types.text(), nullable: false };
  }),
  BITXOR_AGG: bits('bit_xor'),
  BITAND_AGG: bits('bit_and'),
  BITOR_AGG: bits('bit_or'),
  ARRAY_AGG: rule(1, 1, ([a], tools) => {
    const order = tools.node.withinGroup
      ?.map((o) => orderSql(o, translateExpression(o.expression, tools.t).sql))
      .join(', ');
    const item = tools.cast(a as TypedSql, types.variant).sql;
    if (tools.node.over) throw errors.notInPractice('ARRAY_AGG as a window function');
    const list = `string_agg(${distinct(tools)}${item}, ','${order ? ` ORDER BY ${order}` : ''})`;
    return { sql: `('[' || coalesce(${list}, '') || ']')`, type: types.array, nullable: false };
  }),
  // The vendor's hash function is not public: any value given here would be wrong.
  HASH_AGG: rule(1, 100, () => {
    throw errors.notInPractice('HASH_AGG: its algorithm is not published');
  }),
};

function bits(name: string): FunctionTable[string] {
  return rule(1, 1, ([a], tools) => ({
    sql: `CAST(${name}(CAST(${tools.cast(numeric(a as TypedSql, tools.t), types.number(38, 0)).sql} AS HUGEINT))${over(tools)} AS DECIMAL(38,0))`,
    type: types.number(38, 0),
  }));
}
