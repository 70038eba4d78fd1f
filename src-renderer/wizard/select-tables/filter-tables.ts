import { shortName, targetState, type TableRow } from './table-row.ts';

export const TABLE_FILTERS = ['has-target', 'missing-target', 'differs', 'empty', 'big', 'care'] as const;
export type TableFilter = (typeof TABLE_FILTERS)[number];

/** From this many bytes on, a table counts as big. */
const BIG_BYTES = 100_000_000_000;

/**
 * Rows that fit the text and all filters. Words of the text are separated by blanks and must all fit: part of `schema.table`, a pattern with
 * `*` and `?` for the whole table name (or, with a dot, for `schema.table`), or a comparison such as `rows>1m`, `size<=10gb`, `columns>=100`.
 */
export function filterTables(rows: readonly TableRow[], text: string, filters: ReadonlySet<TableFilter>): TableRow[] {
  const tests = [
    ...text.trim().split(/\s+/).filter(Boolean).map(toTest),
    ...[...filters].map((filter) => FILTER_TESTS[filter]),
  ];
  return tests.length === 0 ? [...rows] : rows.filter((row) => tests.every((test) => test(row)));
}

type Test = (row: TableRow) => boolean;

const FILTER_TESTS: Record<TableFilter, Test> = {
  'has-target': (row) => row.target !== null && row.target.state !== 'missing',
  'missing-target': (row) => targetState(row) === 'missing',
  differs: (row) => row.target?.state === 'differs',
  empty: ({ summary }) => summary.rowEstimate === 0,
  big: ({ summary }) => (summary.byteEstimate ?? 0) >= BIG_BYTES,
  care: ({ summary }) => summary.careTypes.length > 0,
};

function toTest(word: string): Test {
  const comparison = /^(rows|size|columns)(>=|<=|>|<|=)(\d+(?:\.\d+)?)(k|m|b|g|t|kb|mb|gb|tb)?$/i.exec(word);
  if (comparison !== null) return comparisonTest(comparison);
  const wanted = word.toLowerCase();
  if (!/[*?]/.test(word)) return ({ summary }) => shortName(summary.ref).toLowerCase().includes(wanted);
  const pattern = new RegExp(
    `^${wanted
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
  const isWhole = word.includes('.');
  return ({ summary }) => pattern.test((isWhole ? shortName(summary.ref) : summary.ref.name).toLowerCase());
}

function comparisonTest([, what = '', operator = '', number = '', unit = '']: RegExpExecArray): Test {
  const limit = Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
  const valueOf = VALUES[what.toLowerCase()];
  const compare = OPERATORS[operator];
  return (row) => {
    const value = valueOf?.(row) ?? null;
    return value !== null && compare !== undefined && compare(value, limit);
  };
}

const UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  b: 1e9,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
};
const VALUES: Readonly<Record<string, (row: TableRow) => number | null>> = {
  rows: ({ summary }) => summary.rowEstimate,
  size: ({ summary }) => summary.byteEstimate,
  columns: ({ summary }) => summary.columnCount,
};
const OPERATORS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
  '=': (left, right) => left === right,
};
