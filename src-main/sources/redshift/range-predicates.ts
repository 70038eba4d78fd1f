import { quoteIdentifier } from './quoting.ts';

export interface KeyColumn {
  name: string;
  nullable: boolean;
}

/**
 * Half-open ranges between ascending keys, the first and last one open to their side. A NULL in the first column has a range of its own; in a further
 * column it counts as lower than every value. The comparisons of the first column stand by themselves, so that zone maps can use them.
 */
export function rangePredicates(columns: KeyColumn[], boundaries: string[][]): { label: string; predicate: string }[] {
  const [first] = columns;
  if (!first || boundaries.length === 0) return [{ label: 'all rows', predicate: 'TRUE' }];
  const ranges = [null, ...boundaries].map((from, index) => {
    const to = boundaries[index] ?? null;
    const parts = [from === null ? [] : notBelow(columns, from), to === null ? [] : below(columns, to)].flat();
    return { label: rangeLabel(columns, from, to), predicate: parts.join(' AND ') };
  });
  const nulls = { label: `${first.name} is NULL`, predicate: `${quoteIdentifier(first.name)} IS NULL` };
  return first.nullable ? [...ranges, nulls] : ranges;
}

/** `a >= x`, and for a key of two `a >= x AND (a > x OR b >= y)`. */
function notBelow([column, ...others]: KeyColumn[], [value = '', ...rest]: string[]): string[] {
  const name = quoteIdentifier(column?.name ?? '');
  if (others.length === 0) return [`${name} >= ${value}`];
  return [`${name} >= ${value}`, `(${name} > ${value} OR ${all(notBelow(others, rest))})`];
}

/** The exact opposite for keys whose first column is not NULL: `a < x`, and `a <= x AND (a < x OR b < y OR b IS NULL)`. */
function below([column, ...others]: KeyColumn[], [value = '', ...rest]: string[]): string[] {
  const name = quoteIdentifier(column?.name ?? '');
  if (others.length === 0) return [`${name} < ${value}`];
  const next = others[0];
  const isNull = next?.nullable ? ` OR ${quoteIdentifier(next.name)} IS NULL` : '';
  return [`${name} <= ${value}`, `(${name} < ${value} OR ${all(below(others, rest))}${isNull})`];
}

function all(conditions: string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' AND ')})`;
}

function rangeLabel(columns: KeyColumn[], from: string[] | null, to: string[] | null): string {
  const key = columns.map(({ name }) => name).join(', ');
  if (from === null) return `${key} before ${plainKey(to ?? [])}`;
  return to === null ? `${key} from ${plainKey(from)}` : `${key} from ${plainKey(from)} to before ${plainKey(to)}`;
}

function plainKey(literals: string[]): string {
  return literals.map(plainValue).join(', ');
}

/** A literal as people read it: without quotes and cast. */
function plainValue(literal: string): string {
  const quoted = /^'((?:[^']|'')*)'(?:::[a-z]+)?$/.exec(literal);
  return quoted?.[1] === undefined ? literal : quoted[1].replaceAll("''", "'");
}
