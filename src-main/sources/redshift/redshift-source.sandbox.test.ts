import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toErrorValue } from '#shared/errors/app-error';
import type { RedshiftSettings, Secrets } from '#shared/model/connection-settings';
import type { TableRef } from '#shared/model/table';
import { startSandboxProcess, type SandboxProcess } from '../../lib/testing/sandbox-process.ts';
import type { Source, UnloadRequest } from '../source.ts';
import { createRedshiftSource } from './redshift-source.ts';

const SCHEMA = 'source_test';
const HOSTILE = `Mixed; "Case' -- \\ 表`;
const { signal } = new AbortController();
let sandbox: SandboxProcess;
let admin: pg.Client;
let source: Source;
const opened: Source[] = [];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--source', 'redshift', '--scale', '0.001', '--schemas', 'types']);
  const { host, port, database, user, password } = sandbox.description.redshift;
  admin = new pg.Client({ host, port, database, user, password });
  await admin.connect();
  for (const statement of SETUP) await admin.query(statement);
  source = open();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await admin.end();
  await sandbox.stop();
});

const SETUP = [
  `CREATE SCHEMA ${SCHEMA}`,
  `CREATE TABLE ${SCHEMA}.orders (id BIGINT IDENTITY(1,1), k INT NOT NULL SORTKEY, note VARCHAR(50) DEFAULT 'none', placed DATE, total NUMERIC(38,10), code CHAR(5), PRIMARY KEY (k), UNIQUE (note, placed)) DISTKEY(k)`,
  `INSERT INTO ${SCHEMA}.orders (k, note, placed, total, code) VALUES (1, 'it''s', '2020-01-01', 1.5, 'ab'), (2, NULL, NULL, NULL, NULL), (3, 'x', '1999-12-31', -2, 'abcde')`,
  `CREATE TABLE ${SCHEMA}.empty (k INT)`,
  `CREATE TABLE ${SCHEMA}.far (d DATE, t TIMESTAMP, z TIMESTAMPTZ)`,
  `INSERT INTO ${SCHEMA}.far VALUES ('12345-01-01', '0044-03-15 12:00:00 BC', '2020-01-01 00:00:00+00'), ('2020-01-01', '2020-01-01', NULL), ('0044-03-15 BC', NULL, NULL)`,
  `CREATE VIEW ${SCHEMA}.plain_view AS SELECT k, note FROM ${SCHEMA}.orders`,
  `CREATE TABLE ${SCHEMA}.hundred (k INT)`,
  `INSERT INTO ${SCHEMA}.hundred SELECT a.k + 3 * b.k + 9 * c.k + 27 * d.k - 40 FROM ${SCHEMA}.orders a, ${SCHEMA}.orders b, ${SCHEMA}.orders c, ${SCHEMA}.orders d`,
  `CREATE VIEW ${SCHEMA}.slow AS SELECT a.k FROM ${SCHEMA}.hundred a, ${SCHEMA}.hundred b, ${SCHEMA}.hundred c, ${SCHEMA}.hundred d, ${SCHEMA}.hundred e`,
  'SET enable_case_sensitive_identifier TO true',
  `CREATE TABLE ${SCHEMA}."${HOSTILE.replaceAll('"', '""')}" ("Col""A" INT, "sel\\ect; --" VARCHAR(20))`,
  `INSERT INTO ${SCHEMA}."${HOSTILE.replaceAll('"', '""')}" VALUES (1, 'one')`,
  'RESET enable_case_sensitive_identifier',
];

interface Patch {
  settings?: Partial<RedshiftSettings>;
  secrets?: Secrets;
  connectTimeoutMs?: number;
}

function open(patch: Patch = {}): Source {
  const { host, port, database, user, password, caFile } = sandbox.description.redshift;
  const settings: RedshiftSettings = {
    kind: 'redshift',
    host,
    port,
    database,
    auth: { kind: 'password', user },
    tls: { mode: 'verify-full', caFile },
    ...patch.settings,
  };
  const made = createRedshiftSource({
    settings,
    secrets: patch.secrets ?? { 'source.password': password },
    connectTimeoutMs: patch.connectTimeoutMs ?? 5_000,
  });
  opened.push(made);
  return made;
}

function table(name: string): TableRef {
  return { database: sandbox.description.redshift.database, schema: SCHEMA, name };
}

function unloadRequest(name: string, patch: Partial<UnloadRequest> = {}): UnloadRequest {
  const { s3 } = sandbox.description;
  return {
    select: { table: table(name), columns: [{ expression: '"k"', alias: 'c1' }], conditions: [] },
    uri: `s3://${s3.bucket}/source-test/${crypto.randomUUID()}/`,
    iamRole: s3.iamRoleArn,
    region: s3.region,
    encryption: { kind: 'none' },
    maxFileSizeMb: 256,
    ...patch,
  };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );
}

/** Statements about the slow view that the server works on. */
async function activeStatements(): Promise<number> {
  const { rows } = await admin.query<{ n: string }>(
    `SELECT COUNT(*) AS n FROM pg_stat_activity WHERE query LIKE '%"slow"%' AND state = 'active' AND pid <> pg_backend_pid()`,
  );
  return Number(rows[0]?.n);
}

describe('logging in', () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  it('reports what was reached', async () => {
    const report = await source.test({ signal });
    const { user } = sandbox.description.redshift;
    expect(report).toMatchObject({ server: 'Amazon Redshift', user, warnings: [] });
    expect(report.version).toMatch(/^1\.0\.\d+$/);
    expect(report.facts.find(({ label }) => label === 'Encryption')?.value).toMatch(/^TLSv1\.[23], /);
    expect(report.rights.map(({ id, state }) => [id, state])).toEqual([
      ['schemas', 'passed'],
      ['tables', 'passed'],
      ['estimates', 'passed'],
      ['unload', 'skipped'],
    ]);
  });

  it.each([
    [
      'a wrong password',
      () => ({ secrets: { 'source.password': 'wr0ng-s3cret-value' } }),
      'LOGIN_FAILED',
      'source.auth.password',
    ],
    [
      'a wrong user',
      () => ({ settings: { auth: { kind: 'password' as const, user: 'nobody' } } }),
      'LOGIN_FAILED',
      'source.auth.password',
    ],
    ['a wrong database', () => ({ settings: { database: 'no_such_db' } }), 'DATABASE_NOT_FOUND', 'source.database'],
    [
      'a CA that is not trusted',
      () => ({ settings: { tls: { mode: 'verify-full' as const, caFile: '' } } }),
      'TLS_NOT_TRUSTED',
      'source.tls.caFile',
    ],
    [
      'a CA file that is missing',
      () => ({ settings: { tls: { mode: 'verify-ca' as const, caFile: '/no/such/file.pem' } } }),
      'FILE_NOT_READABLE',
      'source.tls.caFile',
    ],
    ['a port where nothing listens', () => ({ settings: { port: 1 } }), 'CONNECTION_REFUSED', 'source.host'],
    [
      'a host that does not exist',
      () => ({ settings: { host: 'no-such-host.invalid' } }),
      'HOST_NOT_FOUND',
      'source.host',
    ],
    [
      'another kind of server',
      () => ({ settings: { port: Number(new URL(sandbox.description.s3.endpoint).port) } }),
      'NOT_A_SOURCE',
      'source.port',
    ],
    ['a password that is not stored', () => ({ secrets: {} }), 'SECRET_MISSING', 'source.auth.password'],
  ])('says what is wrong with %s', async (_what, patch, code, field) => {
    const failure = await failureOf(open(patch()).test({ signal }));
    expect(failure).toMatchObject({ code, field });
    expect(toErrorValue(failure).message).not.toMatch(/unknown|undefined|\{\w+\}/);
    expect(JSON.stringify(toErrorValue(failure))).not.toContain('wr0ng-s3cret-value');
  });

  it('names subject and issuer of a certificate that is not trusted', async () => {
    const failure = await failureOf(open({ settings: { tls: { mode: 'verify-full', caFile: '' } } }).test({ signal }));
    expect(failure).toMatchObject({
      facts: { subject: expect.stringContaining('CN=') as string, issuer: expect.stringContaining('CN=') as string },
    });
  });

  it('gives up on a server that never answers', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(
      open({ settings: { host: '127.0.0.1', port }, connectTimeoutMs: 500 }).test({ signal }),
    );
    expect(failure).toMatchObject({ code: 'CONNECTION_TIMED_OUT', facts: { port, seconds: 1 } });
  });

  it('says that a server without TLS has none', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.write('N')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(open({ settings: { host: '127.0.0.1', port } }).test({ signal }));
    expect(failure).toMatchObject({ code: 'TLS_NOT_SUPPORTED', field: 'source.tls.mode' });
  });

  it('warns of a connection that is not encrypted, or not verified', async () => {
    const plain = await open({ settings: { tls: { mode: 'disable', caFile: '' } } }).test({ signal });
    expect(plain.warnings).toEqual([expect.stringContaining('not encrypted')]);
    const unverified = await open({ settings: { tls: { mode: 'require', caFile: '' } } }).test({ signal });
    expect(unverified.warnings).toEqual([expect.stringContaining('identity is not verified')]);
  });

  it('stops waiting for a login when cancelled', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    const controller = new AbortController();
    server.once('connection', () => controller.abort());
    const work = open({ settings: { host: '127.0.0.1', port } }).test({ signal: controller.signal });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('logs in with temporary credentials of a cluster and of a workgroup', async () => {
    const { redshift, aws } = sandbox.description;
    const common = {
      region: redshift.region,
      credentials: { kind: 'keys' as const, accessKeyId: aws.users.database.accessKeyId },
      apiEndpoint: aws.endpoint,
    };
    const secrets = { 'source.awsSecretAccessKey': aws.users.database.secretAccessKey };
    const cluster = open({
      secrets,
      settings: {
        auth: { kind: 'iam-cluster', clusterId: redshift.clusterIdentifier, dbUser: redshift.user, ...common },
      },
    });
    expect((await cluster.test({ signal })).server).toBe('Amazon Redshift');
    const missing = open({
      secrets,
      settings: { auth: { kind: 'iam-cluster', clusterId: 'no-such-cluster', dbUser: redshift.user, ...common } },
    });
    expect(await failureOf(missing.test({ signal }))).toMatchObject({ code: 'AWS_CLUSTER_NOT_FOUND' });
    const wrong = open({
      secrets: { 'source.awsSecretAccessKey': 'wr0ng' },
      settings: {
        auth: { kind: 'iam-cluster', clusterId: redshift.clusterIdentifier, dbUser: redshift.user, ...common },
      },
    });
    expect(await failureOf(wrong.test({ signal }))).toMatchObject({ code: 'AWS_CREDENTIALS_INVALID' });
    const serverless = open({
      secrets,
      settings: { auth: { kind: 'iam-serverless', workgroup: redshift.workgroupName, ...common } },
    });
    expect((await serverless.test({ signal })).server).toBe('Amazon Redshift');
  });
});

describe('the catalog', () => {
  it('lists databases and tables with estimates, in order', async () => {
    expect(await source.listDatabases({ signal })).toContain(sandbox.description.redshift.database);
    const own = (await source.listTables({ signal })).filter(({ ref }) => ref.schema === SCHEMA);
    expect(own.map(({ ref, kind }) => [ref.name, kind])).toEqual([
      [HOSTILE, 'table'],
      ['empty', 'table'],
      ['far', 'table'],
      ['hundred', 'table'],
      ['orders', 'table'],
      ['plain_view', 'view'],
      ['slow', 'view'],
    ]);
    const orders = own.find(({ ref }) => ref.name === 'orders');
    expect(orders).toMatchObject({ ref: table('orders'), rowEstimate: 3, columnCount: 6, careTypes: [] });
    expect(orders?.byteEstimate).toBeGreaterThan(0);
    expect(own.find(({ ref }) => ref.name === 'empty')).toMatchObject({ rowEstimate: 0 });
    expect(own.find(({ ref }) => ref.name === 'plain_view')).toMatchObject({ rowEstimate: null, columnCount: 2 });
  });

  it('describes columns and keys', async () => {
    const [orders, missing, hostile] = await source.describeTables(
      [table('orders'), table('nothing'), table(HOSTILE)],
      { signal },
    );
    expect(missing).toBeNull();
    expect(orders).toMatchObject({
      kind: 'table',
      rowEstimate: 3,
      primaryKey: ['k'],
      uniqueKeys: [['note', 'placed']],
      partitionKeys: ['k'],
    });
    expect(
      orders?.columns.map(({ name, nativeType, nullable, isIdentity }) => [name, nativeType, nullable, isIdentity]),
    ).toEqual([
      ['id', 'bigint', false, true],
      ['k', 'integer', false, false],
      ['note', 'varchar(50)', true, false],
      ['placed', 'date', true, false],
      ['total', 'numeric(38,10)', true, false],
      ['code', 'char(5)', true, false],
    ]);
    expect(orders?.columns[2]?.defaultExpression).toContain("'none'");
    expect(hostile?.columns.map(({ name }) => name)).toEqual(['Col"A', 'sel\\ect; --']);
  });

  it('describes every table of the schema with all types, and knows every type in it', async () => {
    const tables = (await source.listTables({ signal }))
      .filter(({ ref }) => ref.schema === 'types')
      .map(({ ref }) => ref);
    expect(tables.length).toBeGreaterThan(0);
    const descriptions = await source.describeTables(tables, { signal });
    const columns = descriptions.flatMap((description) => description?.columns ?? []);
    const unknown = columns.filter((column) => column.type.kind === 'unsupported' && column.nativeType !== 'hllsketch');
    expect(unknown).toEqual([]);
  });

  it('shows a user only what that user may read', async () => {
    const { reader } = sandbox.description.redshift;
    await admin.query(`CREATE USER source_test_guest PASSWORD 'Guest12345'`);
    const guest = open({
      settings: { auth: { kind: 'password', user: 'source_test_guest' } },
      secrets: { 'source.password': 'Guest12345' },
    });
    expect((await guest.listTables({ signal })).filter(({ ref }) => ref.schema === SCHEMA)).toEqual([]);
    expect(await failureOf(guest.countRows({ table: table('orders'), where: null }, { signal }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    const report = await open({
      settings: { auth: { kind: 'password', user: reader.user } },
      secrets: { 'source.password': reader.password },
    }).test({ signal });
    expect(report.rights.find(({ id }) => id === 'tables')?.state).toBe('passed');
  });
});

describe('reading', () => {
  it('counts, with a condition of the user', async () => {
    expect(await source.countRows({ table: table('orders'), where: null }, { signal })).toBe(3);
    expect(await source.countRows({ table: table('orders'), where: "note = 'it''s' -- only one" }, { signal })).toBe(1);
    expect(await source.countRows({ table: table(HOSTILE), where: null }, { signal })).toBe(1);
  });

  it('refuses a condition that reaches out of its place', async () => {
    const work = source.countRows(
      { table: table('orders'), where: `1=1); DROP TABLE ${SCHEMA}.empty; --` },
      { signal },
    );
    expect(await failureOf(work)).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('previews rows as text', async () => {
    const preview = await source.previewRows({ table: table('orders'), limit: 2, maxLength: 3 }, { signal });
    expect(preview.columns).toEqual(['id', 'k', 'note', 'placed', 'total', 'code']);
    expect(preview.rows).toHaveLength(2);
    expect(preview.rows.flat().every((value) => value === null || value.length <= 3)).toBe(true);
  });

  it('cuts a column into equal parts', async () => {
    const boundaries = await source.quantiles(
      { table: table('hundred'), columns: ['k'], count: 4, where: null },
      { signal },
    );
    expect(boundaries).toHaveLength(3);
    const ranges = source.dialect.rangePredicates([{ name: 'k', nullable: true }], boundaries);
    const counts = await Promise.all(
      ranges.map(({ predicate }) => source.countRows({ table: table('hundred'), where: predicate }, { signal })),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(81);
    expect(Math.max(...counts)).toBeLessThanOrEqual(22);
    expect(
      await source.quantiles({ table: table('empty'), columns: ['k'], count: 4, where: null }, { signal }),
    ).toEqual([]);
  });

  it('finds dates and timestamps that Snowflake does not hold', async () => {
    const [far] = await source.describeTables([table('far')], { signal });
    const columns = (far?.columns ?? []).flatMap((column) => {
      const carry = source.dialect.carry(column, 'unload');
      return carry.kind === 'carried' && carry.risk !== null ? [{ ...column, risk: carry.risk }] : [];
    });
    const risks = await source.profileValues({ table: table('far'), where: null, columns }, { signal });
    expect(risks.map(({ column, risk, count }) => [column, risk, count])).toEqual([
      ['d', 'date-range', 2],
      ['t', 'timestamp-range', 1],
    ]);
    expect(risks[1]?.example).toContain('BC');
  });

  it('names the table that does not exist', async () => {
    const failure = await failureOf(source.countRows({ table: table('nothing'), where: null }, { signal }));
    expect(failure).toMatchObject({
      code: 'SOURCE_TABLE_NOT_FOUND',
      facts: { table: expect.stringContaining('source_test.nothing') as string },
    });
  });

  it('serves thirty-two callers at once', async () => {
    const counts = await Promise.all(
      Array.from({ length: 32 }, () => source.countRows({ table: table('orders'), where: null }, { signal })),
    );
    expect(counts).toEqual(Array.from({ length: 32 }, () => 3));
  });
});

describe('cancelling', () => {
  it('ends the statement at the server, and the source stays usable', async () => {
    const controller = new AbortController();
    const work = failureOf(source.countRows({ table: table('slow'), where: null }, { signal: controller.signal }));
    await expect.poll(activeStatements, { timeout: 10_000 }).toBe(1);
    controller.abort();
    expect(await work).toMatchObject({ name: 'AbortError' });
    await expect.poll(activeStatements, { timeout: 10_000 }).toBe(0);
    expect(await source.countRows({ table: table('orders'), where: null }, { signal })).toBe(3);
  });
});

describe('unloading', () => {
  it('answers with counts that agree', async () => {
    const outcome = await source.unload?.(unloadRequest('orders'), { signal });
    expect(outcome).toMatchObject({
      sourceRows: 3,
      unloadedRows: 3,
      queryId: expect.stringMatching(/^\d+$/) as string,
    });
    expect(await source.unload?.(unloadRequest('empty'), { signal })).toMatchObject({ sourceRows: 0, unloadedRows: 0 });
  });

  it('unloads a table with hostile names, by a role chain and the default role too', async () => {
    const { aws } = sandbox.description;
    const select = {
      table: table(HOSTILE),
      columns: ['Col"A', 'sel\\ect; --'].map((name, index) => ({
        expression: source.dialect.quoteIdentifier(name),
        alias: `c${index + 1}`,
      })),
      conditions: [`"Col""A" = 1 -- it's`],
    };
    for (const iamRole of ['default', aws.roles.chain]) {
      expect(await source.unload?.(unloadRequest('x', { select, iamRole }), { signal })).toMatchObject({
        sourceRows: 1,
        unloadedRows: 1,
      });
    }
  });

  it.each(['bucket-default', 'kms'] as const)('unloads with the encryption %s', async (kind) => {
    const { aws } = sandbox.description;
    const encryption = kind === 'kms' ? { kind, keyId: aws.kmsKeyArn } : { kind };
    expect(
      await source.unload?.(unloadRequest('orders', { encryption, iamRole: aws.roles.unloadKms }), { signal }),
    ).toMatchObject({ unloadedRows: 3 });
  });

  it.each([
    ['a role that may not put objects', () => ({ iamRole: sandbox.description.aws.roles.noPut }), 'UNLOAD_S3_DENIED'],
    [
      'a role that is not associated',
      () => ({ iamRole: sandbox.description.aws.roles.notAssociated }),
      'UNLOAD_ROLE_REFUSED',
    ],
    [
      'a role that does not trust Redshift',
      () => ({ iamRole: sandbox.description.aws.roles.noTrust }),
      'UNLOAD_ROLE_REFUSED',
    ],
    [
      'a role that does not exist',
      () => ({ iamRole: sandbox.description.aws.roles.doesNotExist }),
      'UNLOAD_ROLE_REFUSED',
    ],
    ['a bucket that does not exist', () => ({ uri: 's3://no-such-bucket-here/a/' }), 'S3_BUCKET_NOT_FOUND'],
    ['the wrong region', () => ({ region: 'eu-west-1' }), 'UNLOAD_REGION'],
  ])('names the reason: %s', async (_what, patch, code) => {
    const failure = await failureOf(source.unload?.(unloadRequest('orders', patch()), { signal }) ?? Promise.resolve());
    expect(failure).toMatchObject({ code, statement: expect.stringContaining('UNLOAD (') as string });
  });

  it('does not write where something is', async () => {
    const request = unloadRequest('orders');
    await source.unload?.(request, { signal });
    expect(await failureOf(source.unload?.(request, { signal }) ?? Promise.resolve())).toMatchObject({
      code: 'S3_PATH_NOT_EMPTY',
    });
  });

  it('names a type that Parquet does not carry', async () => {
    const select = {
      table: table('orders'),
      columns: [{ expression: "TO_VARBYTE('61', 'hex')", alias: 'c1' }],
      conditions: [],
    };
    expect(
      await failureOf(source.unload?.(unloadRequest('orders', { select }), { signal }) ?? Promise.resolve()),
    ).toMatchObject({ code: 'UNLOAD_TYPE_REFUSED' });
  });

  it('ends an UNLOAD at the server when cancelled', async () => {
    const controller = new AbortController();
    const columns = [{ expression: `(SELECT COUNT(*) FROM ${SCHEMA}."slow")`, alias: 'c1' }];
    const request = unloadRequest('orders', { select: { table: table('orders'), columns, conditions: [] } });
    const work = failureOf(source.unload?.(request, { signal: controller.signal }) ?? Promise.resolve());
    await expect.poll(activeStatements, { timeout: 10_000 }).toBe(1);
    controller.abort();
    expect(await work).toMatchObject({ name: 'AbortError' });
    await expect.poll(activeStatements, { timeout: 10_000 }).toBe(0);
    expect(await source.unload?.(unloadRequest('orders'), { signal })).toMatchObject({ unloadedRows: 3 });
  });
});
