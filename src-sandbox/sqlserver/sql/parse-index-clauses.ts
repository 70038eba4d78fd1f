import type { DataSpace, IndexColumn, IndexOption } from './ast-ddl.ts';
import type { Identifier } from './ast.ts';
import type { Parser } from './parser.ts';
import { syntaxErrors } from './syntax-error.ts';

/** Relational index options of CREATE INDEX, keys and REBUILD. https://learn.microsoft.com/en-us/sql/t-sql/statements/create-index-transact-sql */
const OPTIONS: ReadonlySet<string> = new Set([
  'ALLOW_PAGE_LOCKS',
  'ALLOW_ROW_LOCKS',
  'COMPRESSION_DELAY',
  'DATA_COMPRESSION',
  'DROP_EXISTING',
  'FILLFACTOR',
  'IGNORE_DUP_KEY',
  'MAX_DURATION',
  'MAXDOP',
  'ONLINE',
  'OPTIMIZE_FOR_SEQUENTIAL_KEY',
  'PAD_INDEX',
  'RESUMABLE',
  'SORT_IN_TEMPDB',
  'STATISTICS_INCREMENTAL',
  'STATISTICS_NORECOMPUTE',
  'XML_COMPRESSION',
]);

export function parseIndexColumns(p: Parser): IndexColumn[] {
  return p.list(() => {
    const name = p.identifier();
    const descending = p.acceptWords('DESC');
    if (!descending) p.acceptWords('ASC');
    return { name, descending };
  });
}

/** `WITH (FILLFACTOR = 80, ...)`, and `WITH FILLFACTOR = 80` as of old; empty when there is none. */
export function parseIndexOptions(p: Parser, statement: string): IndexOption[] {
  if (!p.isWords('WITH')) return [];
  if (p.isOperator('(', 1)) {
    p.next();
    return p.list(() => parseIndexOption(p, statement));
  }
  if (p.peek(1).kind !== 'word' || p.peek(1).value !== 'FILLFACTOR') return [];
  p.next();
  return [parseIndexOption(p, statement)];
}

function parseIndexOption(p: Parser, statement: string): IndexOption {
  const token = p.next();
  if (token.kind !== 'word' || !OPTIONS.has(token.value)) {
    throw syntaxErrors.notRecognizedOption(token.line, token.text, statement);
  }
  p.expectOperator('=');
  const value = parseOptionValue(p);
  if (token.value === 'ONLINE' && p.isOperator('(')) skipParentheses(p);
  if ((token.value === 'COMPRESSION_DELAY' || token.value === 'MAX_DURATION') && p.isOneOf(['MINUTES', 'MINUTE']))
    p.next();
  skipPartitions(p);
  return { name: token.value, value };
}

/** A word or an integer, upper case. */
export function parseOptionValue(p: Parser): string {
  const token = p.next();
  if (token.kind === 'word' || token.kind === 'number') return token.value;
  throw p.unexpected(token);
}

/** ON PARTITIONS (1, 3 TO 5) behind DATA_COMPRESSION: every partition here has one compression. */
export function skipPartitions(p: Parser): void {
  if (!p.acceptWords('ON', 'PARTITIONS')) return;
  p.list(() => {
    p.integer();
    if (p.acceptWords('TO')) p.integer();
  });
}

/** ONLINE = ON (WAIT_AT_LOW_PRIORITY (...)). */
function skipParentheses(p: Parser): void {
  p.parenthesized(() => {
    while (!p.isOperator(')')) {
      if (p.isOperator('(')) p.nested(() => skipParentheses(p));
      else if (p.atEnd()) throw p.unexpected();
      else p.next();
    }
  });
}

/** `ON [PRIMARY]`, `ON scheme (column)`; null without ON. */
export function parseDataSpace(p: Parser): DataSpace | null {
  if (!p.acceptWords('ON')) return null;
  const name = parseSpaceName(p);
  const partitionColumn = p.isOperator('(') ? p.parenthesized(() => p.identifier()) : null;
  return { name, partitionColumn };
}

/** The name of a filegroup or partition scheme, which may be written as a string. */
export function parseSpaceName(p: Parser): Identifier {
  const at = p.position();
  return p.isString() ? { name: p.string(), quoted: true, at } : p.anyIdentifier();
}
