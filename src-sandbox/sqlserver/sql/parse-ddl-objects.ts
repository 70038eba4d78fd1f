import type { DdlStatement } from './ast-ddl.ts';
import { parseTableElements } from './parse-table-elements.ts';
import { parseTableOptions } from './parse-table-options.ts';
import { parseTypeReference } from './parse-type.ts';
import type { Parser } from './parser.ts';

/** `TYPE t FROM base` and `TYPE t AS TABLE (...)` behind CREATE. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-type-transact-sql */
export function parseCreateType(p: Parser): DdlStatement {
  p.expectWords('TYPE');
  const name = p.objectName(1);
  if (p.acceptWords('AS', 'TABLE')) {
    const elements = parseTableElements(p);
    if (p.isWords('WITH') && p.isOperator('(', 1)) {
      p.next();
      parseTableOptions(p, 'CREATE TYPE');
    }
    return { kind: 'create-type', name, definition: { kind: 'table', elements } };
  }
  p.expectWords('FROM');
  const base = parseTypeReference(p, { use: 'declaration', subject: 'parameter', name: name.name });
  const nullable = p.acceptWords('NOT', 'NULL') ? false : p.acceptWords('NULL') ? true : null;
  return { kind: 'create-type', name, definition: { kind: 'alias', base, nullable } };
}

/** `PARTITION FUNCTION | SCHEME` behind CREATE. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-partition-function-transact-sql */
export function parseCreatePartition(p: Parser): DdlStatement {
  p.expectWords('PARTITION');
  if (p.acceptWords('SCHEME')) {
    const name = p.identifier();
    p.expectWords('AS', 'PARTITION');
    const partitionFunction = p.identifier();
    const all = p.acceptWords('ALL');
    p.expectWords('TO');
    const filegroups = p.list(() => p.anyIdentifier());
    return { kind: 'create-partition-scheme', name, partitionFunction, all, filegroups };
  }
  p.expectWords('FUNCTION');
  const name = p.identifier();
  const type = p.parenthesized(() =>
    parseTypeReference(p, { use: 'declaration', subject: 'parameter', name: name.name }),
  );
  p.expectWords('AS', 'RANGE');
  const side = p.isOneOf(['LEFT', 'RIGHT']) ? p.oneOf(['LEFT', 'RIGHT']) : 'LEFT';
  p.expectWords('FOR', 'VALUES');
  const values = p.parenthesized(() => (p.isOperator(')') ? [] : p.commaSeparated(() => p.expression())));
  return { kind: 'create-partition-function', name, type, boundaryOnRight: side === 'RIGHT', values };
}

export function parseAlterPartition(p: Parser): DdlStatement {
  p.expectWords('PARTITION');
  if (p.acceptWords('SCHEME')) {
    const name = p.identifier();
    p.expectWords('NEXT', 'USED');
    const hasName = !p.atEnd() && !p.isOperator(';');
    return { kind: 'alter-partition-scheme', name, nextUsed: hasName ? p.anyIdentifier() : null };
  }
  p.expectWords('FUNCTION');
  const name = p.identifier();
  p.parenthesized(() => undefined);
  const action = p.oneOf(['SPLIT', 'MERGE']);
  p.expectWords('RANGE');
  const value = p.isOperator('(') ? p.parenthesized(() => p.expression()) : null;
  return { kind: 'alter-partition-function', name, action, value };
}

type Sequence = Extract<DdlStatement, { kind: 'create-sequence' | 'alter-sequence' }>;

/** https://learn.microsoft.com/en-us/sql/t-sql/statements/create-sequence-transact-sql */
export function parseSequence(p: Parser, verb: 'create' | 'alter'): DdlStatement {
  p.expectWords('SEQUENCE');
  const name = p.objectName(1);
  const sequence: Sequence = {
    kind: `${verb}-sequence`,
    name,
    type: null,
    start: null,
    increment: null,
    minimum: null,
    maximum: null,
    cycle: null,
    cache: null,
  };
  if (verb === 'create' && p.acceptWords('AS')) {
    sequence.type = parseTypeReference(p, { use: 'declaration', subject: 'parameter', name: name.name });
  }
  while (parseSequenceOption(p, sequence));
  return sequence;
}

function parseSequenceOption(p: Parser, sequence: Sequence): boolean {
  if (p.acceptWords('START', 'WITH') || p.acceptWords('RESTART', 'WITH')) sequence.start = p.expression();
  else if (p.acceptWords('INCREMENT', 'BY')) sequence.increment = p.expression();
  else if (p.acceptWords('NO', 'MINVALUE')) sequence.minimum = 'none';
  else if (p.acceptWords('NO', 'MAXVALUE')) sequence.maximum = 'none';
  else if (p.acceptWords('MINVALUE')) sequence.minimum = p.expression();
  else if (p.acceptWords('MAXVALUE')) sequence.maximum = p.expression();
  else if (p.acceptWords('NO', 'CYCLE')) sequence.cycle = false;
  else if (p.acceptWords('CYCLE')) sequence.cycle = true;
  else if (p.acceptWords('NO', 'CACHE')) sequence.cache = 0;
  else if (p.acceptWords('CACHE')) sequence.cache = p.peek().kind === 'number' ? p.integer() : 'default';
  else return false;
  return true;
}

/** `STATISTICS s ON t (a, b) [WITH ...]` behind CREATE. */
export function parseCreateStatistics(p: Parser): DdlStatement {
  p.expectWords('STATISTICS');
  const name = p.identifier();
  p.expectWords('ON');
  const table = p.objectName(2);
  const columns = p.list(() => p.identifier());
  parseSampling(p);
  return { kind: 'create-statistics', name, table, columns };
}

export function parseUpdateStatistics(p: Parser): DdlStatement {
  p.expectWords('UPDATE', 'STATISTICS');
  const table = p.objectName(2);
  let names: Extract<DdlStatement, { kind: 'update-statistics' }>['names'] = [];
  if (p.isOperator('(')) names = p.list(() => p.identifier());
  else if (p.isIdentifier()) names = [p.identifier()];
  parseSampling(p);
  return { kind: 'update-statistics', table, names };
}

/** WITH FULLSCAN, SAMPLE n PERCENT, NORECOMPUTE: nothing here depends on them. */
function parseSampling(p: Parser): void {
  const next = p.peek(1);
  const isSampling = next.kind === 'word' && ['FULLSCAN', 'SAMPLE', 'NORECOMPUTE', 'RESAMPLE'].includes(next.value);
  if (!p.isWords('WITH') || !isSampling) return;
  p.next();
  p.commaSeparated(() => {
    if (p.oneOf(['FULLSCAN', 'SAMPLE', 'NORECOMPUTE', 'RESAMPLE']) !== 'SAMPLE') return;
    p.integer();
    p.oneOf(['PERCENT', 'ROWS']);
  });
}
