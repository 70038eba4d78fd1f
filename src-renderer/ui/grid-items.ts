/** A value by which a column sorts; null sorts last in both directions. */
export type SortValue = string | number | boolean | null;

export interface GridSort {
  columnId: string;
  direction: 'ascending' | 'descending';
}

export interface GridGrouping<Row> {
  keyOf: (row: Row) => string;
  labelOf: (key: string, rows: readonly Row[]) => string;
  /** Order of the groups; by key when left out. */
  compare?: (left: string, right: string) => number;
}

export type GridItem<Row> =
  { kind: 'row'; key: string; row: Row } | { kind: 'group'; key: string; label: string; isOpen: boolean };

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows in the order of a column; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  valueOf: (row: Row) => SortValue,
  direction: GridSort['direction'],
): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort((left, right) => compareValues(left.value, right.value, sign))
    .map(({ row }) => row);
}

/** The lines that a grid shows: rows, with a heading before each group when they are grouped. Rows of a closed group are left out. */
export function buildGridItems<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  grouping: GridGrouping<Row> | undefined,
  closedGroups: ReadonlySet<string>,
): GridItem<Row>[] {
  const toItem = (row: Row): GridItem<Row> => ({ kind: 'row', key: rowKey(row), row });
  if (grouping === undefined) return rows.map(toItem);
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = grouping.keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const order = [...groups.keys()].sort(grouping.compare ?? collator.compare);
  return order.flatMap((key): GridItem<Row>[] => {
    const members = groups.get(key) ?? [];
    const isOpen = !closedGroups.has(key);
    const heading: GridItem<Row> = { kind: 'group', key, label: grouping.labelOf(key, members), isOpen };
    return isOpen ? [heading, ...members.map(toItem)] : [heading];
  });
}

/** Tab-separated lines for spreadsheets; tabs and line breaks inside a cell become blanks. */
export function toTsv(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}

function compareValues(left: SortValue, right: SortValue, sign: number): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  if (typeof left === 'string' && typeof right === 'string') return sign * collator.compare(left, right);
  return sign * (Number(left) - Number(right));
}
