import type { TokenReader } from './token-reader.ts';

const QUERY_GOES_ON = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'ORDER', 'FOR', 'OFFSET']);

/**
 * Whether what stands `ahead` tokens away, behind an opening parenthesis, is a query and not a value or a joined table that begins with one:
 * `(SELECT 1) UNION SELECT 2` is, `(SELECT 1) + 2` and `(SELECT 1) AS t JOIN u ...` are not.
 */
export function startsQuery(reader: TokenReader, ahead: number): boolean {
  let at = ahead;
  while (reader.isOperator('(', at)) at += 1;
  const token = reader.peek(at);
  if (token.kind !== 'word' || token.value !== 'SELECT') return false;
  // From the innermost parenthesis outwards: each must close and be followed by what only a query has.
  let from = at;
  for (let level = at - ahead; level > 0; level -= 1) {
    const close = closingParenthesis(reader, from);
    if (close < 0) return true;
    const behind = reader.peek(close + 1);
    if (behind.kind === 'word' && QUERY_GOES_ON.has(behind.value)) from = close + 1;
    else if (behind.kind === 'operator' && behind.value === ')') from = close + 1;
    else return false;
  }
  return true;
}

/** @returns how far ahead the parenthesis closes that is open at `from`, or -1 */
function closingParenthesis(reader: TokenReader, from: number): number {
  let depth = 1;
  for (let at = from; ; at += 1) {
    const token = reader.peek(at);
    if (token.kind === 'end') return -1;
    if (token.kind !== 'operator') continue;
    if (token.value === '(') depth += 1;
    else if (token.value === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
}
