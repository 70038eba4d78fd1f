import { errors, SnowflakeError } from '../errors.ts';
import type {
  Expression,
  JoinKind,
  Query,
  QueryBody,
  SelectCore,
  SelectItem,
  SetOperation,
  TableSource,
} from './ast.ts';
import { parseExpressionWith, parseList, parseOrderItems, type ParseTools } from './parse-expression.ts';
import { parsePrimary } from './parse-primary.ts';
import { createTokenReader, RESERVED, type Identifier, type TokenReader } from './token-reader.ts';

/** Words that end a FROM item or select item, so cannot be an alias without AS. */
const NOT_ALIAS = new Set([
  ...RESERVED,
  ...'LIMIT OFFSET FETCH EXCEPT WINDOW PIVOT UNPIVOT MATCH_RECOGNIZE ASOF AT BEFORE CHANGES OUTER CLONE EXCLUDE RENAME'.split(
    ' ',
  ),
]);

/** A SELECT (with WITH, set operators, ORDER BY, LIMIT), a parenthesised one, or VALUES. */
export function parseQuery(reader: TokenReader): Query {
  return queryWith(toolsFor(reader));
}

export function parseExpression(reader: TokenReader): Expression {
  return parseExpressionWith(toolsFor(reader));
}

/** One comma-separated list of expressions. */
export function parseExpressions(reader: TokenReader): Expression[] {
  return parseList(toolsFor(reader));
}

/** A FROM item with its joins: UPDATE ... FROM, MERGE ... USING, DELETE ... USING. */
export function parseTableSources(reader: TokenReader): TableSource {
  return parseFrom(toolsFor(reader));
}

export function parseOneTableSource(reader: TokenReader): TableSource {
  return parseSource(toolsFor(reader));
}

const bindCounters = new WeakMap<TokenReader, { last: number }>();

function toolsFor(reader: TokenReader): ParseTools {
  const counter = bindCounters.get(reader) ?? { last: 0 };
  bindCounters.set(reader, counter);
  const tools: ParseTools = {
    reader,
    query: () => queryWith(tools),
    expression: () => parseExpressionWith(tools),
    primary: () => parsePrimary(tools),
    nextBind: () => (counter.last += 1),
  };
  return tools;
}

function queryWith(tools: ParseTools): Query {
  const { reader } = tools;
  const ctes: Query['ctes'] = [];
  let recursive = false;
  if (reader.acceptWords('WITH')) {
    recursive = reader.acceptWords('RECURSIVE');
    do {
      const name = reader.identifier();
      const columns = parseColumnAliases(reader);
      reader.expectWords('AS');
      reader.expectOperator('(');
      ctes.push({ name, columns, query: queryWith(tools) });
      reader.expectOperator(')');
    } while (reader.acceptOperator(','));
  }
  const body = parseSetOperations(tools);
  const orderBy = reader.acceptWords('ORDER', 'BY') ? parseOrderItems(tools) : [];
  const { limit, offset } = parseLimit(tools);
  return { ctes, recursive, body, orderBy, limit, offset };
}

function parseLimit(tools: ParseTools): { limit: Expression | null; offset: Expression | null } {
  const { reader } = tools;
  let limit: Expression | null = null;
  let offset: Expression | null = null;
  if (reader.acceptWords('LIMIT')) limit = tools.expression();
  if (reader.acceptWords('OFFSET')) {
    offset = tools.expression();
    if (!reader.acceptWords('ROWS')) reader.acceptWords('ROW');
  }
  if (reader.acceptWords('FETCH')) {
    if (!reader.acceptWords('FIRST')) reader.acceptWords('NEXT');
    limit = tools.expression();
    if (!reader.acceptWords('ROWS')) reader.acceptWords('ROW');
    reader.acceptWords('ONLY');
  }
  return { limit, offset };
}

function parseSetOperations(tools: ParseTools): QueryBody {
  const { reader } = tools;
  let left = parseIntersect(tools);
  for (;;) {
    let operator: SetOperation['operator'];
    if (reader.acceptWords('UNION', 'ALL')) operator = 'UNION ALL';
    else if (reader.acceptWords('UNION')) {
      reader.acceptWords('DISTINCT');
      operator = 'UNION';
    } else if (reader.acceptWords('EXCEPT') || reader.acceptWords('MINUS')) operator = 'EXCEPT';
    else return left;
    left = { kind: 'set', operator, left, right: parseIntersect(tools) };
  }
}

function parseIntersect(tools: ParseTools): QueryBody {
  let left = parseBody(tools);
  while (tools.reader.acceptWords('INTERSECT')) {
    left = { kind: 'set', operator: 'INTERSECT', left, right: parseBody(tools) };
  }
  return left;
}

function parseBody(tools: ParseTools): QueryBody {
  const { reader } = tools;
  if (reader.acceptOperator('(')) {
    const query = queryWith(tools);
    reader.expectOperator(')');
    return { kind: 'query', query };
  }
  if (reader.acceptWords('VALUES')) return { kind: 'values', rows: parseRows(tools) };
  return parseSelect(tools);
}

/** `(1, 'a'), (2, 'b')`. */
export function parseValuesRows(reader: TokenReader): Expression[][] {
  return parseRows(toolsFor(reader));
}

function parseRows(tools: ParseTools): Expression[][] {
  const { reader } = tools;
  const rows: Expression[][] = [];
  do {
    reader.expectOperator('(');
    rows.push(parseList(tools));
    reader.expectOperator(')');
  } while (reader.acceptOperator(','));
  return rows;
}

function parseSelect(tools: ParseTools): SelectCore {
  const { reader } = tools;
  reader.expectWords('SELECT');
  const distinct = reader.acceptWords('DISTINCT');
  if (!distinct) reader.acceptWords('ALL');
  let top: Expression | null = null;
  if (reader.isWords('TOP') && reader.peek(1).kind === 'number') {
    reader.next();
    top = tools.expression();
  }
  const items: SelectItem[] = [];
  do items.push(parseItem(tools));
  while (reader.acceptOperator(','));
  if (reader.isWords('INTO')) throw errors.syntax('INTO', reader.peek());
  const from = reader.acceptWords('FROM') ? parseFrom(tools) : null;
  const where = reader.acceptWords('WHERE') ? tools.expression() : null;
  let groupBy: Expression[] | 'ALL' = [];
  if (reader.acceptWords('GROUP', 'BY')) {
    if (reader.acceptWords('ALL')) groupBy = 'ALL';
    else {
      for (const word of ['ROLLUP', 'CUBE', 'GROUPING'])
        if (reader.isWords(word)) throw errors.notInPractice(`GROUP BY ${word}`);
      groupBy = parseList(tools);
    }
  }
  const having = reader.acceptWords('HAVING') ? tools.expression() : null;
  const qualify = reader.acceptWords('QUALIFY') ? tools.expression() : null;
  return { kind: 'select', distinct, top, items, from, where, groupBy, having, qualify };
}

function parseItem(tools: ParseTools): SelectItem {
  const expression = tools.expression();
  return { expression, alias: parseAlias(tools.reader) };
}

/** AS x, or a bare x that is no clause's keyword. */
export function parseAlias(reader: TokenReader): Identifier | null {
  if (reader.acceptWords('AS')) return reader.identifier();
  const token = reader.peek();
  if (token.kind === 'quoted' || (token.kind === 'word' && !NOT_ALIAS.has(token.value))) return reader.identifier();
  return null;
}

function parseColumnAliases(reader: TokenReader): Identifier[] {
  const columns: Identifier[] = [];
  if (!reader.acceptOperator('(')) return columns;
  do columns.push(reader.identifier());
  while (reader.acceptOperator(','));
  reader.expectOperator(')');
  return columns;
}

function parseFrom(tools: ParseTools): TableSource {
  const { reader } = tools;
  let left = parseJoined(tools);
  while (reader.acceptOperator(',')) {
    left = { kind: 'join', left, right: parseJoined(tools), join: 'CROSS', natural: false, on: null, using: [] };
  }
  return left;
}

function parseJoined(tools: ParseTools): TableSource {
  const { reader } = tools;
  let left = parseSource(tools);
  for (;;) {
    const natural = reader.acceptWords('NATURAL');
    const join = parseJoinWords(reader);
    if (!join) {
      if (natural) throw reader.unexpected();
      return left;
    }
    const right = parseSource(tools);
    let on: Expression | null = null;
    let using: Identifier[] = [];
    if (reader.acceptWords('ON')) on = tools.expression();
    else if (reader.acceptWords('USING')) using = parseColumnAliases(reader);
    left = { kind: 'join', left, right, join, natural, on, using };
  }
}

function parseJoinWords(reader: TokenReader): JoinKind | undefined {
  if (reader.acceptWords('JOIN') || reader.acceptWords('INNER', 'JOIN')) return 'INNER';
  if (reader.acceptWords('CROSS', 'JOIN')) return 'CROSS';
  for (const side of ['LEFT', 'RIGHT', 'FULL'] as const) {
    if (reader.acceptWords(side, 'OUTER', 'JOIN') || reader.acceptWords(side, 'JOIN')) return side;
  }
  if (reader.isWords('ASOF')) throw errors.notInPractice('ASOF JOIN');
  return undefined;
}

function parseSource(tools: ParseTools): TableSource {
  const { reader } = tools;
  const start = reader.peek();
  const span = (): { start: number; end: number; line: number; position: number } => ({
    start: start.start,
    end: reader.peek(-1).end,
    line: start.line,
    position: start.position,
  });
  if (start.kind === 'stage' || (start.kind === 'string' && start.value.startsWith('@'))) {
    reader.next();
    const options = parseStageOptions(tools);
    return { kind: 'stage', location: start.value, ...options, alias: parseAlias(reader), span: span() };
  }
  const lateral = reader.acceptWords('LATERAL');
  if (lateral && !reader.isOperator('(')) return parseTableFunction(tools, span);
  if (reader.isWords('TABLE') && reader.peek(1).value === '(') {
    reader.next();
    reader.expectOperator('(');
    const source = parseTableFunction(tools, span);
    reader.expectOperator(')');
    if (source.kind === 'function') source.alias = parseAlias(reader);
    return { ...source, span: span() } as TableSource;
  }
  if (reader.acceptOperator('(')) return parseParenthesised(tools, { lateral, span });
  if (reader.acceptWords('VALUES')) {
    const rows = parseRows(tools);
    const alias = parseAlias(reader);
    return { kind: 'values', rows, alias, columnAliases: alias ? parseColumnAliases(reader) : [], span: span() };
  }
  const name = reader.objectName();
  for (const word of ['AT', 'BEFORE', 'SAMPLE', 'TABLESAMPLE', 'PIVOT', 'UNPIVOT', 'CHANGES', 'MATCH_RECOGNIZE']) {
    if (reader.isWords(word) && (reader.peek(1).value === '(' || word.endsWith('SAMPLE')))
      throw errors.notInPractice(word);
  }
  const alias = parseAlias(reader);
  return { kind: 'table', name, alias, columnAliases: alias ? parseColumnAliases(reader) : [], span: span() };
}

function parseParenthesised(
  tools: ParseTools,
  context: { lateral: boolean; span: () => { start: number; end: number; line: number; position: number } },
): TableSource {
  const { reader } = tools;
  if (reader.acceptWords('VALUES')) {
    const rows = parseRows(tools);
    reader.expectOperator(')');
    const alias = parseAlias(reader);
    return { kind: 'values', rows, alias, columnAliases: parseColumnAliases(reader), span: context.span() };
  }
  if (reader.isWords('SELECT') || reader.isWords('WITH') || reader.isOperator('(')) {
    const mark = reader.mark();
    try {
      const query = queryWith(tools);
      reader.expectOperator(')');
      const alias = parseAlias(reader);
      return {
        kind: 'subquery',
        query,
        alias,
        columnAliases: parseColumnAliases(reader),
        lateral: context.lateral,
        span: context.span(),
      };
    } catch (error) {
      // `((a JOIN b ON ...) JOIN c ...)`: the inner parenthesis was no query.
      reader.reset(mark);
      if (!(error instanceof SnowflakeError) || !reader.isOperator('(')) throw error;
    }
  }
  const inner = parseFrom(tools);
  reader.expectOperator(')');
  return inner;
}

function parseTableFunction(tools: ParseTools, span: () => TableSpan): TableSource {
  const { reader } = tools;
  const name = reader.objectName();
  reader.expectOperator('(');
  const args: Expression[] = [];
  const namedArgs: Record<string, Expression> = {};
  if (!reader.isOperator(')')) {
    do {
      const word = reader.peek();
      if (word.kind === 'word' && reader.peek(1).value === '=>') {
        reader.next();
        reader.next();
        namedArgs[word.value] = tools.expression();
      } else args.push(tools.expression());
    } while (reader.acceptOperator(','));
  }
  reader.expectOperator(')');
  return { kind: 'function', name, args, namedArgs, alias: parseAlias(reader), span: span() };
}

type TableSpan = { start: number; end: number; line: number; position: number };

function parseStageOptions(tools: ParseTools): { fileFormat: Expression | null; pattern: string | null } {
  const { reader } = tools;
  let fileFormat: Expression | null = null;
  let pattern: string | null = null;
  if (!reader.acceptOperator('(')) return { fileFormat, pattern };
  do {
    const option = reader.next();
    reader.expectOperator('=>');
    if (option.value === 'FILE_FORMAT') fileFormat = tools.expression();
    else if (option.value === 'PATTERN') pattern = reader.string();
    else throw reader.unexpected(option);
  } while (reader.acceptOperator(','));
  reader.expectOperator(')');
  return { fileFormat, pattern };
}

/** For texts kept in the catalog: a view's query, a column's DEFAULT. */
export function parseExpressionText(text: string): Expression {
  const reader = createTokenReader(text);
  const expression = parseExpression(reader);
  reader.expectEnd();
  return expression;
}

export function parseQueryText(text: string): Query {
  const reader = createTokenReader(text);
  const query = parseQuery(reader);
  reader.expectEnd();
  return query;
}
