import { formatBytes } from '#shared/format/bytes';
import { formatCount, formatShortCount } from '#shared/format/count';
import { tableSelectionSchema, type TableSelection } from '#shared/model/project';
import { tableKey } from '#shared/model/table';
import type { TableRow } from './table-row.ts';

/** The selection with exactly the tables of `keys`: what was decided for a table stays, new ones get the defaults, the order is that of the rows. */
export function selectTables(
  current: readonly TableSelection[],
  keys: ReadonlySet<string>,
  rows: readonly TableRow[],
): TableSelection[] {
  const known = new Map(current.map((selection) => [tableKey(selection.source), selection]));
  const listed = new Set(rows.map((row) => row.key));
  const chosen = rows.flatMap(({ key, summary }) =>
    keys.has(key) ? [known.get(key) ?? tableSelectionSchema.parse({ source: summary.ref })] : [],
  );
  // Tables that are selected but no longer listed stay until they are taken out by hand: they are named on the page.
  return [...chosen, ...current.filter(({ source }) => !listed.has(tableKey(source)) && keys.has(tableKey(source)))];
}

/** Selected tables that the source does not list any more. */
export function tablesNotListed(selection: readonly TableSelection[], rows: readonly TableRow[]): TableSelection[] {
  const listed = new Set(rows.map((row) => row.key));
  return selection.filter(({ source }) => !listed.has(tableKey(source)));
}

/** The selection with a change to one of its tables. */
export function changeTable(
  current: readonly TableSelection[],
  key: string,
  change: Partial<TableSelection>,
): TableSelection[] {
  return current.map((selection) => (tableKey(selection.source) === key ? { ...selection, ...change } : selection));
}

/** "128 of 1,024 tables, about 3.21B rows, 1.10 TB". */
export function selectionSummary(rows: readonly TableRow[], keys: ReadonlySet<string>): string {
  const chosen = rows.filter((row) => keys.has(row.key));
  const count = `${formatCount(chosen.length)} of ${formatCount(rows.length)} tables`;
  if (chosen.length === 0) return count;
  const sum = (values: (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const rowCount = formatShortCount(sum(chosen.map(({ summary }) => summary.rowEstimate)));
  const bytes = formatBytes(sum(chosen.map(({ summary }) => summary.byteEstimate)));
  const isPartial = chosen.some(({ summary }) => summary.rowEstimate === null);
  return `${count}, about ${rowCount} rows, ${bytes}${isPartial ? ' (some tables have no estimate)' : ''}`;
}
