import { quoteIdentifier } from './quoting.ts';

interface KeyColumn {
  name: string;
  nullable: boolean;
}

interface Range {
  label: string;
  predicate: string;
}

/**
 * Half-open ranges between ascending boundaries, first and last one open to their side, and a range for NULLs in the first column where it is nullable.
 * Rows compare by their columns in turn, and a NULL in a later column comes before every value, as ORDER BY has it. `row >= boundary` is written so that it
 * is unknown just where `row < boundary` is true, so every row is in one range and no row in two.
 */
export function rangePredicates(columns: KeyColumn[], boundaries: string[][]): Range[] {
  const [first] = columns;
  if (first === undefined || boundaries.length === 0) return [{ label: 'all rows', predicate: '1 = 1' }];
  const ranges = [null, ...boundaries].map((from, index) => {
    const to = boundaries[index] ?? null;
    const parts = [...(from === null ? [] : [notBefore(columns, from)]), ...(to === null ? [] : [before(columns, to)])];
    return { label: rangeLabel(columns, from, to), predicate: parts.join(' AND ') };
  });
  const nulls = { label: `${first.name} is NULL`, predicate: `${quoteIdentifier(first.name)} IS NULL` };
  return first.nullable ? [...ranges, nulls] : ranges;
}

/** The leading comparison stands alone once more, because the server seeks an index by that and not by what is inside an OR. */
function notBefore(columns: KeyColumn[], boundary: string[]): string {
  if (columns.length === 1) return compare(columns[0], '>=', boundary[0]);
  return `${compare(columns[0], '>=', boundary[0])} AND ${follows(columns, boundary)}`;
}

function before(columns: KeyColumn[], boundary: string[]): string {
  if (columns.length === 1) return compare(columns[0], '<', boundary[0]);
  return `${compare(columns[0], '<=', boundary[0])} AND ${precedes(columns, boundary, true)}`;
}

function follows(columns: KeyColumn[], boundary: string[]): string {
  const [column, ...rest] = columns;
  const [literal, ...others] = boundary;
  if (rest.length === 0) return compare(column, '>=', literal);
  return `(${compare(column, '>', literal)} OR (${compare(column, '=', literal)} AND ${follows(rest, others)}))`;
}

function precedes(columns: KeyColumn[], boundary: string[], isFirst: boolean): string {
  const [column, ...rest] = columns;
  const [literal, ...others] = boundary;
  const isNull = !isFirst && column?.nullable ? ` OR ${quoteIdentifier(column.name)} IS NULL` : '';
  const less = `${compare(column, '<', literal)}${isNull}`;
  if (rest.length === 0) return isNull === '' ? less : `(${less})`;
  return `(${less} OR (${compare(column, '=', literal)} AND ${precedes(rest, others, false)}))`;
}

function compare(column: KeyColumn | undefined, operator: string, literal: string | undefined): string {
  if (column === undefined || literal === undefined)
    throw new RangeError('A boundary has as many literals as there are key columns.');
  return `${quoteIdentifier(column.name)} ${operator} ${literal}`;
}

function rangeLabel(columns: KeyColumn[], from: string[] | null, to: string[] | null): string {
  const name = columns.map((column) => column.name).join(', ');
  if (from === null) return `${name} before ${plainTuple(to ?? [])}`;
  return to === null
    ? `${name} from ${plainTuple(from)}`
    : `${name} from ${plainTuple(from)} to before ${plainTuple(to)}`;
}

function plainTuple(literals: string[]): string {
  const values = literals.map(plainValue);
  return values.length === 1 ? values.join('') : `(${values.join(', ')})`;
}

/** A literal as people read it: its quoted constants, or its number, without prefix, quotes and cast. */
function plainValue(literal: string): string {
  const quoted = [...literal.matchAll(/'((?:[^']|'')*)'/g)].map(([, inner = '']) => inner.replaceAll("''", "'"));
  if (quoted.length > 0) return quoted.join('');
  return /^CAST\((-?\d+) AS \w+\)$/.exec(literal)?.[1] ?? literal;
}
