import type { DeclareItem, Statement, StatementNode, TransactionName } from './ast-statement.ts';
import type { Expression } from './ast.ts';
import { parseTableElements } from './parse-table-elements.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** `DECLARE @x int = 1, @t TABLE (...)`. https://learn.microsoft.com/en-us/sql/t-sql/language-elements/declare-local-variable-transact-sql */
export function parseDeclare(p: Parser): StatementNode {
  p.expectWords('DECLARE');
  const items = p.commaSeparated((): DeclareItem => {
    const at = p.position();
    const name = p.variable();
    p.acceptWords('AS');
    if (p.acceptWords('TABLE')) return p.located({ kind: 'table' as const, name, elements: parseTableElements(p) }, at);
    const type = parseTypeReference(p, { use: 'declaration', subject: 'parameter', name });
    const value = p.acceptOperator('=') ? p.expression() : null;
    return p.located({ kind: 'variable' as const, name, type, value }, at);
  });
  return { kind: 'declare', items };
}

export function parseIf(p: Parser): StatementNode {
  p.expectWords('IF');
  const condition = p.condition();
  const then = p.nested(() => p.statement());
  const otherwise = p.acceptWords('ELSE') ? p.nested(() => p.statement()) : null;
  return { kind: 'if', condition, then, otherwise };
}

export function parseWhile(p: Parser): StatementNode {
  p.expectWords('WHILE');
  const condition = p.condition();
  p.loopDepth += 1;
  const body = p.nested(() => p.statement());
  p.loopDepth -= 1;
  return { kind: 'while', condition, body };
}

export function parseLoopExit(p: Parser): StatementNode {
  const { line } = p.position();
  const isBreak = p.oneOf(['BREAK', 'CONTINUE']) === 'BREAK';
  if (p.loopDepth === 0) throw isBreak ? syntaxErrors.breakOutside(line) : syntaxErrors.continueOutside(line);
  return { kind: isBreak ? 'break' : 'continue' };
}

/** Statements up to a word that ends them, which is not read. Semicolons alone are no statements. */
export function parseStatements(p: Parser, isEnd: () => boolean): Statement[] {
  const statements: Statement[] = [];
  let mayBeginWith = true;
  for (;;) {
    if (p.acceptOperator(';')) {
      mayBeginWith = true;
      continue;
    }
    if (isEnd()) return statements;
    if (p.isWords('WITH') && !mayBeginWith) throw p.unexpected();
    const statement = p.statement();
    mayBeginWith = p.text[statement.end - 1] === ';';
    statements.push(statement);
  }
}

/** BEGIN ... END, BEGIN TRY, BEGIN TRANSACTION. */
export function parseBegin(p: Parser): StatementNode {
  p.expectWords('BEGIN');
  if (p.isOneOf(['TRAN', 'TRANSACTION'])) return parseBeginTransaction(p);
  if (p.acceptWords('TRY')) return p.nested(() => parseTry(p));
  const statements = p.nested(() => parseStatements(p, () => p.isWords('END')));
  if (statements.length === 0) throw p.unexpected();
  p.expectWords('END');
  return { kind: 'block', statements };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/try-catch-transact-sql */
function parseTry(p: Parser): StatementNode {
  const statements = parseStatements(p, () => p.isWords('END'));
  p.expectWords('END', 'TRY', 'BEGIN', 'CATCH');
  const catchStatements = parseStatements(p, () => p.isWords('END'));
  p.expectWords('END', 'CATCH');
  return { kind: 'try', statements, catchStatements };
}

function transactionName(p: Parser): TransactionName | null {
  if (p.peek().kind === 'variable') return { kind: 'variable', variable: p.variable() };
  return p.isIdentifier() ? { kind: 'name', name: p.identifier().name } : null;
}

function parseBeginTransaction(p: Parser): StatementNode {
  p.next();
  const name = transactionName(p);
  let mark: string | null = null;
  if (name && p.acceptWords('WITH', 'MARK')) mark = p.isString() ? p.string() : '';
  return { kind: 'begin-transaction', name, mark };
}

/** COMMIT, ROLLBACK and SAVE: a name stands behind TRAN only. */
export function parseTransactionEnd(p: Parser): StatementNode {
  const word = p.oneOf(['COMMIT', 'ROLLBACK', 'SAVE']);
  const hasTransaction = p.acceptWords('TRAN') || p.acceptWords('TRANSACTION');
  if (word === 'SAVE') {
    const name = hasTransaction ? transactionName(p) : null;
    if (!name) throw p.unexpected();
    return { kind: 'save-transaction', name };
  }
  if (!hasTransaction) p.acceptWords('WORK');
  const name = hasTransaction ? transactionName(p) : null;
  if (word === 'ROLLBACK') return { kind: 'rollback', name };
  if (p.isWords('WITH') && p.isOperator('(', 1)) {
    p.next();
    p.parenthesized(() => {
      p.expectWords('DELAYED_DURABILITY');
      p.expectOperator('=');
      p.oneOf(['ON', 'OFF']);
    });
  }
  return { kind: 'commit', name };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/throw-transact-sql */
export function parseThrow(p: Parser): StatementNode {
  p.expectWords('THROW');
  const hasArguments = p.peek().kind === 'number' || p.peek().kind === 'variable';
  if (!hasArguments) return { kind: 'throw', number: null, message: null, state: null };
  const number = constantOrVariable(p);
  p.expectOperator(',');
  const message = constantOrVariable(p);
  p.expectOperator(',');
  return { kind: 'throw', number, message, state: constantOrVariable(p) };
}

function constantOrVariable(p: Parser): Expression {
  const { kind } = p.peek();
  if (kind !== 'number' && kind !== 'variable' && !p.isString()) throw p.unexpected();
  return p.expression();
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/raiserror-transact-sql */
export function parseRaiserror(p: Parser): StatementNode {
  p.expectWords('RAISERROR');
  const [message, severity, state, ...args] = p.list(() => p.expression());
  if (!message || !severity || !state) throw p.unexpected();
  const isOption = p.isWords('WITH') && ['LOG', 'NOWAIT', 'SETERROR'].includes(p.peek(1).value);
  const options = isOption && p.next() ? p.commaSeparated(() => p.oneOf(['LOG', 'NOWAIT', 'SETERROR'])) : [];
  return { kind: 'raiserror', message, severity, state, args, options };
}

/** A batch returns no value; only procedures and functions do. */
export function parseReturn(p: Parser): StatementNode {
  const { line } = p.position();
  p.expectWords('RETURN');
  const token = p.peek();
  const isValue =
    ['number', 'variable', 'global', 'string', 'national', 'money'].includes(token.kind) ||
    (token.kind === 'operator' && (token.value === '(' || token.value === '-'));
  if (isValue) throw syntaxErrors.returnValue(line);
  return { kind: 'return', value: null };
}

export function parseWaitfor(p: Parser): StatementNode {
  p.expectWords('WAITFOR');
  const what = p.oneOf(['DELAY', 'TIME']);
  if (!p.isString() && p.peek().kind !== 'variable') throw p.unexpected();
  return { kind: 'waitfor', what, value: p.expression() };
}
