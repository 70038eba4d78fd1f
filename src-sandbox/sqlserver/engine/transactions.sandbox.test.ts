import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EngineSession } from '../engine-contract.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { collect, run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let one: EngineSession;
let other: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  one = await engine.openSession('shop');
  other = await engine.openSession('shop');
});

afterAll(async () => {
  await one.close();
  await other.close();
  await engine.close();
});

beforeEach(async () => {
  await run(one, 'WHILE @@TRANCOUNT > 0 ROLLBACK; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET XACT_ABORT OFF');
  await run(
    one,
    "DROP TABLE IF EXISTS t; CREATE TABLE t (id int NOT NULL CONSTRAINT pk_t PRIMARY KEY, name varchar(5) NULL CONSTRAINT ck_t CHECK (name <> 'bad'), n int NOT NULL DEFAULT 7, twice AS n * 2, v rowversion, i int IDENTITY(10, 5))",
  );
  await run(one, "INSERT INTO t (id, name) VALUES (1, 'a'), (2, 'b')");
});

const ids = async (session: EngineSession): Promise<unknown[]> =>
  (await run(session, 'SELECT id FROM t ORDER BY id')).rows.map((row) => row[0]);
const numbers = async (session: EngineSession, sql: string): Promise<number[]> =>
  (await run(session, sql)).messages.map((message) => message.number);

test('defaults, computed columns, identity and rowversion are filled in', async () => {
  expect((await run(one, 'SELECT id, n, twice, i FROM t ORDER BY id')).rows).toEqual([
    [1, 7, 14, 10],
    [2, 7, 14, 15],
  ]);
  expect((await run(one, 'SELECT COUNT(DISTINCT v), @@IDENTITY FROM t')).rows).toEqual([[2, 15n]]);
  await run(
    one,
    'DECLARE @v binary(8) = (SELECT v FROM t WHERE id = 1); UPDATE t SET n = 8 WHERE id = 1; SELECT twice, CASE WHEN v > @v THEN 1 ELSE 0 END FROM t WHERE id = 1',
  );
  expect((await run(one, 'SELECT twice FROM t WHERE id = 1')).rows).toEqual([[16]]);
});

test.each([
  ['INSERT INTO t (id) VALUES (2)', 2627],
  ['INSERT INTO t (id, n) VALUES (3, NULL)', 515],
  ["INSERT INTO t (id, name) VALUES (3, 'too long')", 2628],
  ["INSERT INTO t (id, name) VALUES (3, 'bad')", 547],
  ['INSERT INTO t (id, i) VALUES (3, 1)', 544],
  ['INSERT INTO t (id, twice) VALUES (3, 1)', 271],
  ['INSERT INTO t (id, v) VALUES (3, 0x01)', 273],
  ['UPDATE t SET v = 0x01', 272],
  ['UPDATE t SET id = 1', 2627],
  ['INSERT INTO t (id, name) VALUES (3)', 109],
  ['CREATE TABLE t (a int)', 2714],
  ['DROP TABLE nowhere', 3701],
  ['COMMIT', 3902],
  ['ROLLBACK', 3903],
  ['USE nowhere', 911],
])('%s is refused with %i and changes nothing', async (sql, number) => {
  expect((await numbers(one, sql)).filter((one_) => one_ !== 3621)).toEqual([number]);
  expect(await ids(one)).toEqual([1, 2]);
});

test('a rollback takes back rows, objects and what an error left', async () => {
  await run(one, 'BEGIN TRAN; INSERT INTO t (id) VALUES (3); CREATE TABLE made (a int)');
  expect((await run(one, 'SELECT @@TRANCOUNT, XACT_STATE()')).rows).toEqual([[1, 1]]);
  expect(await numbers(one, 'INSERT INTO t (id) VALUES (3)')).toEqual([2627]);
  expect(await ids(one)).toEqual([1, 2, 3]);
  await run(one, 'ROLLBACK');
  expect(await ids(one)).toEqual([1, 2]);
  expect(await numbers(one, 'SELECT * FROM made')).toEqual([208]);
});

test('a savepoint keeps what was before it', async () => {
  await run(
    one,
    'BEGIN TRAN; INSERT INTO t (id) VALUES (3); SAVE TRAN here; INSERT INTO t (id) VALUES (4); ROLLBACK TRAN here; COMMIT',
  );
  expect(await ids(one)).toEqual([1, 2, 3]);
});

test('XACT_ABORT rolls the transaction back with the first error', async () => {
  expect(
    await numbers(
      one,
      'SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO t (id) VALUES (3); INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (4)',
    ),
  ).toEqual([2627]);
  expect(await ids(one)).toEqual([1, 2]);
  expect((await run(one, 'SELECT @@TRANCOUNT')).rows).toEqual([[0]]);
});

test('SNAPSHOT reads what was when it began; a database that does not allow it refuses with 3952', async () => {
  await run(one, 'SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN');
  expect(await ids(one)).toEqual([1, 2]);
  await run(other, 'INSERT INTO t (id) VALUES (3)');
  expect(await ids(one)).toEqual([1, 2]);
  await run(one, 'COMMIT');
  expect(await ids(one)).toEqual([1, 2, 3]);
  await run(other, 'USE plain; CREATE TABLE p (a int); SET TRANSACTION ISOLATION LEVEL SNAPSHOT');
  expect(await numbers(other, 'SELECT * FROM p')).toEqual([3952]);
  await run(other, 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED; USE shop');
});

test('a reader waits for a writer up to the lock timeout, NOLOCK does not', async () => {
  await run(other, 'BEGIN TRAN; UPDATE t SET n = 1');
  expect(await numbers(one, 'SET LOCK_TIMEOUT 20; SELECT * FROM t')).toEqual([1222]);
  expect((await run(one, 'SELECT COUNT(*) FROM t WITH (NOLOCK)')).rows).toEqual([[2]]);
  const waiting = run(one, 'SET LOCK_TIMEOUT -1; SELECT n FROM t WHERE id = 1');
  await run(other, 'COMMIT');
  expect((await waiting).rows).toEqual([[1]]);
});

test('requests of the transaction manager tell their transactions', async () => {
  const begun = (await collect(one.begin({ isolation: 'read-committed', name: '' }))).events[0];
  await run(one, 'INSERT INTO t (id) VALUES (3)');
  const ended = (await collect(one.rollback({ name: '' }))).events[0];
  expect(begun?.kind).toBe('transaction-began');
  expect(ended).toEqual({ kind: 'transaction-rolled-back', id: begun?.kind === 'transaction-began' ? begun.id : 0n });
  expect(await ids(one)).toEqual([1, 2]);
});

test('TRY catches, THROW rethrows, RAISERROR informs', async () => {
  const caught = await run(
    one,
    'BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE() END CATCH',
  );
  expect(caught.rows).toEqual([[8134, 'Divide by zero error encountered.']]);
  expect(await numbers(one, 'BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH; THROW END CATCH')).toEqual([8134]);
  const raised = await run(one, "RAISERROR('%s has %d', 16, 2, 'x', 5); PRINT 'after'");
  expect(raised.messages.map(({ number, class: severity, message }) => [number, severity, message])).toEqual([
    [50_000, 16, 'x has 5'],
    [0, 0, 'after'],
  ]);
});

test('sp_executesql takes typed parameters and gives output ones back; sp_prepare keeps a statement', async () => {
  const signal = new AbortController().signal;
  const text = (value: string) => ({
    name: '',
    type: { name: 'nvarchar' as const, length: 4000 },
    value,
    isOutput: false,
  });
  const int = (name: string, value: number, isOutput = false) => ({
    name,
    type: { name: 'int' as const },
    value,
    isOutput,
  });
  const answer = await collect(
    one.rpc(
      {
        procedure: 'sp_executesql',
        parameters: [
          text('SELECT id FROM t WHERE id = @id; SET @o = 5'),
          text('@id int, @o int OUTPUT'),
          int('@id', 2),
          int('@o', 0, true),
        ],
      },
      { signal },
    ),
  );
  expect(answer.rows).toEqual([[2]]);
  expect(answer.events.find((event) => event.kind === 'output-parameter')).toMatchObject({ name: '@o', value: 5 });
  const prepared = await collect(
    one.rpc(
      {
        procedure: 'sp_prepare',
        parameters: [int('@handle', 0, true), text('@id int'), text('SELECT name FROM t WHERE id = @id')],
      },
      { signal },
    ),
  );
  const handle = prepared.events.find((event) => event.kind === 'output-parameter');
  const executed = await collect(
    one.rpc(
      {
        procedure: 'sp_execute',
        parameters: [int('@handle', handle?.kind === 'output-parameter' ? Number(handle.value) : 0), int('@id', 1)],
      },
      { signal },
    ),
  );
  expect(executed.rows).toEqual([['a']]);
});

test('a reader without permission gets 229 and does not see the table', async () => {
  const login = await engine.login({
    user: 'reader',
    password: 'Reader-1',
    database: '',
    applicationName: '',
    hostName: '',
    readOnlyIntent: false,
  });
  if (login.kind !== 'session') throw new Error('The login failed.');
  expect(await numbers(login.session, 'SELECT id FROM t')).toEqual([229]);
  expect((await run(login.session, "SELECT name FROM sys.tables WHERE name = 't'")).rows).toEqual([]);
  await run(one, 'GRANT SELECT ON t (id) TO reader');
  expect((await run(login.session, 'SELECT id FROM t WHERE id = 1')).rows).toEqual([[1]]);
  expect(await numbers(login.session, 'SELECT name FROM t')).toEqual([230]);
  expect((await run(login.session, "SELECT HAS_PERMS_BY_NAME('dbo.t', 'OBJECT', 'SELECT')")).rows).toEqual([[0]]);
  await login.session.close();
});
