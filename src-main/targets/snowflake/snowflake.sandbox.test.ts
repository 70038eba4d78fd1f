import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import type { LedgerRow, LoadRequest, Target } from '../target.ts';
import { connect, type Session } from './connect.ts';
import { execute } from './execute.ts';
import { createSnowflakeTarget } from './snowflake-target.ts';
import { startFaultyProxy } from './testing/faulty-proxy.ts';

interface Practice {
  snowflake: {
    accessUrl: string;
    account: string;
    user: string;
    password: string;
    database: string;
    schema: string;
    warehouse: string;
    role: string;
    stage: string;
    token: string;
    privateKey: string;
  };
}

let sandbox: ChildProcess;
let practice: Practice['snowflake'];
let session: Session;
let target: Target;
let folder: string;
const signal = new AbortController().signal;
const ledger = { database: 'SNOWFERRY_TEST', schema: 'LEDGER' };
const stage = { database: '', schema: '', name: 'LOADS' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snowferry-wire-'));
  sandbox = spawn(process.execPath, ['--import', 'tsx', 'src-sandbox/main.ts', '--scale', '0.001'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  practice = await new Promise<Practice['snowflake']>((resolve, reject) => {
    sandbox.once('exit', (code) => reject(new Error(`The practice environment ended with ${code ?? 'a signal'}.`)));
    createInterface({ input: sandbox.stdout! }).once('line', (line) =>
      resolve((JSON.parse(line) as Practice).snowflake),
    );
  });
  session = await connect({ settings: settings(), secrets: password(), signal });
  target = createSnowflakeTarget({ settings: settings(), secrets: password() });
  stage.database = practice.database;
  stage.schema = practice.schema;
  await run(`CREATE STAGE ${place('LOADS')}`);
  await target.ensureLedger(ledger, { signal });
});

afterAll(async () => {
  await target?.close();
  await session?.close();
  sandbox.stdin?.end();
  await new Promise((resolve) => (sandbox.exitCode === null ? sandbox.once('exit', resolve) : resolve(null)));
  await rm(folder, { recursive: true });
});

function settings(changes: Partial<SnowflakeSettings> = {}): SnowflakeSettings {
  return {
    account: practice.account,
    user: practice.user,
    auth: { kind: 'password', passcode: '' },
    role: practice.role,
    warehouse: practice.warehouse,
    accessUrl: practice.accessUrl,
    proxy: { host: '', port: null, user: '' },
    ...changes,
  };
}

const password = (): Secrets => ({ 'snowflake.password': practice.password });
const place = (name: string) => `"${practice.database}"."${practice.schema}"."${name}"`;
const run = (sql: string) => execute(session, { sql, signal });

/** Writes Parquet files of `rows` each, from 1 up, and puts them on the stage. */
async function stageFiles(path: string, counts: number[]): Promise<string[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const files: string[] = [];
  let first = 1;
  for (const [index, rows] of counts.entries()) {
    const name = `${path.replaceAll('/', '-')}${index}.parquet`;
    const select = `SELECT i::BIGINT AS c1, CASE WHEN i % 5 = 0 THEN NULL ELSE 'näme ' || i END AS c2 FROM range(${first}, ${first + rows}) t(i)`;
    await connection.run(`COPY (${select}) TO '${join(folder, name)}' (FORMAT PARQUET)`);
    files.push(name);
    first += rows;
  }
  connection.closeSync();
  const pattern = join(folder, `${path.replaceAll('/', '-')}*.parquet`);
  await run(`PUT 'file://${pattern}' @${place('LOADS')}/${path} AUTO_COMPRESS = FALSE`);
  return files;
}

async function request(counts: number[], changes: Partial<LoadRequest> = {}): Promise<LoadRequest> {
  const name = `T_${randomUUID().replaceAll('-', '_').toUpperCase()}`;
  const partitionId = name;
  const path = `run/${name}/`;
  await run(`CREATE TABLE ${place(name)} ("ID" NUMBER(38,0), "na me" VARCHAR(20))`);
  const row: LedgerRow = {
    runId: 'wire',
    tableId: 't',
    partitionId,
    targetTable: name,
    attemptId: null,
    state: 'PLANNED',
    expectedRows: null,
    loadedRows: null,
    fileDigest: null,
  };
  await target.registerPartitions({ ledger, rows: [row, row] }, { signal });
  return {
    table: { database: practice.database, schema: practice.schema, name },
    columns: [
      { targetName: 'ID', loadExpression: '$1:c1::NUMBER(38,0)' },
      { targetName: 'na me', loadExpression: '$1:c2::VARCHAR' },
    ],
    stage,
    path,
    files: counts.length > 0 ? await stageFiles(path, counts) : [],
    ledger,
    runId: 'wire',
    tableId: 't',
    partitionId,
    attemptId: randomUUID(),
    expectedRows: counts.reduce((sum, count) => sum + count, 0),
    fileDigest: 'digest',
    deletePredicate: null,
    ...changes,
  };
}

const stateOf = async ({ partitionId }: LoadRequest) =>
  (await target.readLedger({ ledger, runId: 'wire' }, { signal })).find((row) => row.partitionId === partitionId);

describe('logging in', () => {
  it.each<[string, () => Partial<SnowflakeSettings>, () => Secrets]>([
    ['a password', () => ({}), password],
    [
      'a key pair',
      () => ({ auth: { kind: 'key-pair', keyFile: '' } }),
      () => ({ 'snowflake.privateKey': practice.privateKey }),
    ],
    [
      'a programmatic access token',
      () => ({ auth: { kind: 'access-token' } }),
      () => ({ 'snowflake.token': practice.token }),
    ],
  ])('works with %s', async (_, changes, secrets) => {
    const opened = await connect({ settings: settings(changes()), secrets: secrets(), signal });
    const { rows } = await execute(opened, {
      sql: 'SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE()',
      signal,
    });
    expect(rows).toEqual([[practice.user, practice.role, practice.warehouse]]);
    await opened.close();
  });

  it.each<[string, Partial<SnowflakeSettings>, Secrets, string]>([
    ['a wrong password', {}, { 'snowflake.password': 'not the password' }, 'LOGIN_FAILED'],
    ['a wrong token', { auth: { kind: 'access-token' } }, { 'snowflake.token': 'not-the-token' }, 'TOKEN_INVALID'],
    ['an unknown user', { user: 'NOBODY' }, { 'snowflake.password': 'not the password' }, 'LOGIN_FAILED'],
  ])('is refused with %s', async (_, changes, secrets, code) => {
    await expect(connect({ settings: settings(changes), secrets, signal })).rejects.toMatchObject({ code });
  });

  it('is refused with a role that is not granted', async () => {
    await expect(
      connect({ settings: settings({ role: 'NO_SUCH_ROLE' }), secrets: password(), signal }),
    ).rejects.toMatchObject({ code: 'ROLE_NOT_GRANTED' });
  });

  it('reports the account and its rights', async () => {
    const report = await target.test(
      { database: practice.database, schemas: [practice.schema], stage, ledger },
      { signal },
    );
    expect(report.user).toBe(practice.user);
    expect(report.rights.filter(({ state }) => state !== 'passed')).toEqual([]);
  });
});

describe('loading a partition', () => {
  it('loads every row once, NULLs and text as they are', async () => {
    const load = await request([3, 4]);
    expect(await target.loadPartition(load, { signal })).toMatchObject({ kind: 'loaded', loadedRows: 7 });
    const { rows } = await run(`SELECT "ID", "na me" FROM ${place(load.table.name)} ORDER BY "ID"`);
    expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => [String(id), id === 5 ? null : `näme ${id}`]));
    expect(await stateOf(load)).toMatchObject({ state: 'LOADED', loadedRows: 7, attemptId: load.attemptId });
    expect(await target.loadPartition({ ...load, attemptId: randomUUID() }, { signal })).toEqual({
      kind: 'already-loaded',
      loadedRows: 7,
    });
    expect(await target.countRows(load.table, { signal })).toBe(7);
  });

  it('loads more than 1,000 files in one transaction', async () => {
    const load = await request(Array.from({ length: 1001 }, () => 1));
    expect(await target.loadPartition(load, { signal })).toMatchObject({ kind: 'loaded', loadedRows: 1001 });
  }, 300_000);

  it.each<[string, Partial<LoadRequest>, string]>([
    ['the manifest promised more rows', { expectedRows: 8 }, 'LOAD_COUNT_MISMATCH'],
    [
      'text is longer than the column',
      { columns: [{ targetName: 'na me', loadExpression: "'x' || $1:c2::VARCHAR || '0123456789012345'" }] },
      'LOAD_REFUSED',
    ],
  ])('leaves nothing behind when %s', async (_, changes, code) => {
    const load = await request([3, 4], changes);
    await expect(target.loadPartition(load, { signal })).rejects.toMatchObject({ code });
    expect(await target.countRows(load.table, { signal })).toBe(0);
    expect(await stateOf(load)).toMatchObject({ state: 'PLANNED' });
  });

  it('leaves nothing behind when a file is missing', async () => {
    const load = await request([3]);
    const broken = { ...load, files: [...load.files, 'gone.parquet'] };
    await expect(target.loadPartition(broken, { signal })).rejects.toMatchObject({ code: 'S3_OBJECT_MISSING' });
    expect(await target.countRows(load.table, { signal })).toBe(0);
  });

  it('loads a partition once when two loads race', async () => {
    const load = await request([3]);
    const results = await Promise.allSettled([
      target.loadPartition(load, { signal }),
      target.loadPartition({ ...load, attemptId: randomUUID() }, { signal }),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await target.countRows(load.table, { signal })).toBe(3);
  });

  it('settles a COMMIT whose answer was lost by the ledger', async () => {
    const proxy = await startFaultyProxy(practice.accessUrl);
    const behindProxy = createSnowflakeTarget({ settings: settings({ accessUrl: proxy.url }), secrets: password() });
    try {
      const load = await request([3]);
      proxy.loseAnswerTo(/^COMMIT$/);
      expect(await behindProxy.loadPartition(load, { signal })).toMatchObject({ kind: 'loaded', loadedRows: 3 });
      expect(await target.countRows(load.table, { signal })).toBe(3);
    } finally {
      await behindProxy.close();
      await proxy.close();
    }
  });

  it('rolls an orphaned transaction back', async () => {
    const load = await request([3]);
    const lost = await connect({ settings: settings(), secrets: password(), signal });
    await execute(lost, { sql: 'BEGIN TRANSACTION', signal });
    await execute(lost, { sql: `INSERT INTO ${place(load.table.name)} VALUES (1, 'x')`, signal });
    expect(await target.abortOrphans({ sessionIds: [lost.id] }, { signal })).toBe(1);
    expect(await target.abortOrphans({ sessionIds: [lost.id] }, { signal })).toBe(0);
    await lost.close();
    expect(await target.countRows(load.table, { signal })).toBe(0);
  });
});

describe('the catalog', () => {
  it('describes tables with hostile names and all types as they were created', async () => {
    const table = { database: practice.database, schema: practice.schema, name: 'it\'s a "table" ü' };
    const types = [
      'NUMBER(38,0)',
      'NUMBER(12,2)',
      'FLOAT',
      'VARCHAR(25)',
      'BINARY(8)',
      'BOOLEAN',
      'DATE',
      'TIME(6)',
      'TIMESTAMP_NTZ(6)',
      'TIMESTAMP_TZ(9)',
      'VARIANT',
      'GEOMETRY',
      'GEOGRAPHY',
    ];
    const columns = types.map((dataType, index) => ({ name: `c "${index}"`, dataType, nullable: index > 0 }));
    await target.runDdl(target.dialect.createTable({ table, columns, primaryKey: ['c "0"'], comment: null }), {
      signal,
    });
    const [described, missing] = await target.describeTables([table, { ...table, name: 'nowhere' }], { signal });
    expect(described?.columns.map(({ name, dataType, nullable }) => ({ name, dataType, nullable }))).toEqual(columns);
    expect(missing).toBeNull();
    expect(await target.countManyRows([table, { ...table, name: 'nowhere' }], { signal })).toEqual([0, null]);
  });

  it('lists what can be chosen', async () => {
    const names = async (what: Parameters<Target['list']>[0]) =>
      (await target.list(what, { signal })).map(({ name }) => name);
    expect(await names({ what: 'databases' })).toContain(practice.database);
    expect(await names({ what: 'schemas', database: practice.database })).toContain(practice.schema);
    expect(await names({ what: 'warehouses' })).toContain(practice.warehouse);
    expect(await names({ what: 'roles' })).toContain(practice.role);
    expect(await names({ what: 'stages', database: practice.database, schema: practice.schema })).toContain('LOADS');
  });
});

describe('the internal stage', () => {
  const internal = { ...ledger, name: 'SNOWFERRY_STAGE' };

  it('is made once, and an external one of its name is refused', async () => {
    await target.ensureInternalStage(internal, { signal });
    await target.ensureInternalStage(internal, { signal });
    const external = { database: practice.database, schema: practice.schema, name: practice.stage };
    await expect(target.ensureInternalStage(external, { signal })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('takes a file under its own name, byte for byte, from a folder with a difficult name', async () => {
    await target.ensureInternalStage(internal, { signal });
    const hard = join(folder, "it's a % [folder] & ü");
    await mkdir(hard);
    const localPath = join(hard, 'part-00000.parquet');
    const content = randomBytes(300_001);
    await writeFile(localPath, content);
    const request = { stage: internal, path: 'run/table/p0/attempt/', localPath, bytes: content.length };
    await target.putFile(request, { signal });
    await target.putFile(request, { signal });
    expect(await target.listStaged({ stage: internal, path: 'run/table/' }, { signal })).toEqual([
      { path: 'run/table/p0/attempt/part-00000.parquet', bytes: content.length },
    ]);
    await target.removeStaged({ stage: internal, path: 'run/table/p0/attempt/' }, { signal });
    expect(await target.listStaged({ stage: internal, path: 'run/table/' }, { signal })).toEqual([]);
  });

  it('says which file is missing here', async () => {
    await target.ensureInternalStage(internal, { signal });
    const request = { stage: internal, path: 'x/', localPath: join(folder, 'nothing.parquet'), bytes: 1 };
    await expect(target.putFile(request, { signal })).rejects.toMatchObject({ code: 'UPLOAD_FAILED' });
  });
});
