import type { TypedSql } from '../../commands/command.ts';
import { types } from '../data-type.ts';
import { bool } from '../translate-expression.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const variant = (value: TypedSql, tools: CallTools): string => tools.cast(value, types.variant).sql;

const isType = (...names: string[]): FunctionTable[string] =>
  rule(1, 1, ([a], tools) =>
    bool(`(sf_json_type(${variant(a as TypedSql, tools)}) IN (${names.map((n) => `'${n}'`).join(', ')}))`),
  );

/** https://docs.snowflake.com/en/sql-reference/functions-semistructured */
export const jsonFunctions: FunctionTable = {
  PARSE_JSON: rule(1, 1, ([a], tools) => ({ sql: `sf_json(${tools.text(a as TypedSql)}, true)`, type: types.variant })),
  TRY_PARSE_JSON: rule(1, 1, ([a], tools) => ({
    sql: `sf_json(${tools.text(a as TypedSql)}, false)`,
    type: types.variant,
  })),
  TO_JSON: rule(1, 1, ([a], tools) => ({ sql: variant(a as TypedSql, tools), type: types.text() })),
  TYPEOF: rule(1, 1, ([a], tools) => ({ sql: `sf_json_type(${variant(a as TypedSql, tools)})`, type: types.text() })),
  GET: rule(2, 2, ([a, key], tools) => ({ sql: getSql(a as TypedSql, key as TypedSql, tools), type: types.variant })),
  GET_PATH: rule(2, 2, ([a], tools) => {
    const steps = (tools.constant(1) ?? '').split('.').flatMap((part) => {
      const [name = '', ...indexes] = part.split('[');
      return [...(name ? [name] : []), ...indexes.map((i) => Number(i.replace(']', '')))];
    });
    return {
      sql: `sf_json_get(${variant(a as TypedSql, tools)}, '${JSON.stringify(steps).replaceAll("'", "''")}')`,
      type: types.variant,
    };
  }),
  ARRAY_SIZE: rule(1, 1, ([a], tools) => ({
    sql: `CAST(sf_json_size(${variant(a as TypedSql, tools)}) AS DECIMAL(9,0))`,
    type: types.number(9, 0),
  })),
  OBJECT_KEYS: rule(1, 1, ([a], tools) => ({
    sql: `sf_json_keys(${variant(a as TypedSql, tools)})`,
    type: types.array,
  })),
  // Written as JSON text and parsed back, so that keys are sorted and SQL NULLs are kept (arrays) or left out (objects).
  ARRAY_CONSTRUCT: rule(0, 1000, (args, tools) => ({
    sql: `sf_json('[' || ${args.map((a) => `coalesce(${variant(a, tools)}, 'null')`).join(" || ',' || ") || "''"} || ']', true)`,
    type: types.array,
    nullable: false,
  })),
  OBJECT_CONSTRUCT: rule(0, 1000, (args, tools) => {
    const entries: string[] = [];
    for (let i = 0; i + 1 < args.length; i += 2) {
      const value = variant(args[i + 1] as TypedSql, tools);
      entries.push(`(CAST(to_json(${tools.text(args[i] as TypedSql)}) AS VARCHAR) || ':' || ${value})`);
    }
    return {
      sql: `sf_json('{' || concat_ws(',', ${entries.join(', ') || "''"}) || '}', true)`,
      type: types.object,
      nullable: false,
    };
  }),
  TO_OBJECT: rule(1, 1, ([a], tools) => tools.cast(a as TypedSql, types.object)),
  TO_ARRAY: rule(1, 1, ([a], tools) => tools.cast(a as TypedSql, types.array)),
  AS_VARCHAR: asType('VARCHAR', (sql, tools) => tools.cast({ sql, type: types.variant }, types.text())),
  AS_INTEGER: asType('INTEGER', (sql, tools) => tools.cast({ sql, type: types.variant }, types.number())),
  IS_NULL_VALUE: isType('NULL_VALUE'),
  IS_OBJECT: isType('OBJECT'),
  IS_ARRAY: isType('ARRAY'),
  IS_VARCHAR: isType('VARCHAR'),
  IS_BOOLEAN: isType('BOOLEAN'),
  IS_INTEGER: isType('INTEGER'),
};

function asType(name: string, done: (sql: string, tools: CallTools) => TypedSql): FunctionTable[string] {
  return rule(1, 1, ([a], tools) => {
    const value = variant(a as TypedSql, tools);
    return done(`(CASE WHEN sf_json_type(${value}) = '${name}' THEN ${value} END)`, tools);
  });
}

function getSql(value: TypedSql, key: TypedSql, tools: CallTools): string {
  const step =
    key.type.kind === 'number'
      ? `CAST(CAST(${key.sql} AS BIGINT) AS VARCHAR)`
      : `CAST(to_json(${tools.text(key)}) AS VARCHAR)`;
  return `sf_json_get(${variant(value, tools)}, '[' || ${step} || ']')`;
}
