import type { Expression, FrameBound, FunctionCall, Identifier, OrderItem, WindowFrame, WindowSpec } from './ast.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** Functions whose first argument is the name of a date part, and no expression. */
const DATE_PART_FUNCTIONS: ReadonlySet<string> = new Set([
  'DATEADD',
  'DATEDIFF',
  'DATEDIFF_BIG',
  'DATENAME',
  'DATEPART',
  'DATETRUNC',
  'DATE_BUCKET',
]);

/** `( [ALL | DISTINCT] args | * ) [WITHIN GROUP (...)] [IGNORE | RESPECT NULLS] [OVER (...)]` behind a function's name. */
export function parseCall(p: Parser, name: Identifier[]): FunctionCall {
  const call: FunctionCall = {
    kind: 'call',
    name,
    args: [],
    star: false,
    distinct: false,
    datePart: null,
    withinGroup: null,
    nullTreatment: null,
    over: null,
  };
  p.nested(() => p.parenthesized(() => parseArguments(p, call)));
  if (p.acceptWords('WITHIN', 'GROUP')) {
    call.withinGroup = p.parenthesized(() => {
      p.expectWords('ORDER', 'BY');
      return parseOrderItems(p);
    });
  }
  if (p.acceptWords('IGNORE', 'NULLS')) call.nullTreatment = 'IGNORE';
  else if (p.acceptWords('RESPECT', 'NULLS')) call.nullTreatment = 'RESPECT';
  if (p.acceptWords('OVER')) call.over = parseOver(p);
  return call;
}

function parseArguments(p: Parser, call: FunctionCall): void {
  if (p.isOperator(')')) return;
  if (p.isOperator('*') && p.isOperator(')', 1)) {
    p.next();
    call.star = true;
    return;
  }
  if (p.acceptWords('DISTINCT')) call.distinct = true;
  else p.acceptWords('ALL');
  const [only] = call.name;
  if (call.name.length === 1 && only && !only.quoted && DATE_PART_FUNCTIONS.has(only.name.toUpperCase())) {
    const token = p.next();
    if (token.kind !== 'word') throw syntaxErrors.invalidParameter(token.line, 1, only.name.toLowerCase());
    call.datePart = token.value.toLowerCase();
    if (!p.acceptOperator(',')) return;
  }
  call.args = p.commaSeparated(() => p.expression());
}

export function parseOrderItems(p: Parser): OrderItem[] {
  return p.commaSeparated(() => {
    const expression = p.expression();
    const descending = p.acceptWords('DESC');
    if (!descending) p.acceptWords('ASC');
    return { expression, descending };
  });
}

function parseOver(p: Parser): WindowSpec {
  if (!p.isOperator('(')) {
    return { window: p.identifier(), partitionBy: [], orderBy: [], frame: null };
  }
  return p.parenthesized(() => parseWindow(p));
}

/** What stands in the parentheses of OVER and of WINDOW. https://learn.microsoft.com/en-us/sql/t-sql/queries/select-over-clause-transact-sql */
export function parseWindow(p: Parser): WindowSpec {
  const isClause = p.isOneOf(['PARTITION', 'ORDER', 'ROWS', 'RANGE']);
  const window = !isClause && p.isIdentifier() ? p.identifier() : null;
  const partitionBy = p.acceptWords('PARTITION', 'BY') ? p.commaSeparated(() => p.expression()) : [];
  const orderBy = p.acceptWords('ORDER', 'BY') ? parseOrderItems(p) : [];
  return { window, partitionBy, orderBy, frame: parseFrame(p) };
}

function parseFrame(p: Parser): WindowFrame | null {
  if (!p.isOneOf(['ROWS', 'RANGE'])) return null;
  const unit = p.oneOf(['ROWS', 'RANGE']);
  if (!p.acceptWords('BETWEEN')) return { unit, start: parseBound(p), end: { kind: 'current-row' } };
  const start = parseBound(p);
  p.expectWords('AND');
  return { unit, start, end: parseBound(p) };
}

function parseBound(p: Parser): FrameBound {
  if (p.acceptWords('CURRENT', 'ROW')) return { kind: 'current-row' };
  if (p.acceptWords('UNBOUNDED')) {
    return {
      kind: p.oneOf(['PRECEDING', 'FOLLOWING']) === 'PRECEDING' ? 'unbounded-preceding' : 'unbounded-following',
    };
  }
  const offset: Expression = p.expression();
  return { kind: p.oneOf(['PRECEDING', 'FOLLOWING']) === 'PRECEDING' ? 'preceding' : 'following', offset };
}
