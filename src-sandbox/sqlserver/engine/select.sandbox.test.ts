import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession, SqlValue } from '../engine-contract.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
  await engine.runScript(
    'shop',
    'CREATE TABLE dbo.item (id int NOT NULL PRIMARY KEY, name nvarchar(20), price decimal(9,2), sold date)\nGO',
  );
  const rows: SqlValue[][] = [
    [1, 'Apple', 150n, 738_000],
    [2, 'apple ', 250n, 738_001],
    [3, 'pear', null, null],
    [4, null, 100n, 738_002],
    [5, '\ud83d\ude00\ud800', -5n, 0],
  ];
  expect(await engine.bulkLoad({ database: 'shop', schema: 'dbo', name: 'item' }, rows)).toBe(5);
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

const CASES: [string, SqlValue[][]][] = [
  ['SELECT id, name, price, sold FROM dbo.item WHERE id = 5', [[5, '\ud83d\ude00\ud800', -5n, 0]]],
  ["SELECT id FROM item WHERE name = 'APPLE' ORDER BY id DESC", [[2], [1]]],
  ['SELECT TOP 2 id FROM item ORDER BY price', [[3], [5]]],
  ['SELECT COUNT(*), COUNT(name), SUM(price), MIN(id) FROM item', [[5, 4, 495n, 1]]],
  ["SELECT COUNT(*) FROM item WHERE name IN (N'Apple', N'pear')", [[3]]],
  ['SELECT COUNT(DISTINCT name) FROM item', [[3]]],
  [
    'SELECT name, COUNT(*) FROM item WHERE id < 4 GROUP BY name ORDER BY COUNT(*) DESC',
    [
      ['Apple', 2],
      ['pear', 1],
    ],
  ],
  [
    'SELECT a.id FROM item AS a LEFT JOIN item AS b ON b.id = a.id + 4 WHERE b.id IS NULL ORDER BY 1',
    [[2], [3], [4], [5]],
  ],
  ['SELECT id FROM item WHERE EXISTS (SELECT 1 FROM item AS i WHERE i.id = item.id + 4)', [[1]]],
  ['WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n', [[10]]],
  ['SELECT x.v FROM (VALUES (1), (2)) AS x(v) ORDER BY x.v DESC', [[2], [1]]],
];

test.each(CASES)('%s', async (sql, rows) => {
  const answer = await run(session, sql);
  expect(answer.messages).toEqual([]);
  expect(answer.rows).toEqual(rows);
});

const FAILURES: [string, number, string][] = [
  ['SELECT * FROM nowhere', 208, "Invalid object name 'nowhere'."],
  ['SELECT nothing FROM item', 207, "Invalid column name 'nothing'."],
  ['SELECT x.id FROM item', 4104, 'The multi-part identifier "x.id" could not be bound.'],
  ['SELECT id FROM item AS a, item AS b', 209, "Ambiguous column name 'id'."],
  [
    'SELECT id, COUNT(*) FROM item',
    8120,
    "Column 'item.id' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
  ],
  ['SELECT 1 / 0', 8134, 'Divide by zero error encountered.'],
  ['SELECT no_such_function(1)', 195, "'no_such_function' is not a recognized built-in function name."],
  ["SELECT CAST('abc' AS int)", 245, "Conversion failed when converting the varchar value 'abc' to data type int."],
  ['SELECT 2147483647 + 1', 8115, 'Arithmetic overflow error converting expression to data type int.'],
  ['SELECT @nothing', 137, 'Must declare the scalar variable "@nothing".'],
  [
    'SELECT 1 UNION SELECT 1, 2',
    205,
    'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
  ],
];

test.each(FAILURES)('%s is refused with %i', async (sql, number, text) => {
  const { messages } = await run(session, sql);
  expect(messages.map((message) => [message.number, message.message])).toEqual([[number, text]]);
});

test('an attention stops a query', async () => {
  const abort = new AbortController();
  const events = session.batch('SELECT a.id FROM item a, item b, item c, item d, item e, item f, item g', {
    signal: abort.signal,
  });
  let rows = 0;
  for await (const event of events) {
    if (event.kind !== 'rows') continue;
    rows += event.rows.length;
    abort.abort();
  }
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(78_125);
  expect((await run(session, 'SELECT 1')).rows).toEqual([[1]]);
});

test('a wrong password is refused with 18456 and an unknown database with 4060', async () => {
  const request = {
    user: 'owner',
    password: 'no',
    database: '',
    applicationName: '',
    hostName: '',
    readOnlyIntent: false,
  };
  const wrong = await engine.login(request);
  expect(wrong.messages.map((message) => message.number)).toEqual([18_456]);
  const elsewhere = await engine.login({ ...request, password: 'Owner-1', database: 'nowhere' });
  expect(elsewhere.messages.map((message) => message.number)).toEqual([4060, 18_456]);
});
