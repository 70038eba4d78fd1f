import { errors } from '../errors.ts';
import type { Expression, ExpressionNode, OrderItem, WindowSpec } from './ast.ts';
import {
  LITERAL_TYPES,
  parseList,
  parseOrderItems,
  parseWindow,
  spanned,
  type ParseTools,
} from './parse-expression.ts';
import { parseType } from './parse-type.ts';
import type { Identifier, TokenReader } from './token-reader.ts';
import type { Token } from './tokenize.ts';

/** Functions that may be written without parentheses. */
const BARE = new Set([
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_TIMESTAMP',
  'CURRENT_USER',
  'LOCALTIME',
  'LOCALTIMESTAMP',
]);
/** Reserved words that are functions when a parenthesis follows. */
const CALLABLE = new Set(['LEFT', 'RIGHT', 'INSERT', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP']);

/** Literals, names, calls, parentheses, CASE, CAST: whatever an operator can apply to. */
export function parsePrimary(tools: ParseTools): Expression {
  const { reader } = tools;
  const start = reader.peek();
  const done = (node: ExpressionNode): Expression => spanned(reader, start, node);
  switch (start.kind) {
    case 'number':
      reader.next();
      return done({ kind: 'number', text: start.value });
    case 'string':
      reader.next();
      return done({ kind: 'string', value: start.value });
    case 'position':
      reader.next();
      return done({ kind: 'position', qualifier: null, index: Number(start.value) });
    case 'variable':
      reader.next();
      return done({ kind: 'variable', name: start.value });
    case 'bind':
      reader.next();
      return done({ kind: 'bind', index: tools.nextBind() });
    case 'operator':
      return parseBracketed(tools, start, done);
    case 'quoted':
      return parseName(tools, start);
    case 'word':
      return parseWord(tools, start, done);
    default:
      throw reader.unexpected();
  }
}

function parseBracketed(tools: ParseTools, start: Token, done: (node: ExpressionNode) => Expression): Expression {
  const { reader } = tools;
  if (reader.acceptOperator('*')) return done({ kind: 'star', qualifier: null, ...parseStarModifiers(reader) });
  if (reader.acceptOperator(':')) {
    const number = reader.next();
    if (number.kind !== 'number') throw reader.unexpected(number);
    return done({ kind: 'bind', index: Number(number.value) });
  }
  if (reader.acceptOperator('[')) {
    const items = reader.isOperator(']') ? [] : parseList(tools);
    reader.expectOperator(']');
    return done({ kind: 'array', items });
  }
  if (reader.acceptOperator('{')) return parseObject(tools, done);
  if (!reader.acceptOperator('(')) throw reader.unexpected(start);
  if (reader.isWords('SELECT') || reader.isWords('WITH')) {
    const query = tools.query(reader);
    reader.expectOperator(')');
    return done({ kind: 'subquery', query });
  }
  const items = parseList(tools);
  reader.expectOperator(')');
  return items.length === 1
    ? { ...(items[0] as Expression), span: done({ kind: 'null' }).span }
    : done({ kind: 'tuple', items });
}

function parseObject(tools: ParseTools, done: (node: ExpressionNode) => Expression): Expression {
  const { reader } = tools;
  const entries: { key: string; value: Expression }[] = [];
  if (!reader.isOperator('}')) {
    do {
      const key = reader.string();
      reader.expectOperator(':');
      entries.push({ key, value: tools.expression() });
    } while (reader.acceptOperator(','));
  }
  reader.expectOperator('}');
  return done({ kind: 'object', entries });
}

function parseWord(tools: ParseTools, start: Token, done: (node: ExpressionNode) => Expression): Expression {
  const { reader } = tools;
  const word = start.value;
  const next = reader.peek(1);
  const called = next.kind === 'operator' && next.value === '(';
  if (word === 'NULL' || word === 'TRUE' || word === 'FALSE') {
    reader.next();
    return done(word === 'NULL' ? { kind: 'null' } : { kind: 'boolean', value: word === 'TRUE' });
  }
  if (word === 'CASE') return parseCase(tools, done);
  if ((word === 'CAST' || word === 'TRY_CAST') && called) return parseCast(tools, done, word === 'TRY_CAST');
  if (word === 'EXTRACT' && called) return parseExtract(tools, done);
  if (word === 'EXISTS' && called) {
    reader.next();
    reader.expectOperator('(');
    const query = tools.query(reader);
    reader.expectOperator(')');
    return done({ kind: 'exists', query });
  }
  if (word === 'INTERVAL' && next.kind === 'string') {
    reader.next();
    return done({ kind: 'interval', text: reader.string() });
  }
  if (next.kind === 'string' && LITERAL_TYPES[word]) {
    reader.next();
    return done({ kind: 'typed-string', type: LITERAL_TYPES[word], value: reader.string() });
  }
  if (BARE.has(word) && !called) {
    reader.next();
    return done(plainCall(word, []));
  }
  if (called && (CALLABLE.has(word) || BARE.has(word))) {
    reader.next();
    return parseCall(tools, start, word);
  }
  return parseName(tools, start);
}

/** A column, `t.*`, `t.$1` or a function call. */
function parseName(tools: ParseTools, start: Token): Expression {
  const { reader } = tools;
  const parts: Identifier[] = [reader.identifier()];
  while (reader.isOperator('.')) {
    const after = reader.peek(1);
    if (after.kind === 'operator' && after.value === '*') {
      reader.next();
      reader.next();
      return spanned(reader, start, { kind: 'star', qualifier: parts, ...parseStarModifiers(reader) });
    }
    if (after.kind === 'position') {
      reader.next();
      reader.next();
      return spanned(reader, start, { kind: 'position', qualifier: parts[0] ?? null, index: Number(after.value) });
    }
    if (parts.length === 4) break;
    reader.next();
    parts.push(reader.identifier());
  }
  if (reader.isOperator('(')) return parseCall(tools, start, parts.map((p) => p.name).join('.'));
  return spanned(reader, start, { kind: 'column', parts });
}

function parseStarModifiers(reader: TokenReader): {
  exclude: Identifier[];
  rename: { from: Identifier; to: Identifier }[];
} {
  const exclude: Identifier[] = [];
  const rename: { from: Identifier; to: Identifier }[] = [];
  if (reader.isWords('EXCLUDE')) {
    reader.next();
    if (reader.acceptOperator('(')) {
      do exclude.push(reader.identifier());
      while (reader.acceptOperator(','));
      reader.expectOperator(')');
    } else exclude.push(reader.identifier());
  }
  const one = (): void => {
    const from = reader.identifier();
    reader.expectWords('AS');
    rename.push({ from, to: reader.identifier() });
  };
  if (reader.isWords('RENAME')) {
    reader.next();
    if (reader.acceptOperator('(')) {
      do one();
      while (reader.acceptOperator(','));
      reader.expectOperator(')');
    } else one();
  }
  if (reader.isWords('ILIKE') || reader.isWords('REPLACE')) throw errors.notInPractice('SELECT * ILIKE and REPLACE');
  return { exclude, rename };
}

function plainCall(name: string, args: Expression[]): Extract<ExpressionNode, { kind: 'call' }> {
  return {
    kind: 'call',
    name,
    args,
    namedArgs: {},
    distinct: false,
    star: false,
    withinGroup: null,
    ignoreNulls: false,
    over: null,
  };
}

/** The reader is at the opening parenthesis. */
function parseCall(tools: ParseTools, start: Token, name: string): Expression {
  const { reader } = tools;
  reader.expectOperator('(');
  const call = plainCall(name, []);
  if (reader.isOperator('*') && reader.peek(1).value === ')') {
    reader.next();
    call.star = true;
  } else if (!reader.isOperator(')')) {
    call.distinct = reader.acceptWords('DISTINCT');
    if (!call.distinct) reader.acceptWords('ALL');
    parseArguments(tools, call);
  }
  reader.expectOperator(')');
  call.withinGroup = parseWithinGroup(tools);
  if (reader.acceptWords('IGNORE', 'NULLS')) call.ignoreNulls = true;
  else reader.acceptWords('RESPECT', 'NULLS');
  call.over = parseOver(tools);
  return spanned(reader, start, call);
}

function parseArguments(tools: ParseTools, call: Extract<ExpressionNode, { kind: 'call' }>): void {
  const { reader } = tools;
  do {
    const name = reader.peek();
    const arrow = reader.peek(1);
    if (name.kind === 'word' && arrow.kind === 'operator' && arrow.value === '=>') {
      reader.next();
      reader.next();
      call.namedArgs[name.value] = tools.expression();
    } else call.args.push(tools.expression());
  } while (reader.acceptOperator(','));
}

function parseWithinGroup(tools: ParseTools): OrderItem[] | null {
  const { reader } = tools;
  if (!reader.acceptWords('WITHIN')) return null;
  reader.expectWords('GROUP');
  reader.expectOperator('(');
  reader.expectWords('ORDER', 'BY');
  const items = parseOrderItems(tools);
  reader.expectOperator(')');
  return items;
}

function parseOver(tools: ParseTools): WindowSpec | null {
  return tools.reader.acceptWords('OVER') ? parseWindow(tools) : null;
}

function parseCase(tools: ParseTools, done: (node: ExpressionNode) => Expression): Expression {
  const { reader } = tools;
  reader.expectWords('CASE');
  const operand = reader.isWords('WHEN') ? null : tools.expression();
  const branches: { when: Expression; then: Expression }[] = [];
  while (reader.acceptWords('WHEN')) {
    const when = tools.expression();
    reader.expectWords('THEN');
    branches.push({ when, then: tools.expression() });
  }
  if (branches.length === 0) throw reader.unexpected();
  const otherwise = reader.acceptWords('ELSE') ? tools.expression() : null;
  reader.expectWords('END');
  return done({ kind: 'case', operand, branches, otherwise });
}

function parseCast(tools: ParseTools, done: (node: ExpressionNode) => Expression, isTry: boolean): Expression {
  const { reader } = tools;
  reader.next();
  reader.expectOperator('(');
  const operand = tools.expression();
  reader.expectWords('AS');
  const type = parseType(reader);
  reader.expectOperator(')');
  return done({ kind: 'cast', operand, type, isTry });
}

function parseExtract(tools: ParseTools, done: (node: ExpressionNode) => Expression): Expression {
  const { reader } = tools;
  reader.next();
  reader.expectOperator('(');
  const part = reader.optionValue().toUpperCase();
  if (!reader.acceptWords('FROM')) reader.expectOperator(',');
  const operand = tools.expression();
  reader.expectOperator(')');
  return done({ kind: 'extract', part, operand });
}
