import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession, SqlValue } from '../engine-contract.ts';
import type { SqlServerEngine } from './create-engine.ts';
import { run, startEngine } from './testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
  await run(session, 'CREATE TABLE t (a int NOT NULL)');
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

test.each<[string, SqlValue[][]]>([
  ["EXEC sp_executesql N'SELECT @p + 1', N'@p int', @p = 1", [[2]]],
  [
    "EXEC sys.sp_executesql @stmt = N'SELECT @a, @b', @params = N'@a int, @b nvarchar(5)', @b = N'x', @a = 7",
    [[7, 'x']],
  ],
  ["DECLARE @n int = 4; EXECUTE sp_executesql N'SELECT @p', N'@p bigint', @n", [[4n]]],
  [
    "DECLARE @out int, @status int = 9; EXEC @status = sp_executesql N'SET @x = @x * 2', N'@x int OUTPUT', @x = @out OUTPUT; SELECT @status, @out",
    [[0, null]],
  ],
  [
    "DECLARE @out int; EXEC sp_executesql N'SELECT @x = COUNT(*) FROM sys.tables', N'@x int OUTPUT', @x = @out OUTPUT; SELECT @out",
    [[1]],
  ],
  ["DECLARE @s varchar(20) = 'SELECT '; EXEC (@s + '3')", [[3]]],
  ["EXEC ('USE plain'); SELECT DB_NAME()", [['shop']]],
  ["BEGIN TRY EXEC ('SELECT 1/0') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH", [[8134]]],
  ["BEGIN TRY EXEC sp_executesql N'SELEC 1' END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH", [[2812]]],
  ["BEGIN TRY EXEC (N'SELECT (') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH", [[102]]],
  [
    "BEGIN TRAN; BEGIN TRY EXEC ('INSERT INTO t VALUES (1); INSERT INTO t VALUES (NULL)') END TRY BEGIN CATCH END CATCH; COMMIT; SELECT COUNT(*) FROM t",
    [[1]],
  ],
])('%s', async (sql, rows) => {
  const answer = await run(session, sql);
  expect(answer.messages.filter((message) => message.class > 10)).toEqual([]);
  expect(answer.rows).toEqual(rows);
});

test.each([
  ["EXEC sp_executesql 'SELECT 1'", 214],
  ["EXEC sp_executesql N'SELECT @p', 'x', 1", 214],
  ["EXEC sp_executesql N'SELECT @p', N'@p int'", 8178],
  ["EXEC sp_executesql N'SELECT 1', N'@p int', @q = 1", 8145],
  ['EXEC sp_help', 40_000],
  ['EXEC dbo.none 1', 2812],
  [
    "DECLARE @s nvarchar(max) = N'EXEC sp_executesql @s, N''@s nvarchar(max)'', @s'; EXEC sp_executesql @s, N'@s nvarchar(max)', @s",
    217,
  ],
  ["EXEC ('RAISERROR(''x'', 16, 1)')", 50_000],
])('%s is error %i', async (sql, number) => {
  expect((await run(session, sql)).messages[0]).toMatchObject({ number });
});

test('variables of the batch are not those of the text', async () => {
  const { messages } = await run(session, "DECLARE @a int = 1; EXEC ('SELECT @a')");
  expect(messages).toMatchObject([{ number: 137 }]);
});

test('the batch goes on behind an error in a text, and ends where the text ends its batch', async () => {
  expect((await run(session, "EXEC ('SELECT 1/0'); SELECT 5")).rows).toEqual([[5]]);
  expect((await run(session, "EXEC ('SELECT CAST(''x'' AS int)'); SELECT 5")).rows).not.toEqual([[5]]);
});
