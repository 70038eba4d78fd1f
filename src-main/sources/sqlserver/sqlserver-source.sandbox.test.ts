import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlServerSettings } from '#shared/model/connection-settings';
import type { TableRef } from '#shared/model/table';
import { createEngine, type SqlServerEngine } from '../../../src-sandbox/sqlserver/engine/create-engine.ts';
import { startTdsServer, type TdsServer } from '../../../src-sandbox/sqlserver/server.ts';
import type { Source } from '../source.ts';
import { createSqlServerSource } from './sqlserver-source.ts';

const { signal } = new AbortController();
const PASSWORD = 'Practice-1';

const SCRIPT = `
CREATE SCHEMA [odd ]]schema];
GO
CREATE TABLE dbo.orders (
  id int IDENTITY(1,1) NOT NULL CONSTRAINT pk_orders PRIMARY KEY CLUSTERED,
  code varchar(20) NOT NULL CONSTRAINT uq_orders UNIQUE,
  total decimal(38,10) NULL,
  at datetime2(7) NOT NULL CONSTRAINT df_at DEFAULT ('2024-01-01'),
  note nvarchar(max) NULL
);
GO
CREATE TABLE [odd ]]schema].[ta'b"le] (a int NOT NULL, b int NULL);
GO
CREATE CLUSTERED INDEX ix ON [odd ]]schema].[ta'b"le] (b, a);
GO
CREATE TABLE dbo.guids (g uniqueidentifier NOT NULL PRIMARY KEY, v int NULL);
GO
CREATE TABLE dbo.names (name nvarchar(20) COLLATE Latin1_General_CI_AS NULL, n int NOT NULL);
GO
CREATE VIEW dbo.totals AS SELECT id, total FROM dbo.orders;
`;

let engine: SqlServerEngine;
let server: TdsServer;
const opened: Source[] = [];

beforeAll(async () => {
  engine = await createEngine({
    dataDirectory: null,
    databases: [
      { name: 'shop', collation: 'SQL_Latin1_General_CP1_CI_AS', allowSnapshot: true, readCommittedSnapshot: false },
      { name: 'locked', collation: 'SQL_Latin1_General_CP1_CI_AS', allowSnapshot: false, readCommittedSnapshot: false },
    ],
    logins: [
      { user: 'ann', password: PASSWORD, defaultDatabase: 'shop', serverRoles: ['sysadmin'] },
      { user: 'bob', password: PASSWORD, defaultDatabase: 'shop', databases: [{ name: 'shop', roles: [] }] },
    ],
  });
  await engine.runScript('shop', SCRIPT);
  await loadRows();
  server = await startTdsServer({ engine, tls: { mode: 'none' } });
});

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await server?.close();
  await engine?.close();
});

/** 300 orders, and rows whose keys try the order of the server. */
async function loadRows(): Promise<void> {
  const at = 638_396_640_000_000_000n;
  const orders = Array.from({ length: 300 }, (_none, index) => [
    index + 1,
    `c${index}`,
    index % 11 === 0 ? null : BigInt(index) * 10_000_000_000n + 5_000_000_000n,
    at,
    `note ${index}`,
  ]);
  const guids = Array.from({ length: 120 }, (_none, index) => {
    const digits = ((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0').toUpperCase();
    return [`${digits}-1111-2222-3333-${digits.slice(4)}${digits}`, index];
  });
  const names = ['a', 'A', 'ä', 'b', 'B', 'ab', 'AB', 'z', 'Z', 'é', 'e', 'E', '', ' ', null].map((name, index) => [
    name,
    index,
  ]);
  const odd = Array.from({ length: 60 }, (_none, index) => [index, index % 7 === 0 ? null : index % 5]);
  await engine.bulkLoad(ref('orders'), orders);
  await engine.bulkLoad(ref('guids'), guids);
  await engine.bulkLoad(ref('names'), names);
  await engine.bulkLoad(ODD, odd);
}

function open(patch: Partial<SqlServerSettings> = {}): Source {
  const source = createSqlServerSource({
    settings: {
      kind: 'sqlserver',
      host: '127.0.0.1',
      instance: '',
      port: server.port,
      database: 'shop',
      auth: { kind: 'sql-login', user: 'ann' },
      encrypt: false,
      trustServerCertificate: false,
      caFile: '',
      readOnlyIntent: false,
      ...patch,
    },
    secrets: { 'source.password': PASSWORD },
  });
  opened.push(source);
  return source;
}

const ref = (name: string, schema = 'dbo'): TableRef => ({ database: 'shop', schema, name });
const ODD = ref(`ta'b"le`, 'odd ]schema');

describe('a SQL Server source', () => {
  it('tells what it reached and how it will read', async () => {
    const report = await open().test({ signal });
    expect(report).toMatchObject({ server: 'SQL Server 2022', user: 'ann' });
    expect(report.facts).toContainEqual({ label: 'Reads with', value: expect.stringMatching(/^SNAPSHOT/) });
    expect(report.rights.map(({ id, state }) => [id, state])).toEqual([
      ['tables', 'passed'],
      ['definitions', 'passed'],
      ['estimates', 'passed'],
    ]);
    const locked = await open({ database: 'locked' }).test({ signal });
    expect(locked.warnings).toContainEqual(expect.stringContaining('SNAPSHOT'));
  });

  it('says what a user may not see', async () => {
    const report = await open({ auth: { kind: 'sql-login', user: 'bob' } }).test({ signal });
    expect(report.rights[0]).toMatchObject({ state: 'warning' });
    expect(await open({ auth: { kind: 'sql-login', user: 'bob' } }).listTables({ signal })).toEqual([]);
  });

  it('lists databases and tables', async () => {
    const source = open();
    expect(await source.listDatabases({ signal })).toEqual(['locked', 'shop']);
    const tables = await source.listTables({ signal });
    expect(
      tables.map(({ ref: table, kind, rowEstimate, columnCount }) => [
        table.schema,
        table.name,
        kind,
        rowEstimate,
        columnCount,
      ]),
    ).toEqual([
      ['dbo', 'guids', 'table', 120, 2],
      ['dbo', 'names', 'table', 15, 2],
      ['dbo', 'orders', 'table', 300, 5],
      ['dbo', 'totals', 'view', null, 2],
      ['odd ]schema', `ta'b"le`, 'table', 60, 2],
    ]);
  });

  it('describes tables with keys, identity, defaults and types', async () => {
    const [orders, missing, odd] = await open().describeTables([ref('orders'), ref('missing'), ODD], { signal });
    expect(orders).toMatchObject({
      primaryKey: ['id'],
      uniqueKeys: [['code']],
      partitionKeys: ['id'],
      rowEstimate: 300,
    });
    expect(
      orders?.columns.map(({ name, nativeType, nullable, isIdentity }) => [name, nativeType, nullable, isIdentity]),
    ).toEqual([
      ['id', 'int', false, true],
      ['code', 'varchar(20)', false, false],
      ['total', 'decimal(38,10)', true, false],
      ['at', 'datetime2(7)', false, false],
      ['note', 'nvarchar(max)', true, false],
    ]);
    expect(orders?.columns[3]?.defaultExpression).toContain('2024-01-01');
    expect(missing).toBeNull();
    expect(odd).toMatchObject({ primaryKey: [], partitionKeys: ['b', 'a'] });
  });

  it('counts, with a condition too', async () => {
    const source = open();
    expect(await source.countRows({ table: ref('orders'), where: null }, { signal })).toBe(300);
    expect(await source.countRows({ table: ref('orders'), where: 'id <= 10 -- ten' }, { signal })).toBe(10);
    await expect(source.countRows({ table: ref('nothing'), where: null }, { signal })).rejects.toMatchObject({
      code: 'SOURCE_TABLE_NOT_FOUND',
    });
    await expect(source.countRows({ table: ref('orders'), where: 'nope = 1' }, { signal })).rejects.toMatchObject({
      code: 'SOURCE_COLUMN_CHANGED',
    });
  });

  it('shows the first rows as text', async () => {
    const preview = await open().previewRows({ table: ref('orders'), limit: 2, maxLength: 4 }, { signal });
    expect(preview).toEqual({
      columns: ['id', 'code', 'total', 'at', 'note'],
      rows: [
        ['1', 'c0', null, '2024', 'note'],
        ['2', 'c1', '1.50', '2024', 'note'],
      ],
    });
  });

  it('finds no value too long', async () => {
    const source = open();
    const [orders] = await source.describeTables([ref('orders')], { signal });
    const columns = (orders?.columns ?? []).map(({ name, type, nativeType }) => ({
      name,
      type,
      nativeType,
      risk: 'text-length' as const,
    }));
    expect(
      await source.profileValues({ table: ref('orders'), where: null, columns: columns.slice(4) }, { signal }),
    ).toEqual([]);
  });

  it.each([
    ['an integer key', ref('orders'), ['id'], 8],
    ['a uniqueidentifier key, in the order of the server', ref('guids'), ['g'], 7],
    ['text that is compared without regard to case', ref('names'), ['name'], 5],
    ['a key of two columns with NULLs', ODD, ['b', 'a'], 6],
    ['a timestamp with one value only', ref('orders'), ['at'], 4],
    ['decimals with NULLs', ref('orders'), ['total'], 4],
    ['text of a code page', ref('orders'), ['code'], 6],
  ])('cuts by %s so that every row is in one range', async (_what, table, columns, count) => {
    const source = open();
    const [description] = await source.describeTables([table], { signal });
    const boundaries = await source.quantiles({ table, columns, count, where: null }, { signal });
    expect(boundaries.length).toBeLessThan(count);
    const keys = columns.map((name) => ({
      name,
      nullable: description?.columns.find((column) => column.name === name)?.nullable ?? true,
    }));
    const ranges = source.dialect.rangePredicates(keys, boundaries);
    const counts: number[] = [];
    for (const { predicate } of ranges) counts.push(await source.countRows({ table, where: predicate }, { signal }));
    const total = await source.countRows({ table, where: null }, { signal });
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(total);
    const anywhere = ranges.map(({ predicate }) => `(${predicate})`).join(' OR ');
    expect(await source.countRows({ table, where: anywhere }, { signal })).toBe(total);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const running = open().countRows({ table: ref('orders'), where: null }, { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
