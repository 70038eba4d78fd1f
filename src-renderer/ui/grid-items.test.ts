import { describe, expect, it } from 'vitest';
import { buildGridItems, sortRows, toTsv } from './grid-items.ts';

describe('sorting rows', () => {
  it.each([
    [['b', 'a10', 'a2'], 'ascending', ['a2', 'a10', 'b']],
    [[3, null, 20], 'ascending', [3, 20, null]],
    [[3, null, 20], 'descending', [20, 3, null]],
  ] as const)('puts %j %s as %j', (rows, direction, expected) => {
    expect(sortRows<string | number | null>(rows, (row) => row, direction)).toEqual(expected);
  });

  it('keeps the order of equal rows', () => {
    const rows = [{ id: 1 }, { id: 2 }, { id: 3 }];
    expect(sortRows(rows, () => 0, 'descending')).toEqual(rows);
  });
});

describe('lines of a grouped grid', () => {
  const rows = ['b.x', 'a.y', 'b.z'];
  const grouping = {
    keyOf: (row: string) => row.slice(0, 1),
    labelOf: (key: string, members: readonly string[]) => `${key} (${members.length})`,
  };
  const lines = (closed: string[]) =>
    buildGridItems(rows, (row) => row, grouping, new Set(closed)).map((item) =>
      item.kind === 'group' ? item.label : item.key,
    );

  it('puts a heading before each group', () => expect(lines([])).toEqual(['a (1)', 'a.y', 'b (2)', 'b.x', 'b.z']));
  it('leaves the rows of closed groups out', () => expect(lines(['b'])).toEqual(['a (1)', 'a.y', 'b (2)']));
});

it('writes tab-separated text that keeps one line a row', () => {
  expect(
    toTsv([
      ['a', 'b\tc'],
      ['d\r\ne', ''],
    ]),
  ).toBe('a\tb c\nd e\t');
});
