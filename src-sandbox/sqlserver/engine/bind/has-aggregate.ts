import type { Expression } from '../../sql/ast.ts';

export const AGGREGATES: ReadonlySet<string> = new Set([
  'COUNT',
  'COUNT_BIG',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'STDEV',
  'STDEVP',
  'VAR',
  'VARP',
  'STRING_AGG',
  'CHECKSUM_AGG',
  'APPROX_COUNT_DISTINCT',
  'GROUPING',
  'GROUPING_ID',
]);

/** Whether an expression has an aggregate of its own query: not of a subquery, and not one over a window. */
export function hasAggregate(node: Expression): boolean {
  return search(node);
}

function search(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(search);
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return false;
  const { kind } = node as { kind?: string };
  if (kind === 'subquery' || kind === 'exists') return false;
  if (kind === 'call') {
    const call = node as Extract<Expression, { kind: 'call' }>;
    const name = call.name.length === 1 ? (call.name[0]?.name.toUpperCase() ?? '') : '';
    if (AGGREGATES.has(name) && call.over === null) return true;
  }
  return Object.entries(node).some(([key, value]) => key !== 'at' && key !== 'query' && search(value));
}
