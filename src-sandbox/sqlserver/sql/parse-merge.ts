import type { MergeBranch, MergeStatement } from './ast-statement.ts';
import type { CommonTableExpression } from './ast.ts';
import { parseOutputs, parseSetClauses, parseTarget } from './parse-dml.ts';
import { parseTop } from './parse-query.ts';
import { parseQueryHints } from './parse-query-clauses.ts';
import { parseTableSource } from './parse-table-source.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/**
 * https://learn.microsoft.com/en-us/sql/t-sql/statements/merge-transact-sql
 * @throws TsqlSyntaxError 10713 without a semicolon behind it
 */
export function parseMerge(p: Parser, ctes: CommonTableExpression[]): MergeStatement {
  p.expectWords('MERGE');
  const top = parseTop(p);
  p.acceptWords('INTO');
  const target = parseTarget(p, { legacyHints: true });
  const hasAlias = p.acceptWords('AS') || (p.isIdentifier() && !p.isWords('USING'));
  const alias = hasAlias ? p.identifier() : null;
  p.expectWords('USING');
  const source = parseTableSource(p);
  p.expectWords('ON');
  const on = p.condition();
  const branches: MergeBranch[] = [];
  while (p.acceptWords('WHEN')) branches.push(parseBranch(p));
  if (branches.length === 0) throw p.unexpected();
  const output = parseOutputs(p);
  const hints = parseQueryHints(p);
  if (!p.isOperator(';')) {
    if (p.atEnd()) throw syntaxErrors.mergeNeedsSemicolon(p.position().line);
    throw p.unexpected();
  }
  return { kind: 'merge', ctes, top, target, alias, source, on, branches, output, hints };
}

function parseBranch(p: Parser): MergeBranch {
  const match = parseMatch(p);
  const condition = p.acceptWords('AND') ? p.condition() : null;
  p.expectWords('THEN');
  return { match, condition, action: parseAction(p) };
}

function parseMatch(p: Parser): MergeBranch['match'] {
  if (p.acceptWords('MATCHED')) return 'MATCHED';
  p.expectWords('NOT', 'MATCHED');
  if (!p.acceptWords('BY')) return 'NOT MATCHED BY TARGET';
  return p.oneOf(['TARGET', 'SOURCE']) === 'TARGET' ? 'NOT MATCHED BY TARGET' : 'NOT MATCHED BY SOURCE';
}

function parseAction(p: Parser): MergeBranch['action'] {
  if (p.acceptWords('DELETE')) return { kind: 'delete' };
  if (p.acceptWords('UPDATE')) {
    p.expectWords('SET');
    return { kind: 'update', set: parseSetClauses(p) };
  }
  p.expectWords('INSERT');
  const { line } = p.position();
  const columns = p.isOperator('(') ? p.list(() => p.identifier()) : [];
  if (p.acceptWords('DEFAULT', 'VALUES')) return { kind: 'insert', columns, values: null };
  p.expectWords('VALUES');
  const values = p.list(() => p.expression());
  if (columns.length > values.length) throw syntaxErrors.moreColumnsThanValues(line);
  if (columns.length > 0 && columns.length < values.length) throw syntaxErrors.fewerColumnsThanValues(line);
  return { kind: 'insert', columns, values };
}
