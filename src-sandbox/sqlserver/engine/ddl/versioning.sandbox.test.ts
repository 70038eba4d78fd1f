import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EngineSession, SqlValue } from '../../engine-contract.ts';
import type { SqlServerEngine } from '../create-engine.ts';
import { run, startEngine } from '../testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;
let count = 0;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

/** Each test has a table `price` with its history in a schema of its own. */
let schema = '';

beforeEach(async () => {
  count += 1;
  schema = `s${count}`;
  await run(session, `CREATE SCHEMA ${schema}`);
  const { messages } = await answer(
    `CREATE TABLE S.price (id int NOT NULL PRIMARY KEY, amount money NOT NULL,
      since datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL, till datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN,
      PERIOD FOR SYSTEM_TIME (since, till)) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = S.price_history))`,
  );
  expect(messages).toEqual([]);
});

const answer = (sql: string) => run(session, sql.replaceAll('S.', `${schema}.`));

async function rowsOf(sql: string): Promise<SqlValue[][]> {
  const { rows, messages } = await answer(sql);
  expect(messages).toEqual([]);
  return rows;
}

async function errorOf(sql: string): Promise<[number | undefined, string | undefined]> {
  const [message] = (await answer(sql)).messages;
  return [message?.number, message?.message];
}

/** Versions whose periods are known: written while the table is not versioned. */
const FILL = `INSERT INTO S.price (id, amount) VALUES (1, 3);
  ALTER TABLE S.price SET (SYSTEM_VERSIONING = OFF);
  INSERT INTO S.price_history (id, amount, since, till) VALUES (1, 1, '2020-01-01', '2021-01-01'), (1, 2, '2021-01-01', '2022-01-01'), (9, 9, '2020-05-05', '2020-05-05');
  ALTER TABLE S.price SET (SYSTEM_VERSIONING = ON (HISTORY_TABLE = S.price_history));`;

test('the catalog tells the two tables, their period and the hidden columns', async () => {
  expect(
    await rowsOf(
      `SELECT t.name, t.temporal_type, OBJECT_NAME(t.history_table_id) FROM sys.tables AS t WHERE t.schema_id = SCHEMA_ID('${schema}') ORDER BY t.name`,
    ),
  ).toEqual([
    ['price', 2, 'price_history'],
    ['price_history', 1, null],
  ]);
  expect(
    await rowsOf(
      `SELECT c.name, c.is_hidden, c.generated_always_type, c.is_nullable FROM sys.columns AS c WHERE c.object_id = OBJECT_ID('S.price') AND c.column_id > 2 ORDER BY c.column_id`,
    ),
  ).toEqual([
    ['since', true, 1, false],
    ['till', true, 2, false],
  ]);
  expect(
    await rowsOf(
      `SELECT p.start_column_id, p.end_column_id FROM sys.periods AS p WHERE p.object_id = OBJECT_ID('S.price')`,
    ),
  ).toEqual([[3, 4]]);
  expect(
    await rowsOf(
      `SELECT i.name, i.type_desc, i.is_unique FROM sys.indexes AS i WHERE i.object_id = OBJECT_ID('S.price_history')`,
    ),
  ).toEqual([['ix_price_history', 'CLUSTERED', false]]);
});

test('SELECT * leaves hidden columns out, and they are read by name', async () => {
  await rowsOf('INSERT INTO S.price VALUES (1, 9.99)');
  expect((await answer('SELECT * FROM S.price')).columns.map(({ name }) => name)).toEqual(['id', 'amount']);
  expect((await answer('SELECT * FROM S.price_history')).columns).toHaveLength(4);
  expect(
    await rowsOf(
      "SELECT CAST(till AS varchar(30)), DATEDIFF(minute, since, SYSUTCDATETIME()) FROM S.price WHERE since > '2000-01-01'",
    ),
  ).toEqual([['9999-12-31 23:59:59.9999999', 0]]);
});

test('UPDATE and DELETE keep what the rows were, from one change to the next', async () => {
  await rowsOf('INSERT INTO S.price (id, amount, since, till) VALUES (1, 1, DEFAULT, DEFAULT)');
  await rowsOf('INSERT INTO S.price VALUES (2, 2), (3, 3)');
  await rowsOf('DELETE FROM S.price WHERE id = 3 AND amount = 4');
  await rowsOf('UPDATE S.price SET amount = amount WHERE id = 4');
  await rowsOf('UPDATE S.price SET amount = 10 WHERE id = 1');
  await rowsOf('DELETE FROM S.price WHERE id = 1');
  expect(await rowsOf('SELECT id, CAST(amount AS int) FROM S.price ORDER BY id')).toEqual([
    [2, 2],
    [3, 3],
  ]);
  expect(
    await rowsOf(
      'SELECT id, CAST(amount AS int), CASE WHEN since < till THEN 1 END FROM S.price_history ORDER BY since',
    ),
  ).toEqual([
    [1, 1, 1],
    [1, 10, 1],
  ]);
  expect(
    await rowsOf('SELECT COUNT(*) FROM S.price_history AS a JOIN S.price_history AS b ON a.till = b.since'),
  ).toEqual([[1]]);
});

test('changes of one transaction have its time, and a rollback takes the history back', async () => {
  await rowsOf('INSERT INTO S.price (id, amount) VALUES (1, 1)');
  await rowsOf('BEGIN TRAN; UPDATE S.price SET amount = 2; UPDATE S.price SET amount = 3; COMMIT');
  expect(
    await rowsOf(
      'SELECT CAST(amount AS int), CASE WHEN since = till THEN 1 ELSE 0 END FROM S.price_history ORDER BY 1',
    ),
  ).toEqual([
    [1, 0],
    [2, 1],
  ]);
  await rowsOf('BEGIN TRAN; DELETE FROM S.price; ROLLBACK');
  expect(await rowsOf('SELECT COUNT(*) FROM S.price_history')).toEqual([[2]]);
});

const VERSIONS: [string, number[]][] = [
  ['ALL', [1, 2, 3]],
  ["AS OF '2020-06-01'", [1]],
  ["AS OF '2021-01-01'", [2]],
  ["BETWEEN '2021-01-01' AND '2021-01-01'", [2]],
  ["BETWEEN '2020-01-01' AND '2021-01-01'", [1, 2]],
  ["FROM '2020-01-01' TO '2021-01-01'", [1]],
  ["FROM '2021-01-01' TO '2021-01-01'", []],
  ["CONTAINED IN ('2020-01-01', '2021-01-01')", [1]],
  ["CONTAINED IN ('2020-01-01 00:00:00.0000001', '2022-01-01')", [2]],
  ["CONTAINED IN ('2020-01-01', '9999-12-31 23:59:59.9999999')", [1, 2, 3]],
];

test('FOR SYSTEM_TIME takes the versions that its ranges say, and none that lasted no time', async () => {
  await rowsOf(FILL);
  for (const [clause, amounts] of VERSIONS) {
    const sql = `SELECT CAST(p.amount AS int) FROM S.price FOR SYSTEM_TIME ${clause} AS p ORDER BY 1`;
    expect([clause, await rowsOf(sql)]).toEqual([clause, amounts.map((amount) => [amount])]);
  }
  expect(
    await rowsOf("DECLARE @at datetime2 = '2020-02-02'; SELECT id FROM S.price FOR SYSTEM_TIME AS OF @at"),
  ).toEqual([[1]]);
});

test('FOR SYSTEM_TIME asks for SELECT on the history as well', async () => {
  await rowsOf(FILL);
  const granted = await answer('GRANT SELECT ON S.price TO reader');
  expect(granted.messages).toEqual([]);
  const login = await engine.login({
    user: 'reader',
    password: 'Reader-1',
    database: 'shop',
    hostName: 'h',
    applicationName: 'a',
  } as Parameters<SqlServerEngine['login']>[0]);
  if (login.kind !== 'session') throw new Error('refused');
  const sql = `SELECT COUNT(*) FROM ${schema}.price`;
  expect((await run(login.session, sql)).rows).toEqual([[1]]);
  expect((await run(login.session, `${sql} FOR SYSTEM_TIME ALL`)).messages).toMatchObject([{ number: 229 }]);
  await answer('GRANT SELECT ON S.price_history TO reader');
  expect((await run(login.session, `${sql} FOR SYSTEM_TIME ALL`)).rows).toEqual([[3]]);
  await login.session.close();
});

const REFUSED: [number, string, string][] = [
  [13_536, "INSERT INTO S.price (id, amount, since) VALUES (1, 1, '2020-01-01')", 'Cannot insert an explicit value'],
  [13_537, "UPDATE S.price SET till = '2020-01-01'", 'Cannot update GENERATED ALWAYS columns'],
  [13_545, 'TRUNCATE TABLE S.price', 'Truncate failed'],
  [13_552, 'DROP TABLE S.price', 'Drop table operation failed'],
  [13_552, 'DROP TABLE S.price_history', 'Drop table operation failed'],
  [
    13_559,
    "INSERT INTO S.price_history (id, amount, since, till) VALUES (1, 1, '2020-01-01', '2021-01-01')",
    'Cannot insert rows in a temporal history table',
  ],
  [13_560, 'DELETE FROM S.price_history', 'Cannot delete rows from a temporal history table'],
  [13_561, 'UPDATE S.price_history SET amount = 1', 'Cannot update rows in a temporal history table'],
  [13_544, 'SELECT * FROM S.price_history FOR SYSTEM_TIME ALL', 'Temporal FOR SYSTEM_TIME clause can only be used'],
  [13_591, 'ALTER TABLE S.price_history SET (SYSTEM_VERSIONING = OFF)', 'SYSTEM_VERSIONING is not turned ON'],
  [13_596, 'ALTER TABLE S.price SET (SYSTEM_VERSIONING = ON)', 'SYSTEM_VERSIONING is already turned ON'],
  [40_000, 'ALTER TABLE S.price ADD note int', 'The practice SQL Server does not support'],
];

test.each(REFUSED)('error %i refuses %s', async (number, sql, text) => {
  const [found, message] = await errorOf(sql);
  expect([found, message?.slice(0, text.length)]).toEqual([number, text]);
});

const PERIOD = 'a datetime2 GENERATED ALWAYS AS ROW START, b datetime2 GENERATED ALWAYS AS ROW END';
const VERSIONED = 'WITH (SYSTEM_VERSIONING = ON)';
const WRONG_TABLES: [number, string][] = [
  [13_501, '(id int, a datetime GENERATED ALWAYS AS ROW START, PERIOD FOR SYSTEM_TIME (a, b))'],
  [13_504, '(id int, b datetime2 GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (a, b))'],
  [13_505, '(id int, a datetime2 GENERATED ALWAYS AS ROW START, PERIOD FOR SYSTEM_TIME (a, b))'],
  [13_506, `(id int, ${PERIOD}, PERIOD FOR SYSTEM_TIME (id, b))`],
  [13_507, `(id int, ${PERIOD}, PERIOD FOR SYSTEM_TIME (a, id))`],
  [13_509, `(id int, ${PERIOD})`],
  [13_510, `(id int PRIMARY KEY) ${VERSIONED}`],
  [13_553, `(id int, ${PERIOD}, PERIOD FOR SYSTEM_TIME (a, b)) ${VERSIONED}`],
  [13_587, '(id int, a datetime2 GENERATED ALWAYS AS ROW START NULL, PERIOD FOR SYSTEM_TIME (a, b))'],
];

test.each(WRONG_TABLES)('error %i: CREATE TABLE t %s, and nothing stays of it', async (number, definition) => {
  expect((await errorOf(`CREATE TABLE S.t ${definition}`))[0]).toBe(number);
  expect(await rowsOf("SELECT OBJECT_ID('S.t')")).toEqual([[null]]);
});

test('a history table without a name is called for its table, and one that does not fit is refused', async () => {
  const columns = `(id int PRIMARY KEY, ${PERIOD}, PERIOD FOR SYSTEM_TIME (a, b))`;
  await rowsOf(`CREATE TABLE S.t ${columns} ${VERSIONED}`);
  expect(
    await rowsOf(
      "SELECT OBJECT_ID('S.MSSQL_TemporalHistoryFor_' + CAST(OBJECT_ID('S.t') AS varchar(20))) - OBJECT_ID('S.t')",
    ),
  ).not.toEqual([[null]]);
  await rowsOf('CREATE TABLE S.h (id int NOT NULL, a datetime2 NOT NULL, b datetime2(3) NOT NULL)');
  const create = `CREATE TABLE S.u ${columns} WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = S.h))`;
  expect((await errorOf(create))[0]).toBe(13_525);
  expect((await errorOf(create.replace('S.h', 'S.price_history')))[0]).toBe(13_514);
});
