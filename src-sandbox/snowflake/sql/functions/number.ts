import type { TypedSql } from '../../commands/command.ts';
import { errors } from '../../errors.ts';
import { types } from '../data-type.ts';
import { arithmetic, numeric } from '../translate-expression.ts';
import { dateTrunc } from './date.ts';
import { rule, type CallTools, type FunctionTable } from './rule.ts';

const float = (name: string): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => ({ sql: `${name}(${asFloat(a as TypedSql, tools)})`, type: types.float }));

const asFloat = (value: TypedSql, tools: CallTools): string => tools.cast(numeric(value, tools.t), types.float).sql;

/** BITAND and its like work on 128-bit integers. */
const bits = (operator: string): FunctionTable[string] =>
  rule(2, 2, ([a, b], tools) => {
    const whole = (value: TypedSql): string =>
      `CAST(${tools.cast(numeric(value, tools.t), types.number(38, 0)).sql} AS HUGEINT)`;
    const [x, y] = [whole(a as TypedSql), whole(b as TypedSql)];
    return {
      sql: `CAST(${operator === 'xor' ? `xor(${x}, ${y})` : `(${x} ${operator} ${y})`} AS DECIMAL(38,0))`,
      type: types.number(38, 0),
    };
  });

/** How many digits to keep: a literal, so that the result's scale is known. */
function places(tools: CallTools): number {
  const arg = tools.node.args[1];
  if (!arg) return 0;
  if (arg.kind === 'number') return Number(arg.text);
  if (arg.kind === 'unary' && arg.operator === '-' && arg.operand.kind === 'number') return -Number(arg.operand.text);
  throw errors.notInPractice(`${tools.name} with a scale that is no literal`);
}

function rounding(name: 'round' | 'trunc'): FunctionTable[string] {
  return rule(1, 2, (args, tools) => {
    const first = args[0] as TypedSql;
    if (name === 'trunc' && /date|timestamp/.test(first.type.kind))
      return dateTrunc(args[1] as TypedSql, first, tools.t);
    const value = numeric(first, tools.t);
    const digits = places(tools);
    if (value.type.kind !== 'number') {
      const sql = `(${name}(${value.sql} * ${10 ** digits}) / ${10 ** digits})`;
      return { sql: digits === 0 ? `${name}(${value.sql})` : sql, type: types.float };
    }
    const { precision, scale } = value.type;
    const kept = Math.min(scale, Math.max(digits, 0));
    if (digits >= scale) return value;
    const width = Math.min(38, precision - scale + kept + 1);
    const type = types.number(width, kept);
    if (digits < 0) {
      const unit = `CAST('1${'0'.repeat(-digits)}' AS HUGEINT)`;
      const divided = `sf_divide(CAST(${value.sql} AS VARCHAR), '1${'0'.repeat(-digits)}', ${name === 'round' ? 0 : 12})`;
      const whole =
        name === 'round' ? `CAST(${divided} AS HUGEINT)` : `CAST(split_part(${divided}, '.', 1) AS HUGEINT)`;
      return { sql: `CAST(${whole} * ${unit} AS DECIMAL(${width},0))`, type };
    }
    if (name === 'round') return { sql: `CAST(${value.sql} AS DECIMAL(${width},${kept}))`, type };
    const cut = `left(CAST(${value.sql} AS VARCHAR), length(CAST(${value.sql} AS VARCHAR)) - ${scale - kept}${kept === 0 ? ' - 1' : ''})`;
    return { sql: `CAST(${cut} AS DECIMAL(${width},${kept}))`, type };
  });
}

const floorOrCeil = (name: 'floor' | 'ceil'): FunctionTable[string] =>
  rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    if (value.type.kind !== 'number') return { sql: `${name}(${value.sql})`, type: types.float };
    if (value.type.scale === 0) return value;
    const width = Math.min(38, value.type.precision - value.type.scale + 1);
    return { sql: `CAST(${name}(${value.sql}) AS DECIMAL(${width},0))`, type: types.number(width, 0) };
  });

/** https://docs.snowflake.com/en/sql-reference/functions-numeric */
export const numberFunctions: FunctionTable = {
  ABS: rule(1, 1, ([a], tools) => {
    const value = numeric(a as TypedSql, tools.t);
    return { sql: `abs(${value.sql})`, type: value.type };
  }),
  SIGN: rule(1, 1, ([a], tools) => ({
    sql: `CAST(sign(${numeric(a as TypedSql, tools.t).sql}) AS DECIMAL(1,0))`,
    type: types.number(1, 0),
  })),
  ROUND: rounding('round'),
  TRUNC: rounding('trunc'),
  TRUNCATE: rounding('trunc'),
  FLOOR: floorOrCeil('floor'),
  CEIL: floorOrCeil('ceil'),
  CEILING: floorOrCeil('ceil'),
  MOD: rule(2, 2, ([a, b], tools) => arithmetic('%', a as TypedSql, b as TypedSql, tools.t)),
  DIV0: rule(2, 2, ([a, b], tools) => divZero(a as TypedSql, b as TypedSql, tools)),
  SQRT: float('sqrt'),
  EXP: float('exp'),
  LN: float('ln'),
  CBRT: float('cbrt'),
  POWER: rule(2, 2, ([a, b], tools) => ({
    sql: `pow(${asFloat(a as TypedSql, tools)}, ${asFloat(b as TypedSql, tools)})`,
    type: types.float,
  })),
  POW: rule(2, 2, ([a, b], tools) => ({
    sql: `pow(${asFloat(a as TypedSql, tools)}, ${asFloat(b as TypedSql, tools)})`,
    type: types.float,
  })),
  SQUARE: rule(1, 1, ([a], tools) => ({ sql: `pow(${asFloat(a as TypedSql, tools)}, 2)`, type: types.float })),
  BITAND: bits('&'),
  BITOR: bits('|'),
  BITXOR: bits('xor'),
  BITSHIFTRIGHT: bits('>>'),
  BITSHIFTLEFT: bits('<<'),
  SEQ4: rule(0, 1, () => ({
    sql: 'CAST(row_number() OVER () - 1 AS DECIMAL(10,0))',
    type: types.number(10, 0),
    nullable: false,
  })),
  SEQ8: rule(0, 1, () => ({
    sql: 'CAST(row_number() OVER () - 1 AS DECIMAL(19,0))',
    type: types.number(19, 0),
    nullable: false,
  })),
};

function divZero(a: TypedSql, b: TypedSql, tools: CallTools): TypedSql {
  const divisor = numeric(b, tools.t);
  const safe: TypedSql = {
    sql: `(CASE WHEN ${divisor.sql} = 0 THEN NULL ELSE ${divisor.sql} END)`,
    type: divisor.type,
  };
  const quotient = arithmetic('/', a, safe, tools.t);
  return {
    sql: `(CASE WHEN ${divisor.sql} = 0 AND ${a.sql} IS NOT NULL THEN 0 ELSE ${quotient.sql} END)`,
    type: quotient.type,
  };
}
