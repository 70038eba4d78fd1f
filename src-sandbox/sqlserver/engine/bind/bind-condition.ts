import type { Condition, Expression, Query } from '../../sql/ast.ts';
import { collationOf, foldForSearch } from '../collation.ts';
import { errors, SqlError } from '../errors.ts';
import {
  isDecimal,
  isInteger,
  isMoney,
  isNumber,
  isText,
  isUnicode,
  nvarchar,
  sameType,
  varchar,
} from '../sql-types.ts';
import type { SqlType } from '../../engine-contract.ts';
import { likeMatcher } from '../values/like.ts';
import type { Binder, Scope, Typed } from './binder.ts';
import { commonType, convertTyped } from './convert-typed.ts';
import { callScript, keyOf, requireComparable, unifyCollation } from './typed.ts';

/** SQL of a condition, three-valued like T-SQL's. */
export function bindCondition(b: Binder, condition: Condition, scope: Scope): string {
  switch (condition.kind) {
    case 'and':
      return `(${b.condition(condition.left, scope)} AND ${b.condition(condition.right, scope)})`;
    case 'or':
      return `(${b.condition(condition.left, scope)} OR ${b.condition(condition.right, scope)})`;
    case 'not':
      return `(NOT ${b.condition(condition.operand, scope)})`;
    case 'compare':
      return compare(b, condition.operator, b.expression(condition.left, scope), b.expression(condition.right, scope));
    case 'is-null':
      return `(${b.expression(condition.operand, scope).sql} IS ${condition.negated ? 'NOT ' : ''}NULL)`;
    case 'is-distinct': {
      const keys = comparableKeys(b, b.expression(condition.left, scope), b.expression(condition.right, scope), '=');
      return `(${keys[0]} IS ${condition.negated ? 'NOT ' : ''}DISTINCT FROM ${keys[1]})`;
    }
    case 'between': {
      const operand = b.expression(condition.operand, scope);
      const low = compare(b, '>=', operand, b.expression(condition.low, scope));
      const high = compare(b, '<=', operand, b.expression(condition.high, scope));
      return condition.negated ? `(NOT (${low} AND ${high}))` : `(${low} AND ${high})`;
    }
    case 'in-list': {
      const operand = b.expression(condition.operand, scope);
      const parts = condition.list.map((item) => compare(b, '=', operand, b.expression(item, scope)));
      return `(${condition.negated ? 'NOT ' : ''}(${parts.join(' OR ')}))`;
    }
    case 'in-query':
      return inQuery(b, condition, scope);
    case 'exists':
      return `EXISTS (${b.query(condition.query, scope).sql})`;
    case 'quantified':
      return quantified(b, condition, scope);
    case 'like':
      return like(b, condition, scope);
    case 'full-text':
      throw new SqlError(
        7601,
        `Cannot use a ${condition.predicate} or FREETEXT predicate on table or indexed view because it is not full-text indexed.`,
      );
  }
}

export function compare(b: Binder, operator: string, left: Typed, right: Typed): string {
  const [a, z] = comparableKeys(b, left, right, operator);
  return `(${a} ${operator} ${z})`;
}

/** SQL of both sides in a form in which DuckDB compares them as T-SQL would. */
export function comparableKeys(b: Binder, left: Typed, right: Typed, operator: string): [string, string] {
  requireComparable(left, right, operator);
  if (isNumber(left.type) && isNumber(right.type) && comparesNatively(left.type, right.type))
    return [left.sql, right.sql];
  const name = OPERATORS[operator] ?? operator;
  const [x, y] = isText(left.type) && isText(right.type) ? unifyCollation(b, [left, right], name) : [left, right];
  const type = commonType(b, [x as Typed, y as Typed], name);
  if (type.name === 'sql_variant') throw errors.unsupported('comparing values of sql_variant; convert them first');
  const convert = (typed: Typed): Typed => {
    if (isText(typed.type) && isText(type))
      return { ...typed, type: { ...typed.type, collation: type.collation ?? '' } };
    return convertTyped(b, typed, type);
  };
  const sides = isText(type)
    ? unifyCollation(b, [convert(x as Typed), convert(y as Typed)], name)
    : [convert(x as Typed), convert(y as Typed)];
  return [keyOf(b, sides[0] as Typed), keyOf(b, sides[1] as Typed)];
}

const OPERATORS: Readonly<Record<string, string>> = {
  '=': 'equal to',
  '<>': 'not equal to',
  '<': 'less than',
  '<=': 'less than or equal to',
  '>': 'greater than',
  '>=': 'greater than or equal to',
};

/** DuckDB compares whole numbers and decimals exactly as long as their common type has 38 digits at most. */
function comparesNatively(a: SqlType, z: SqlType): boolean {
  if (a.name === 'bit' || z.name === 'bit') return a.name === z.name;
  const isExact = (type: SqlType): boolean => isInteger(type) || isDecimal(type) || isMoney(type);
  if (!isExact(a) || !isExact(z)) return a.name === 'float' && z.name === 'float';
  if (sameType(a, z)) return true;
  const digits = (type: SqlType): { whole: number; scale: number } =>
    isInteger(type)
      ? { whole: 19, scale: 0 }
      : isMoney(type)
        ? { whole: 15, scale: 4 }
        : { whole: (type.precision ?? 18) - (type.scale ?? 0), scale: type.scale ?? 0 };
  const one = digits(a);
  const other = digits(z);
  return Math.max(one.whole, other.whole) + Math.max(one.scale, other.scale) <= 38;
}

function inQuery(b: Binder, condition: { operand: Expression; query: Query; negated: boolean }, scope: Scope): string {
  const query = b.query(condition.query, scope);
  const column = query.columns[0];
  if (query.columns.length !== 1 || column === undefined) throw oneColumn();
  const operand = b.expression(condition.operand, scope);
  const alias = b.alias();
  const inner: Typed = {
    sql: `${alias}.c1`,
    type: column.type,
    nullable: column.nullable,
    label: column.label,
    isSimple: true,
  };
  const [left, right] = comparableKeys(b, operand, inner, '=');
  return `(${left} ${condition.negated ? 'NOT ' : ''}IN (SELECT ${right} FROM (${query.sql}) AS ${alias}))`;
}

export const oneColumn = (): SqlError =>
  new SqlError(
    116,
    'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
  );

function quantified(b: Binder, condition: Extract<Condition, { kind: 'quantified' }>, scope: Scope): string {
  const query = b.query(condition.query, scope);
  const column = query.columns[0];
  if (query.columns.length !== 1 || column === undefined) throw oneColumn();
  const alias = b.alias();
  const inner: Typed = {
    sql: `${alias}.c1`,
    type: column.type,
    nullable: column.nullable,
    label: column.label,
    isSimple: true,
  };
  const [left, right] = comparableKeys(b, b.expression(condition.left, scope), inner, condition.operator);
  return `(${left} ${condition.operator} ${condition.quantifier} (SELECT ${right} FROM (${query.sql}) AS ${alias}))`;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/like-transact-sql */
function like(b: Binder, condition: Extract<Condition, { kind: 'like' }>, scope: Scope): string {
  const text = (expression: Expression): Typed => {
    const typed = b.expression(expression, scope);
    return isText(typed.type) ? typed : convertTyped(b, typed, varchar(8000));
  };
  const operands = unifyCollation(b, [text(condition.operand), text(condition.pattern)], 'like');
  const [operand, pattern] = operands as [Typed, Typed];
  const collation = operand.type.collation ?? b.environment.database.collation;
  const escape = condition.escape === null ? null : convertTyped(b, b.expression(condition.escape, scope), nvarchar(1));
  const unicode = isUnicode(operand.type);
  const type: SqlType = { name: unicode ? 'nvarchar' : 'varchar', length: -1, collation };
  const fold = (value: string): string => (collationOf(collation).isBinary ? value : foldForSearch(value, type));
  const match = callScript(b, `like ${collation} ${unicode}`, {
    args: escape === null ? [operand, pattern] : [operand, pattern, escape],
    result: { name: 'bit' },
    run: ([value, by, sign]) =>
      likeMatcher(
        fold(by as string),
        sign === undefined ? null : fold(sign as string),
        !unicode,
      )(fold(value as string)),
  });
  return condition.negated ? `(NOT ${match.sql})` : match.sql;
}
