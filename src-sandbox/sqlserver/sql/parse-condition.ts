import type { ComparisonOperator, Condition, Expression, Identifier, Position } from './ast.ts';
import { continueExpression, MAXIMUM_CHAIN, parseExpression } from './parse-expression.ts';
import { startsQuery } from './look-ahead.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** What stands in parentheses may be either, and only its end tells. */
type ValueOrCondition = { is: 'value'; expression: Expression } | { is: 'condition'; condition: Condition };

/**
 * `a = 1 AND NOT (b IS NULL OR c IN (1, 2))`.
 * https://learn.microsoft.com/en-us/sql/t-sql/queries/search-condition-transact-sql
 * @throws TsqlSyntaxError 4145 where a value stands and a condition is asked for
 */
export function parseCondition(p: Parser): Condition {
  return asCondition(p, parseOr(p));
}

function asCondition(p: Parser, found: ValueOrCondition): Condition {
  if (found.is === 'condition') return found.condition;
  const token = p.peek();
  if (token.kind === 'end') throw syntaxErrors.notCondition(token.line, p.lastText());
  throw syntaxErrors.notCondition(token.line, token.text);
}

function parseOr(p: Parser): ValueOrCondition {
  return parseChain(p, { word: 'OR', kind: 'or', operand: () => parseAnd(p) });
}

function parseAnd(p: Parser): ValueOrCondition {
  return parseChain(p, { word: 'AND', kind: 'and', operand: () => parseNot(p) });
}

function parseChain(
  p: Parser,
  rule: { word: string; kind: 'and' | 'or'; operand: () => ValueOrCondition },
): ValueOrCondition {
  const first = rule.operand();
  if (!p.isWords(rule.word)) return first;
  let left = asCondition(p, first);
  for (let length = 0; p.acceptWords(rule.word); length += 1) {
    if (length >= MAXIMUM_CHAIN) throw syntaxErrors.tooDeep(p.peek().line);
    const right = asCondition(p, rule.operand());
    left = p.located({ kind: rule.kind, left, right }, left.at);
  }
  return { is: 'condition', condition: left };
}

function parseNot(p: Parser): ValueOrCondition {
  const at = p.position();
  if (!p.acceptWords('NOT')) return parsePredicate(p);
  const operand = asCondition(
    p,
    p.nested(() => parseNot(p)),
  );
  return { is: 'condition', condition: p.located({ kind: 'not' as const, operand }, at) };
}

function parsePredicate(p: Parser): ValueOrCondition {
  const at = p.position();
  if (p.acceptWords('EXISTS')) {
    const query = p.parenthesized(() => p.nestedQuery());
    return { is: 'condition', condition: p.located({ kind: 'exists' as const, query }, at) };
  }
  if (p.isOneOf(['CONTAINS', 'FREETEXT']) && p.isOperator('(', 1)) return parseFullText(p);
  if (p.isOperator('(') && !startsQuery(p, 1)) {
    const inner = p.nested(() => p.parenthesized(() => parseOr(p)));
    if (inner.is === 'condition') return inner;
    return parseComparison(p, continueExpression(p, inner.expression));
  }
  return parseComparison(p, parseExpression(p));
}

function parseComparison(p: Parser, left: Expression): ValueOrCondition {
  const found = (condition: Condition): ValueOrCondition => ({ is: 'condition', condition });
  const operator = comparisonOperator(p);
  if (operator) {
    if (p.isOneOf(['ALL', 'ANY', 'SOME']) && p.isOperator('(', 1)) {
      const quantifier = p.oneOf(['ALL', 'ANY', 'SOME']) === 'ALL' ? ('ALL' as const) : ('ANY' as const);
      const query = p.parenthesized(() => p.nestedQuery());
      return found(p.located({ kind: 'quantified' as const, operator, left, quantifier, query }, left.at));
    }
    const right = parseExpression(p);
    return found(p.located({ kind: 'compare' as const, operator, left, right }, left.at));
  }
  if (p.acceptWords('IS')) return found(parseIs(p, left));
  const negated = p.isWords('NOT') && p.peek(1).kind === 'word' && isNegatable(p.peek(1).value);
  if (negated) p.next();
  if (p.acceptWords('IN')) return found(parseIn(p, left, negated));
  if (p.acceptWords('LIKE')) {
    const pattern = parseExpression(p);
    const escape = p.acceptWords('ESCAPE') ? parseExpression(p) : null;
    return found(p.located({ kind: 'like' as const, operand: left, pattern, escape, negated }, left.at));
  }
  if (p.acceptWords('BETWEEN')) {
    const low = parseExpression(p);
    p.expectWords('AND');
    const high = parseExpression(p);
    return found(p.located({ kind: 'between' as const, operand: left, low, high, negated }, left.at));
  }
  return { is: 'value', expression: left };
}

function isNegatable(word: string): boolean {
  return word === 'IN' || word === 'LIKE' || word === 'BETWEEN';
}

/** The two signs of an operator may stand apart: `> =`. */
function comparisonOperator(p: Parser): ComparisonOperator | null {
  const token = p.peek();
  if (token.kind !== 'operator') return null;
  const pair = p.peek(1).kind === 'operator' ? token.value + p.peek(1).value : '';
  if (['<=', '>=', '<>', '!=', '!<', '!>'].includes(pair)) {
    p.next();
    p.next();
    return normalized(pair);
  }
  const operator = normalized(token.value);
  if (operator) p.next();
  return operator;
}

function normalized(operator: string): ComparisonOperator | null {
  switch (operator) {
    case '=':
    case '<':
    case '>':
    case '<=':
    case '>=':
    case '<>':
      return operator;
    case '!=':
      return '<>';
    case '!<':
      return '>=';
    case '!>':
      return '<=';
    default:
      return null;
  }
}

function parseIs(p: Parser, left: Expression): Condition {
  const negated = p.acceptWords('NOT');
  if (p.acceptWords('NULL')) return p.located({ kind: 'is-null' as const, operand: left, negated }, left.at);
  p.expectWords('DISTINCT', 'FROM');
  const right = parseExpression(p);
  return p.located({ kind: 'is-distinct' as const, left, right, negated }, left.at);
}

function parseIn(p: Parser, operand: Expression, negated: boolean): Condition {
  if (p.isOperator('(') && startsQuery(p, 1)) {
    const query = p.parenthesized(() => p.nestedQuery());
    return p.located({ kind: 'in-query' as const, operand, query, negated }, operand.at);
  }
  const list = p.list(() => parseExpression(p));
  return p.located({ kind: 'in-list' as const, operand, list, negated }, operand.at);
}

function parseFullText(p: Parser): ValueOrCondition {
  const at: Position = p.position();
  const predicate = p.oneOf(['CONTAINS', 'FREETEXT']);
  const condition = p.parenthesized(() => {
    const columns = fullTextColumns(p);
    p.expectOperator(',');
    return { kind: 'full-text' as const, predicate, columns, search: parseExpression(p) };
  });
  return { is: 'condition', condition: p.located(condition, at) };
}

function fullTextColumns(p: Parser): Identifier[][] | '*' {
  if (p.acceptOperator('*')) return '*';
  const column = (): Identifier[] => {
    const parts = [p.identifier()];
    while (p.acceptOperator('.')) parts.push(p.identifier());
    return parts;
  };
  return p.isOperator('(') ? p.list(column) : [column()];
}
