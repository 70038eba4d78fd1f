import { expect, test } from 'vitest';
import { parseBatch } from './parse-batch.ts';
import { syntaxError } from './syntax-error.fixture.ts';
import { withoutPlaces } from './without-places.fixture.ts';

const read = (text: string): unknown => withoutPlaces(parseBatch(text, { quotedIdentifier: true }));
const column = (text: string): unknown =>
  (read(`CREATE TABLE t (${text})`) as { elements: unknown[] }[])[0]?.elements[0];
const int = { kind: 'system', type: { name: 'int' } };

test.each([
  ['a int', { kind: 'column', type: int, nullable: null, constraints: [], identity: null, computed: null }],
  [
    'a int NOT NULL IDENTITY(10, -2) NOT FOR REPLICATION',
    { nullable: false, identity: { seed: { text: '10' }, increment: { kind: 'unary' }, notForReplication: true } },
  ],
  ['a int IDENTITY', { identity: { seed: { text: '1' }, increment: { text: '1' } } }],
  [
    'a AS (b + 1) PERSISTED NOT NULL',
    { type: null, computed: { persisted: true, expression: { kind: 'binary' } }, nullable: false },
  ],
  [
    'a varchar(max) COLLATE Latin1_General_100_CI_AS_SC_UTF8 NULL',
    { type: { type: { length: -1 } }, collation: 'Latin1_General_100_CI_AS_SC_UTF8', nullable: true },
  ],
  ['a int SPARSE', { sparse: true }],
  ['a xml COLUMN_SET FOR ALL_SPARSE_COLUMNS', { columnSet: true }],
  [
    'a uniqueidentifier ROWGUIDCOL CONSTRAINT df DEFAULT newid()',
    {
      rowguidcol: true,
      constraints: [{ kind: 'default', name: { name: 'df' }, expression: { kind: 'call' }, forColumn: null }],
    },
  ],
  [
    'a datetime2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL',
    { generated: 'ROW START', hidden: true, nullable: false },
  ],
  ["a varchar(20) MASKED WITH (FUNCTION = 'default()') NULL", { mask: 'default()' }],
  [
    'a int PRIMARY KEY NONCLUSTERED',
    { constraints: [{ kind: 'primary-key', clustered: false, columns: [], name: null }] },
  ],
  [
    'a int CONSTRAINT u UNIQUE CLUSTERED WITH (FILLFACTOR = 80) ON [PRIMARY]',
    {
      constraints: [
        {
          kind: 'unique',
          clustered: true,
          options: [{ name: 'FILLFACTOR', value: '80' }],
          on: { name: { name: 'PRIMARY' } },
        },
      ],
    },
  ],
  [
    'a int REFERENCES dbo.u (b) ON DELETE CASCADE ON UPDATE SET NULL',
    {
      constraints: [
        {
          kind: 'foreign-key',
          references: { schema: 'dbo' },
          referencedColumns: [{ name: 'b' }],
          onDelete: 'CASCADE',
          onUpdate: 'SET NULL',
        },
      ],
    },
  ],
  [
    'a int DEFAULT 0 CHECK (a > 0) UNIQUE',
    { constraints: [{ kind: 'default' }, { kind: 'check', condition: { kind: 'compare' } }, { kind: 'unique' }] },
  ],
  ['a int CONSTRAINT nn NOT NULL', { nullable: false, constraints: [] }],
  ['a int INDEX ix UNIQUE', { index: { name: { name: 'ix' }, unique: true, columns: [] } }],
  ['timestamp', { name: { name: 'timestamp' }, type: { type: { name: 'timestamp' } } }],
  ['a rowversion', { type: { type: { name: 'timestamp' }, isRowversionWord: true } }],
  ['a dbo.Phone', { type: { kind: 'named', name: { schema: 'dbo', name: 'Phone' } } }],
  ['a sysname', { type: { isSysname: true } }],
  ['a xml (CONTENT dbo.sc)', { type: { xmlSchema: { schema: 'dbo', name: 'sc' } } }],
  ['a char', { type: { type: { length: 1 } } }],
])('the column %s is read', (text, expected) => {
  expect(column(text)).toMatchObject(expected);
});

test.each([
  [
    'CONSTRAINT pk PRIMARY KEY CLUSTERED (a, b DESC)',
    { kind: 'primary-key', clustered: true, columns: [{ descending: false }, { descending: true }] },
  ],
  ['UNIQUE (a)', { kind: 'unique', clustered: null, name: null }],
  [
    'FOREIGN KEY (a, b) REFERENCES u (c, d) ON UPDATE NO ACTION',
    { kind: 'foreign-key', columns: [{}, {}], referencedColumns: [{}, {}], onUpdate: 'NO ACTION' },
  ],
  [
    'CONSTRAINT ck CHECK NOT FOR REPLICATION (a > 0 OR b IS NULL)',
    { kind: 'check', notForReplication: true, condition: { kind: 'or' } },
  ],
  ['PERIOD FOR SYSTEM_TIME (a, b)', { kind: 'period', startColumn: { name: 'a' }, endColumn: { name: 'b' } }],
  [
    'INDEX ix NONCLUSTERED (a, b) INCLUDE (c) WHERE a > 0 WITH (PAD_INDEX = ON)',
    {
      kind: 'index',
      clustered: false,
      columns: [{}, {}],
      include: [{ name: 'c' }],
      where: { kind: 'compare' },
      options: [{ name: 'PAD_INDEX', value: 'ON' }],
    },
  ],
  ['INDEX cc CLUSTERED COLUMNSTORE', { clustered: true, columnstore: true, columns: [] }],
])('the element %s of a table is read', (text, expected) => {
  expect(read(`CREATE TABLE t (x int, ${text},)`)).toMatchObject([{ elements: [{ kind: 'column' }, expected] }]);
});

test('a table says where it lies and how it is versioned', () => {
  expect(
    read(
      `CREATE TABLE db.dbo.t (a int) ON ps (a) TEXTIMAGE_ON [PRIMARY]
       WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.h, DATA_CONSISTENCY_CHECK = OFF, HISTORY_RETENTION_PERIOD = 6 MONTHS),
             DATA_COMPRESSION = PAGE ON PARTITIONS (1, 3 TO 5))`,
    ),
  ).toMatchObject([
    {
      name: { database: 'db', schema: 'dbo', name: 't' },
      on: { name: { name: 'ps' }, partitionColumn: { name: 'a' } },
      textImageOn: { name: 'PRIMARY' },
      options: [
        { kind: 'system-versioning', on: true, historyTable: { name: 'h' }, dataConsistencyCheck: false },
        { kind: 'option', name: 'DATA_COMPRESSION', value: 'PAGE' },
      ],
    },
  ]);
});

test.each([
  [
    'ADD a int NULL, CONSTRAINT ck CHECK (a > 0), b AS (a + 1)',
    { kind: 'add', elements: [{ kind: 'column' }, { kind: 'check' }, { computed: {} }], withCheck: null },
  ],
  ['WITH NOCHECK ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u', { kind: 'add', withCheck: false }],
  [
    'ADD CONSTRAINT df DEFAULT 5 FOR a WITH VALUES',
    { elements: [{ kind: 'default', forColumn: { name: 'a' }, withValues: true }] },
  ],
  ['ADD PERIOD FOR SYSTEM_TIME (a, b)', { elements: [{ kind: 'period' }] }],
  [
    'ALTER COLUMN a nvarchar(50) COLLATE Latin1_General_BIN2 NOT NULL',
    { kind: 'alter-column', collation: 'Latin1_General_BIN2', nullable: false, type: { type: { length: 50 } } },
  ],
  ['ALTER COLUMN a ADD HIDDEN', { kind: 'alter-column-property', action: 'ADD', property: 'HIDDEN', mask: null }],
  ["ALTER COLUMN a ADD MASKED WITH (FUNCTION = 'email()')", { property: 'MASKED', mask: 'email()' }],
  ['ALTER COLUMN a DROP MASKED', { action: 'DROP', property: 'MASKED' }],
  [
    'DROP CONSTRAINT a, b, COLUMN IF EXISTS c, d',
    {
      kind: 'drop',
      items: [{ kind: 'constraint' }, { kind: 'constraint' }, { kind: 'column', ifExists: true }, { kind: 'column' }],
    },
  ],
  ['DROP a', { items: [{ kind: 'constraint', name: { name: 'a' } }] }],
  ['DROP PERIOD FOR SYSTEM_TIME', { kind: 'drop-period' }],
  ['NOCHECK CONSTRAINT ALL', { kind: 'check-constraint', enable: false, names: 'ALL', withCheck: null }],
  ['WITH CHECK CHECK CONSTRAINT a, b', { enable: true, names: [{}, {}], withCheck: true }],
  ['SET (SYSTEM_VERSIONING = OFF)', { kind: 'set', options: [{ kind: 'system-versioning', on: false }] }],
  ['SWITCH PARTITION 2 TO u PARTITION 3', { kind: 'switch', fromPartition: { text: '2' }, toPartition: { text: '3' } }],
  ['REBUILD PARTITION = ALL WITH (DATA_COMPRESSION = ROW)', { kind: 'rebuild', options: [{ value: 'ROW' }] }],
])('ALTER TABLE t %s is read', (text, expected) => {
  expect(read(`ALTER TABLE t ${text}`)).toMatchObject([{ kind: 'alter-table', action: expected }]);
});

test.each([
  [
    'CREATE UNIQUE CLUSTERED INDEX ix ON s.t (a DESC, b) WITH (DROP_EXISTING = ON) ON ps (a)',
    {
      kind: 'create-index',
      unique: true,
      clustered: true,
      columns: [{ descending: true }, {}],
      on: { partitionColumn: { name: 'a' } },
    },
  ],
  [
    'CREATE INDEX ix ON t (a) INCLUDE (b, c) WHERE a IS NOT NULL',
    { unique: false, include: [{}, {}], where: { kind: 'is-null' } },
  ],
  ['CREATE CLUSTERED COLUMNSTORE INDEX cc ON t', { clustered: true, columnstore: true, columns: [] }],
  ['CREATE NONCLUSTERED COLUMNSTORE INDEX nc ON t (a, b)', { clustered: false, columnstore: true, columns: [{}, {}] }],
  ['ALTER INDEX ALL ON t REBUILD WITH (ONLINE = ON)', { kind: 'alter-index', index: 'ALL', action: 'REBUILD' }],
  [
    'DROP INDEX IF EXISTS ix ON s.t, iy ON u',
    {
      kind: 'drop-index',
      ifExists: true,
      indexes: [{ name: { name: 'ix' }, table: { schema: 's' } }, { table: { name: 'u' } }],
    },
  ],
  ['DROP INDEX s.t.ix', { indexes: [{ name: { name: 'ix' }, table: { schema: 's', name: 't' } }] }],
  ['DROP TABLE IF EXISTS a, s.b', { kind: 'drop-table', ifExists: true, names: [{ name: 'a' }, { schema: 's' }] }],
  ['DROP VIEW v', { kind: 'drop-view', ifExists: false }],
  ['CREATE SCHEMA s AUTHORIZATION dbo', { kind: 'create-schema', name: { name: 's' }, authorization: { name: 'dbo' } }],
  ['DROP SCHEMA IF EXISTS s', { kind: 'drop-schema', ifExists: true }],
  [
    'ALTER SCHEMA s TRANSFER OBJECT::dbo.t',
    { kind: 'alter-schema-transfer', securable: 'OBJECT', name: { schema: 'dbo', name: 't' } },
  ],
  [
    'CREATE TYPE dbo.Phone FROM varchar(20) NOT NULL',
    { kind: 'create-type', definition: { kind: 'alias', base: { type: { length: 20 } }, nullable: false } },
  ],
  ['CREATE TYPE T AS TABLE (a int)', { definition: { kind: 'table', elements: [{}] } }],
  ['DROP TYPE Phone', { kind: 'drop-type' }],
  ['CREATE DATABASE d COLLATE Latin1_General_CI_AS', { kind: 'create-database', collation: 'Latin1_General_CI_AS' }],
  [
    'ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON',
    {
      kind: 'alter-database',
      name: null,
      action: { kind: 'set', options: [{ name: 'ALLOW_SNAPSHOT_ISOLATION', value: 'ON' }], termination: null },
    },
  ],
  [
    'ALTER DATABASE d SET READ_COMMITTED_SNAPSHOT ON, RECOVERY SIMPLE, COMPATIBILITY_LEVEL = 150, READ_ONLY WITH ROLLBACK IMMEDIATE',
    {
      action: {
        options: [{ value: 'ON' }, { value: 'SIMPLE' }, { value: '150' }, { name: 'READ_ONLY', value: '' }],
        termination: 'ROLLBACK IMMEDIATE',
      },
    },
  ],
  ['ALTER DATABASE d COLLATE Latin1_General_BIN', { action: { kind: 'collate' } }],
  ['ALTER DATABASE d MODIFY NAME = e', { action: { kind: 'modify-name', name: { name: 'e' } } }],
  ['DROP DATABASE IF EXISTS d', { kind: 'drop-database', ifExists: true }],
  [
    "CREATE PARTITION FUNCTION pf (datetime2(3)) AS RANGE RIGHT FOR VALUES (1, N'x')",
    { kind: 'create-partition-function', boundaryOnRight: true, values: [{}, {}], type: { type: { scale: 3 } } },
  ],
  ['CREATE PARTITION FUNCTION pf (int) AS RANGE FOR VALUES ()', { boundaryOnRight: false, values: [] }],
  [
    'ALTER PARTITION FUNCTION pf () SPLIT RANGE (5)',
    { kind: 'alter-partition-function', action: 'SPLIT', value: { text: '5' } },
  ],
  [
    'CREATE PARTITION SCHEME ps AS PARTITION pf ALL TO ([PRIMARY])',
    { kind: 'create-partition-scheme', all: true, filegroups: [{ name: 'PRIMARY' }] },
  ],
  ['DROP PARTITION FUNCTION pf', { kind: 'drop-partition-function' }],
  ['DROP PARTITION SCHEME ps', { kind: 'drop-partition-scheme' }],
  ['CREATE SYNONYM s FOR db.dbo.t', { kind: 'create-synonym', target: { database: 'db' } }],
  ['DROP SYNONYM IF EXISTS s', { kind: 'drop-synonym', ifExists: true }],
  [
    'CREATE SEQUENCE s AS bigint START WITH 5 INCREMENT BY -1 NO MINVALUE MAXVALUE 9 CYCLE CACHE 10',
    {
      kind: 'create-sequence',
      start: { text: '5' },
      increment: { kind: 'unary' },
      minimum: 'none',
      maximum: { text: '9' },
      cycle: true,
      cache: 10,
    },
  ],
  ['ALTER SEQUENCE s RESTART WITH 1 NO CACHE', { kind: 'alter-sequence', start: { text: '1' }, cache: 0 }],
  ['CREATE STATISTICS st ON t (a, b) WITH FULLSCAN', { kind: 'create-statistics', columns: [{}, {}] }],
  ['UPDATE STATISTICS s.t', { kind: 'update-statistics', names: [] }],
  [
    "CREATE LOGIN l WITH PASSWORD = 'p''w', DEFAULT_DATABASE = [a b], CHECK_POLICY = OFF, SID = 0x01",
    {
      kind: 'create-login',
      password: "p'w",
      options: [
        { name: 'DEFAULT_DATABASE', value: 'a b' },
        { name: 'CHECK_POLICY', value: 'OFF' },
        { name: 'SID', value: '0x01' },
      ],
    },
  ],
  ['ALTER LOGIN l DISABLE', { kind: 'alter-login', enable: false }],
  ["ALTER LOGIN l WITH PASSWORD = 'a' OLD_PASSWORD = 'b'", { password: 'a', oldPassword: 'b' }],
  [
    'CREATE USER u FOR LOGIN l WITH DEFAULT_SCHEMA = s',
    { kind: 'create-user', login: { name: 'l' }, options: [{ name: 'DEFAULT_SCHEMA', value: 's' }] },
  ],
  ['CREATE USER u WITHOUT LOGIN', { withoutLogin: true }],
  [
    'ALTER USER u WITH LOGIN = l, NAME = v',
    { kind: 'alter-user', login: { name: 'l' }, options: [{ name: 'NAME', value: 'v' }] },
  ],
  [
    'ALTER ROLE db_datareader ADD MEMBER u',
    { kind: 'alter-role', server: false, action: 'ADD', member: { name: 'u' } },
  ],
  ['ALTER SERVER ROLE sysadmin DROP MEMBER l', { server: true, action: 'DROP' }],
  ['CREATE ROLE r AUTHORIZATION dbo', { kind: 'create-role', authorization: { name: 'dbo' } }],
  [
    'GRANT SELECT (a, b), VIEW DEFINITION ON SCHEMA::dbo TO public, u WITH GRANT OPTION',
    {
      kind: 'grant',
      permissions: [{ name: 'SELECT', columns: [{}, {}] }, { name: 'VIEW DEFINITION' }],
      on: { class: 'SCHEMA' },
      principals: [{ name: 'public' }, { name: 'u' }],
      withGrantOption: true,
    },
  ],
  [
    'DENY SELECT ON dbo.t TO u CASCADE',
    { kind: 'deny', on: { class: 'OBJECT', name: { schema: 'dbo' } }, cascade: true },
  ],
  ['REVOKE GRANT OPTION FOR SELECT ON t FROM u', { kind: 'revoke', grantOptionFor: true, principals: [{ name: 'u' }] }],
  ['GRANT VIEW SERVER STATE TO l', { on: null, permissions: [{ name: 'VIEW SERVER STATE' }] }],
])('%s is read', (text, expected) => {
  expect(read(text)).toMatchObject([expected]);
});

test.each([
  [
    '-- c\nCREATE VIEW s.v (a, b) WITH SCHEMABINDING AS WITH c AS (SELECT 1 x) SELECT * FROM c WITH CHECK OPTION;',
    'CREATE',
    '-- c\nCREATE VIEW s.v',
  ],
  ['ALTER VIEW s.v AS SELECT 1 a', 'ALTER', 'CREATE VIEW s.v AS SELECT 1 a'],
  ['CREATE OR ALTER VIEW s.v AS SELECT 1 a', 'CREATE OR ALTER', 'CREATE VIEW s.v AS SELECT 1 a'],
])('the view of %j keeps its definition as CREATE VIEW', (text, verb, definition) => {
  expect(read(text)).toMatchObject([
    { kind: 'create-view', verb, name: { schema: 's', name: 'v' }, definition: expect.stringContaining(definition) },
  ]);
});

test.each([
  [
    'CREATE TABLE t (a int(4))',
    2716,
    'Column, parameter, or variable #1: Cannot specify a column width on data type int.',
  ],
  [
    'CREATE TABLE t (a nvarchar(5000))',
    2717,
    "The size (5000) given to the column 'a' exceeds the maximum allowed (4000).",
  ],
  ['CREATE TABLE t (a decimal(39))', 2717, "The size (39) given to the column 'a' exceeds the maximum allowed (38)."],
  ['CREATE TABLE t (a int FOO)', 102, "Incorrect syntax near 'FOO'."],
  ['CREATE TABLE t (a int) WITH (FOO = ON)', 155, "'FOO' is not a recognized CREATE TABLE option."],
  ['CREATE TABLE t (a)', 102, "Incorrect syntax near ')'."],
  ['CREATE TABLE t', 102, "Incorrect syntax near 't'."],
  ['CREATE TABLE t (order int)', 156, "Incorrect syntax near the keyword 'order'."],
  ['ALTER TABLE t ADD COLUMN a int', 156, "Incorrect syntax near the keyword 'COLUMN'."],
  ['ALTER TABLE t RENAME a', 102, "Incorrect syntax near 'RENAME'."],
  [
    'CREATE VIEW v AS SELECT a FROM t ORDER BY a',
    1033,
    expect.stringMatching(/^The ORDER BY clause is invalid in views/),
  ],
  ['CREATE SCHEMA s CREATE TABLE t (a int)', 156, "Incorrect syntax near the keyword 'CREATE'."],
  ['ALTER DATABASE d SET FOO ON', 155, "'FOO' is not a recognized ALTER DATABASE SET option."],
  ['CREATE TRIGGER x ON t AFTER INSERT AS PRINT 1', 156, "Incorrect syntax near the keyword 'TRIGGER'."],
  ["CREATE LOGIN l WITH FOO = 'x'", 155, "'FOO' is not a recognized CREATE LOGIN option."],
  ['DROP TABLE', 102, "Incorrect syntax near 'TABLE'."],
])('%s is refused with error %i', (text, number, message) => {
  expect(() => read(text)).toThrow(syntaxError({ number, message }));
});
