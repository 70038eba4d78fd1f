import { expect, test } from 'vitest';
import { database, table } from '../catalog/metadata.fixture.ts';
import { addTable, findTable, removeTable, tableById } from './object-index.ts';

const CASE_SENSITIVE = 'Latin1_General_100_CS_AS';
const CASE_BLIND = 'SQL_Latin1_General_CP1_CI_AS';

test.each([
  [CASE_BLIND, 'Orders', 1000],
  [CASE_BLIND, 'ORDERS', 1000],
  [CASE_SENSITIVE, 'Orders', 1000],
  [CASE_SENSITIVE, 'ORDERS', undefined],
  [CASE_BLIND, 'Orders ', undefined],
])('under %s the name %o finds %s', (collation, name, objectId) => {
  const of = database({ collation, tables: [table(1000, 'Orders')] });
  expect(findTable(of, 1, name)?.objectId).toBe(objectId);
  expect(findTable(of, 5, name)).toBeUndefined();
});

test('a table that was dropped is not found, and is back in its place when the DROP is undone', () => {
  const [first, second] = [table(1, 'first'), table(2, 'second')];
  const of = database({ tables: [first, second] });
  const place = removeTable(of, first);
  expect([place, findTable(of, 1, 'first'), tableById(of, 1)]).toEqual([0, undefined, undefined]);
  addTable(of, table(3, 'first'));
  expect(findTable(of, 1, 'FIRST')?.objectId).toBe(3);
  removeTable(of, findTable(of, 1, 'first') ?? first);
  addTable(of, first, place);
  expect(of.tables).toEqual([first, second]);
  expect(tableById(of, 1)).toBe(first);
});

test('looking up every table of a catalog does not walk the catalog for each', () => {
  let reads = 0;
  const tables = Array.from({ length: 2000 }, (_, i) => table(i + 1, `t${i}`));
  const counted = new Proxy(tables, {
    get: (target, property, receiver): unknown => {
      reads += 1;
      return Reflect.get(target, property, receiver);
    },
  });
  const of = database({ tables: counted });
  for (let i = 0; i < 2000; i += 1) expect(findTable(of, 1, `T${i}`)?.objectId).toBe(i + 1);
  expect(reads).toBeLessThan(20_000);
});
