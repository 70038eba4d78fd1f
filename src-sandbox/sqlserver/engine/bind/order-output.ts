import type { Expression, OrderItem } from '../../sql/ast.ts';
import { errors, SqlError } from '../errors.ts';
import { digitsOf } from '../values/number-text.ts';
import type { Binder, BoundQuery, OutputColumn, Scope, Typed } from './binder.ts';
import { convertTyped } from './convert-typed.ts';
import { findColumn } from './resolve-column.ts';
import { keyOf } from './typed.ts';

/** What a select has to add to its own clauses: the ORDER BY and the limits of the query around it. */
export type QueryTail = { orderBy: OrderItem[]; offset: Expression | null; fetch: Expression | null };

export function columnOf(column: OutputColumn, sql: string): Typed {
  return { sql, type: column.type, nullable: column.nullable, label: column.label, isSimple: true };
}

/** ORDER BY over the columns of a finished query: by name or place. */
export function orderOutput(b: Binder, query: BoundQuery, tail: QueryTail, outer: Scope | null): BoundQuery {
  if (tail.orderBy.length === 0) return query;
  const alias = b.alias();
  const scope: Scope = {
    parent: outer,
    sources: [
      {
        alias: '',
        name: null,
        table: null,
        database: null,
        used: new Set(),
        columns: query.columns.map((column, i) => ({
          ...column,
          sql: `${alias}.c${i + 1}`,
          isHidden: false,
          metadata: null,
        })),
      },
    ],
    grouping: null,
    windows: new Map(),
    clause: 'order',
  };
  const keys = tail.orderBy.map((item) => {
    const place = placeOf(item.expression, query.columns.length);
    const typed =
      place === null
        ? (bareColumn(b, item.expression, scope) ?? b.expression(item.expression, scope))
        : columnOf(query.columns[place] as OutputColumn, `${alias}.c${place + 1}`);
    return orderKey(b, typed, item.descending);
  });
  return {
    columns: query.columns,
    sql: `SELECT * FROM (${query.sql}) AS ${alias} ORDER BY ${keys.join(', ')}${limitSql(b, tail, scope)}`,
  };
}

/** A column of an ordered set operation may be qualified by the name of a table of the first query. */
function bareColumn(b: Binder, expression: Expression, scope: Scope): Typed | undefined {
  if (expression.kind !== 'column') return undefined;
  return findColumn(b, [expression.parts.at(-1)?.name ?? ''], scope);
}

export function orderKey(b: Binder, typed: Typed, descending: boolean): string {
  return `${keyOf(b, typed)} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`;
}

/** The column that an ordinal in ORDER BY stands for, from 0. */
export function placeOf(expression: Expression, count: number): number | null {
  if (expression.kind !== 'number' || expression.type.name !== 'int') return null;
  const place = Number(expression.text);
  if (place < 1 || place > count) {
    throw new SqlError(
      108,
      `The ORDER BY position number ${place} is out of range of the number of items in the select list.`,
      { severity: 15 },
    );
  }
  return place - 1;
}

export function limitSql(b: Binder, tail: QueryTail, scope: Scope): string {
  const count = (expression: Expression, what: string): string => {
    const typed = convertTyped(b, b.expression(expression, { ...scope, sources: [], grouping: null }), {
      name: 'bigint',
    });
    if (typed.constant === undefined || typed.constant === null) {
      throw errors.unsupported(`a ${what} count that is not a constant`);
    }
    return digitsOf(typed.constant);
  };
  const offset = tail.offset === null ? '' : ` OFFSET ${count(tail.offset, 'OFFSET')}`;
  return `${tail.fetch === null ? '' : ` LIMIT ${count(tail.fetch, 'FETCH')}`}${offset}`;
}
