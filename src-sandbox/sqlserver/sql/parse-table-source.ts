import type {
  Expression,
  FunctionCall,
  Identifier,
  JoinKind,
  Located,
  ObjectName,
  TableSample,
  TableSource,
  TableSourceNode,
  TemporalClause,
} from './ast.ts';
import { startsQuery } from './look-ahead.ts';
import { parseCall } from './parse-call.ts';
import { isLegacyHints, parseTableHints } from './parse-table-hints.ts';
import { parseTypeReference } from './parse-type.ts';
import { parseRows } from './parse-values.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** What follows FROM. https://learn.microsoft.com/en-us/sql/t-sql/queries/from-transact-sql */
export function parseTableSources(p: Parser): TableSource[] {
  return p.commaSeparated(() => parseTableSource(p));
}

/** One source with the joins that follow it. */
export function parseTableSource(p: Parser): TableSource {
  let left = parseSingle(p);
  for (;;) {
    const joined = parseJoin(p, left);
    if (!joined) return left;
    left = joined;
  }
}

const JOIN_WORDS: readonly { words: readonly string[]; join: JoinKind }[] = [
  { words: ['INNER'], join: 'INNER' },
  { words: ['LEFT', 'OUTER'], join: 'LEFT' },
  { words: ['LEFT'], join: 'LEFT' },
  { words: ['RIGHT', 'OUTER'], join: 'RIGHT' },
  { words: ['RIGHT'], join: 'RIGHT' },
  { words: ['FULL', 'OUTER'], join: 'FULL' },
  { words: ['FULL'], join: 'FULL' },
];

/** @returns `left` with one join more, or null when none follows */
function parseJoin(p: Parser, left: TableSource): TableSource | null {
  if (p.acceptWords('CROSS', 'JOIN')) {
    const right = parseSingle(p);
    return p.located({ kind: 'join' as const, join: 'CROSS' as const, hint: null, left, right, on: null }, left.at);
  }
  if (p.isWords('CROSS', 'APPLY') || p.isWords('OUTER', 'APPLY')) {
    const outer = p.next().value === 'OUTER';
    p.next();
    return p.located({ kind: 'apply' as const, outer, left, right: parseSingle(p) }, left.at);
  }
  const found = JOIN_WORDS.find(({ words }) => p.isWords(...words));
  if (!found && !p.isWords('JOIN')) return null;
  if (found) p.expectWords(...found.words);
  const hint =
    found && p.isOneOf(['LOOP', 'HASH', 'MERGE', 'REMOTE']) ? p.oneOf(['LOOP', 'HASH', 'MERGE', 'REMOTE']) : null;
  p.expectWords('JOIN');
  const right = p.nested(() => parseUntilOn(p));
  p.expectWords('ON');
  const on = p.condition();
  return p.located({ kind: 'join' as const, join: found?.join ?? 'INNER', hint, left, right, on }, left.at);
}

/** `a JOIN b JOIN c ON x ON y` joins b and c first. */
function parseUntilOn(p: Parser): TableSource {
  let right = parseSingle(p);
  while (!p.isWords('ON')) {
    const joined = parseJoin(p, right);
    if (!joined) throw p.unexpected();
    right = joined;
  }
  return right;
}

function parseSingle(p: Parser): TableSource {
  const at = p.position();
  let source: TableSource = p.located(singleNode(p), at);
  while (p.isOneOf(['PIVOT', 'UNPIVOT'])) {
    const from = source;
    source = p.located(
      p.nested(() => parsePivot(p, from)),
      at,
    );
  }
  return source;
}

function singleNode(p: Parser): TableSourceNode {
  if (p.isOperator('(')) return parenthesizedNode(p);
  if (p.peek().kind === 'variable') return variableNode(p);
  const parts: (Identifier | null)[] = [p.identifier()];
  while (p.acceptOperator('.')) parts.push(p.isOperator('.') ? null : p.anyIdentifier());
  if (p.isOperator('(') && !isLegacyHints(p)) {
    const name = parts.filter((part) => part !== null);
    if (name.length !== parts.length) throw p.unexpected();
    return functionNode(p, name);
  }
  return tableNode(p, toObjectName(p, parts));
}

function toObjectName(p: Parser, parts: (Identifier | null)[]): ObjectName {
  const name = parts[parts.length - 1];
  const first = parts[0];
  if (!name || !first) throw p.unexpected();
  if (parts.length > 4) {
    const written = parts.map((part) => part?.name ?? '').join('.');
    throw syntaxErrors.tooManyPrefixes(first.at.line, 'object', written, 3);
  }
  const prefix = (back: number): string | null => parts[parts.length - 1 - back]?.name ?? null;
  return { server: prefix(3), database: prefix(2), schema: prefix(1), name: name.name, at: first.at };
}

function tableNode(p: Parser, name: ObjectName): TableSourceNode {
  const temporal = parseTemporal(p);
  const alias = parseAlias(p);
  const sample = parseSample(p);
  return { kind: 'table', name, alias, temporal, sample, hints: parseTableHints(p) };
}

function variableNode(p: Parser): TableSourceNode {
  const at = p.position();
  const name = p.variable();
  if (!p.acceptOperator('.')) return { kind: 'table-variable', name, alias: parseAlias(p) };
  const parts = [{ name, quoted: false, at }, p.anyIdentifier()];
  if (!p.isOperator('(')) throw p.unexpected();
  return functionNode(p, parts);
}

function parenthesizedNode(p: Parser): TableSourceNode {
  if (p.peek(1).kind === 'word' && p.peek(1).value === 'VALUES') {
    const rows = p.nested(() =>
      p.parenthesized(() => {
        p.expectWords('VALUES');
        return parseRows(p, 'derived');
      }),
    );
    return { kind: 'values', rows, ...requiredAlias(p) };
  }
  if (startsQuery(p, 1)) {
    const query = p.parenthesized(() => p.nestedQuery());
    return { kind: 'derived', query, ...requiredAlias(p) };
  }
  return p.nested(() => p.parenthesized(() => parseTableSource(p)));
}

function requiredAlias(p: Parser): { alias: Identifier; columns: Identifier[] } {
  p.acceptWords('AS');
  const alias = p.identifier();
  return { alias, columns: p.isOperator('(') ? p.list(() => p.identifier()) : [] };
}

function functionNode(p: Parser, name: Identifier[]): TableSourceNode {
  const args = p.nested(() => functionArguments(p));
  const withColumns = p.isWords('WITH') && p.isOperator('(', 1) ? openJsonColumns(p, name) : null;
  const alias = parseAlias(p);
  const columns = alias && p.isOperator('(') ? p.list(() => p.identifier()) : [];
  return { kind: 'function', name, args, alias, columns, withColumns };
}

function functionArguments(p: Parser): Expression[] {
  return p.parenthesized(() => (p.isOperator(')') ? [] : p.commaSeparated(() => p.expression())));
}

type OpenJsonColumns = Extract<TableSourceNode, { kind: 'function' }>['withColumns'];

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/openjson-transact-sql */
function openJsonColumns(p: Parser, name: Identifier[]): OpenJsonColumns {
  if (name.length !== 1 || name[0]?.name.toUpperCase() !== 'OPENJSON') throw p.unexpected();
  p.expectWords('WITH');
  return p.list(() => {
    const column = p.identifier();
    const type = parseTypeReference(p, { use: 'declaration', subject: 'column', name: column.name });
    const path = p.isString() ? p.string() : null;
    return { name: column, type, path, asJson: p.acceptWords('AS', 'JSON') };
  });
}

function parseAlias(p: Parser): Identifier | null {
  if (p.acceptWords('AS')) return p.identifier();
  const isWindowClause = p.isWords('WINDOW') && p.isIdentifier(1) && p.peek(2).value === 'AS';
  return p.isIdentifier() && !isWindowClause && !p.isWords('USING') ? p.identifier() : null;
}

/** https://learn.microsoft.com/en-us/sql/relational-databases/tables/temporal-tables */
function parseTemporal(p: Parser): TemporalClause | null {
  if (!p.acceptWords('FOR', 'SYSTEM_TIME')) return null;
  if (p.acceptWords('ALL')) return { kind: 'all' };
  if (p.acceptWords('AS', 'OF')) return { kind: 'as-of', moment: p.expression() };
  if (p.acceptWords('FROM')) {
    const start = p.expression();
    p.expectWords('TO');
    return { kind: 'from-to', start, end: p.expression() };
  }
  if (p.acceptWords('BETWEEN')) {
    const start = p.expression();
    p.expectWords('AND');
    return { kind: 'between', start, end: p.expression() };
  }
  p.expectWords('CONTAINED', 'IN');
  return p.parenthesized(() => {
    const start = p.expression();
    p.expectOperator(',');
    return { kind: 'contained-in' as const, start, end: p.expression() };
  });
}

function parseSample(p: Parser): TableSample | null {
  if (!p.acceptWords('TABLESAMPLE')) return null;
  p.acceptWords('SYSTEM');
  const { count, unit } = p.parenthesized(() => {
    const size = p.expression();
    if (p.acceptWords('ROWS')) return { count: size, unit: 'ROWS' as const };
    p.acceptWords('PERCENT');
    return { count: size, unit: 'PERCENT' as const };
  });
  const repeatable = p.acceptWords('REPEATABLE') ? p.parenthesized(() => p.expression()) : null;
  return { count, unit, repeatable };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/from-using-pivot-and-unpivot */
function parsePivot(p: Parser, source: TableSource): TableSourceNode {
  const inList = (): Identifier[] => {
    p.expectWords('IN');
    return p.list(() => p.identifier());
  };
  if (p.acceptWords('PIVOT')) {
    const inner = p.parenthesized(() => {
      const at = p.position();
      const aggregate: FunctionCall & Located = p.located(parseCall(p, [p.identifier()]), at);
      p.expectWords('FOR');
      const forColumn = p.identifier();
      return { aggregate, forColumn, values: inList() };
    });
    return { kind: 'pivot', source, ...inner, alias: requiredAlias(p).alias };
  }
  p.expectWords('UNPIVOT');
  const inner = p.parenthesized(() => {
    const valueColumn = p.identifier();
    p.expectWords('FOR');
    const forColumn = p.identifier();
    return { valueColumn, forColumn, columns: inList() };
  });
  return { kind: 'unpivot', source, ...inner, alias: requiredAlias(p).alias };
}
