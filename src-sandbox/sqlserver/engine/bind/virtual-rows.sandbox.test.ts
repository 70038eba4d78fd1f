import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SqlType, SqlValue } from '../../engine-contract.ts';
import { openDuck, type Duck } from '../duck.ts';
import { readerOf } from '../stored-values.ts';
import type { Binder } from './binder.ts';
import { virtualRowsSql } from './virtual-rows.ts';

let duck: Duck;

beforeAll(async () => {
  duck = await openDuck(null);
});

afterAll(() => duck.close());

async function roundTrip(types: SqlType[], rows: SqlValue[][], used = types.map(() => true)): Promise<SqlValue[][]> {
  // Literals ask a binder for nothing but its scripts.
  const sql = virtualRowsSql({ scripts: duck.scripts } as Binder, { types, used, rows });
  const found: SqlValue[][] = [];
  for (const chunk of await (await duck.main.run(sql)).fetchAllChunks()) {
    for (let row = 0; row < chunk.rowCount; row += 1)
      found.push(types.map((type, column) => readerOf(type)(chunk.getColumnVector(column), row)));
  }
  return found;
}

test.each<[SqlType, SqlValue[]]>([
  [{ name: 'bit' }, [true, false, null]],
  [{ name: 'tinyint' }, [0, 255, null]],
  [{ name: 'int' }, [-2_147_483_648, 2_147_483_647, null]],
  [{ name: 'bigint' }, [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n, null]],
  [{ name: 'float' }, [1.5e300, -0.1, null]],
  [{ name: 'decimal', precision: 38, scale: 0 }, [-99_999_999_999_999_999_999_999_999_999_999_999_999n, 0n, null]],
  [{ name: 'datetimeoffset', scale: 7 }, [{ utcTicks: 1n, offsetMinutes: -840 }, null]],
  [{ name: 'varbinary', length: 85 }, [Uint8Array.of(0, 255), new Uint8Array(), null]],
  [{ name: 'uniqueidentifier' }, ['6F9619FF-8B86-D011-B42D-00C04FC964FF', null]],
  [{ name: 'nvarchar', length: 128 }, ['it\'s \\ " \n\0', '\ud83d\ude00\ud800', '', null]],
])('values of %o come back as they were, in one row and in many', async (type, values) => {
  const rows = values.map((value) => [value]);
  expect(await roundTrip([type], rows)).toEqual(rows);
  for (const row of rows) expect(await roundTrip([type], [row, row])).toEqual([row, row]);
  expect(await roundTrip([type], [])).toEqual([]);
});

test('columns that a statement does not use are NULL, and the rows are there all the same', async () => {
  const types: SqlType[] = [{ name: 'int' }, { name: 'int' }];
  const rows: SqlValue[][] = [
    [1, 2],
    [3, 4],
  ];
  expect(await roundTrip(types, rows, [false, true])).toEqual([
    [null, 2],
    [null, 4],
  ]);
  expect(await roundTrip(types, rows, [false, false])).toEqual([
    [null, null],
    [null, null],
  ]);
});
