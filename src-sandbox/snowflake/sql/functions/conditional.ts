import type { TypedSql } from '../../commands/command.ts';
import { types } from '../data-type.ts';
import { asBoolean, bool, comparable, numeric, unify } from '../translate-expression.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const coalesce = (args: TypedSql[], tools: CallTools): TypedSql => {
  const { values, type } = unify(args, tools.t);
  return { sql: `coalesce(${values.join(', ')})`, type, nullable: args.every((a) => a.nullable ?? true) };
};

/** GREATEST and LEAST give NULL when any argument is NULL; DuckDB's skip NULLs. */
const extreme = (name: string): FunctionTable[string] =>
  rule(1, 100, (args, tools) => {
    const { values, type } = unify(args, tools.t);
    const anyNull = values.map((v) => `${v} IS NULL`).join(' OR ');
    return { sql: `(CASE WHEN ${anyNull} THEN NULL ELSE ${name}(${values.join(', ')}) END)`, type };
  });

/** https://docs.snowflake.com/en/sql-reference/expressions-conditional */
export const conditionalFunctions: FunctionTable = {
  COALESCE: rule(2, 200, coalesce),
  NVL: rule(2, 2, coalesce),
  IFNULL: rule(2, 2, coalesce),
  NVL2: rule(3, 3, ([a, b, c], tools) => {
    const { values, type } = unify([b as TypedSql, c as TypedSql], tools.t);
    return { sql: `(CASE WHEN ${(a as TypedSql).sql} IS NOT NULL THEN ${values[0]} ELSE ${values[1]} END)`, type };
  }),
  IFF: rule(3, 3, ([a, b, c], tools) => {
    const { values, type } = unify([b as TypedSql, c as TypedSql], tools.t);
    return {
      sql: `(CASE WHEN ${asBoolean(a as TypedSql, tools.t).sql} THEN ${values[0]} ELSE ${values[1]} END)`,
      type,
    };
  }),
  NULLIF: rule(2, 2, ([a, b], tools) => {
    const [x, y] = comparable(a as TypedSql, b as TypedSql, tools.t);
    return { sql: `(CASE WHEN ${x} = ${y} THEN NULL ELSE ${(a as TypedSql).sql} END)`, type: (a as TypedSql).type };
  }),
  EQUAL_NULL: rule(2, 2, ([a, b], tools) => {
    const [x, y] = comparable(a as TypedSql, b as TypedSql, tools.t);
    return bool(`(${x} IS NOT DISTINCT FROM ${y})`, false);
  }),
  ZEROIFNULL: rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    return { sql: `coalesce(${value.sql}, 0)`, type: value.type, nullable: false };
  }),
  NULLIFZERO: rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    return { sql: `(CASE WHEN ${value.sql} = 0 THEN NULL ELSE ${value.sql} END)`, type: value.type };
  }),
  GREATEST: extreme('greatest'),
  LEAST: extreme('least'),
  DECODE: rule(3, 200, (args, tools) => {
    const [subject, ...rest] = args as [TypedSql, ...TypedSql[]];
    const pairs: { when: TypedSql; then: TypedSql }[] = [];
    for (let i = 0; i + 1 < rest.length; i += 2)
      pairs.push({ when: rest[i] as TypedSql, then: rest[i + 1] as TypedSql });
    const otherwise = rest.length % 2 === 1 ? (rest[rest.length - 1] as TypedSql) : { sql: 'NULL', type: types.null };
    const { values, type } = unify([...pairs.map((p) => p.then), otherwise], tools.t);
    const branches = pairs.map((p, i) => {
      const [x, y] = comparable(subject, p.when, tools.t);
      return `WHEN ${x} IS NOT DISTINCT FROM ${y} THEN ${values[i]}`;
    });
    return { sql: `(CASE ${branches.join(' ')} ELSE ${values[values.length - 1]} END)`, type };
  }),
  BOOLAND: rule(2, 2, ([a, b], tools) =>
    bool(`(${asBoolean(a as TypedSql, tools.t).sql} AND ${asBoolean(b as TypedSql, tools.t).sql})`),
  ),
  BOOLOR: rule(2, 2, ([a, b], tools) =>
    bool(`(${asBoolean(a as TypedSql, tools.t).sql} OR ${asBoolean(b as TypedSql, tools.t).sql})`),
  ),
  BOOLNOT: rule(1, 1, ([a], tools) => bool(`(NOT ${asBoolean(a as TypedSql, tools.t).sql})`)),
};
