import type { Expression, ForClause, QueryHint } from './ast.ts';
import type { Parser } from './parser.ts';

/** https://learn.microsoft.com/en-us/sql/t-sql/queries/select-for-clause-transact-sql */
export function parseForClause(p: Parser): ForClause | null {
  if (p.isWords('FOR', 'BROWSE')) {
    p.expectWords('FOR', 'BROWSE');
    return { kind: 'browse' };
  }
  if (p.acceptWords('FOR', 'XML')) return parseForXml(p);
  if (p.acceptWords('FOR', 'JSON')) return parseForJson(p);
  return null;
}

function parseForXml(p: Parser): ForClause {
  const mode = p.oneOf(['RAW', 'AUTO', 'PATH', 'EXPLICIT']);
  const element = (mode === 'RAW' || mode === 'PATH') && p.isOperator('(') ? p.parenthesized(() => p.string()) : null;
  const clause: ForClause = {
    kind: 'xml',
    mode,
    element,
    root: null,
    type: false,
    elements: null,
    binaryBase64: false,
    xmlSchema: false,
  };
  while (p.acceptOperator(',')) {
    if (p.acceptWords('ROOT')) clause.root = p.isOperator('(') ? p.parenthesized(() => p.string()) : '';
    else if (p.acceptWords('TYPE')) clause.type = true;
    else if (p.acceptWords('BINARY', 'BASE64')) clause.binaryBase64 = true;
    else if (p.acceptWords('XMLSCHEMA')) clause.xmlSchema = true;
    else if (p.acceptWords('ELEMENTS')) {
      clause.elements = p.acceptWords('XSINIL') ? 'XSINIL' : 'ABSENT';
      if (clause.elements === 'ABSENT') p.acceptWords('ABSENT');
    } else throw p.unexpected();
  }
  return clause;
}

function parseForJson(p: Parser): ForClause {
  const mode = p.oneOf(['AUTO', 'PATH']);
  const clause: ForClause = { kind: 'json', mode, root: null, includeNullValues: false, withoutArrayWrapper: false };
  while (p.acceptOperator(',')) {
    if (p.acceptWords('ROOT')) clause.root = p.isOperator('(') ? p.parenthesized(() => p.string()) : '';
    else if (p.acceptWords('INCLUDE_NULL_VALUES')) clause.includeNullValues = true;
    else if (p.acceptWords('WITHOUT_ARRAY_WRAPPER')) clause.withoutArrayWrapper = true;
    else throw p.unexpected();
  }
  return clause;
}

type HintArguments = 'none' | 'integer' | 'assigned-integer' | 'assigned-string' | 'string' | 'strings' | 'variables';

/** Query hints by their words. https://learn.microsoft.com/en-us/sql/t-sql/queries/hints-transact-sql-query */
const HINTS: readonly { words: readonly string[]; takes: HintArguments }[] = [
  ...['HASH', 'ORDER'].map((word) => ({ words: [word, 'GROUP'], takes: 'none' as const })),
  ...['CONCAT', 'HASH', 'MERGE'].map((word) => ({ words: [word, 'UNION'], takes: 'none' as const })),
  ...['LOOP', 'MERGE', 'HASH'].map((word) => ({ words: [word, 'JOIN'], takes: 'none' as const })),
  { words: ['DISABLE_OPTIMIZED_PLAN_FORCING'], takes: 'none' },
  { words: ['EXPAND', 'VIEWS'], takes: 'none' },
  { words: ['FAST'], takes: 'integer' },
  { words: ['FORCE', 'ORDER'], takes: 'none' },
  { words: ['IGNORE_NONCLUSTERED_COLUMNSTORE_INDEX'], takes: 'none' },
  { words: ['KEEP', 'PLAN'], takes: 'none' },
  { words: ['KEEPFIXED', 'PLAN'], takes: 'none' },
  { words: ['LABEL'], takes: 'assigned-string' },
  { words: ['MAX_GRANT_PERCENT'], takes: 'assigned-integer' },
  { words: ['MIN_GRANT_PERCENT'], takes: 'assigned-integer' },
  { words: ['MAXDOP'], takes: 'integer' },
  { words: ['MAXRECURSION'], takes: 'integer' },
  { words: ['NO_PERFORMANCE_SPOOL'], takes: 'none' },
  { words: ['OPTIMIZE', 'FOR', 'UNKNOWN'], takes: 'none' },
  { words: ['OPTIMIZE', 'FOR'], takes: 'variables' },
  { words: ['PARAMETERIZATION', 'SIMPLE'], takes: 'none' },
  { words: ['PARAMETERIZATION', 'FORCED'], takes: 'none' },
  { words: ['QUERYTRACEON'], takes: 'integer' },
  { words: ['RECOMPILE'], takes: 'none' },
  { words: ['ROBUST', 'PLAN'], takes: 'none' },
  { words: ['USE', 'HINT'], takes: 'strings' },
  { words: ['USE', 'PLAN'], takes: 'string' },
];

/** `OPTION (MAXDOP 1, RECOMPILE)`; empty when there is none. */
export function parseQueryHints(p: Parser): QueryHint[] {
  if (!p.acceptWords('OPTION')) return [];
  return p.list(() => {
    const hint = HINTS.find(({ words }) => p.isWords(...words));
    if (!hint) throw p.unexpected();
    p.expectWords(...hint.words);
    return { name: hint.words.join(' '), args: hintArguments(p, hint.takes) };
  });
}

function hintArguments(p: Parser, takes: HintArguments): Expression[] {
  switch (takes) {
    case 'none':
      return [];
    case 'assigned-integer':
    case 'assigned-string':
      p.expectOperator('=');
      return [p.expression()];
    case 'integer':
    case 'string':
      return [p.expression()];
    case 'strings':
      return p.list(() => p.expression());
    case 'variables':
      return p.list(() => optimizedVariable(p));
  }
}

/** `@x UNKNOWN` or `@x = 5`: the variable alone is kept, as nothing is optimized here. */
function optimizedVariable(p: Parser): Expression {
  const at = p.position();
  const variable = p.located({ kind: 'variable' as const, name: p.variable() }, at);
  if (!p.acceptWords('UNKNOWN')) {
    p.expectOperator('=');
    p.expression();
  }
  return variable;
}
