import { describe, expect, it } from 'vitest';
import type { TableTarget } from '#shared/ipc/contract';
import { tableSelectionSchema } from '#shared/model/project';
import { tableKey, type TableSummary } from '#shared/model/table';
import { filterTables, type TableFilter } from './filter-tables.ts';
import { changeTable, selectTables, selectionSummary } from './selection.ts';
import { buildTableRows, targetState } from './table-row.ts';

const summary = (schema: string, name: string, parts: Partial<TableSummary> = {}): TableSummary => ({
  ref: { database: 'dev', schema, name },
  kind: 'table',
  rowEstimate: 10,
  byteEstimate: 1000,
  columnCount: 3,
  careTypes: [],
  ...parts,
});
const summaries = [
  summary('public', 'lineitem', { rowEstimate: 6_000_000, byteEstimate: 2e9 }),
  summary('public', 'orders', { rowEstimate: 1_500_000 }),
  summary('sales', 'orders_2024', { rowEstimate: 0 }),
  summary('sales', 'sketches', { careTypes: ['hllsketch'], rowEstimate: null }),
];
const target = (index: number, parts: Partial<TableTarget>): TableTarget => {
  const source = summaries[index]?.ref ?? { database: '', schema: '', name: '' };
  return { source, target: source, state: 'exists', targetRows: 0, differences: [], ...parts };
};
const rows = buildTableRows(summaries, [
  target(0, {}),
  target(1, { state: 'missing', targetRows: null }),
  target(2, {
    state: 'differs',
    differences: [{ kind: 'extra-in-target', sourceColumn: null, targetColumn: 'X', detail: 'X', blocks: true }],
  }),
]);
const names = (text: string, ...filters: TableFilter[]) =>
  filterTables(rows, text, new Set(filters)).map((row) => row.summary.ref.name);

describe('the list of tables', () => {
  it.each([
    ['', ['lineitem', 'orders', 'orders_2024', 'sketches']],
    ['ORDERS', ['orders', 'orders_2024']],
    ['sales.', ['orders_2024', 'sketches']],
    ['public.ord', ['orders']],
    ['order*', ['orders', 'orders_2024']],
    ['order?', ['orders']],
    ['*.s*', ['sketches']],
    ['rows>1m', ['lineitem', 'orders']],
    ['rows=0', ['orders_2024']],
    ['size>=2gb', ['lineitem']],
    ['rows>1m ord', ['orders']],
    ['nothing', []],
    ['(', []],
  ])('"%s" finds %j', (text, expected) => expect(names(text)).toEqual(expected));

  it.each([
    ['has-target', ['lineitem', 'orders_2024']],
    ['missing-target', ['orders']],
    ['differs', ['orders_2024']],
    ['empty', ['orders_2024']],
    ['care', ['sketches']],
    ['big', []],
  ] as const)('the filter %s finds %j', (filter, expected) => expect(names('', filter)).toEqual(expected));

  it('tells the state of each target', () =>
    expect(rows.map(targetState)).toEqual(['exists', 'missing', 'blocked', 'unknown']));
});

describe('the selection', () => {
  const keys = summaries.map(({ ref }) => tableKey(ref));
  const [first = '', second = ''] = keys;

  it('keeps what was decided for a table and gives new ones the defaults', () => {
    const decided = { ...tableSelectionSchema.parse({ source: summaries[1]?.ref }), where: 'x > 1' };
    const selection = selectTables([decided], new Set([first, second]), rows);
    expect(selection.map(({ source, where }) => [source.name, where])).toEqual([
      ['lineitem', ''],
      ['orders', 'x > 1'],
    ]);
  });

  it('keeps a table that is no longer listed until it is taken out', () => {
    const gone = tableSelectionSchema.parse({ source: { database: 'dev', schema: 'x', name: 'gone' } });
    expect(selectTables([gone], new Set([tableKey(gone.source)]), rows)).toEqual([gone]);
    expect(selectTables([gone], new Set(), rows)).toEqual([]);
  });

  it('changes one table', () => {
    const selection = selectTables([], new Set([first, second]), rows);
    expect(changeTable(selection, second, { where: 'a' }).map(({ where }) => where)).toEqual(['', 'a']);
  });

  it('sums up in one sentence', () => {
    expect(selectionSummary(rows, new Set([first, second]))).toBe('2 of 4 tables, about 7.5M rows, 2.00 GB');
    expect(selectionSummary(rows, new Set())).toBe('0 of 4 tables');
    expect(selectionSummary(rows, new Set([keys[3] ?? '']))).toContain('some tables have no estimate');
  });
});
