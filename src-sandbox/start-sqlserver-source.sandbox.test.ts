import { readFileSync } from 'node:fs';
import sql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_FAULTS } from './faults.ts';
import type { SqlServerDescription } from './sandbox-description.ts';
import { SQLSERVER_TYPES_TABLES, bracket } from './seed/sqlserver-types.ts';
import { TPCH_TABLES, tpchRowCounts, tpchRows } from './seed/tpch.ts';
import { startSandbox } from './start-sandbox.ts';
import type { Sandbox } from './start-sandbox.ts';

const SCALE = 0.001;

let sandbox: Sandbox;
let server: SqlServerDescription;
let pool: sql.ConnectionPool;

beforeAll(async () => {
  sandbox = await startSandbox({
    source: 'sqlserver',
    scale: SCALE,
    schemas: ['tpch', 'types'],
    dataDirectory: null,
    log: () => undefined,
  });
  if (!sandbox.description.sqlserver) throw new Error('The practice environment has no SQL Server');
  server = sandbox.description.sqlserver;
  pool = await connect(server);
});

afterAll(async () => {
  await pool.close();
  await sandbox.close();
});

async function connect(
  { user, password, authentication }: Pick<sql.config, 'user' | 'password' | 'authentication'>,
  options: sql.config['options'] = {},
): Promise<sql.ConnectionPool> {
  const { host, port, database, caFile } = server;
  return new sql.ConnectionPool({
    server: host,
    port,
    database,
    user,
    password,
    authentication,
    options: {
      encrypt: true,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: readFileSync(caFile, 'utf8') },
      ...options,
    },
  }).connect();
}

async function firstValue(statement: string): Promise<unknown> {
  const { recordset } = await pool.request().query<Record<string, unknown>>(statement);
  return Object.values(recordset[0] ?? {})[0];
}

describe('the SQL Server of the practice environment', () => {
  it.each(TPCH_TABLES)('has every row of dbo.%s', async (table) => {
    expect(await firstValue(`SELECT COUNT(*) AS n FROM dbo.${table}`)).toBe(tpchRowCounts(SCALE)[table]);
  });

  it('has the same values as the other sources', async () => {
    const { recordset } = await pool
      .request()
      .query<{ row: string }>(
        'SELECT CONCAT(o_orderkey, CHAR(9), o_custkey, CHAR(9), o_orderstatus, CHAR(9), o_totalprice, CHAR(9), CONVERT(varchar(10), o_orderdate, 23), CHAR(9), RTRIM(o_orderpriority), CHAR(9), RTRIM(o_clerk), CHAR(9), o_shippriority, CHAR(9), o_comment) AS row FROM dbo.orders ORDER BY o_orderkey',
      );
    expect(recordset.map(({ row }) => row)).toEqual([...tpchRows('orders', SCALE)].map((row) => row.join('\t')));
  });

  it.each(SQLSERVER_TYPES_TABLES.map(({ name, rowCount }) => ({ name, rowCount })))(
    'has $rowCount rows in types.$name',
    async ({ name, rowCount }) => {
      expect(await firstValue(`SELECT COUNT(*) AS n FROM types.${bracket(name)}`)).toBe(rowCount);
    },
  );

  it('allows SNAPSHOT', async () => {
    const state = await firstValue("SELECT snapshot_isolation_state FROM sys.databases WHERE name = 'practice'");
    expect(state).toBe(1);
  });

  it('lets the reader read and nothing else', async () => {
    const reader = await connect(server.reader);
    try {
      await expect(reader.request().query('SELECT COUNT(*) AS n FROM dbo.region')).resolves.toBeDefined();
      await expect(reader.request().query('DELETE FROM dbo.region')).rejects.toMatchObject({ number: 229 });
    } finally {
      await reader.close();
    }
  });

  it('lets a user of the domain and the bearer of a token read', async () => {
    const { domain, user, password } = server.domainReader;
    for (const authentication of [
      { type: 'ntlm', options: { domain, userName: user, password } },
      { type: 'azure-active-directory-access-token', options: { token: server.entraToken } },
    ] as const) {
      const reader = await connect({ authentication });
      try {
        await expect(reader.request().query('SELECT COUNT(*) AS n FROM dbo.region')).resolves.toBeDefined();
        await expect(reader.request().query('DELETE FROM dbo.region')).rejects.toMatchObject({ number: 229 });
      } finally {
        await reader.close();
      }
    }
  });

  it('refuses a wrong password, a login without a user here, and a client that does not know the authority', async () => {
    const { user, stranger } = server;
    await expect(connect({ user, password: 'wrong' })).rejects.toThrow(`Login failed for user '${user}'.`);
    await expect(connect(stranger)).rejects.toThrow(`Login failed for user '${stranger.user}'.`);
    await expect(connect(server, { cryptoCredentialsDetails: {} })).rejects.toThrow(/certificate/);
  });

  it('fails on purpose, and tells that it did', async () => {
    const rule = { target: 'sqlserver', where: { sql: 'SELECT 42*' }, fault: { kind: 'deadlock' } } as const;
    sandbox.setFaults({ seed: 1, rules: [rule] });
    await expect(firstValue('SELECT 42 AS n')).rejects.toMatchObject({ number: 1205 });
    sandbox.setFaults(NO_FAULTS);
    expect(await firstValue('SELECT 42 AS n')).toBe(42);
    expect(sandbox.firedFaults().map(({ target }) => target)).toEqual(['sqlserver']);
  });
});
