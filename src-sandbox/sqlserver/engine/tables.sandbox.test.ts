import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession, SqlValue } from '../engine-contract.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

/** Batches that build on one another, with the rows of their last query. */
const STEPS: [string, SqlValue[][]][] = [
  [
    "DECLARE @t TABLE (a int PRIMARY KEY, b nvarchar(5)); INSERT INTO @t VALUES (1, N'x'), (2, N'y'); SELECT b FROM @t WHERE a = 2",
    [['y']],
  ],
  ['CREATE TABLE #n (a int); INSERT INTO #n VALUES (1), (2); SELECT SUM(a) FROM #n', [[3]]],
  ['SELECT a AS x INTO dbo.copied FROM #n; SELECT COUNT(*), MAX(x) FROM copied', [[2, 2]]],
  ["SELECT value FROM STRING_SPLIT('a,b,,c', ',')", [['a'], ['b'], [''], ['c']]],
  ['SELECT SUM(value) FROM GENERATE_SERIES(1, 4)', [[10]]],
  [
    'SELECT n.a, s.value FROM #n AS n CROSS APPLY GENERATE_SERIES(1, n.a) AS s ORDER BY n.a, s.value',
    [
      [1, 1],
      [2, 1],
      [2, 2],
    ],
  ],
  [
    'CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int, pid int REFERENCES parent (id)); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1), (2, NULL); SELECT COUNT(*) FROM child',
    [[2]],
  ],
  ["ALTER TABLE parent ADD note varchar(10) NOT NULL DEFAULT 'new'; SELECT id, note FROM parent", [[1, 'new']]],
  [
    'ALTER TABLE parent ALTER COLUMN note nvarchar(20) NULL; UPDATE parent SET note = NULL; SELECT note FROM parent',
    [[null]],
  ],
  ['ALTER TABLE parent ADD total AS id * 10; SELECT total FROM parent', [[10]]],
  ['DELETE FROM child OUTPUT deleted.id WHERE pid IS NULL', [[2]]],
  [
    'UPDATE c SET id = p.id + 5 OUTPUT deleted.id, inserted.id FROM child AS c INNER JOIN parent AS p ON p.id = c.pid',
    [[1, 6]],
  ],
  ['TRUNCATE TABLE child; SELECT COUNT(*) FROM child', [[0]]],
];

test.each(STEPS)('%s', async (sql, rows) => {
  const answer = await run(session, sql);
  expect(answer.messages).toEqual([]);
  expect(answer.rows).toEqual(rows);
});

test.each([
  ['INSERT INTO child VALUES (1, 99)', 547],
  ['DROP TABLE parent', 3726],
  ['CREATE UNIQUE INDEX ix ON #nothing (a)', 208],
  ['ALTER TABLE nothing ADD a int', 4902],
  ['ALTER TABLE parent DROP COLUMN nothing', 4924],
  ['MERGE child AS t USING parent AS s ON t.id = s.id WHEN MATCHED THEN DELETE;', 40_000],
])('%s is refused with %i', async (sql, number) => {
  expect((await run(session, sql)).messages.map((message) => message.number)).toEqual([number]);
});

test('partitions are numbered by their function, and rows of each are counted', async () => {
  await run(
    session,
    "CREATE PARTITION FUNCTION years (date) AS RANGE RIGHT FOR VALUES ('2023-01-01', '2024-01-01'); CREATE PARTITION SCHEME by_year AS PARTITION years ALL TO ([PRIMARY])",
  );
  await run(session, 'CREATE TABLE parted (id int, d date) ON by_year (d)');
  await run(session, "INSERT INTO parted VALUES (1, NULL), (2, '2022-12-31'), (3, '2023-01-01'), (4, '2024-06-01')");
  expect((await run(session, 'SELECT id, $PARTITION.years(d) FROM parted ORDER BY id')).rows).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
  ]);
  expect(
    (
      await run(
        session,
        "SELECT partition_number, rows FROM sys.partitions WHERE object_id = OBJECT_ID('parted') ORDER BY partition_number",
      )
    ).rows,
  ).toEqual([
    [1, 2n],
    [2, 1n],
    [3, 1n],
  ]);
});
