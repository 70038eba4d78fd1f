import type { ResultColumn, TypedSql } from '../commands/command.ts';
import { quoteText } from '../engine/database.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { BinaryOperator, Expression, ExpressionNode, JsonStep, OrderItem, Query, WindowSpec } from './ast.ts';
import { castTo, commonType } from './cast.ts';
import { types, type SnowflakeType } from './data-type.ts';
import { sameQualifier, type Scope, type ScopeColumn, type TranslateEnvironment } from './scope.ts';

/** Everything that writing out one expression needs. `subquery` comes from the query translator (no import cycle). */
export interface Translator {
  environment: TranslateEnvironment;
  scope: Scope;
  /** A function call; given, so that functions and expressions do not import each other. */
  call(
    expression: Extract<ExpressionNode, { kind: 'call' | 'extract' }> & { span: Expression['span'] },
    t: Translator,
    given?: TypedSql[],
  ): TypedSql;
  /** A subquery in this scope: complete DuckDB SELECT and the types of its columns. */
  subquery(query: Query, scope: Scope): { sql: string; columns: ResultColumn[] };
}

type Node<K extends ExpressionNode['kind']> = Extract<ExpressionNode, { kind: K }> & { span: Expression['span'] };

/**
 * Writes one expression as DuckDB SQL. Node by node from a closed list: what is not known here or in functions/ is an error,
 * never passed through.
 */
export function translateExpression(expression: Expression, t: Translator): TypedSql {
  switch (expression.kind) {
    case 'null':
      return { sql: 'NULL', type: types.null };
    case 'boolean':
      return { sql: expression.value ? 'TRUE' : 'FALSE', type: types.boolean, nullable: false };
    case 'number':
      return numberLiteral(expression.text);
    case 'string':
      return {
        sql: quoteText(expression.value),
        type: types.text(Math.max(1, [...expression.value].length)),
        nullable: false,
      };
    case 'typed-string':
      return cast({ sql: quoteText(expression.value), type: types.text(), nullable: false }, expression.type, t);
    case 'column':
      return translateColumn(expression, t);
    case 'position':
      return translatePosition(expression, t);
    case 'variable':
      return t.environment.variable(expression.name);
    case 'bind':
      return t.environment.bind(expression.index);
    case 'unary':
      return translateUnary(expression, t);
    case 'binary':
      return translateBinary(expression, t);
    case 'is-null':
      return bool(`(${isNullSql(translateExpression(expression.operand, t), expression.negated)})`, false);
    case 'is-boolean': {
      const operand = asBoolean(translateExpression(expression.operand, t), t);
      return bool(
        `(${operand.sql} IS ${expression.negated ? 'NOT ' : ''}${expression.value ? 'TRUE' : 'FALSE'})`,
        false,
      );
    }
    case 'is-distinct': {
      const [a, b] = comparable(translateExpression(expression.left, t), translateExpression(expression.right, t), t);
      return bool(`(${a} IS ${expression.negated ? 'NOT ' : ''}DISTINCT FROM ${b})`, false);
    }
    case 'between':
      return translateBetween(expression, t);
    case 'in-list':
      return translateInList(expression, t);
    case 'in-query':
      return translateInQuery(expression, t);
    case 'like':
      return translateLike(expression, t);
    case 'exists': {
      const inner = t.subquery(expression.query, t.scope);
      return bool(`EXISTS (${inner.sql})`, false);
    }
    case 'subquery': {
      const inner = t.subquery(expression.query, t.scope);
      if (inner.columns.length !== 1) {
        throw new SnowflakeError(
          '002076',
          '42601',
          `SQL compilation error:\nInvalid number of column in scalar subquery: expected 1, got ${inner.columns.length}`,
        );
      }
      return { sql: `(${inner.sql})`, type: inner.columns[0]?.type ?? types.null };
    }
    case 'case':
      return translateCase(expression, t);
    case 'cast':
      return translateCast(expression, t);
    case 'path':
      return translatePath(expression, t);
    case 'call':
    case 'extract':
      return t.call(expression, t);
    case 'array':
      return t.call({ ...emptyCall('ARRAY_CONSTRUCT'), args: expression.items, span: expression.span }, t);
    case 'object': {
      const args = expression.entries.flatMap((e): Expression[] => [
        { kind: 'string', value: e.key, span: e.value.span },
        e.value,
      ]);
      return t.call({ ...emptyCall('OBJECT_CONSTRUCT'), args, span: expression.span }, t);
    }
    case 'interval':
      throw errors.notInPractice('INTERVAL outside of + and -');
    case 'collate':
      throw errors.notInPractice('COLLATE');
    case 'at-time-zone':
      throw errors.notInPractice('AT TIME ZONE');
    case 'star':
      throw errors.syntax('*', expression.span);
    case 'tuple':
      throw errors.notInPractice('row constructors outside of IN');
  }
}

function emptyCall(name: string): Extract<ExpressionNode, { kind: 'call' }> {
  return {
    kind: 'call',
    name,
    args: [],
    namedArgs: {},
    distinct: false,
    star: false,
    withinGroup: null,
    ignoreNulls: false,
    over: null,
  };
}

export const bool = (sql: string, nullable = true): TypedSql => ({ sql, type: types.boolean, nullable });

export function cast(value: TypedSql, to: SnowflakeType, t: Translator, strict = true): TypedSql {
  return castTo(value, to, { parameter: t.environment.parameter, strict });
}

export function asBoolean(value: TypedSql, t: Translator): TypedSql {
  return value.type.kind === 'boolean' ? value : cast(value, types.boolean, t);
}

/** Snowflake takes digits with a point as NUMBER; more than 38 digits or an exponent make a FLOAT. */
export function numberLiteral(text: string): TypedSql {
  if (/[eE]/.test(text)) return { sql: `CAST('${text}' AS DOUBLE)`, type: types.float, nullable: false };
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/, '');
  const precision = Math.max(1, digits.length + fraction.length);
  if (precision > 38) return { sql: `CAST('${text}' AS DOUBLE)`, type: types.float, nullable: false };
  return {
    sql: `CAST('${text}' AS DECIMAL(${precision},${fraction.length}))`,
    type: types.number(precision, fraction.length),
    nullable: false,
  };
}

function translateColumn(expression: Node<'column'>, t: Translator): TypedSql {
  const found = lookUp(expression, t);
  if (found) return found;
  const last = expression.parts[expression.parts.length - 1];
  const text = expression.parts.map((p) => (p.quoted ? `"${p.name}"` : p.name)).join('.');
  if (expression.parts.length === 1 && last && !last.quoted) {
    const noParentheses = t.environment.contextFunction(last.name, []);
    if (noParentheses && ['SYSDATE', 'CURRENT_ROLE'].includes(last.name) === false && last.name.startsWith('CURRENT_'))
      return noParentheses;
  }
  throw errors.invalidIdentifier(text, expression.span);
}

function lookUp(expression: Node<'column'>, t: Translator): TypedSql | undefined {
  const name = expression.parts[expression.parts.length - 1];
  const qualifier = expression.parts.slice(0, -1);
  if (!name) return undefined;
  for (let scope: Scope | null = t.scope; scope; scope = scope.parent) {
    const found = scope.columns.filter(
      (c) => c.name === name.name && (qualifier.length > 0 || !c.hidden) && sameQualifier(c, qualifier),
    );
    if (found.length > 1) throw errors.ambiguousColumn(name.name, expression.span);
    if (found.length === 1) return (found[0] as ScopeColumn).value;
    if (qualifier.length === 0) {
      const metadata = stageMetadata(name.name, scope);
      if (metadata) return metadata;
      const alias = scope.aliases.get(name.name);
      if (alias && !scope.expanding.has(name.name)) return expandAlias(name.name, alias, { ...t, scope });
    }
  }
  return undefined;
}

function expandAlias(name: string, alias: Expression, t: Translator): TypedSql {
  t.scope.expanding.add(name);
  try {
    return translateExpression(alias, t);
  } finally {
    t.scope.expanding.delete(name);
  }
}

function stageMetadata(name: string, scope: Scope): TypedSql | undefined {
  if (!name.startsWith('METADATA$')) return undefined;
  for (const stage of scope.stages) {
    const found = stage.relation.metadata(name, stage.alias);
    if (found) return found;
  }
  return undefined;
}

function translatePosition(expression: Node<'position'>, t: Translator): TypedSql {
  for (let scope: Scope | null = t.scope; scope; scope = scope.parent) {
    const stage = scope.stages.find((s) => !expression.qualifier || s.name === expression.qualifier.name);
    if (stage) return stage.relation.column(expression.index, stage.alias);
    const columns = scope.positions.filter(
      (c) => !expression.qualifier || c.qualifiers.includes(expression.qualifier.name),
    );
    const column = columns[expression.index - 1];
    if (column) return column.value;
  }
  throw errors.invalidIdentifier(`$${expression.index}`, expression.span);
}

function translateUnary(expression: Node<'unary'>, t: Translator): TypedSql {
  const operand = translateExpression(expression.operand, t);
  if (expression.operator === 'NOT') {
    const condition = asBoolean(operand, t);
    return { sql: `(NOT ${condition.sql})`, type: types.boolean, nullable: condition.nullable ?? true };
  }
  if (expression.operator === '+') return operand;
  const number = numeric(operand, t);
  return { sql: `(-${number.sql})`, type: number.type, nullable: number.nullable ?? true };
}

/** The value as NUMBER or FLOAT. Text beside arithmetic is read as NUMBER(38,5), as the vendor does. */
export function numeric(value: TypedSql, t: Translator): TypedSql {
  if (value.type.kind === 'number' || value.type.kind === 'float') return value;
  if (value.type.kind === 'null') return { sql: 'CAST(NULL AS DECIMAL(38,0))', type: types.number() };
  if (value.type.kind === 'variant' || value.type.kind === 'text') return cast(value, types.number(38, 5), t);
  return cast(value, types.number(38, 0), t);
}

function translateBinary(expression: Node<'binary'>, t: Translator): TypedSql {
  const { operator } = expression;
  if (operator === 'AND' || operator === 'OR') return translateLogic(expression, t);
  if (expression.right.kind === 'interval' && (operator === '+' || operator === '-')) {
    return addInterval(translateExpression(expression.left, t), expression.right.text, operator, t);
  }
  const left = translateExpression(expression.left, t);
  const right = translateExpression(expression.right, t);
  const nullable = (left.nullable ?? true) || (right.nullable ?? true);
  switch (operator) {
    case '||': {
      if (left.type.kind === 'binary' && right.type.kind === 'binary')
        return { sql: `(${left.sql} || ${right.sql})`, type: types.binary(), nullable };
      return {
        sql: `(${asText(left, t)} || ${asText(right, t)})`,
        type: types.text(concatLength(left.type, right.type)),
        nullable,
      };
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { ...arithmetic(operator, left, right, t), nullable };
    default: {
      const [a, b] = comparable(left, right, t);
      return bool(`(${a} ${operator} ${b})`, nullable);
    }
  }
}

function concatLength(a: SnowflakeType, b: SnowflakeType): number {
  return Math.min(
    16_777_216,
    (a.kind === 'text' ? a.length : 16_777_216) + (b.kind === 'text' ? b.length : 16_777_216),
  );
}

/** Long AND and OR chains are written flat, so that a thousand terms do not nest a thousand parentheses. */
function translateLogic(expression: Node<'binary'>, t: Translator): TypedSql {
  const terms: Expression[] = [];
  const collect = (e: Expression): void => {
    let current = e;
    const right: Expression[] = [];
    while (current.kind === 'binary' && current.operator === expression.operator) {
      right.push(current.right);
      current = current.left;
    }
    terms.push(current, ...right.reverse());
  };
  collect(expression);
  const parts = terms.map((e) => asBoolean(translateExpression(e, t), t));
  return bool(
    `(${parts.map((p) => p.sql).join(` ${expression.operator} `)})`,
    parts.some((p) => p.nullable ?? true),
  );
}

export function asText(value: TypedSql, t: Translator): string {
  return value.type.kind === 'text' ? value.sql : cast(value, types.text(), t).sql;
}

/** https://docs.snowflake.com/en/sql-reference/operators-arithmetic (scale and precision of results) */
export function arithmetic(operator: BinaryOperator, left: TypedSql, right: TypedSql, t: Translator): TypedSql {
  const dates = dateArithmetic(operator, left, right, t);
  if (dates) return dates;
  const [a, b] = [numeric(left, t), numeric(right, t)];
  if (a.type.kind === 'float' || b.type.kind === 'float') {
    const [x, y] = [cast(a, types.float, t).sql, cast(b, types.float, t).sql];
    if (operator === '/') return { sql: `sf_float_divide(${x}, ${y})`, type: types.float };
    return { sql: `(${x} ${operator} ${y})`, type: types.float };
  }
  if (a.type.kind !== 'number' || b.type.kind !== 'number') throw errors.notInPractice('arithmetic on these types');
  const [p1, s1, p2, s2] = [a.type.precision, a.type.scale, b.type.precision, b.type.scale];
  const fixed = (sql: string, precision: number, scale: number): TypedSql => {
    const type = types.number(Math.min(38, precision), scale);
    return { sql: `CAST(${sql} AS DECIMAL(${Math.min(38, precision)},${scale}))`, type };
  };
  if (operator === '+' || operator === '-') {
    const scale = Math.max(s1, s2);
    const precision = Math.min(38, Math.max(p1 - s1, p2 - s2) + scale + 1);
    const side = (x: TypedSql): string => `CAST(${x.sql} AS DECIMAL(${precision},${scale}))`;
    return fixed(`(${side(a)} ${operator} ${side(b)})`, precision, scale);
  }
  if (operator === '*') {
    const scale = Math.min(s1 + s2, Math.max(s1, s2, 12));
    const precision = p1 - s1 + (p2 - s2) + scale;
    return fixed(`(${a.sql} * ${b.sql})`, precision, scale);
  }
  if (operator === '/') {
    const scale = Math.max(s1, Math.min(s1 + 6, 12));
    return fixed(
      `sf_divide(CAST(${a.sql} AS VARCHAR), CAST(${b.sql} AS VARCHAR), ${scale})`,
      p1 - s1 + s2 + scale,
      scale,
    );
  }
  const scale = Math.max(s1, s2);
  const precision = Math.min(38, Math.max(p1 - s1, p2 - s2) + scale);
  const side = (x: TypedSql): string => `CAST(${x.sql} AS DECIMAL(${precision},${scale}))`;
  return fixed(`sf_modulo(${side(a)}, ${side(b)})`, precision, scale);
}

function dateArithmetic(
  operator: BinaryOperator,
  left: TypedSql,
  right: TypedSql,
  t: Translator,
): TypedSql | undefined {
  if (left.type.kind === 'date' && right.type.kind === 'date' && operator === '-') {
    return { sql: `CAST((${left.sql} - ${right.sql}) AS DECIMAL(9,0))`, type: types.number(9, 0) };
  }
  if (
    left.type.kind === 'date' &&
    (operator === '+' || operator === '-') &&
    ['number', 'text'].includes(right.type.kind)
  ) {
    return {
      sql: `(${left.sql} ${operator} CAST(${cast(right, types.number(38, 0), t).sql} AS INTEGER))`,
      type: types.date,
    };
  }
  if (left.type.kind.startsWith('timestamp') || right.type.kind.startsWith('timestamp')) {
    throw new SnowflakeError(
      '001003',
      '42601',
      "SQL compilation error:\nInvalid argument types for function '" + operator + "'",
    );
  }
  return undefined;
}

function addInterval(left: TypedSql, text: string, operator: '+' | '-', t: Translator): TypedSql {
  let value = left;
  for (const part of text.split(',')) {
    const match = /^\s*([+-]?\d+)\s*([A-Za-z]*)\s*$/.exec(part);
    if (!match) throw errors.notInPractice(`INTERVAL '${text}'`);
    const amount = operator === '-' ? -Number(match[1]) : Number(match[1]);
    value = t.call(
      {
        ...emptyCall('DATEADD'),
        args: [],
        span: { start: 0, end: 0, line: 1, position: 0 },
      },
      t,
      [
        { sql: quoteText(match[2] || 'second'), type: types.text() },
        { sql: `CAST('${amount}' AS DECIMAL(18,0))`, type: types.number(18, 0) },
        value,
      ],
    );
  }
  return value;
}

/** Both sides in one type; TIMESTAMP_TZ by instant. */
export function comparable(left: TypedSql, right: TypedSql, t: Translator): [string, string] {
  let type = commonType(left.type, right.type);
  if (type.kind === 'variant') {
    const other = left.type.kind === 'variant' ? right.type : left.type;
    if (other.kind !== 'variant' && other.kind !== 'null')
      type = other.kind === 'number' ? types.number(38, Math.max(9, other.scale)) : other;
  }
  const bring = (value: TypedSql): string => {
    const moved = sameType(value.type, type) ? value.sql : cast(value, type, t).sql;
    return type.kind === 'timestamp_tz' ? `sf_instant(${moved})` : moved;
  };
  return [bring(left), bring(right)];
}

function sameType(a: SnowflakeType, b: SnowflakeType): boolean {
  if (a.kind === 'number' && b.kind === 'number') return true;
  return a.kind === b.kind;
}

function isNullSql(value: TypedSql, negated: boolean): string {
  return `${value.sql} IS ${negated ? 'NOT ' : ''}NULL`;
}

function translateBetween(expression: Node<'between'>, t: Translator): TypedSql {
  const operand = translateExpression(expression.operand, t);
  const [a, low] = comparable(operand, translateExpression(expression.low, t), t);
  const [b, high] = comparable(operand, translateExpression(expression.high, t), t);
  const test = `(${a} >= ${low} AND ${b} <= ${high})`;
  return bool(expression.negated ? `(NOT ${test})` : test);
}

function translateInList(expression: Node<'in-list'>, t: Translator): TypedSql {
  if (expression.operand.kind === 'tuple') return translateTupleIn(expression, expression.operand, t);
  const operand = translateExpression(expression.operand, t);
  const list = expression.list.map((e) => translateExpression(e, t));
  const type = list.reduce((found, item) => commonType(found, item.type), operand.type);
  const bring = (value: TypedSql): string => {
    const moved =
      type.kind === 'variant' ? asText(value, t) : sameType(value.type, type) ? value.sql : cast(value, type, t).sql;
    return type.kind === 'timestamp_tz' ? `sf_instant(${moved})` : moved;
  };
  return bool(`(${bring(operand)} ${expression.negated ? 'NOT ' : ''}IN (${list.map(bring).join(', ')}))`);
}

function translateTupleIn(expression: Node<'in-list'>, operand: Node<'tuple'>, t: Translator): TypedSql {
  const rows = expression.list.map((item) => {
    if (item.kind !== 'tuple' || item.items.length !== operand.items.length)
      throw errors.notInPractice('this form of IN');
    const tests = item.items.map((value, i) => {
      const [a, b] = comparable(
        translateExpression(operand.items[i] as Expression, t),
        translateExpression(value, t),
        t,
      );
      return `${a} = ${b}`;
    });
    return `(${tests.join(' AND ')})`;
  });
  const test = `(${rows.join(' OR ')})`;
  return bool(expression.negated ? `(NOT ${test})` : test);
}

function translateInQuery(expression: Node<'in-query'>, t: Translator): TypedSql {
  const inner = t.subquery(expression.query, t.scope);
  const operands = expression.operand.kind === 'tuple' ? expression.operand.items : [expression.operand];
  if (inner.columns.length !== operands.length) {
    throw new SnowflakeError(
      '002076',
      '42601',
      `SQL compilation error:\nInvalid number of columns in subquery: expected ${operands.length}, got ${inner.columns.length}`,
    );
  }
  const alias = t.environment.alias();
  const pairs = operands.map((e, i) =>
    comparable(translateExpression(e, t), { sql: `${alias}.r${i + 1}`, type: inner.columns[i]?.type ?? types.null }, t),
  );
  const left = pairs.map(([a]) => a).join(', ');
  const right = pairs.map(([, b]) => b).join(', ');
  const wrap = (list: string): string => (pairs.length > 1 ? `(${list})` : list);
  return bool(
    `(${wrap(left)} ${expression.negated ? 'NOT ' : ''}IN (SELECT ${wrap(right)} FROM (${inner.sql}) AS ${alias}))`,
  );
}

function translateLike(expression: Node<'like'>, t: Translator): TypedSql {
  const operand = asText(translateExpression(expression.operand, t), t);
  const tests = expression.patterns.map((p) => {
    const pattern = asText(translateExpression(p, t), t);
    if (expression.flavor === 'RLIKE') return `regexp_full_match(${operand}, ${pattern})`;
    const escape = expression.escape ? ` ESCAPE ${translateExpression(expression.escape, t).sql}` : '';
    return `(${operand} ${expression.flavor} ${pattern}${escape})`;
  });
  const test = `(${tests.join(expression.any === 'ALL' ? ' AND ' : ' OR ')})`;
  return bool(expression.negated ? `(NOT ${test})` : test);
}

/** All branches in one type. */
export function unify(values: TypedSql[], t: Translator): { values: string[]; type: SnowflakeType } {
  const type = values.reduce<SnowflakeType>((found, v) => commonType(found, v.type), types.null);
  if (type.kind === 'null') return { values: values.map((v) => v.sql), type };
  return { values: values.map((v) => cast(v, type, t).sql), type };
}

function translateCase(expression: Node<'case'>, t: Translator): TypedSql {
  const operand = expression.operand ? translateExpression(expression.operand, t) : null;
  const conditions = expression.branches.map(({ when }) => {
    const test = translateExpression(when, t);
    if (!operand) return asBoolean(test, t).sql;
    const [a, b] = comparable(operand, test, t);
    return `${a} = ${b}`;
  });
  const results = expression.branches.map(({ then }) => translateExpression(then, t));
  const otherwise = expression.otherwise
    ? translateExpression(expression.otherwise, t)
    : { sql: 'NULL', type: types.null };
  const { values, type } = unify([...results, otherwise], t);
  const branches = conditions.map((condition, i) => `WHEN ${condition} THEN ${values[i]}`).join(' ');
  const nullable = [...results, otherwise].some((r) => r.nullable ?? true);
  return { sql: `(CASE ${branches} ELSE ${values[values.length - 1]} END)`, type, nullable };
}

function translateCast(expression: Node<'cast'>, t: Translator): TypedSql {
  const operand = translateExpression(expression.operand, t);
  if (expression.isTry && operand.type.kind !== 'text' && operand.type.kind !== 'null') {
    if (operand.type.kind !== 'variant')
      throw new SnowflakeError(
        '001065',
        '22023',
        `SQL compilation error:\nTRY_CAST cannot be used with arguments of types ${operand.type.kind.toUpperCase()} and ${expression.type.kind.toUpperCase()}`,
      );
  }
  return cast(operand, expression.type, t, !expression.isTry);
}

function translatePath(expression: Node<'path'>, t: Translator): TypedSql {
  const constant = expression.steps.filter((s): s is JsonStep => s.kind !== 'dynamic');
  if (expression.operand.kind === 'position' && constant.length === expression.steps.length) {
    const native = stagePath(expression.operand, constant, t.scope);
    if (native) return native;
  }
  const operand = translateExpression(expression.operand, t);
  if (!['variant', 'object', 'array'].includes(operand.type.kind)) {
    throw new SnowflakeError(
      '001044',
      '42P13',
      `SQL compilation error: error line ${expression.span.line} at position ${expression.span.position}\nInvalid argument types for function 'GET'`,
      expression.span,
    );
  }
  if (constant.length === expression.steps.length) {
    const path = JSON.stringify(constant.map((s) => (s.kind === 'key' ? s.name : s.index)));
    return { sql: `sf_json_get(${operand.sql}, ${quoteText(path)})`, type: types.variant };
  }
  let sql = operand.sql;
  for (const step of expression.steps) {
    if (step.kind === 'dynamic') {
      const index = translateExpression(step.expression, t);
      const key =
        index.type.kind === 'number'
          ? `CAST(CAST(${index.sql} AS BIGINT) AS VARCHAR)`
          : `CAST(to_json(${asText(index, t)}) AS VARCHAR)`;
      sql = `sf_json_get(${sql}, '[' || ${key} || ']')`;
    } else sql = `sf_json_get(${sql}, ${quoteText(JSON.stringify([step.kind === 'key' ? step.name : step.index]))})`;
  }
  return { sql, type: types.variant };
}

function stagePath(
  operand: Extract<ExpressionNode, { kind: 'position' }>,
  path: JsonStep[],
  from: Scope,
): TypedSql | undefined {
  for (let scope: Scope | null = from; scope; scope = scope.parent) {
    const stage = scope.stages.find((s) => !operand.qualifier || s.name === operand.qualifier.name);
    if (stage) return stage.relation.path(operand.index, path, stage.alias);
  }
  return undefined;
}

/** NULLs sort last ascending and first descending unless said otherwise: they count as the largest value. */
export function orderSql(item: OrderItem, sql: string): string {
  const nullsFirst = item.nullsFirst ?? item.descending;
  return `${sql} ${item.descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`;
}

export function windowSql(window: WindowSpec, t: Translator): string {
  const parts: string[] = [];
  if (window.partitionBy.length)
    parts.push(`PARTITION BY ${window.partitionBy.map((e) => translateExpression(e, t).sql).join(', ')}`);
  if (window.orderBy.length)
    parts.push(
      `ORDER BY ${window.orderBy.map((o) => orderSql(o, translateExpression(o.expression, t).sql)).join(', ')}`,
    );
  if (window.frame) parts.push(window.frame);
  return ` OVER (${parts.join(' ')})`;
}
