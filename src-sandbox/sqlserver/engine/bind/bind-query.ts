import type { Query, QueryBody } from '../../sql/ast.ts';
import { errors, SqlError } from '../errors.ts';
import { isText } from '../sql-types.ts';
import type { Binder, BoundQuery, OutputColumn, Scope } from './binder.ts';
import { commonType, convertTyped } from './convert-typed.ts';
import { bindSelect } from './bind-select.ts';
import { columnOf, orderOutput, type QueryTail } from './order-output.ts';
import { keyOf, resolveCollation } from './typed.ts';

/** A query with its common table expressions. */
export function bindQuery(b: Binder, query: Query, outer: Scope | null): BoundQuery {
  if (query.forClause !== null && query.forClause.kind !== 'browse')
    throw errors.unsupported(`FOR ${query.forClause.kind.toUpperCase()}`);
  const undo: (() => void)[] = [];
  try {
    for (const cte of query.ctes) undo.push(bindCte(b, cte, outer));
    const tail = { orderBy: query.orderBy, offset: query.offset, fetch: query.fetch };
    if (query.offset !== null && query.orderBy.length === 0) {
      throw new SqlError(102, "Incorrect syntax near 'OFFSET'.", { severity: 15 });
    }
    return bindBody(b, query.body, tail, outer);
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}

function bindCte(b: Binder, cte: Query['ctes'][number], outer: Scope | null): () => void {
  const recursive = recursiveParts(cte.query.body, cte.name.name, b);
  if (recursive !== null) return bindRecursive(b, cte, recursive, outer);
  const bound = b.query(cte.query, outer);
  return b.pushCte(cte.name.name, { columns: renamed(bound.columns, cte.columns, cte.name.name), sql: bound.sql });
}

function renamed(columns: OutputColumn[], names: { name: string }[], owner: string): OutputColumn[] {
  if (names.length === 0) {
    const unnamed = columns.findIndex((column) => column.name === '');
    if (unnamed >= 0)
      throw new SqlError(8155, `No column name was specified for column ${unnamed + 1} of '${owner}'.`, { state: 2 });
    return columns;
  }
  if (names.length > columns.length)
    throw new SqlError(8158, `'${owner}' has fewer columns than were specified in the column list.`);
  if (names.length < columns.length)
    throw new SqlError(8159, `'${owner}' has more columns than were specified in the column list.`);
  return columns.map((column, i) => ({ ...column, name: names[i]?.name ?? column.name }));
}

type SetOperation = Extract<QueryBody, { kind: 'set-operation' }>;

/** The UNION ALL whose right side reads the expression itself. */
function recursiveParts(body: QueryBody, name: string, b: Binder): SetOperation | null {
  if (body.kind !== 'set-operation' || body.operator !== 'UNION ALL') return null;
  const text = JSON.stringify(body.right).toLowerCase();
  void b;
  return text.includes(`"schema":null,"name":${JSON.stringify(name.toLowerCase())}`) ? body : null;
}

function bindRecursive(b: Binder, cte: Query['ctes'][number], body: SetOperation, outer: Scope | null): () => void {
  const noTail = { orderBy: [], offset: null, fetch: null };
  const anchor = bindBody(b, body.left, noTail, outer);
  const columns = renamed(anchor.columns, cte.columns, cte.name.name);
  const table = b.alias();
  const restore = b.pushCte(cte.name.name, { columns, sql: `SELECT * FROM ${table}` });
  let step: BoundQuery;
  try {
    step = bindBody(b, body.right, noTail, outer);
  } finally {
    restore();
  }
  step.columns.forEach((column, i) => {
    const own = columns[i];
    if (
      own !== undefined &&
      (column.type.name !== own.type.name ||
        (column.type.length ?? 0) > (own.type.length === -1 ? Infinity : (own.type.length ?? 0)))
    ) {
      throw new SqlError(
        240,
        `Types don't match between the anchor and the recursive part in column "${own.name}" of recursive query "${cte.name.name}".`,
      );
    }
  });
  const list = columns.map((_, i) => `c${i + 1}`).join(', ');
  const sql = `WITH RECURSIVE ${table}(${list}) AS (${anchor.sql} UNION ALL ${step.sql}) SELECT * FROM ${table}`;
  return b.pushCte(cte.name.name, { columns, sql });
}

function bindBody(b: Binder, body: QueryBody, tail: QueryTail, outer: Scope | null): BoundQuery {
  switch (body.kind) {
    case 'select':
      return bindSelect(b, body, tail, outer);
    case 'parenthesized': {
      const inner = bindBody(b, body.body, { orderBy: [], offset: null, fetch: null }, outer);
      return tail.orderBy.length === 0 && tail.fetch === null ? inner : orderOutput(b, inner, tail, outer);
    }
    case 'set-operation':
      return orderOutput(b, setOperation(b, body, outer), tail, outer);
  }
}

function setOperation(b: Binder, body: SetOperation, outer: Scope | null): BoundQuery {
  const noTail = { orderBy: [], offset: null, fetch: null };
  const left = bindBody(b, body.left, noTail, outer);
  const right = bindBody(b, body.right, noTail, outer);
  if (left.columns.length !== right.columns.length) {
    throw new SqlError(
      205,
      'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
    );
  }
  const [l, r] = [b.alias(), b.alias()];
  const columns: OutputColumn[] = [];
  const lists: [string[], string[]] = [[], []];
  left.columns.forEach((column, i) => {
    const other = right.columns[i] as OutputColumn;
    const sides = [columnOf(column, `${l}.c${i + 1}`), columnOf(other, `${r}.c${i + 1}`)] as const;
    const type = commonType(b, sides, body.operator);
    const label = isText(type) ? resolveCollation(b, sides, body.operator).label : 'implicit';
    lists[0].push(`${convertTyped(b, sides[0], type).sql} AS c${i + 1}`);
    lists[1].push(`${convertTyped(b, sides[1], type).sql} AS c${i + 1}`);
    columns.push({
      name: column.name,
      type,
      nullable: column.nullable || other.nullable,
      isIdentity: false,
      isComputed: false,
      label,
    });
  });
  const first = `SELECT ${lists[0].join(', ')} FROM (${left.sql}) AS ${l}`;
  const second = `SELECT ${lists[1].join(', ')} FROM (${right.sql}) AS ${r}`;
  if (body.operator === 'UNION ALL') return { columns, sql: `${first} UNION ALL ${second}` };
  const keys = (alias: string): string[] =>
    columns.map((column, i) => keyOf(b, columnOf(column, `${alias}.c${i + 1}`)));
  const u = b.alias();
  if (body.operator === 'UNION') {
    return { columns, sql: `SELECT DISTINCT ON (${keys(u).join(', ')}) * FROM (${first} UNION ALL ${second}) AS ${u}` };
  }
  const v = b.alias();
  const others = keys(v);
  const same = keys(u)
    .map((key, i) => `${key} IS NOT DISTINCT FROM ${others[i] ?? ''}`)
    .join(' AND ');
  const negation = body.operator === 'EXCEPT' ? 'NOT ' : '';
  return {
    columns,
    sql: `SELECT DISTINCT ON (${keys(u).join(', ')}) * FROM (${first}) AS ${u} WHERE ${negation}EXISTS (SELECT 1 FROM (${second}) AS ${v} WHERE ${same})`,
  };
}
