import type { StatementNode } from './ast-statement.ts';
import type { Expression } from './ast.ts';
import { parseConstantOrWord } from './parse-execute.ts';
import type { Parser } from './parser.ts';

export function parseUse(p: Parser): StatementNode {
  p.expectWords('USE');
  return { kind: 'use', database: p.identifier() };
}

export function parseKill(p: Parser): StatementNode {
  p.expectWords('KILL');
  const session = parseConstantOrWord(p);
  return { kind: 'kill', session, statusOnly: p.acceptWords('WITH', 'STATUSONLY') };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/database-console-commands/dbcc-transact-sql */
export function parseDbcc(p: Parser): StatementNode {
  p.expectWords('DBCC');
  const command = p.identifier().name.toUpperCase();
  let args: Expression[] = [];
  if (p.isOperator('(')) {
    args = p.parenthesized(() => (p.isOperator(')') ? [] : p.commaSeparated(() => parseConstantOrWord(p))));
  }
  const options = p.acceptWords('WITH') ? p.commaSeparated(() => p.identifier().name.toUpperCase()) : [];
  return { kind: 'dbcc', command, args, options };
}

/** EXECUTE AS LOGIN = 'x', EXECUTE AS CALLER. */
export function parseExecuteAs(p: Parser): StatementNode {
  p.next();
  p.expectWords('AS');
  if (p.acceptWords('CALLER')) return { kind: 'execute-as', class: 'CALLER', name: null };
  const principalClass = p.oneOf(['LOGIN', 'USER']);
  p.expectOperator('=');
  return { kind: 'execute-as', class: principalClass, name: p.string() };
}
