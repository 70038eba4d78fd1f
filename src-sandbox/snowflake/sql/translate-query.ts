import type { ResultColumn, TypedSql } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { Expression, OrderItem, Query, QueryBody, SelectCore, SelectItem, SetOperation } from './ast.ts';
import { castTo, commonType } from './cast.ts';
import { types, type SnowflakeType } from './data-type.ts';
import { emptyScope, type Scope, type TranslateEnvironment } from './scope.ts';
import { callFunction } from './functions/call.ts';
import { bindSource } from './translate-source.ts';
import { asBoolean, orderSql, translateExpression, type Translator } from './translate-expression.ts';

export interface QuerySql {
  /** A complete SELECT; its columns are named r1, r2... */
  sql: string;
  columns: ResultColumn[];
}

/** A query with its names bound. Runs without waiting: what had to be fetched is in the environment. */
export function translateQuerySql(query: Query, environment: TranslateEnvironment, parent: Scope | null): QuerySql {
  const outer = emptyScope(parent);
  const ctes: string[] = [];
  for (let scope = parent; scope; scope = scope.parent)
    for (const [name, cte] of scope.ctes) if (!outer.ctes.has(name)) outer.ctes.set(name, cte);
  if (query.recursive) throw errors.notInPractice('WITH RECURSIVE');
  for (const cte of query.ctes) {
    const inner = translateQuerySql(cte.query, environment, outer);
    const sqlName = environment.alias();
    const columns = inner.columns.map((c, i) => ({ ...c, name: cte.columns[i]?.name ?? c.name }));
    outer.ctes.set(cte.name.name, { sqlName, columns });
    ctes.push(`${sqlName} AS (${inner.sql})`);
  }
  const body =
    query.body.kind === 'select' ? selectSql(query.body, query, environment, outer) : setSql(query, environment, outer);
  const withSql = ctes.length ? `WITH ${ctes.join(', ')} ` : '';
  return { sql: `${withSql}${body.sql}`, columns: body.columns };
}

function limitSql(query: Query, top: Expression | null, t: Translator): string {
  const limit = query.limit ?? top;
  const number = (e: Expression): string => `CAST(${translateExpression(e, t).sql} AS BIGINT)`;
  const limitPart = limit && limit.kind !== 'null' ? ` LIMIT ${number(limit)}` : '';
  return `${limitPart}${query.offset && query.offset.kind !== 'null' ? ` OFFSET ${number(query.offset)}` : ''}`;
}

/** ORDER BY over the columns of a finished body. */
function setSql(query: Query, environment: TranslateEnvironment, scope: Scope): QuerySql {
  const body = bodySql(query.body, environment, scope);
  const inner = emptyScope(scope);
  body.columns.forEach((c, i) =>
    inner.columns.push({ name: c.name, value: { sql: `r${i + 1}`, type: c.type }, qualifiers: [] }),
  );
  const t = translator(environment, inner);
  const order = query.orderBy.map((item) =>
    orderSql(item, ordinal(item, body.columns.length) ?? translateExpression(item.expression, t).sql),
  );
  const orderPart = order.length ? ` ORDER BY ${order.join(', ')}` : '';
  const limit = limitSql(query, null, t);
  if (!orderPart && !limit) return body;
  return { sql: `SELECT * FROM (${body.sql})${orderPart}${limit}`, columns: body.columns };
}

function bodySql(body: QueryBody, environment: TranslateEnvironment, scope: Scope): QuerySql {
  switch (body.kind) {
    case 'select':
      return selectSql(body, null, environment, scope);
    case 'query':
      return translateQuerySql(body.query, environment, scope);
    case 'values':
      return valuesSql(body.rows, environment, scope);
    case 'set':
      return combine(body, environment, scope);
  }
}

function combine(body: SetOperation, environment: TranslateEnvironment, scope: Scope): QuerySql {
  const left = bodySql(body.left, environment, scope);
  const right = bodySql(body.right, environment, scope);
  if (left.columns.length !== right.columns.length) {
    throw new SnowflakeError(
      '001789',
      '42601',
      `SQL compilation error:\ninvalid number of result columns for set operator input branches, expected ${left.columns.length}, got ${right.columns.length} in branch {2}`,
    );
  }
  const columns = left.columns.map((c, i) => ({
    name: c.name,
    type: commonType(c.type, (right.columns[i] as ResultColumn).type),
    nullable: (c.nullable ?? true) || (right.columns[i]?.nullable ?? true),
  }));
  const bring = (side: QuerySql): string => {
    if (side.columns.every((c, i) => JSON.stringify(c.type) === JSON.stringify(columns[i]?.type))) return side.sql;
    const list = side.columns.map((c, i) => {
      const value = castTo({ sql: `r${i + 1}`, type: c.type }, (columns[i] as ResultColumn).type, {
        parameter: environment.parameter,
      });
      return `${value.sql} AS r${i + 1}`;
    });
    return `SELECT ${list.join(', ')} FROM (${side.sql})`;
  };
  return { sql: `(${bring(left)}) ${body.operator} (${bring(right)})`, columns };
}

/** VALUES rows with one type a column. */
export function valuesSql(rows: Expression[][], environment: TranslateEnvironment, scope: Scope): QuerySql {
  const t = translator(environment, emptyScope(scope));
  const width = rows[0]?.length ?? 0;
  const cells = rows.map((row) => {
    if (row.length !== width) {
      throw new SnowflakeError(
        '001106',
        '42601',
        `SQL compilation error:\nInvalid row: expected ${width} values, got ${row.length}`,
      );
    }
    return row.map((e) => translateExpression(e, t));
  });
  const columns = Array.from({ length: width }, (_, i) => ({
    name: `COLUMN${i + 1}`,
    type: cells.reduce<SnowflakeType>((found, row) => commonType(found, (row[i] as TypedSql).type), types.null),
    nullable: cells.some((row) => row[i]?.nullable ?? true),
  }));
  const lines = cells.map(
    (row) =>
      `(${row.map((cell, i) => castTo(cell, (columns[i] as ResultColumn).type, { parameter: environment.parameter }).sql).join(', ')})`,
  );
  const names = columns.map((_, i) => `r${i + 1}`).join(', ');
  return { sql: `SELECT ${names} FROM (VALUES ${lines.join(', ')}) AS v(${names})`, columns };
}

export function translator(environment: TranslateEnvironment, scope: Scope): Translator {
  return {
    environment,
    scope,
    call: callFunction,
    subquery: (query, inner) => translateQuerySql(query, environment, inner),
  };
}

interface Output {
  name: string;
  value: TypedSql;
  expression: Expression | null;
}

function selectSql(core: SelectCore, query: Query | null, environment: TranslateEnvironment, outer: Scope): QuerySql {
  const scope = emptyScope(outer);
  const t = translator(environment, scope);
  const from = core.from ? ` FROM ${bindSource(core.from, t)}` : '';
  for (const item of core.items) if (item.alias) scope.aliases.set(item.alias.name, item.expression);
  const outputs = core.items.flatMap((item) => expandItem(item, t));
  const columns = outputs.map((o) => ({ name: o.name, type: o.value.type, nullable: o.value.nullable ?? true }));
  const where = core.where ? ` WHERE ${asBoolean(translateExpression(core.where, t), t).sql}` : '';
  const groupBy = groupBySql(core, outputs, t);
  const having = core.having ? ` HAVING ${asBoolean(translateExpression(core.having, t), t).sql}` : '';
  const qualify = core.qualify ? ` QUALIFY ${asBoolean(translateExpression(core.qualify, t), t).sql}` : '';
  const list = outputs.map((o, i) => `${o.value.sql} AS r${i + 1}`).join(', ');
  const order = (query?.orderBy ?? []).map((item) =>
    orderSql(item, orderTarget(item, outputs, { distinct: core.distinct, t })),
  );
  const orderPart = order.length ? ` ORDER BY ${order.join(', ')}` : '';
  const limit = limitSql(query ?? emptyQuery(core), core.top, t);
  const sql = `SELECT ${core.distinct ? 'DISTINCT ' : ''}${list}${from}${where}${groupBy}${having}${qualify}${orderPart}${limit}`;
  return { sql, columns };
}

function emptyQuery(body: QueryBody): Query {
  return { ctes: [], recursive: false, body, orderBy: [], limit: null, offset: null };
}

function ordinal(item: OrderItem, count: number): string | undefined {
  const { expression } = item;
  if (expression.kind !== 'number' || !/^\d+$/.test(expression.text)) return undefined;
  const index = Number(expression.text);
  if (index >= 1 && index <= count) return `r${index}`;
  throw new SnowflakeError(
    '001102',
    '42601',
    `SQL compilation error:\nOrder by position '${index}' is out of range. Expected between 1 and ${count}`,
  );
}

function orderTarget(item: OrderItem, outputs: Output[], options: { distinct: boolean; t: Translator }): string {
  const position = ordinal(item, outputs.length);
  if (position) return position;
  const { expression } = item;
  if (expression.kind === 'column' && expression.parts.length === 1) {
    const index = outputs.findIndex((o) => o.name === expression.parts[0]?.name);
    if (index >= 0) return `r${index + 1}`;
  }
  const sql = translateExpression(expression, options.t).sql;
  const same = outputs.findIndex((o) => o.value.sql === sql);
  return same >= 0 ? `r${same + 1}` : sql;
}

function groupBySql(core: SelectCore, outputs: Output[], t: Translator): string {
  if (core.groupBy === 'ALL') return ' GROUP BY ALL';
  if (core.groupBy.length === 0) return '';
  const keys = core.groupBy.map((e) => {
    if (e.kind === 'number' && /^\d+$/.test(e.text)) {
      const output = outputs[Number(e.text) - 1];
      if (!output)
        throw new SnowflakeError(
          '001102',
          '42601',
          `SQL compilation error:\nGroup by position '${e.text}' is out of range.`,
        );
      return output.value.sql;
    }
    return translateExpression(e, t).sql;
  });
  return ` GROUP BY ${keys.join(', ')}`;
}

function expandItem(item: SelectItem, t: Translator): Output[] {
  const { expression, alias } = item;
  if (expression.kind === 'star') return expandStar(expression, t);
  const value = translateExpression(expression, t);
  return [{ name: alias?.name ?? implicitName(expression, t), value: named(value), expression }];
}

/** A bare NULL becomes a typed one, so that set operations and tables have a type. */
function named(value: TypedSql): TypedSql {
  return value.type.kind === 'null' ? { ...value, sql: 'CAST(NULL AS VARCHAR)' } : value;
}

function expandStar(expression: Extract<Expression, { kind: 'star' }>, t: Translator): Output[] {
  if (!t.scope.columns.length && t.scope.stages.length) throw errors.unsupported('SELECT * FROM @stage');
  const excluded = new Set(expression.exclude.map((e) => e.name));
  const renamed = new Map(expression.rename.map((r) => [r.from.name, r.to.name]));
  const qualifier = expression.qualifier;
  const columns = t.scope.columns.filter((c) => {
    if (!qualifier) return !c.hidden;
    const tail = c.qualifiers.slice(c.qualifiers.length - qualifier.length);
    return c.qualifiers.length >= qualifier.length && tail.every((p, i) => p === qualifier[i]?.name);
  });
  if (columns.length === 0 && t.scope.columns.length === 0 && !qualifier) {
    throw new SnowflakeError('001080', '42601', 'SQL compilation error:\nSELECT with no columns');
  }
  if (columns.length === 0 && qualifier)
    throw errors.invalidIdentifier(`${qualifier.map((q) => q.name).join('.')}.*`, expression.span);
  return columns
    .filter((c) => !excluded.has(c.name))
    .map((c) => ({ name: renamed.get(c.name) ?? c.name, value: c.value, expression: null }));
}

/** A column without alias is named by its text, in upper case outside of quotes. */
function implicitName(expression: Expression, t: Translator): string {
  if (expression.kind === 'column') return expression.parts[expression.parts.length - 1]?.name ?? '';
  if (expression.kind === 'path' && expression.operand.kind !== 'path') {
    return t.environment.sql.slice(expression.span.start, expression.span.end);
  }
  return t.environment.sql.slice(expression.span.start, expression.span.end).toUpperCase();
}
