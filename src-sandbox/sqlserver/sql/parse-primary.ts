import {
  NILADIC_FUNCTIONS,
  PSEUDO_COLUMNS,
  type Expression,
  type ExpressionNode,
  type Identifier,
  type NiladicFunction,
  type PseudoColumn,
} from './ast.ts';
import { startsQuery } from './look-ahead.ts';
import { parseCall, parseOrderItems } from './parse-call.ts';
import { binaryLiteral, numberLiteral } from './parse-literal.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';

/** A constant, name, variable, call, CASE, or something in parentheses: what operators connect. */
export function parsePrimary(p: Parser): Expression {
  const at = p.position();
  return p.located(primaryNode(p), at);
}

function primaryNode(p: Parser): ExpressionNode {
  const token = p.peek();
  switch (token.kind) {
    case 'number':
    case 'money':
      return numberLiteral(p.next());
    case 'binary':
      return binaryLiteral(p.next());
    case 'string':
    case 'national':
      return { kind: 'string', value: p.next().value, national: token.kind === 'national' };
    case 'variable':
      return { kind: 'variable', name: p.next().value };
    case 'global':
      return { kind: 'global-variable', name: p.next().value };
    case 'dollar':
      return dollarNode(p, []);
    case 'double':
      if (!p.quotedIdentifier) return { kind: 'string', value: p.next().value, national: false };
      return nameNode(p);
    case 'bracketed':
      return nameNode(p);
    case 'word':
      return wordNode(p, token.value);
    case 'operator':
      if (token.value === '(') return parenthesizedNode(p);
      throw p.unexpected();
    case 'end':
      throw p.unexpected();
  }
}

function parenthesizedNode(p: Parser): ExpressionNode {
  if (startsQuery(p, 1)) return { kind: 'subquery', query: p.parenthesized(() => p.nestedQuery()) };
  return p.nested(() => p.parenthesized(() => p.expression()));
}

function wordNode(p: Parser, word: string): ExpressionNode {
  const niladic = NILADIC_FUNCTIONS.find((name) => name === word);
  if (niladic) return niladicNode(p, niladic);
  switch (word) {
    case 'NULL':
      p.next();
      return { kind: 'null' };
    case 'DEFAULT':
      p.next();
      return { kind: 'default' };
    case 'CASE':
      return p.nested(() => caseNode(p));
    case 'IDENTITYCOL':
    case 'ROWGUIDCOL':
      p.next();
      return { kind: 'pseudo-column', name: word === 'IDENTITYCOL' ? '$IDENTITY' : '$ROWGUID', qualifier: [] };
    default:
      break;
  }
  if (p.isWords('NEXT', 'VALUE', 'FOR')) return nextValueNode(p);
  const call = p.isOperator('(', 1) ? specialCall(p, word) : null;
  if (call) return call;
  return nameNode(p);
}

function niladicNode(p: Parser, name: NiladicFunction): ExpressionNode {
  p.next();
  return { kind: 'niladic', name };
}

/** Calls whose arguments have a grammar of their own, by the word before the parenthesis. */
function specialCall(p: Parser, word: string): ExpressionNode | null {
  switch (word) {
    case 'CAST':
    case 'TRY_CAST':
      return callNode(p, () => {
        const operand = p.expression();
        p.expectWords('AS');
        return { kind: 'cast', operand, type: parseTypeReference(p, { use: 'cast' }), isTry: word === 'TRY_CAST' };
      });
    case 'CONVERT':
    case 'TRY_CONVERT':
      return callNode(p, () => {
        const type = parseTypeReference(p, { use: 'cast' });
        p.expectOperator(',');
        const operand = p.expression();
        const style = p.acceptOperator(',') ? p.expression() : null;
        return { kind: 'convert', type, operand, style, isTry: word === 'TRY_CONVERT' };
      });
    case 'PARSE':
    case 'TRY_PARSE':
      return callNode(p, () => {
        const operand = p.expression();
        p.expectWords('AS');
        const type = parseTypeReference(p, { use: 'cast' });
        const culture = p.acceptWords('USING') ? p.expression() : null;
        return { kind: 'parse', operand, type, culture, isTry: word === 'TRY_PARSE' };
      });
    case 'IIF':
      return callNode(p, () => {
        const condition = p.condition();
        p.expectOperator(',');
        const then = p.expression();
        p.expectOperator(',');
        return { kind: 'iif', condition, then, otherwise: p.expression() };
      });
    case 'COALESCE':
      return callNode(p, () => {
        const args = p.commaSeparated(() => p.expression());
        if (args.length < 2) throw p.unexpected();
        return { kind: 'coalesce', args };
      });
    case 'NULLIF':
      return callNode(p, () => {
        const left = p.expression();
        p.expectOperator(',');
        return { kind: 'nullif', left, right: p.expression() };
      });
    case 'TRIM':
      return callNode(p, () => trimNode(p));
    case 'LEFT':
    case 'RIGHT':
      return parseCall(p, [p.anyIdentifier()]);
    default:
      return null;
  }
}

function callNode(p: Parser, inner: () => ExpressionNode): ExpressionNode {
  p.next();
  return p.nested(() => p.parenthesized(inner));
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/trim-transact-sql */
function trimNode(p: Parser): ExpressionNode {
  const hasSide = p.isOneOf(['LEADING', 'TRAILING', 'BOTH']) && !p.isOperator(')', 1) && !p.isOperator(',', 1);
  const side = hasSide ? p.oneOf(['LEADING', 'TRAILING', 'BOTH']) : ('BOTH' as const);
  const first = p.expression();
  if (p.acceptWords('FROM')) return { kind: 'trim', side, characters: first, operand: p.expression() };
  if (hasSide) throw p.unexpected();
  return { kind: 'trim', side, characters: null, operand: first };
}

function caseNode(p: Parser): ExpressionNode {
  p.next();
  const otherwise = (): Expression | null => {
    const found = p.acceptWords('ELSE') ? p.expression() : null;
    p.expectWords('END');
    return found;
  };
  if (p.isWords('WHEN')) {
    const branches = [];
    while (p.acceptWords('WHEN')) {
      const when = p.condition();
      p.expectWords('THEN');
      branches.push({ when, then: p.expression() });
    }
    return { kind: 'searched-case', branches, otherwise: otherwise() };
  }
  const operand = p.expression();
  const branches = [];
  if (!p.isWords('WHEN')) throw p.unexpected();
  while (p.acceptWords('WHEN')) {
    const when = p.expression();
    p.expectWords('THEN');
    branches.push({ when, then: p.expression() });
  }
  return { kind: 'simple-case', operand, branches, otherwise: otherwise() };
}

function nextValueNode(p: Parser): ExpressionNode {
  p.expectWords('NEXT', 'VALUE', 'FOR');
  const sequence = p.objectName();
  if (!p.acceptWords('OVER')) return { kind: 'next-value-for', sequence, orderBy: [] };
  const orderBy = p.parenthesized(() => {
    p.expectWords('ORDER', 'BY');
    return parseOrderItems(p);
  });
  return { kind: 'next-value-for', sequence, orderBy };
}

/** A column path, a call, a static method of a type, or something with a $. */
function nameNode(p: Parser): ExpressionNode {
  const parts: (Identifier | null)[] = [p.identifier()];
  while (p.isOperator('.')) {
    p.next();
    if (p.peek().kind === 'dollar')
      return dollarNode(
        p,
        parts.filter((part) => part !== null),
      );
    if (p.isOperator('.')) parts.push(null);
    else parts.push(p.anyIdentifier());
  }
  const last = parts[parts.length - 1];
  if (!last) throw p.unexpected();
  if (p.acceptOperator('::')) return staticNode(p, parts);
  if (p.isOperator('(')) {
    const name = parts.filter((part) => part !== null);
    // `db..f(x)` names a function of the default schema; nothing here has one.
    if (name.length !== parts.length) throw p.unexpected();
    return parseCall(p, name);
  }
  const word = last.name.toUpperCase();
  if (!last.quoted && (word === 'IDENTITYCOL' || word === 'ROWGUIDCOL')) {
    const qualifier = parts.slice(0, -1).filter((part) => part !== null);
    return { kind: 'pseudo-column', name: word === 'IDENTITYCOL' ? '$IDENTITY' : '$ROWGUID', qualifier };
  }
  return { kind: 'column', parts };
}

function staticNode(p: Parser, parts: (Identifier | null)[]): ExpressionNode {
  const last = parts[parts.length - 1] as Identifier;
  if (parts.length > 3) throw p.unexpected();
  const prefix = (back: number): string | null => parts[parts.length - 1 - back]?.name ?? null;
  const type = {
    server: null,
    database: prefix(2),
    schema: prefix(1),
    name: last.name,
    at: (parts[0] ?? last).at,
  };
  const method = p.anyIdentifier();
  if (!p.isOperator('(')) return { kind: 'static-call', type, method, args: null };
  if (p.isOperator(')', 1)) {
    p.next();
    p.next();
    return { kind: 'static-call', type, method, args: [] };
  }
  return { kind: 'static-call', type, method, args: p.nested(() => p.list(() => p.expression())) };
}

function dollarNode(p: Parser, qualifier: Identifier[]): ExpressionNode {
  const token = p.peek();
  if (token.value === '$PARTITION') {
    if (qualifier.length > 1) throw p.unexpected();
    p.next();
    p.expectOperator('.');
    const partitionFunction = p.identifier().name;
    const args = p.list(() => p.expression());
    return { kind: 'partition-number', database: qualifier[0]?.name ?? null, partitionFunction, args };
  }
  const name: PseudoColumn | undefined = PSEUDO_COLUMNS.find((known) => known === token.value);
  if (!name) throw p.unexpected();
  p.next();
  return { kind: 'pseudo-column', name, qualifier };
}
