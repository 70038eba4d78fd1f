import type { ExecuteArgument, ExecuteStatement } from './ast-statement.ts';
import type { Expression } from './ast.ts';
import { parsePrimary } from './parse-primary.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/execute-transact-sql */
export function parseExecute(p: Parser): ExecuteStatement {
  p.oneOf(['EXEC', 'EXECUTE']);
  if (p.isOperator('(')) return parseExecuteString(p);
  const returnVariable = p.peek().kind === 'variable' && p.isOperator('=', 1) ? p.variable() : null;
  if (returnVariable !== null) p.next();
  return parseProcedureCall(p, returnVariable);
}

/** A procedure's name with its arguments: behind EXECUTE, or alone as the first statement of a batch. */
export function parseProcedureCall(p: Parser, returnVariable: string | null): ExecuteStatement {
  const procedure =
    p.peek().kind === 'variable'
      ? { kind: 'variable' as const, variable: p.variable() }
      : { kind: 'name' as const, name: p.objectName() };
  const args = startsArgument(p) ? parseArguments(p) : [];
  let recompile = false;
  let resultSets: 'NONE' | 'UNDEFINED' | null = null;
  if (p.isWords('WITH', 'RECOMPILE') || p.isWords('WITH', 'RESULT', 'SETS')) {
    p.next();
    p.commaSeparated(() => {
      if (p.acceptWords('RECOMPILE')) recompile = true;
      else {
        p.expectWords('RESULT', 'SETS');
        resultSets = p.oneOf(['NONE', 'UNDEFINED']);
      }
    });
  }
  return { kind: 'execute', returnVariable, procedure, args, recompile, resultSets };
}

function startsArgument(p: Parser): boolean {
  const token = p.peek();
  switch (token.kind) {
    case 'end':
      return false;
    case 'operator':
      return token.value === '-' || token.value === '+';
    case 'word':
      return p.isIdentifier() || token.value === 'NULL' || token.value === 'DEFAULT';
    default:
      return true;
  }
}

function parseArguments(p: Parser): ExecuteArgument[] {
  let isNamed = false;
  let index = 0;
  return p.commaSeparated(() => {
    index += 1;
    const { line } = p.position();
    const name = p.peek().kind === 'variable' && p.isOperator('=', 1) ? p.variable() : null;
    if (name !== null) p.next();
    if (isNamed && name === null) throw syntaxErrors.namedParametersOnly(line, index);
    isNamed = name !== null;
    const value = parseConstantOrWord(p);
    const isOutput = p.acceptWords('OUTPUT') || p.acceptWords('OUT');
    return { name, value, isOutput };
  });
}

/** A literal with an optional sign, a variable, NULL or DEFAULT; a bare word is its text. Operators are no part of it. */
export function parseConstantOrWord(p: Parser): Expression {
  const at = p.position();
  const token = p.peek();
  if (token.kind === 'operator' && (token.value === '-' || token.value === '+')) {
    const operator = token.value;
    p.next();
    if (p.peek().kind !== 'number' && p.peek().kind !== 'money') throw p.unexpected();
    return p.located({ kind: 'unary' as const, operator, operand: parsePrimary(p) }, at);
  }
  const isText = token.kind === 'word' || token.kind === 'bracketed' || token.kind === 'double';
  if (isText && token.value !== 'NULL' && token.value !== 'DEFAULT') {
    p.next();
    const value = token.kind === 'word' ? token.text : token.value;
    return p.located({ kind: 'string' as const, value, national: true }, at);
  }
  if (token.kind === 'operator' || token.kind === 'dollar') throw p.unexpected();
  return parsePrimary(p);
}

function parseExecuteString(p: Parser): ExecuteStatement {
  const parts = p.parenthesized(() => {
    const found = [parseStringPart(p)];
    while (p.acceptOperator('+')) found.push(parseStringPart(p));
    return found;
  });
  if (!p.acceptWords('AS')) return { kind: 'execute-string', parts, as: null };
  const principalClass = p.oneOf(['LOGIN', 'USER']);
  p.expectOperator('=');
  return { kind: 'execute-string', parts, as: { class: principalClass, name: p.string() } };
}

function parseStringPart(p: Parser): Expression {
  if (!p.isString() && p.peek().kind !== 'variable') throw p.unexpected();
  return parsePrimary(p);
}
