import type { SqlType } from '../../engine-contract.ts';
import { digitsOf } from '../values/number-text.ts';
import type { Expression, FrameBound, OrderItem, WindowSpec } from '../../sql/ast.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { orderKey } from '../bind/order-output.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { keyOf, nullOf } from '../bind/typed.ts';
import { errors, SqlError, travelText } from '../errors.ts';
import {
  BIGINT,
  decimal,
  duckType,
  FLOAT,
  INT,
  isFloat,
  isInteger,
  isMoney,
  isNumber,
  isOldLob,
  isText,
  isUnicode,
  nvarchar,
  typeLabel,
  varchar,
} from '../sql-types.ts';

type Call = Extract<Expression, { kind: 'call' }>;

export const WINDOW_FUNCTIONS: ReadonlySet<string> = new Set([
  'ROW_NUMBER',
  'RANK',
  'DENSE_RANK',
  'NTILE',
  'LAG',
  'LEAD',
  'FIRST_VALUE',
  'LAST_VALUE',
  'CUME_DIST',
  'PERCENT_RANK',
  'PERCENTILE_DISC',
  'PERCENTILE_CONT',
]);

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/aggregate-functions-transact-sql */
export function bindAggregate(b: Binder, name: string, call: Call, scope: Scope): Typed {
  if (call.over !== null) {
    if (call.distinct)
      throw new SqlError(10759, 'Use of DISTINCT is not allowed with the OVER clause.', { severity: 15 });
    requireWindowClause(scope);
    const over = ` OVER ${windowSql(b, call.over, scope)}`;
    return aggregateSql(b, name, call, { scope, over });
  }
  const { grouping } = scope;
  if (grouping === null) {
    if (scope.clause === 'where' || scope.clause === 'on') {
      throw new SqlError(
        147,
        'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
        { severity: 15 },
      );
    }
    if (scope.clause === 'group')
      throw new SqlError(
        130,
        'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
        { severity: 15 },
      );
    throw new SqlError(157, 'An aggregate may not appear in the set list of an UPDATE statement.', { severity: 15 });
  }
  return aggregateSql(b, name, call, { scope: grouping.rows, over: '' });
}

type Place = { scope: Scope; over: string };

function aggregateSql(b: Binder, name: string, call: Call, place: Place): Typed {
  const typed = (sql: string, type: SqlType, nullable = true): Typed => ({
    sql,
    type,
    nullable,
    label: 'implicit',
    isSimple: false,
  });
  if (name === 'COUNT' || name === 'COUNT_BIG') {
    const inner = call.star || call.args[0] === undefined ? '*' : countArgument(b, call, place.scope);
    const type = name === 'COUNT' ? INT : BIGINT;
    return typed(`CAST(count(${inner})${place.over} AS ${duckType(type)})`, type, false);
  }
  if (name === 'GROUPING') {
    const argument = b.expression(call.args[0] as Expression, place.scope);
    return typed(`CAST(GROUPING(${keyOf(b, argument)}) AS UTINYINT)`, { name: 'tinyint' }, false);
  }
  if (name === 'GROUPING_ID') throw errors.unsupported('GROUPING_ID');
  if (call.args.length !== (name === 'STRING_AGG' ? 2 : 1))
    throw errors.argumentCount(name, name === 'STRING_AGG' ? 2 : 1);
  const argument = b.expression(call.args[0] as Expression, place.scope);
  const distinct = call.distinct ? 'DISTINCT ' : '';
  switch (name) {
    case 'SUM':
    case 'AVG':
      return sumSql(name, argument, { distinct, over: place.over });
    case 'MIN':
    case 'MAX':
      return extremeSql(b, name, argument, place.over);
    case 'STDEV':
    case 'STDEVP':
    case 'VAR':
    case 'VARP': {
      requireNumber(argument, name);
      const duck = { STDEV: 'stddev_samp', STDEVP: 'stddev_pop', VAR: 'var_samp', VARP: 'var_pop' }[name];
      return typed(`${duck}(${distinct}CAST(${argument.sql} AS DOUBLE))${place.over}`, FLOAT);
    }
    case 'STRING_AGG':
      return stringAgg(b, call, argument, place);
    case 'CHECKSUM_AGG':
      if (argument.type.name !== 'int') throw errors.invalidOperator(typeLabel(argument.type), 'checksum_agg');
      return typed(`bit_xor(${distinct}${argument.sql})${place.over}`, INT);
    default:
      return typed(`CAST(count(DISTINCT ${keyOf(b, argument)}) AS BIGINT)`, BIGINT, false);
  }
}

function countArgument(b: Binder, call: Call, scope: Scope): string {
  const argument = b.expression(call.args[0] as Expression, scope);
  if (isOldLob(argument.type)) throw errors.invalidOperator(argument.type.name, 'count');
  return call.distinct ? `DISTINCT ${keyOf(b, argument)}` : argument.sql;
}

function requireNumber(argument: Typed, name: string): void {
  if (!isNumber(argument.type) || argument.type.name === 'bit')
    throw errors.invalidOperator(typeLabel(argument.type), name.toLowerCase());
}

function sumSql(name: 'SUM' | 'AVG', argument: Typed, options: { distinct: string; over: string }): Typed {
  requireNumber(argument, name);
  const { type, sql } = argument;
  const call = (fn: string, of = sql): string => `${fn}(${options.distinct}${of})${options.over}`;
  const typed = (text: string, result: SqlType): Typed => ({
    sql: text,
    type: result,
    nullable: true,
    label: 'implicit',
    isSimple: false,
  });
  if (isInteger(type)) {
    const result = type.name === 'bigint' ? BIGINT : INT;
    // The sum itself must fit, for AVG too.
    const total = `CAST(${call('sum')} AS ${duckType(result)})`;
    return typed(name === 'SUM' ? total : `CAST(${total} // ${call('count')} AS ${duckType(result)})`, result);
  }
  if (isFloat(type)) return typed(call(name.toLowerCase(), `CAST(${sql} AS DOUBLE)`), FLOAT);
  if (isMoney(type)) {
    const total = `CAST(${call('sum', `CAST(${sql} AS DECIMAL(38,4))`)} AS DECIMAL(19,4))`;
    const money: SqlType = { name: 'money' };
    if (name === 'SUM') return typed(total, money);
    return typed(scaledQuotient(total, call('count'), { from: 4, to: 4, precision: 19 }), money);
  }
  const scale = type.scale ?? 0;
  const total = call('sum', `CAST(${sql} AS DECIMAL(38,${scale}))`);
  if (name === 'SUM') return typed(total, decimal(38, scale));
  const averageScale = Math.max(scale, 6);
  return typed(
    scaledQuotient(total, call('count'), { from: scale, to: averageScale, precision: 38 }),
    decimal(38, averageScale),
  );
}

/** A sum over a count, cut off at `to` digits. */
function scaledQuotient(total: string, count: string, size: { from: number; to: number; precision: number }): string {
  const shifted = `CAST(replace(CAST(${total} AS VARCHAR), '.', '') || '${'0'.repeat(size.to - size.from)}' AS HUGEINT)`;
  const quotient = `(${shifted} // nullif(${count}, 0))`;
  return `CAST(CASE WHEN ${quotient} IS NULL THEN NULL ELSE ${placedPoint(quotient, size.to)} END AS DECIMAL(${size.precision},${size.to}))`;
}

/** A whole number as the text of one with `scale` decimals. */
function placedPoint(sql: string, scale: number): string {
  if (scale === 0) return `CAST(${sql} AS VARCHAR)`;
  const digits = `lpad(CAST(abs(${sql}) AS VARCHAR), CAST(greatest(length(CAST(abs(${sql}) AS VARCHAR)), ${scale + 1}) AS INTEGER), '0')`;
  return `(CASE WHEN ${sql} < 0 THEN '-' ELSE '' END || left(${digits}, length(${digits}) - ${scale}) || '.' || right(${digits}, ${scale}))`;
}

function extremeSql(b: Binder, name: 'MIN' | 'MAX', argument: Typed, over: string): Typed {
  const { type } = argument;
  if (
    isOldLob(type) ||
    type.name === 'bit' ||
    type.name === 'xml' ||
    type.name === 'geometry' ||
    type.name === 'geography'
  ) {
    throw errors.invalidOperator(typeLabel(type), name.toLowerCase());
  }
  const key = keyOf(b, argument);
  const fn = name.toLowerCase();
  const sql = key === argument.sql ? `${fn}(${key})${over}` : `arg_${fn}(${argument.sql}, ${key})${over}`;
  return { sql, type, nullable: true, label: argument.label, isSimple: false };
}

function stringAgg(b: Binder, call: Call, argument: Typed, place: Place): Typed {
  const text = isText(argument.type) ? argument : convertTyped(b, argument, nvarchar(4000));
  const separator = convertTyped(
    b,
    b.expression(call.args[1] as Expression, place.scope),
    isUnicode(text.type) ? nvarchar(4000) : varchar(8000),
  );
  const order = (call.withinGroup ?? []).map((item) =>
    orderKey(b, b.expression(item.expression, place.scope), item.descending),
  );
  const isMax = text.type.length === -1;
  const type = isUnicode(text.type)
    ? nvarchar(isMax ? -1 : 4000, text.type.collation)
    : varchar(isMax ? -1 : 8000, text.type.collation);
  const orderBy = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`;
  const joined = `string_agg(${text.sql}, ${separator.sql}${orderBy})`;
  if (isMax) return { sql: joined, type, nullable: true, label: 'implicit', isSimple: false };
  const limit = type.length ?? 8000;
  const error = errorSql(
    new SqlError(
      9829,
      'STRING_AGG aggregation result exceeded the limit of 8000 bytes. Use LOB types to avoid result truncation.',
    ),
  );
  return {
    sql: `CASE WHEN length(${joined}) > ${limit} THEN ${error} ELSE ${joined} END`,
    type,
    nullable: true,
    label: 'implicit',
    isSimple: false,
  };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/ranking-functions-transact-sql and analytic-functions-transact-sql */
export function bindWindowFunction(b: Binder, name: string, call: Call, scope: Scope): Typed {
  if (call.over === null) {
    throw new SqlError(10753, `The function '${call.name[0]?.name ?? name}' must have an OVER clause.`, {
      severity: 15,
      state: 3,
    });
  }
  requireWindowClause(scope);
  if (name === 'PERCENTILE_DISC' || name === 'PERCENTILE_CONT') return percentile(b, name, call, scope);
  const spec = call.over;
  if (spec.orderBy.length === 0 && spec.window === null) {
    throw new SqlError(4112, `The function '${call.name[0]?.name ?? name}' must have an OVER clause with ORDER BY.`, {
      severity: 15,
    });
  }
  const over = ` OVER ${windowSql(b, spec, scope)}`;
  const typed = (sql: string, type: SqlType, nullable = false): Typed => ({
    sql,
    type,
    nullable,
    label: 'implicit',
    isSimple: false,
  });
  const args = call.args.map((arg) => b.expression(arg, scope));
  const [first] = args;
  switch (name) {
    case 'ROW_NUMBER':
    case 'RANK':
    case 'DENSE_RANK':
      return typed(`${name.toLowerCase()}()${over}`, BIGINT);
    case 'NTILE': {
      if (first === undefined) throw errors.argumentCount('ntile', 1);
      const count = convertTyped(b, first, BIGINT);
      if (typeof count.constant === 'bigint' && count.constant <= 0n) {
        throw new SqlError(9819, 'The argument of the function NTILE must be a positive integer.');
      }
      return typed(`ntile(${count.sql})${over}`, BIGINT);
    }
    case 'CUME_DIST':
    case 'PERCENT_RANK':
      return typed(`${name.toLowerCase()}()${over}`, FLOAT);
    default: {
      if (first === undefined) throw errors.argumentCount(name, 1);
      return offsetFunction(b, name, { args, call, over, typed });
    }
  }
}

function offsetFunction(
  b: Binder,
  name: string,
  parts: { args: Typed[]; call: Call; over: string; typed: (sql: string, type: SqlType, nullable?: boolean) => Typed },
): Typed {
  const { args, call, over, typed } = parts;
  const first = args[0] as Typed;
  const nulls = call.nullTreatment === 'IGNORE' ? ' IGNORE NULLS' : '';
  if (name === 'FIRST_VALUE' || name === 'LAST_VALUE') {
    return { ...typed(`${name.toLowerCase()}(${first.sql}${nulls})${over}`, first.type, true), label: first.label };
  }
  const offset = args[1] === undefined ? '1' : convertTyped(b, args[1], BIGINT).sql;
  const fallback = convertTyped(b, args[2] ?? nullOf(b, first.type), first.type);
  return {
    ...typed(`${name.toLowerCase()}(${first.sql}, ${offset}, ${fallback.sql}${nulls})${over}`, first.type, true),
    label: first.label,
  };
}

function percentile(b: Binder, name: string, call: Call, scope: Scope): Typed {
  const order = call.withinGroup?.[0];
  if (order === undefined || call.args[0] === undefined)
    throw new SqlError(10754, `The function '${name}' must have a WITHIN GROUP clause.`, { severity: 15 });
  const fraction = convertTyped(b, b.expression(call.args[0], scope), FLOAT);
  const value = b.expression(order.expression, scope);
  if (!isNumber(value.type)) throw errors.invalidOperator(typeLabel(value.type), name.toLowerCase());
  const over = windowSql(b, { ...(call.over as WindowSpec), orderBy: [] }, scope);
  const fn = name === 'PERCENTILE_DISC' ? 'quantile_disc' : 'quantile_cont';
  const type = name === 'PERCENTILE_DISC' ? value.type : FLOAT;
  const source = name === 'PERCENTILE_DISC' ? value.sql : `CAST(${value.sql} AS DOUBLE)`;
  const share =
    typeof fraction.constant === 'number' ? (order.descending ? 1 - fraction.constant : fraction.constant) : null;
  if (share === null) throw errors.unsupported(`${name} of a share that is not a constant`);
  return { sql: `${fn}(${source}, ${share}) OVER ${over}`, type, nullable: true, label: 'implicit', isSimple: false };
}

function requireWindowClause(scope: Scope): void {
  if (scope.clause !== 'select' && scope.clause !== 'order') {
    throw new SqlError(4108, 'Windowed functions can only appear in the SELECT or ORDER BY clauses.', { severity: 15 });
  }
}

export function windowSql(b: Binder, spec: WindowSpec, scope: Scope): string {
  const base = spec.window === null ? null : namedWindow(spec.window.name, scope);
  const partitionBy = spec.partitionBy.length > 0 ? spec.partitionBy : (base?.partitionBy ?? []);
  const orderBy: OrderItem[] = spec.orderBy.length > 0 ? spec.orderBy : (base?.orderBy ?? []);
  const frame = spec.frame ?? base?.frame ?? null;
  const parts: string[] = [];
  if (partitionBy.length > 0) {
    parts.push(`PARTITION BY ${partitionBy.map((one) => keyOf(b, b.expression(one, scope))).join(', ')}`);
  }
  if (orderBy.length > 0) parts.push(`ORDER BY ${orderBy.map((item) => windowOrder(b, item, scope)).join(', ')}`);
  if (frame !== null) parts.push(`${frame.unit} BETWEEN ${boundSql(b, frame.start)} AND ${boundSql(b, frame.end)}`);
  return `(${parts.join(' ')})`;
}

/** `ORDER BY (SELECT NULL)` is the usual way to ask for no order. */
function windowOrder(b: Binder, item: OrderItem, scope: Scope): string {
  if (item.expression.kind === 'number') {
    throw new SqlError(
      5308,
      'Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions.',
    );
  }
  return orderKey(b, b.expression(item.expression, scope), item.descending);
}

function namedWindow(name: string, scope: Scope): WindowSpec {
  const found = scope.windows.get(name.toLowerCase());
  if (found === undefined) throw new SqlError(10765, `Window '${name}' is undefined.`, { severity: 15 });
  return found.window === null ? found : { ...namedWindow(found.window.name, scope), ...found, window: null };
}

function boundSql(b: Binder, bound: FrameBound): string {
  switch (bound.kind) {
    case 'unbounded-preceding':
      return 'UNBOUNDED PRECEDING';
    case 'unbounded-following':
      return 'UNBOUNDED FOLLOWING';
    case 'current-row':
      return 'CURRENT ROW';
    default: {
      const scope: Scope = { parent: null, sources: [], grouping: null, windows: new Map(), clause: 'other' };
      const offset = convertTyped(b, b.expression(bound.offset, scope), INT);
      return `${digitsOf(offset.constant ?? 0)} ${bound.kind === 'preceding' ? 'PRECEDING' : 'FOLLOWING'}`;
    }
  }
}

function errorSql(error: SqlError): string {
  return `error('${travelText(error)}')`;
}
