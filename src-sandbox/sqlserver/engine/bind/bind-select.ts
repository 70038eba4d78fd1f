import type { Expression, GroupItem, SelectItem, SelectSpecification } from '../../sql/ast.ts';
import { errors, SqlError } from '../errors.ts';
import { isOldLob } from '../sql-types.ts';
import type { Binder, BoundQuery, OutputColumn, Scope, Typed } from './binder.ts';
import { bindFrom } from './bind-from.ts';
import { columnOf, limitSql, orderKey, orderOutput, placeOf, type QueryTail } from './order-output.ts';
import { convertTyped } from './convert-typed.ts';
import { hasAggregate } from './has-aggregate.ts';
import { matchesSource, namesOf, typedColumn } from './resolve-column.ts';
import { keyOf } from './typed.ts';

type Item = { name: string; typed: Typed };

/** One SELECT with the ORDER BY and the limits of the query that it is the whole of. */
export function bindSelect(b: Binder, select: SelectSpecification, tail: QueryTail, outer: Scope | null): BoundQuery {
  const rows: Scope = { parent: outer, sources: [], grouping: null, windows: new Map(), clause: 'select' };
  for (const { name, window } of select.windows) rows.windows.set(name.name.toLowerCase(), window);
  const from = bindFrom(b, select.from, rows);
  const where = select.where === null ? '' : ` WHERE ${b.condition(select.where, { ...rows, clause: 'where' })}`;
  const grouped = groupScope(b, select, tail, rows);
  const scope = grouped?.scope ?? rows;
  const items = select.items.flatMap((item) => bindItem(b, item, scope));
  const having = select.having === null ? '' : ` HAVING ${b.condition(select.having, { ...scope, clause: 'having' })}`;
  const body = `${from === '' ? '' : ` FROM ${from}`}${where}${grouped?.sql ?? ''}${having}`;
  const columns = items.map(outputColumn);
  const list = items.map(({ typed }, i) => `${typed.sql} AS c${i + 1}`).join(', ');
  const order = bindOrder(b, { tail, items, scope, select });
  if (select.distinct) return distinctSelect(b, { select, tail, items, columns, list, body, order, outer });
  const top = topSql(b, select, { tail, order, scope });
  const orderBy = order.length === 0 ? '' : ` ORDER BY ${order.map(({ key }) => key).join(', ')}`;
  return { columns, sql: `SELECT ${list}${body}${top.qualify}${orderBy}${top.limit}${limitSql(b, tail, scope)}` };
}

function outputColumn({ name, typed }: Item): OutputColumn {
  return {
    name,
    type: typed.type,
    nullable: typed.nullable,
    isIdentity: typed.column?.isIdentity ?? false,
    isComputed: typed.column === undefined ? true : typed.column.isComputed,
    label: typed.label === 'explicit' ? 'explicit' : typed.label === 'none' ? 'none' : 'implicit',
  };
}

function bindItem(b: Binder, item: SelectItem, scope: Scope): Item[] {
  switch (item.kind) {
    case 'star':
      return starItems(b, namesOf(item.qualifier), scope);
    case 'assign':
      return [{ name: '', typed: b.expression(item.expression, scope) }];
    case 'expression': {
      const typed = b.expression(item.expression, scope);
      const name =
        item.alias?.name ?? (item.expression.kind === 'column' ? (item.expression.parts.at(-1)?.name ?? '') : '');
      return [{ name: typed.column !== undefined && item.alias === null ? typed.column.name : name, typed }];
    }
  }
}

function starItems(b: Binder, qualifier: string[], scope: Scope): Item[] {
  if (scope.sources.length === 0) throw new SqlError(263, 'Must specify table to select from.');
  const sources = scope.sources.filter((source) => matchesSource(b, source, qualifier));
  if (sources.length === 0) {
    throw new SqlError(
      107,
      `The column prefix '${qualifier.join('.')}' does not match with a table name or alias name used in the query.`,
      { severity: 15 },
    );
  }
  return sources.flatMap((source) =>
    source.columns
      .filter((column) => !column.isHidden)
      .map((column) => {
        source.used.add(column);
        const typed = typedColumn(column);
        if (scope.grouping === null) return { name: column.name, typed };
        const group = scope.grouping.groups.find((one) => one.sql === typed.sql);
        if (group === undefined) throw errors.notGrouped(`${source.alias}.${column.name}`);
        return { name: column.name, typed: group.typed };
      }),
  );
}

/** The scope of a grouped query, or null when its rows are those of FROM. */
function groupScope(
  b: Binder,
  select: SelectSpecification,
  tail: QueryTail,
  rows: Scope,
): { scope: Scope; sql: string } | null {
  const isGrouped =
    select.groupBy.length > 0 ||
    select.having !== null ||
    select.items.some((item) => item.kind !== 'star' && hasAggregate(item.expression)) ||
    tail.orderBy.some((item) => hasAggregate(item.expression));
  if (!isGrouped) return null;
  const inner: Scope = { ...rows, clause: 'group' };
  const isPlain = select.groupBy.every((item) => item.kind === 'expression');
  const expressions = select.groupBy.flatMap(expressionsOf);
  const groups: { sql: string; typed: Typed; key: string }[] = [];
  for (const expression of expressions) {
    const typed = b.expression(expression, inner);
    if (typed.constant !== undefined) {
      throw new SqlError(
        164,
        'Each GROUP BY expression must contain at least one column that is not an outer reference.',
        { severity: 15 },
      );
    }
    if (isOldLob(typed.type)) throw new SqlError(306, errors.notComparable().message, { state: 2 });
    if (groups.some((group) => group.sql === typed.sql)) continue;
    const key = keyOf(b, typed);
    const value =
      key === typed.sql
        ? typed.sql
        : isPlain
          ? `any_value(${typed.sql})`
          : `CASE WHEN GROUPING(${key}) = 1 THEN NULL ELSE any_value(${typed.sql}) END`;
    groups.push({
      sql: typed.sql,
      key,
      typed: { ...typed, sql: value, nullable: typed.nullable || !isPlain, isSimple: value === typed.sql },
    });
  }
  const keyFor = (expression: Expression): string => {
    const { sql } = b.expression(expression, inner);
    return groups.find((group) => group.sql === sql)?.key ?? sql;
  };
  const sql = select.groupBy.map((item) => groupItemSql(item, keyFor)).join(', ');
  const scope: Scope = {
    ...rows,
    grouping: { groups, rows: inner, isOnlyColumns: expressions.every((expression) => expression.kind === 'column') },
  };
  return { scope, sql: sql === '' ? '' : ` GROUP BY ${sql}` };
}

function expressionsOf(item: GroupItem): Expression[] {
  switch (item.kind) {
    case 'expression':
      return [item.expression];
    case 'rollup':
    case 'cube':
      return item.sets.flat();
    case 'grouping-sets':
      return item.sets.flatMap(expressionsOf);
    case 'set':
      return item.expressions;
  }
}

function groupItemSql(item: GroupItem, keyFor: (expression: Expression) => string): string {
  const set = (expressions: Expression[]): string => `(${expressions.map(keyFor).join(', ')})`;
  switch (item.kind) {
    case 'expression':
      return keyFor(item.expression);
    case 'rollup':
    case 'cube':
      return `${item.kind.toUpperCase()} (${item.sets.map((one) => (one.length === 1 ? one.map(keyFor).join('') : set(one))).join(', ')})`;
    case 'grouping-sets':
      return `GROUPING SETS (${item.sets.map((one) => groupItemSql(one, keyFor)).join(', ')})`;
    case 'set':
      return set(item.expressions);
  }
}

type Order = { key: string; place: number | null };

/** ORDER BY of a select: places, names of its items, and any expression of its rows. */
function bindOrder(
  b: Binder,
  parts: { tail: QueryTail; items: Item[]; scope: Scope; select: SelectSpecification },
): Order[] {
  const { tail, items, scope } = parts;
  return tail.orderBy.map(({ expression, descending }) => {
    const found = placeOf(expression, items.length) ?? itemNamed(b, expression, items);
    const typed =
      found === null ? b.expression(expression, { ...scope, clause: 'order' }) : (items[found] as Item).typed;
    if (
      found === null &&
      typed.constant !== undefined &&
      expression.kind !== 'subquery' &&
      expression.kind !== 'variable' &&
      typed.literal !== undefined
    ) {
      throw new SqlError(
        408,
        `A constant expression was encountered in the ORDER BY list, position ${tail.orderBy.findIndex((one) => one.expression === expression) + 1}.`,
      );
    }
    const place = found ?? items.findIndex((item) => item.typed.sql === typed.sql);
    return { key: orderKey(b, typed, descending), place: place < 0 ? null : place };
  });
}

function itemNamed(b: Binder, expression: Expression, items: Item[]): number | null {
  if (expression.kind !== 'column' || expression.parts.length !== 1) return null;
  const name = expression.parts[0]?.name ?? '';
  const places = items.flatMap((item, i) => (b.sameName(item.name, name) ? [i] : []));
  const first = places[0];
  if (first === undefined) return null;
  if (places.some((place) => items[place]?.typed.sql !== items[first]?.typed.sql)) throw errors.ambiguousColumn(name);
  return first;
}

function topSql(
  b: Binder,
  select: SelectSpecification,
  parts: { tail: QueryTail; order: Order[]; scope: Scope },
): { qualify: string; limit: string } {
  const { top } = select;
  if (top === null) return { qualify: '', limit: '' };
  if (parts.tail.offset !== null) {
    throw new SqlError(10741, 'A TOP can not be used in the same query or sub-query as a OFFSET.', {
      severity: 15,
      state: 2,
    });
  }
  const count = convertTyped(
    b,
    b.expression(top.count, { ...parts.scope, sources: [], grouping: null }),
    top.percent ? { name: 'float' } : { name: 'bigint' },
  );
  if (count.constant === undefined || count.constant === null)
    throw errors.unsupported('a TOP count that is not a constant');
  const number = Number(count.constant);
  if (number < 0)
    throw new SqlError(
      1060,
      'The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.',
      { severity: 15 },
    );
  const over = parts.order.length === 0 ? '()' : `(ORDER BY ${parts.order.map(({ key }) => key).join(', ')})`;
  const limit = top.percent ? `ceil(${number} / 100.0 * count(*) OVER ())` : String(number);
  if (top.withTies) {
    if (parts.order.length === 0)
      throw new SqlError(1062, 'The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.', {
        severity: 15,
      });
    return { qualify: ` QUALIFY rank() OVER ${over} <= ${limit}`, limit: '' };
  }
  if (top.percent) return { qualify: ` QUALIFY row_number() OVER ${over} <= ${limit}`, limit: '' };
  return { qualify: '', limit: ` LIMIT ${limit}` };
}

function distinctSelect(
  b: Binder,
  parts: {
    select: SelectSpecification;
    tail: QueryTail;
    items: Item[];
    columns: OutputColumn[];
    list: string;
    body: string;
    order: Order[];
    outer: Scope | null;
  },
): BoundQuery {
  const { select, tail, items, columns, list, body, order, outer } = parts;
  const alias = b.alias();
  const keys = items.map(({ typed }, i) => keyOf(b, columnOf(outputColumn({ name: '', typed }), `${alias}.c${i + 1}`)));
  const distinct = `SELECT DISTINCT ON (${keys.join(', ')}) * FROM (SELECT ${list}${body}) AS ${alias}`;
  const query: BoundQuery = { columns, sql: distinct };
  const places = order.map(({ place }) => {
    if (place === null) {
      throw new SqlError(145, 'ORDER BY items must appear in the select list if SELECT DISTINCT is specified.', {
        severity: 15,
      });
    }
    return place;
  });
  const byPlace: QueryTail = {
    ...tail,
    orderBy: tail.orderBy.map((item, i) => ({
      ...item,
      expression: {
        ...item.expression,
        kind: 'number',
        type: { name: 'int' },
        text: String((places[i] ?? 0) + 1),
      },
    })),
  };
  const scope: Scope = { parent: outer, sources: [], grouping: null, windows: new Map(), clause: 'order' };
  const top = topSql(b, { ...select, distinct: false }, { tail, order: [], scope });
  if (select.top !== null && top.qualify !== '')
    throw errors.unsupported('TOP PERCENT or WITH TIES together with DISTINCT');
  const sorted = orderOutput(b, query, byPlace, outer);
  return { columns, sql: top.limit === '' ? sorted.sql : `SELECT * FROM (${sorted.sql}) AS ${b.alias()}${top.limit}` };
}
