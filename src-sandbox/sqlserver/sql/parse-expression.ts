import type { ArithmeticOperator, Expression, Identifier } from './ast.ts';
import { parsePrimary } from './parse-primary.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** Longest chain of operators (`a + b + c ...`): the tree leans to the left, and whoever walks it does so with one stack. */
export const MAXIMUM_CHAIN = 2000;

const MULTIPLICATIVE = 2;
const ADDITIVE = 1;

const PRECEDENCE: Readonly<Record<string, number>> = {
  '*': MULTIPLICATIVE,
  '/': MULTIPLICATIVE,
  '%': MULTIPLICATIVE,
  '+': ADDITIVE,
  '-': ADDITIVE,
  '&': ADDITIVE,
  '|': ADDITIVE,
  '^': ADDITIVE,
};

/**
 * A value. Comparisons, AND, OR and NOT end it: they are conditions.
 * https://learn.microsoft.com/en-us/sql/t-sql/language-elements/operator-precedence-transact-sql
 */
export function parseExpression(p: Parser): Expression {
  return parseBinary(p, ADDITIVE);
}

/** Goes on behind an operand that was already read, as in `(a) + b`. */
export function continueExpression(p: Parser, operand: Expression): Expression {
  return continueBinary(p, parsePostfix(p, operand), ADDITIVE);
}

function parseBinary(p: Parser, minimum: number): Expression {
  return continueBinary(p, parseUnary(p), minimum);
}

function continueBinary(p: Parser, first: Expression, minimum: number): Expression {
  let left = first;
  for (let length = 0; ; length += 1) {
    const token = p.peek();
    const precedence = token.kind === 'operator' ? PRECEDENCE[token.value] : undefined;
    if (precedence === undefined || precedence < minimum) return left;
    if (length >= MAXIMUM_CHAIN) throw syntaxErrors.tooDeep(token.line);
    p.next();
    const right = parseBinary(p, precedence + 1);
    left = p.located({ kind: 'binary' as const, operator: token.value as ArithmeticOperator, left, right }, left.at);
  }
}

/** Unary minus binds looser than multiplication: `-a * b` is `-(a * b)`; ~ binds tighter than all. */
function parseUnary(p: Parser): Expression {
  const token = p.peek();
  if (token.kind === 'operator' && (token.value === '-' || token.value === '+' || token.value === '~')) {
    const at = p.position();
    const operator = token.value;
    p.next();
    const operand = p.nested(() => (operator === '~' ? parseUnary(p) : parseBinary(p, MULTIPLICATIVE)));
    return p.located({ kind: 'unary' as const, operator, operand }, at);
  }
  return parsePostfix(p, parsePrimary(p));
}

/** Methods and properties of CLR and xml values, COLLATE, AT TIME ZONE. */
function parsePostfix(p: Parser, first: Expression): Expression {
  let operand = first;
  for (let length = 0; ; length += 1) {
    if (length >= MAXIMUM_CHAIN) throw syntaxErrors.tooDeep(p.peek().line);
    if (p.acceptOperator('.')) operand = parseMember(p, operand);
    else if (p.acceptWords('COLLATE')) {
      operand = p.located({ kind: 'collate' as const, operand, collation: p.anyIdentifier().name }, operand.at);
    } else if (p.acceptWords('AT', 'TIME', 'ZONE')) {
      const zone = parsePrimary(p);
      operand = p.located({ kind: 'at-time-zone' as const, operand, zone }, operand.at);
    } else return operand;
  }
}

function parseMember(p: Parser, operand: Expression): Expression {
  const name: Identifier = p.anyIdentifier();
  if (!p.isOperator('(')) return p.located({ kind: 'property' as const, operand, name }, operand.at);
  const args = parseArguments(p);
  return p.located({ kind: 'method-call' as const, operand, method: name, args }, operand.at);
}

function parseArguments(p: Parser): Expression[] {
  if (p.isOperator(')', 1)) {
    p.next();
    p.next();
    return [];
  }
  return p.list(() => p.expression());
}
