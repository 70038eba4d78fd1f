import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineSession, SqlValue } from '../engine-contract.ts';
import type { SqlServerEngine } from '../engine/create-engine.ts';
import { run, startEngine } from '../engine/testing.ts';

let engine: SqlServerEngine;
let session: EngineSession;

beforeAll(async () => {
  engine = await startEngine();
  session = await engine.openSession('shop');
  await engine.runScript(
    'shop',
    `CREATE SCHEMA sales
GO
CREATE TYPE dbo.Phone FROM varchar(20)
GO
CREATE PARTITION FUNCTION pf (int) AS RANGE RIGHT FOR VALUES (10, 20)
GO
CREATE PARTITION SCHEME ps AS PARTITION pf ALL TO ([PRIMARY])
GO
CREATE TABLE sales.[or]]der] (
  id int IDENTITY(1, 1) NOT NULL CONSTRAINT pk_order PRIMARY KEY,
  note nvarchar(50) COLLATE Latin1_General_100_CI_AS NULL,
  state char(3) NOT NULL CONSTRAINT df_state DEFAULT 'new',
  twice AS (id * 2) PERSISTED,
  phone dbo.Phone,
  body varbinary(max),
  CONSTRAINT ck_state CHECK (state <> 'x'))
GO
CREATE INDEX ix_note ON sales.[or]]der] (note DESC) INCLUDE (state)
GO
CREATE TABLE dbo.part (k int NOT NULL, v nvarchar(20)) ON ps (k)
GO
CREATE VIEW dbo.notes AS SELECT id, note FROM sales.[or]]der]
GO
`,
  );
  const rows = Array.from({ length: 25 }, (_, i): SqlValue[] => [i, `v${i}`]);
  await engine.bulkLoad({ database: 'shop', schema: 'dbo', name: 'part' }, rows);
});

afterAll(async () => {
  await session.close();
  await engine.close();
});

const CASES: readonly [string, SqlValue[][]][] = [
  [
    "SELECT SCHEMA_NAME(v.schema_id), v.name, v.type FROM sys.objects AS v WHERE v.type IN ('U', 'V') ORDER BY v.name",
    [
      ['dbo', 'notes', 'V '],
      ['sales', 'or]der', 'U '],
      ['dbo', 'part', 'U '],
    ],
  ],
  [
    "SELECT name, column_id, is_nullable, is_identity, is_computed, max_length, collation_name FROM sys.columns WHERE object_id = OBJECT_ID('sales.[or]]der]') AND column_id < 5 ORDER BY column_id",
    [
      ['id', 1, false, true, false, 4, null],
      ['note', 2, true, false, false, 100, 'Latin1_General_100_CI_AS'],
      ['state', 3, false, false, false, 3, 'SQL_Latin1_General_CP1_CI_AS'],
      ['twice', 4, true, false, true, 4, null],
    ],
  ],
  [
    "SELECT c.name, t.name FROM sys.columns AS c INNER JOIN sys.types AS t ON t.user_type_id = c.user_type_id WHERE c.name IN ('phone', 'body', 'k') ORDER BY c.name",
    [
      ['body', 'varbinary'],
      ['k', 'int'],
      ['phone', 'Phone'],
    ],
  ],
  [
    "SELECT i.name, i.type_desc, i.is_primary_key, c.key_ordinal, c.is_descending_key, c.is_included_column FROM sys.indexes AS i LEFT JOIN sys.index_columns AS c ON c.object_id = i.object_id AND c.index_id = i.index_id WHERE i.object_id = OBJECT_ID('sales.[or]]der]') ORDER BY i.index_id, c.index_column_id",
    [
      ['pk_order', 'CLUSTERED', true, 1, false, false],
      ['ix_note', 'NONCLUSTERED', false, 1, true, false],
      ['ix_note', 'NONCLUSTERED', false, 0, false, true],
    ],
  ],
  [
    "SELECT v.partition_number, v.rows FROM sys.partitions AS v WHERE v.object_id = OBJECT_ID('dbo.part') ORDER BY 1",
    [
      [1, 10n],
      [2, 10n],
      [3, 5n],
    ],
  ],
  [
    "SELECT SUM(a.used_pages) FROM sys.partitions AS v INNER JOIN sys.allocation_units AS a ON a.container_id = v.partition_id WHERE v.index_id IN (0, 1) AND v.object_id = OBJECT_ID('dbo.part')",
    [[6n]],
  ],
  [
    'SELECT v.snapshot_isolation_state, v.is_read_committed_snapshot_on FROM sys.databases AS v WHERE v.name = DB_NAME()',
    [[1, false]],
  ],
  ["SELECT snapshot_isolation_state FROM sys.databases WHERE name = 'PLAIN'", [[0]]],
  ['SELECT COUNT(*) FROM plain.sys.objects', [[0]]],
  [
    'SELECT boundary_id, CONVERT(int, value) FROM sys.partition_range_values ORDER BY 1',
    [
      [1, 10],
      [2, 20],
    ],
  ],
  ['SELECT name, parent_column_id FROM sys.default_constraints', [['df_state', 3]]],
  ['SELECT name FROM sys.check_constraints', [['ck_state']]],
  ['SELECT CONVERT(int, seed_value), CONVERT(int, increment_value) FROM sys.identity_columns', [[1, 1]]],
  [
    'SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME',
    [
      ['dbo', 'notes', 'VIEW'],
      ['sales', 'or]der', 'BASE TABLE'],
      ['dbo', 'part', 'BASE TABLE'],
    ],
  ],
  [
    "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH FROM information_schema.columns WHERE TABLE_NAME = 'part' ORDER BY ORDINAL_POSITION",
    [
      ['k', 'int', null],
      ['v', 'nvarchar', 20],
    ],
  ],
  [
    "SELECT k.COLUMN_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS AS t INNER JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k ON k.CONSTRAINT_NAME = t.CONSTRAINT_NAME WHERE t.CONSTRAINT_TYPE = 'PRIMARY KEY'",
    [['id']],
  ],
  ['SELECT session_id FROM sys.dm_exec_sessions WHERE session_id <> @@SPID', []],
];

test.each(CASES)('%s', async (sql, rows) => {
  const answer = await run(session, sql);
  expect(answer.messages).toEqual([]);
  expect(answer.rows).toEqual(rows);
});

test('columns of a view have the types of the vendor, also without rows', async () => {
  const { columns } = await run(
    session,
    'SELECT name, object_id, create_date, is_ms_shipped FROM sys.objects WHERE 1 = 0',
  );
  expect(columns).toEqual([
    { name: 'name', type: 'nvarchar' },
    { name: 'object_id', type: 'int' },
    { name: 'create_date', type: 'datetime' },
    { name: 'is_ms_shipped', type: 'bit' },
  ]);
});

test('a user without permissions sees no objects and no state', async () => {
  const reader = await engine.login({
    user: 'reader',
    password: 'Reader-1',
    database: 'shop',
    applicationName: 'test',
    hostName: 'client',
    readOnlyIntent: false,
  });
  if (reader.kind !== 'session') throw new Error(reader.messages[0]?.message);
  expect((await run(reader.session, 'SELECT COUNT(*) FROM sys.tables')).rows).toEqual([[0]]);
  const denied = await run(reader.session, 'SELECT COUNT(*) FROM sys.dm_db_partition_stats');
  expect(denied.messages).toMatchObject([{ number: 262, class: 14 }]);
  await reader.session.close();
});

test('a database that tells cases apart knows its views by their own case only', async () => {
  const plain = await engine.openSession('plain');
  expect((await run(plain, 'SELECT COUNT(*) FROM sys.tables')).messages).toEqual([]);
  expect((await run(plain, 'SELECT COUNT(*) FROM sys.Tables')).messages).toMatchObject([{ number: 208 }]);
  await plain.close();
});
