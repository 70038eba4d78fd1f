import { expectAssignmentOperator } from './assignment.ts';
import type {
  DeleteStatement,
  DmlTarget,
  InsertStatement,
  OutputClause,
  SetClause,
  StatementNode,
  UpdateStatement,
} from './ast-statement.ts';
import type { CommonTableExpression, Expression, Identifier, Located } from './ast.ts';
import { parseExecute } from './parse-execute.ts';
import { parseSelectItem, parseStatementQuery, parseTop } from './parse-query.ts';
import { parseQueryHints } from './parse-query-clauses.ts';
import { parseTableHints } from './parse-table-hints.ts';
import { parseTableSources } from './parse-table-source.ts';
import { parseRows } from './parse-values.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/insert-transact-sql */
export function parseInsert(p: Parser, ctes: CommonTableExpression[]): InsertStatement {
  const { line } = p.position();
  p.expectWords('INSERT');
  const top = parseTop(p);
  p.acceptWords('INTO');
  const target = parseTarget(p, { legacyHints: false });
  const columns = p.isOperator('(') && !isQueryBehind(p) ? p.list(() => columnPath(p)) : [];
  const output = parseOutputs(p);
  const source = parseInsertSource(p);
  if (source.kind === 'values' && columns.length > 0) checkWidth(source.rows, columns.length, line);
  const hints = source.kind === 'query' ? source.query.hints : parseQueryHints(p);
  return { kind: 'insert', ctes, top, target, columns, output, source, hints };
}

function isQueryBehind(p: Parser): boolean {
  let ahead = 1;
  while (p.isOperator('(', ahead)) ahead += 1;
  const token = p.peek(ahead);
  return token.kind === 'word' && token.value === 'SELECT';
}

/** The list of INSERT may qualify a column; only its name counts. */
function columnPath(p: Parser): Identifier {
  let name = p.identifier();
  while (p.acceptOperator('.')) name = p.identifier();
  return name;
}

function checkWidth(rows: Expression[][], width: number, line: number): void {
  const values = rows[0]?.length ?? 0;
  if (values < width) throw syntaxErrors.moreColumnsThanValues(line);
  if (values > width) throw syntaxErrors.fewerColumnsThanValues(line);
}

function parseInsertSource(p: Parser): InsertStatement['source'] {
  if (p.acceptWords('DEFAULT', 'VALUES')) return { kind: 'default-values' };
  if (p.acceptWords('VALUES')) return { kind: 'values', rows: parseRows(p, 'insert') };
  if (p.isOneOf(['EXEC', 'EXECUTE'])) return { kind: 'execute', execute: parseExecute(p) };
  return { kind: 'query', query: parseStatementQuery(p) };
}

/** A name or a table variable. `legacyHints`: `(NOLOCK)` without WITH is allowed. */
export function parseTarget(p: Parser, options: { legacyHints: boolean }): DmlTarget & Located {
  const at = p.position();
  if (p.peek().kind === 'variable') return p.located({ kind: 'table-variable' as const, name: p.variable() }, at);
  const name = p.objectName();
  const hints = options.legacyHints || p.isWords('WITH') ? parseTableHints(p) : [];
  return p.located({ kind: 'table' as const, name, hints }, at);
}

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/output-clause-transact-sql */
export function parseOutputs(p: Parser): OutputClause[] {
  const clauses: OutputClause[] = [];
  while (p.acceptWords('OUTPUT')) {
    const items = p.commaSeparated(() => parseSelectItem(p));
    let into: OutputClause['into'] = null;
    if (p.acceptWords('INTO')) {
      const target = parseTarget(p, { legacyHints: false });
      const columns = p.isOperator('(') && !isQueryBehind(p) ? p.list(() => p.identifier()) : [];
      into = { target, columns };
    }
    clauses.push({ items, into });
  }
  return clauses;
}

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/update-transact-sql */
export function parseUpdate(p: Parser, ctes: CommonTableExpression[]): UpdateStatement {
  p.expectWords('UPDATE');
  const top = parseTop(p);
  const target = parseTarget(p, { legacyHints: true });
  p.expectWords('SET');
  const set = parseSetClauses(p);
  const output = parseOutputs(p);
  const from = p.acceptWords('FROM') ? parseTableSources(p) : [];
  const where = p.acceptWords('WHERE') ? p.condition() : null;
  return { kind: 'update', ctes, top, target, set, output, from, where, hints: parseQueryHints(p) };
}

export function parseSetClauses(p: Parser): SetClause[] {
  return p.commaSeparated(() => parseSetClause(p));
}

function parseSetClause(p: Parser): SetClause {
  if (p.peek().kind === 'variable') {
    const variable = p.variable();
    const operator = expectAssignmentOperator(p);
    if (!isColumnAssignment(p)) return { kind: 'variable', variable, operator, value: p.expression() };
    const column = parsePath(p);
    return { kind: 'variable-column', variable, column, operator: expectAssignmentOperator(p), value: p.expression() };
  }
  const path = parsePath(p);
  if (p.isOperator('(')) {
    const method = path.pop();
    if (!method || path.length === 0) throw p.unexpected();
    const args = p.parenthesized(() => (p.isOperator(')') ? [] : p.commaSeparated(() => p.expression())));
    return { kind: 'method', column: path, method, args };
  }
  return { kind: 'column', column: path, operator: expectAssignmentOperator(p), value: p.expression() };
}

function parsePath(p: Parser): Identifier[] {
  const path = [p.identifier()];
  while (p.acceptOperator('.')) path.push(p.anyIdentifier());
  return path;
}

/** Whether `c = ...` follows, as in `SET @x = c = e`. */
function isColumnAssignment(p: Parser): boolean {
  let ahead = 0;
  while (p.isIdentifier(ahead) && p.isOperator('.', ahead + 1)) ahead += 2;
  return p.isIdentifier(ahead) && p.isOperator('=', ahead + 1);
}

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/delete-transact-sql */
export function parseDelete(p: Parser, ctes: CommonTableExpression[]): DeleteStatement {
  p.expectWords('DELETE');
  const top = parseTop(p);
  p.acceptWords('FROM');
  const target = parseTarget(p, { legacyHints: true });
  const output = parseOutputs(p);
  const from = p.acceptWords('FROM') ? parseTableSources(p) : [];
  const where = p.acceptWords('WHERE') ? p.condition() : null;
  return { kind: 'delete', ctes, top, target, output, from, where, hints: parseQueryHints(p) };
}

/** `TRUNCATE TABLE t [WITH (PARTITIONS (1, 3 TO 5))]`. */
export function parseTruncate(p: Parser): StatementNode {
  p.expectWords('TRUNCATE', 'TABLE');
  const table = p.objectName(2);
  if (!p.isWords('WITH') || !p.isOperator('(', 1)) return { kind: 'truncate', table, partitions: [] };
  p.next();
  const partitions = p.parenthesized(() => {
    p.expectWords('PARTITIONS');
    return p.list(() => {
      const from = p.expression();
      return { from, to: p.acceptWords('TO') ? p.expression() : from };
    });
  });
  return { kind: 'truncate', table, partitions };
}
