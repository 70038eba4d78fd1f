import { errors } from '../errors.ts';
import type { BinaryOperator, Expression, ExpressionNode, LikeFlavor, OrderItem, Query, WindowSpec } from './ast.ts';
import { types, type SnowflakeType } from './data-type.ts';
import type { TokenReader } from './token-reader.ts';
import { parseType } from './parse-type.ts';

/** What the expression parser needs of the query parser: given by parameter, so that the two files do not import each other. */
export interface ParseTools {
  reader: TokenReader;
  query(reader: TokenReader): Query;
  expression(): Expression;
  primary(): Expression;
  /** Numbers the ? binds in order of appearance, from 1. */
  nextBind(): number;
}

const BINARY: { operators: string[]; level: number }[] = [
  { operators: ['||'], level: 5 },
  { operators: ['+', '-'], level: 6 },
  { operators: ['*', '/', '%'], level: 7 },
];
const COMPARISONS = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);

/** Precedence, loosest first: OR, AND, NOT, comparison and predicates, ||, + -, * / %, sign, postfix (:: : [] COLLATE). */
export function parseExpressionWith(tools: ParseTools): Expression {
  return parseOr(tools);
}

export function spanned(
  reader: TokenReader,
  start: { start: number; line: number; position: number },
  node: ExpressionNode,
): Expression {
  const end = reader.peek(-1).end;
  return { ...node, span: { start: start.start, end, line: start.line, position: start.position } };
}

function parseOr(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  let left = parseAnd(tools);
  while (reader.acceptWords('OR')) {
    const right = parseAnd(tools);
    left = spanned(reader, start, { kind: 'binary', operator: 'OR', left, right });
  }
  return left;
}

function parseAnd(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  let left = parseNot(tools);
  while (reader.acceptWords('AND')) {
    const right = parseNot(tools);
    left = spanned(reader, start, { kind: 'binary', operator: 'AND', left, right });
  }
  return left;
}

function parseNot(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  if (reader.acceptWords('NOT')) {
    const operand = parseNot(tools);
    return spanned(reader, start, { kind: 'unary', operator: 'NOT', operand });
  }
  return parsePredicate(tools);
}

function parsePredicate(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  let left = parseBinary(tools, 5);
  for (;;) {
    const token = reader.peek();
    if (token.kind === 'operator' && COMPARISONS.has(token.value)) {
      reader.next();
      const operator = (token.value === '!=' ? '<>' : token.value) as BinaryOperator;
      if (reader.isWords('ANY') || reader.isWords('ALL') || reader.isWords('SOME'))
        throw errors.notInPractice('ANY/ALL');
      left = spanned(reader, start, { kind: 'binary', operator, left, right: parseBinary(tools, 5) });
    } else if (reader.acceptWords('IS')) {
      left = parseIs(tools, left, start);
    } else {
      const found = parseNegatable(tools, left, start);
      if (!found) return left;
      left = found;
    }
  }
}

function parseIs(
  tools: ParseTools,
  operand: Expression,
  start: { start: number; line: number; position: number },
): Expression {
  const { reader } = tools;
  const negated = reader.acceptWords('NOT');
  if (reader.acceptWords('NULL')) return spanned(reader, start, { kind: 'is-null', operand, negated });
  if (reader.acceptWords('TRUE')) return spanned(reader, start, { kind: 'is-boolean', operand, value: true, negated });
  if (reader.acceptWords('FALSE'))
    return spanned(reader, start, { kind: 'is-boolean', operand, value: false, negated });
  reader.expectWords('DISTINCT', 'FROM');
  const right = parseBinary(tools, 5);
  return spanned(reader, start, { kind: 'is-distinct', left: operand, right, negated });
}

/** [NOT] BETWEEN, IN, LIKE, ILIKE, RLIKE, REGEXP. */
function parseNegatable(
  tools: ParseTools,
  operand: Expression,
  start: { start: number; line: number; position: number },
): Expression | undefined {
  const { reader } = tools;
  const mark = reader.mark();
  const negated = reader.acceptWords('NOT');
  if (reader.acceptWords('BETWEEN')) {
    const low = parseBinary(tools, 5);
    reader.expectWords('AND');
    const high = parseBinary(tools, 5);
    return spanned(reader, start, { kind: 'between', operand, low, high, negated });
  }
  if (reader.acceptWords('IN')) return parseIn(tools, operand, start, negated);
  for (const flavor of ['LIKE', 'ILIKE', 'RLIKE', 'REGEXP']) {
    if (!reader.acceptWords(flavor)) continue;
    return parseLike(tools, operand, start, {
      negated,
      flavor: flavor === 'REGEXP' ? 'RLIKE' : (flavor as LikeFlavor),
    });
  }
  reader.reset(mark);
  return undefined;
}

function parseIn(
  tools: ParseTools,
  operand: Expression,
  start: { start: number; line: number; position: number },
  negated: boolean,
): Expression {
  const { reader } = tools;
  reader.expectOperator('(');
  if (reader.isWords('SELECT') || reader.isWords('WITH')) {
    const query = tools.query(reader);
    reader.expectOperator(')');
    return spanned(reader, start, { kind: 'in-query', operand, query, negated });
  }
  const list = parseList(tools);
  reader.expectOperator(')');
  return spanned(reader, start, { kind: 'in-list', operand, list, negated });
}

function parseLike(
  tools: ParseTools,
  operand: Expression,
  start: { start: number; line: number; position: number },
  like: { negated: boolean; flavor: LikeFlavor },
): Expression {
  const { reader } = tools;
  const any = reader.acceptWords('ANY') ? 'ANY' : reader.acceptWords('ALL') ? 'ALL' : null;
  let patterns: Expression[];
  if (any) {
    reader.expectOperator('(');
    patterns = parseList(tools);
    reader.expectOperator(')');
  } else patterns = [parseBinary(tools, 5)];
  const escape = reader.acceptWords('ESCAPE') ? parseBinary(tools, 5) : null;
  return spanned(reader, start, {
    kind: 'like',
    operand,
    pattern: patterns[0] as Expression,
    escape,
    any,
    patterns,
    ...like,
  });
}

function parseBinary(tools: ParseTools, level: number): Expression {
  const { reader } = tools;
  const group = BINARY.find((b) => b.level === level);
  if (!group) return parseSign(tools);
  const start = reader.peek();
  let left = parseBinary(tools, level + 1);
  for (;;) {
    const token = reader.peek();
    if (token.kind !== 'operator' || !group.operators.includes(token.value)) return left;
    reader.next();
    const right = parseBinary(tools, level + 1);
    left = spanned(reader, start, { kind: 'binary', operator: token.value as BinaryOperator, left, right });
  }
}

function parseSign(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  for (const operator of ['-', '+'] as const) {
    if (reader.acceptOperator(operator)) {
      const operand = parseSign(tools);
      return spanned(reader, start, { kind: 'unary', operator, operand });
    }
  }
  return parsePostfix(tools);
}

function parsePostfix(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  let operand = tools.primary();
  for (;;) {
    if (reader.acceptOperator('::')) {
      operand = spanned(reader, start, { kind: 'cast', operand, type: parseType(reader), isTry: false });
    } else if (reader.isOperator(':') && isPathStart(reader)) {
      reader.next();
      operand = parsePath(tools, operand, start, true);
    } else if (reader.isOperator('[')) {
      operand = parsePath(tools, operand, start, false);
    } else if (reader.acceptWords('COLLATE')) {
      operand = spanned(reader, start, { kind: 'collate', operand, collation: reader.string() });
    } else return operand;
  }
}

function isPathStart(reader: TokenReader): boolean {
  const next = reader.peek(1);
  return next.kind === 'word' || next.kind === 'quoted' || (next.kind === 'operator' && next.value === '[');
}

/** `:a.b[0]."C d"`: keys keep their case. */
function parsePath(
  tools: ParseTools,
  operand: Expression,
  start: { start: number; line: number; position: number },
  atKey: boolean,
): Expression {
  const { reader } = tools;
  const steps: Extract<ExpressionNode, { kind: 'path' }>['steps'] = [];
  let expectKey = atKey && !reader.isOperator('[');
  for (;;) {
    if (expectKey) {
      const token = reader.next();
      if (token.kind !== 'word' && token.kind !== 'quoted') throw reader.unexpected(token);
      steps.push({ kind: 'key', name: token.kind === 'word' ? token.text : token.value });
      expectKey = false;
    } else if (reader.acceptOperator('[')) {
      const expression = tools.expression();
      reader.expectOperator(']');
      if (expression.kind === 'number' && /^\d+$/.test(expression.text))
        steps.push({ kind: 'index', index: Number(expression.text) });
      else if (expression.kind === 'string') steps.push({ kind: 'key', name: expression.value });
      else steps.push({ kind: 'dynamic', expression });
    } else if (steps.length > 0 && reader.acceptOperator('.')) {
      expectKey = true;
    } else return spanned(reader, start, { kind: 'path', operand, steps });
  }
}

/** `a, b, c` up to (not including) the closing parenthesis. */
export function parseList(tools: ParseTools): Expression[] {
  const list = [tools.expression()];
  while (tools.reader.acceptOperator(',')) list.push(tools.expression());
  return list;
}

export function parseOrderItems(tools: ParseTools): OrderItem[] {
  const { reader } = tools;
  const items: OrderItem[] = [];
  do {
    const expression = tools.expression();
    const descending = reader.acceptWords('DESC');
    if (!descending) reader.acceptWords('ASC');
    let nullsFirst: boolean | undefined;
    if (reader.acceptWords('NULLS', 'FIRST')) nullsFirst = true;
    else if (reader.acceptWords('NULLS', 'LAST')) nullsFirst = false;
    items.push({ expression, descending, nullsFirst });
  } while (reader.acceptOperator(','));
  return items;
}

export function parseWindow(tools: ParseTools): WindowSpec {
  const { reader } = tools;
  reader.expectOperator('(');
  const spec: WindowSpec = { partitionBy: [], orderBy: [], frame: null };
  if (reader.acceptWords('PARTITION', 'BY')) spec.partitionBy = parseList(tools);
  if (reader.acceptWords('ORDER', 'BY')) spec.orderBy = parseOrderItems(tools);
  for (const unit of ['ROWS', 'RANGE']) {
    if (!reader.acceptWords(unit)) continue;
    if (reader.acceptWords('BETWEEN')) {
      const from = parseBound(reader);
      reader.expectWords('AND');
      spec.frame = `${unit} BETWEEN ${from} AND ${parseBound(reader)}`;
    } else spec.frame = `${unit} BETWEEN ${parseBound(reader)} AND CURRENT ROW`;
  }
  reader.expectOperator(')');
  return spec;
}

function parseBound(reader: TokenReader): string {
  if (reader.acceptWords('CURRENT', 'ROW')) return 'CURRENT ROW';
  const amount = reader.acceptWords('UNBOUNDED') ? 'UNBOUNDED' : String(reader.integer());
  if (reader.acceptWords('PRECEDING')) return `${amount} PRECEDING`;
  reader.expectWords('FOLLOWING');
  return `${amount} FOLLOWING`;
}

/** The types that may stand before a string: DATE '2024-01-01'. */
export const LITERAL_TYPES: Record<string, SnowflakeType> = {
  DATE: types.date,
  TIME: types.time(),
  TIMESTAMP: types.ntz(),
  TIMESTAMP_NTZ: types.ntz(),
  TIMESTAMP_LTZ: types.ltz(),
  TIMESTAMP_TZ: types.tz(),
  DATETIME: types.ntz(),
};
