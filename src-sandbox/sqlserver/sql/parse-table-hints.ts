import type { Expression, Identifier, TableHint } from './ast.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/hints-transact-sql-table */
const HINTS: ReadonlySet<string> = new Set([
  'FORCESCAN',
  'FORCESEEK',
  'HOLDLOCK',
  'IGNORE_CONSTRAINTS',
  'IGNORE_TRIGGERS',
  'INDEX',
  'KEEPDEFAULTS',
  'KEEPIDENTITY',
  'NOEXPAND',
  'NOLOCK',
  'NOWAIT',
  'PAGLOCK',
  'READCOMMITTED',
  'READCOMMITTEDLOCK',
  'READPAST',
  'READUNCOMMITTED',
  'REPEATABLEREAD',
  'ROWLOCK',
  'SERIALIZABLE',
  'SNAPSHOT',
  'SPATIAL_WINDOW_MAX_CELLS',
  'TABLOCK',
  'TABLOCKX',
  'UPDLOCK',
  'XLOCK',
]);

/** `FROM t (NOLOCK)`: parentheses behind a table's name that hold hints, and no arguments. */
export function isLegacyHints(p: Parser): boolean {
  const word = p.peek(1);
  return (
    p.isOperator('(') &&
    word.kind === 'word' &&
    HINTS.has(word.value) &&
    (p.isOperator(')', 2) || p.isOperator(',', 2) || word.value === 'INDEX')
  );
}

/** `WITH (NOLOCK, INDEX(ix))` or the old form without WITH; empty when there are none. */
export function parseTableHints(p: Parser): TableHint[] {
  if (p.isWords('WITH') && p.isOperator('(', 1)) p.next();
  else if (!isLegacyHints(p)) return [];
  return p.parenthesized(() => {
    const hints = [parseHint(p)];
    while (!p.isOperator(')')) {
      p.acceptOperator(',');
      hints.push(parseHint(p));
    }
    return hints;
  });
}

function parseHint(p: Parser): TableHint {
  const token = p.peek();
  if (token.kind !== 'word') throw p.unexpected();
  if (!HINTS.has(token.value)) throw syntaxErrors.notTableHint(token.line, token.text);
  p.next();
  return { name: token.value, args: hintArguments(p, token.value) };
}

function hintArguments(p: Parser, hint: string): (Identifier | Expression)[] {
  if (hint === 'SPATIAL_WINDOW_MAX_CELLS') {
    p.expectOperator('=');
    return [p.expression()];
  }
  if (hint === 'INDEX') {
    const equals = p.acceptOperator('=');
    if (equals && !p.isOperator('(')) return [indexName(p)];
    return p.list(() => indexName(p));
  }
  if (hint !== 'FORCESEEK' || !p.isOperator('(')) return [];
  return p.parenthesized(() => {
    const index = indexName(p);
    return [index, ...(p.isOperator('(') ? p.list(() => p.identifier()) : [])];
  });
}

function indexName(p: Parser): Identifier | Expression {
  return p.peek().kind === 'number' ? p.expression() : p.identifier();
}
