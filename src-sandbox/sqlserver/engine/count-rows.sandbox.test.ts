import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession } from '../engine-contract.ts';
import { createRowCounter } from './count-rows.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { openDuck, type Duck } from './duck.ts';
import { run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;
let duck: Duck;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
  duck = await openDuck(null);
});

afterAll(async () => {
  await session.close();
  await engine.close();
  duck.close();
});

const rowsOf = async (sql: string): Promise<unknown> => (await run(session, sql)).rows;
const COUNTS =
  'SELECT o.name, p.rows FROM sys.tables AS o JOIN sys.partitions AS p ON p.object_id = o.object_id ORDER BY o.name';

test('sys.partitions counts what is committed, whatever was deleted before', async () => {
  await run(session, 'CREATE TABLE a (x int); CREATE TABLE b (x int); INSERT INTO a VALUES (1), (2), (3)');
  expect(await rowsOf(COUNTS)).toEqual([
    ['a', 3n],
    ['b', 0n],
  ]);
  await run(session, 'DELETE FROM a WHERE x < 3; INSERT INTO b VALUES (1)');
  expect(await rowsOf(COUNTS)).toEqual([
    ['a', 1n],
    ['b', 1n],
  ]);
});

test('a table that is not committed yet shows without rows', async () => {
  await run(session, 'BEGIN TRANSACTION; CREATE TABLE c (x int); INSERT INTO c VALUES (1)');
  expect(await rowsOf(`${COUNTS} DESC`)).toContainEqual(['c', 0n]);
  await run(session, 'ROLLBACK');
  expect(await rowsOf(COUNTS)).toHaveLength(2);
});

test.each([
  [200, 2],
  [2000, 11],
])('%i tables are counted with %i statements', async (tableCount, expected) => {
  const { main } = duck;
  const schema = `db${tableCount}`;
  await main.run(`CREATE SCHEMA ${schema}`);
  const creations = Array.from({ length: tableCount }, (_, i) => `CREATE TABLE ${schema}.t${i} AS SELECT ${i} AS c1`);
  await main.run(creations.join(';'));
  const statements: string[] = [];
  const count = createRowCounter({
    runAndReadAll: (sql) => {
      statements.push(sql);
      return main.runAndReadAll(sql);
    },
  });
  const ids = Array.from({ length: tableCount }, (_, i) => i);
  const counts = await Promise.all(ids.map((objectId) => count({ databaseId: tableCount, objectId })));
  expect(new Set(counts)).toEqual(new Set([1]));
  expect(statements).toHaveLength(expected);
});

test('a table that is dropped between the two statements has no rows, and the others are counted', async () => {
  const { main } = duck;
  await main.run('CREATE SCHEMA db9; CREATE TABLE db9.t1 AS SELECT 1; CREATE TABLE db9.t2 AS SELECT 1');
  const count = createRowCounter({
    runAndReadAll: async (sql) => {
      if (sql.includes('FROM db9.t1')) await main.run('DROP TABLE IF EXISTS db9.t1');
      return main.runAndReadAll(sql);
    },
  });
  const counts = [count({ databaseId: 9, objectId: 1 }), count({ databaseId: 9, objectId: 2 })];
  expect(await Promise.all(counts)).toEqual([0, 1]);
});
