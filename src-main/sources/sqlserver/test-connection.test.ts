import { describe, expect, it } from 'vitest';
import { sqlServerSettingsSchema } from '#shared/model/connection-settings';
import { createFakeSession, type FakeCatalog } from './testing/fake-catalog.ts';
import { testConnection } from './test-connection.ts';

const { signal } = new AbortController();

type Answers = NonNullable<FakeCatalog['answers']>;

const MICROSOFT: Answers = [
  [/'ProductVersion'/, [['16.0.4105.2']]],
  [/'EngineEdition'/, [['3']]],
  [/'Edition'/, [['Enterprise Edition (64-bit)']]],
  [/@@VERSION/, [['Microsoft SQL Server 2022 (RTM)']]],
  [/ORIGINAL_LOGIN/, [['ann']]],
  [/SELECT DB_NAME\(\)/, [['shop']]],
  [/'Updateability'/, [['READ_WRITE']]],
  [/snapshot_isolation_state/, [['1', '0']]],
  [/HAS_PERMS_BY_NAME\(QUOTENAME/, [['7']]],
  [/COUNT\(\*\) FROM sys\.objects/, [['9']]],
  [/'VIEW DEFINITION'/, [['0']]],
  [/sys\.allocation_units/, [['12']]],
];

function report(answers: Answers, patch: object = {}) {
  const settings = sqlServerSettingsSchema.parse({
    kind: 'sqlserver',
    host: 'db',
    database: 'shop',
    auth: { kind: 'sql-login', user: 'ann' },
    ...patch,
  });
  const session = { ...createFakeSession({ views: {}, answers: [...answers, [/^SELECT 1$/, [['1']]]] }) };
  return testConnection({
    settings,
    open: () => Promise.resolve({ ...session, encryption: { protocol: 'TLSv1.2', cipher: 'AES' } }),
    signal,
  });
}

function factOf(found: Awaited<ReturnType<typeof report>>, label: string): string | undefined {
  return found.facts.find((fact) => fact.label === label)?.value;
}

describe('testConnection', () => {
  it('tells server, database, user, how it reads and what the user may do', async () => {
    const found = await report(MICROSOFT);
    expect(found).toMatchObject({ server: 'SQL Server 2022', version: '16.0.4105.2', user: 'ann', warnings: [] });
    expect(factOf(found, 'Edition')).toBe('Enterprise Edition (64-bit)');
    expect(factOf(found, 'Reads with')).toMatch(/^SNAPSHOT/);
    expect(found.rights.map(({ id, state, summary }) => [id, state, summary])).toEqual([
      ['tables', 'warning', 'SELECT on 7 of 9 visible tables and views.'],
      ['definitions', 'warning', expect.stringContaining('VIEW DEFINITION is missing')],
      ['estimates', 'passed', expect.stringContaining('sys.partitions')],
    ]);
  });

  it('warns of a database that does not allow SNAPSHOT', async () => {
    const found = await report([[/snapshot_isolation_state/, [['0', '0']]], ...MICROSOFT]);
    expect(factOf(found, 'Reads with')).toMatch(/^READ COMMITTED \(the database does not allow SNAPSHOT\)/);
    expect(found.warnings).toEqual([expect.stringContaining('ALLOW_SNAPSHOT_ISOLATION')]);
  });

  it('does not warn where READ COMMITTED reads versions of rows', async () => {
    const found = await report([[/snapshot_isolation_state/, [['0', '1']]], ...MICROSOFT]);
    expect(factOf(found, 'Reads with')).toMatch(/^READ COMMITTED with row versions/);
    expect(found.warnings).toEqual([]);
  });

  it('knows Azure SQL and read-only replicas', async () => {
    const found = await report([
      [/'EngineEdition'/, [['5']]],
      [/'Updateability'/, [['READ_ONLY']]],
      [/'ProductVersion'/, [['12.0.2000.8']]],
      [/snapshot_isolation_state/, [['0', '0']]],
      ...MICROSOFT,
    ]);
    expect(found.server).toBe('Azure SQL Database');
    expect(factOf(found, 'Replica or database')).toMatch(/^read-only/);
    expect(found.warnings).toEqual([]);
  });

  it('warns of an old version and of a server whose identity is not verified', async () => {
    const found = await report([[/'ProductVersion'/, [['12.0.6024.0']]], ...MICROSOFT], {
      trustServerCertificate: true,
    });
    expect(found.server).toBe('SQL Server 2014');
    expect(found.warnings).toEqual([
      expect.stringContaining('identity is not verified'),
      expect.stringContaining('SQL Server 2016'),
    ]);
  });

  it('answers for a server that only knows the standard catalog', async () => {
    const found = await report([[/@@VERSION/, [['Some T-SQL engine 1.0']]]]);
    expect(found).toMatchObject({
      server: 'A server that speaks T-SQL',
      version: 'Some T-SQL engine 1.0',
      user: 'ann',
    });
    expect(found.rights.map(({ state }) => state)).toEqual(['warning', 'warning', 'warning']);
  });
});
