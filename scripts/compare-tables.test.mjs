import { describe, expect, it } from 'vitest';
import { compareRows } from './lib/compare-tables.mjs';

const reader = (rows) => (onRow) => {
  rows.forEach(onRow);
  return Promise.resolve();
};
const rows = [
  ['1', 'a', null],
  ['2', 'b', ''],
  ['2', 'b', ''],
];

describe('comparing rows', () => {
  it.each([
    ['the same rows in another order', [rows[1], rows[0], rows[2]]],
    ['zeros behind a fraction and the padding of CHAR', [['1.00', 'a  ', null], ...rows.slice(1)]],
  ])('finds %s equal', async (_what, target) => {
    expect(await compareRows(reader(rows), reader(target))).toMatchObject({ isEqual: true, missing: 0, extra: 0 });
  });

  it.each([
    ['a lost row', rows.slice(1), { missing: 1, extra: 0 }],
    ['a row that came twice', [...rows, rows[0]], { missing: 0, extra: 1 }],
    ['a row that came twice for another one', [rows[0], rows[0], rows[1]], { missing: 1, extra: 1 }],
    ['NULL for an empty text', [rows[0], ['2', 'b', null], rows[1]], { missing: 1, extra: 1 }],
    ['values that moved to the next column', [['1a', '', null], rows[1], rows[2]], { missing: 1, extra: 1 }],
    ['nothing at all', [], { missing: 3, extra: 0 }],
  ])('counts %s', async (_what, target, expected) => {
    expect(await compareRows(reader(rows), reader(target))).toMatchObject({ isEqual: false, ...expected });
  });
});
