import type {
  CommonTableExpression,
  Expression,
  GroupItem,
  Identifier,
  OrderItem,
  Position,
  Query,
  QueryBody,
  SelectItem,
  SelectSpecification,
  SetOperator,
  Top,
  WindowSpec,
} from './ast.ts';
import { assignmentOperator } from './assignment.ts';
import { parseOrderItems, parseWindow } from './parse-call.ts';
import { parseForClause, parseQueryHints } from './parse-query-clauses.ts';
import { parseTableSources } from './parse-table-source.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** What stands before a query: WITH, already read. */
export type QueryPrefix = Pick<Query, 'ctes' | 'xmlNamespaces'>;

export const NO_PREFIX: QueryPrefix = { ctes: [], xmlNamespaces: [] };

/**
 * `SELECT ... [UNION ...] [ORDER BY ... [OFFSET ... FETCH ...]] [FOR ...] [OPTION (...)]`.
 * https://learn.microsoft.com/en-us/sql/t-sql/queries/select-transact-sql
 */
export function parseStatementQuery(p: Parser, prefix: QueryPrefix = NO_PREFIX): Query {
  const at = p.position();
  const tail = queryTail(p);
  const hints = parseQueryHints(p);
  return p.located({ ...prefix, ...tail, hints }, at);
}

/** A query of a subquery, derived table, common table expression or view. @throws TsqlSyntaxError 1033 */
export function parseNestedQuery(p: Parser, prefix: QueryPrefix = NO_PREFIX): Query {
  const at = p.position();
  const tail = p.nested(() => queryTail(p));
  const makesSense = tail.offset !== null || hasTop(tail.body) || (tail.forClause && tail.forClause.kind !== 'browse');
  if (tail.orderBy.length > 0 && !makesSense) throw syntaxErrors.orderByNested(at.line);
  return p.located({ ...prefix, ...tail, hints: [] }, at);
}

function hasTop(body: QueryBody): boolean {
  return body.kind === 'select' && body.top !== null;
}

type Tail = Pick<Query, 'body' | 'orderBy' | 'offset' | 'fetch' | 'forClause'>;

function queryTail(p: Parser): Tail {
  const body = parseBody(p);
  const orderBy: OrderItem[] = p.acceptWords('ORDER', 'BY') ? parseOrderItems(p) : [];
  const { offset, fetch } = orderBy.length > 0 ? parseOffset(p) : { offset: null, fetch: null };
  return { body, orderBy, offset, fetch, forClause: parseForClause(p) };
}

function parseOffset(p: Parser): { offset: Expression | null; fetch: Expression | null } {
  if (!p.acceptWords('OFFSET')) return { offset: null, fetch: null };
  const offset = p.expression();
  p.oneOf(['ROW', 'ROWS']);
  if (!p.acceptWords('FETCH')) return { offset, fetch: null };
  p.oneOf(['FIRST', 'NEXT']);
  const fetch = p.expression();
  p.oneOf(['ROW', 'ROWS']);
  p.expectWords('ONLY');
  return { offset, fetch };
}

/** INTERSECT binds tighter than UNION and EXCEPT. https://learn.microsoft.com/en-us/sql/t-sql/language-elements/set-operators-except-and-intersect-transact-sql */
function parseBody(p: Parser): QueryBody {
  let left = parseIntersection(p);
  for (;;) {
    const operator = additiveOperator(p);
    if (!operator) return left;
    const right = parseIntersection(p);
    left = p.located({ kind: 'set-operation' as const, operator, left, right }, left.at);
  }
}

function additiveOperator(p: Parser): SetOperator | null {
  if (p.acceptWords('UNION')) return p.acceptWords('ALL') ? 'UNION ALL' : 'UNION';
  return p.acceptWords('EXCEPT') ? 'EXCEPT' : null;
}

function parseIntersection(p: Parser): QueryBody {
  let left = parseOperand(p);
  while (p.acceptWords('INTERSECT')) {
    const right = parseOperand(p);
    left = p.located({ kind: 'set-operation' as const, operator: 'INTERSECT' as const, left, right }, left.at);
  }
  return left;
}

function parseOperand(p: Parser): QueryBody {
  const at = p.position();
  if (p.isOperator('(')) {
    const body = p.nested(() => p.parenthesized(() => parseBody(p)));
    return p.located({ kind: 'parenthesized' as const, body }, at);
  }
  return parseSpecification(p);
}

function parseSpecification(p: Parser): SelectSpecification {
  const at = p.position();
  p.expectWords('SELECT');
  const distinct = p.acceptWords('DISTINCT');
  if (!distinct) p.acceptWords('ALL');
  const top = parseTop(p);
  const items = p.commaSeparated(() => parseSelectItem(p));
  checkAssignments(items, at);
  const into = p.acceptWords('INTO') ? p.objectName() : null;
  const from = p.acceptWords('FROM') ? parseTableSources(p) : [];
  const where = p.acceptWords('WHERE') ? p.condition() : null;
  const groupBy = p.acceptWords('GROUP', 'BY') ? parseGroupBy(p) : [];
  const having = p.acceptWords('HAVING') ? p.condition() : null;
  const windows = parseWindows(p);
  return p.located({ kind: 'select' as const, distinct, top, items, into, from, where, groupBy, having, windows }, at);
}

/** `TOP 10`, `TOP (n) PERCENT WITH TIES`; without parentheses only a number. */
export function parseTop(p: Parser): Top | null {
  if (!p.acceptWords('TOP')) return null;
  if (!p.isOperator('(') && p.peek().kind !== 'number') throw p.unexpected();
  const count = p.isOperator('(') ? p.parenthesized(() => p.expression()) : numberOnly(p);
  const percent = p.acceptWords('PERCENT');
  const withTies = p.isWords('WITH', 'TIES') && p.acceptWords('WITH', 'TIES');
  return { count, percent, withTies };
}

function numberOnly(p: Parser): Expression {
  const at = p.position();
  const value = p.integer();
  return p.located({ kind: 'number' as const, type: { name: 'int' as const }, text: String(value) }, at);
}

/** One item of SELECT, and of OUTPUT. */
export function parseSelectItem(p: Parser): SelectItem {
  const at = p.position();
  const star = parseStar(p);
  if (star) return p.located({ kind: 'star' as const, qualifier: star }, at);
  if (p.peek().kind === 'variable') {
    const operator = assignmentOperator(p, 1);
    if (operator) {
      const variable = p.next().value;
      p.next();
      return p.located({ kind: 'assign' as const, variable, operator, expression: p.expression() }, at);
    }
  }
  if ((p.isIdentifier() || p.isString()) && p.isOperator('=', 1)) {
    const alias = aliasName(p);
    p.next();
    return p.located({ kind: 'expression' as const, expression: p.expression(), alias }, at);
  }
  const expression = p.expression();
  return p.located({ kind: 'expression' as const, expression, alias: parseColumnAlias(p) }, at);
}

function parseColumnAlias(p: Parser): Identifier | null {
  if (p.acceptWords('AS')) return aliasName(p);
  return p.isIdentifier() || p.isString() ? aliasName(p) : null;
}

/** An identifier, or a string that is taken for one. @throws TsqlSyntaxError 1038 for an empty one */
function aliasName(p: Parser): Identifier {
  if (!p.isString()) return p.identifier();
  const at = p.position();
  const name = p.string();
  if (name === '') throw syntaxErrors.emptyName(at.line);
  if (name.length > 128) throw syntaxErrors.tooLong(at.line, name.slice(0, 128));
  return { name, quoted: true, at };
}

/** `*`, `t.*`, `db..t.*`: the qualifier's parts, or null when the next is no star. */
function parseStar(p: Parser): (Identifier | null)[] | null {
  if (p.acceptOperator('*')) return [];
  let ahead = 0;
  while (p.isIdentifier(ahead) && p.isOperator('.', ahead + 1)) {
    ahead += 2;
    while (p.isOperator('.', ahead)) ahead += 1;
  }
  if (ahead === 0 || !p.isOperator('*', ahead)) return null;
  const parts: (Identifier | null)[] = [];
  while (!p.acceptOperator('*')) {
    parts.push(p.isOperator('.') ? null : p.identifier());
    p.expectOperator('.');
  }
  return parts;
}

function checkAssignments(items: SelectItem[], at: Position): void {
  const assigned = items.filter((item) => item.kind === 'assign').length;
  if (assigned > 0 && assigned < items.length) throw syntaxErrors.assignsAndRetrieves(at.line);
}

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/select-group-by-transact-sql */
function parseGroupBy(p: Parser): GroupItem[] {
  const items = p.commaSeparated(() => parseGroupItem(p));
  if (!p.isWords('WITH', 'ROLLUP') && !p.isWords('WITH', 'CUBE')) return items;
  p.next();
  const kind = p.oneOf(['ROLLUP', 'CUBE']) === 'CUBE' ? ('cube' as const) : ('rollup' as const);
  const sets = items.map((item) => {
    if (item.kind !== 'expression') throw p.unexpected();
    return [item.expression];
  });
  return [{ kind, sets }];
}

function parseGroupItem(p: Parser): GroupItem {
  if (p.isOneOf(['ROLLUP', 'CUBE']) && p.isOperator('(', 1)) {
    const kind = p.oneOf(['ROLLUP', 'CUBE']) === 'CUBE' ? ('cube' as const) : ('rollup' as const);
    return { kind, sets: p.list(() => parseGroupSet(p)) };
  }
  if (p.isWords('GROUPING', 'SETS')) {
    p.expectWords('GROUPING', 'SETS');
    return { kind: 'grouping-sets', sets: p.nested(() => p.list(() => parseGroupingSet(p))) };
  }
  if (p.isOperator('(') && p.isOperator(')', 1)) return { kind: 'set', expressions: parseGroupSet(p) };
  return { kind: 'expression', expression: p.expression() };
}

function parseGroupingSet(p: Parser): GroupItem {
  if (p.isOperator('(')) return { kind: 'set', expressions: parseGroupSet(p) };
  return parseGroupItem(p);
}

/** `a` or `(a, b)` or `()`. */
function parseGroupSet(p: Parser): Expression[] {
  if (!p.isOperator('(')) return [p.expression()];
  if (p.isOperator(')', 1)) {
    p.next();
    p.next();
    return [];
  }
  return p.list(() => p.expression());
}

function parseWindows(p: Parser): { name: Identifier; window: WindowSpec }[] {
  if (!p.isWords('WINDOW') || !p.isIdentifier(1)) return [];
  p.next();
  return p.commaSeparated(() => {
    const name = p.identifier();
    p.expectWords('AS');
    return { name, window: p.parenthesized(() => parseWindow(p)) };
  });
}

/** `WITH [XMLNAMESPACES (...),] x (a, b) AS (SELECT ...), ...`. https://learn.microsoft.com/en-us/sql/t-sql/queries/with-common-table-expression-transact-sql */
export function parseWith(p: Parser): QueryPrefix {
  p.expectWords('WITH');
  const xmlNamespaces = p.isWords('XMLNAMESPACES') && p.isOperator('(', 1) ? parseNamespaces(p) : [];
  if (xmlNamespaces.length > 0 && !p.acceptOperator(',')) return { ctes: [], xmlNamespaces };
  const ctes = p.commaSeparated((): CommonTableExpression => {
    const name = p.identifier();
    const columns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
    p.expectWords('AS');
    return { name, columns, query: p.parenthesized(() => p.nestedQuery()) };
  });
  return { ctes, xmlNamespaces };
}

function parseNamespaces(p: Parser): Query['xmlNamespaces'] {
  p.expectWords('XMLNAMESPACES');
  return p.list(() => {
    if (p.acceptWords('DEFAULT')) return { prefix: null, uri: p.string() };
    const uri = p.string();
    p.expectWords('AS');
    return { prefix: p.identifier().name, uri };
  });
}
