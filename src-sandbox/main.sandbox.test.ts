import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runSnowflakeSql } from './run-snowflake-sql.ts';
import type { SandboxDescription } from './sandbox-description.ts';
import { TPCH_TABLES, tpchRowCounts } from './seed/tpch.ts';

type Run = {
  process: ChildProcess;
  description: SandboxDescription;
  ended: Promise<number | null>;
  stdout: () => string;
  stderr: () => string;
};

const runs: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
// PostgreSQL runs as another user under root.
chmodSync(directory, 0o711);

afterAll(() => {
  for (const child of runs) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function launch(args: string[], stdin: 'pipe' | 'ignore') {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src-sandbox/main.ts', ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
  });
  runs.push(child);
  const text = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, text, ended };
}

async function start(args: string[], stdin: 'pipe' | 'ignore' = 'ignore'): Promise<Run> {
  const { child, text, ended } = launch(args, stdin);
  let isOver = false;
  void ended.then(() => (isOver = true));
  await vi.waitFor(
    () => {
      if (isOver) throw new Error(text.err);
      expect(text.out).toContain('\n');
    },
    { timeout: 60_000, interval: 100 },
  );
  const description = JSON.parse(text.out) as SandboxDescription;
  return { process: child, description, ended, stdout: () => text.out, stderr: () => text.err };
}

function isAlive(processId: number): boolean {
  // A process that has ended but was not yet waited for by its new parent counts as gone.
  const status = existsSync(`/proc/${processId}/stat`) ? readFileSync(`/proc/${processId}/stat`, 'utf8') : '';
  if (status !== '') return !/^\d+ \(.*\) Z/.test(status);
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function portsOf({ redshift, s3, aws, snowflake }: SandboxDescription): number[] {
  const addresses = [s3?.endpoint, aws?.endpoint, snowflake.accessUrl].map((address) =>
    Number(new URL(address ?? '').port),
  );
  return [redshift?.port ?? 0, ...addresses];
}

async function expectGone(run: Run): Promise<void> {
  const { description } = run;
  await vi.waitFor(() => expect(Object.values(description.processIds).filter(isAlive)).toEqual([]), {
    timeout: 15_000,
    interval: 100,
  });
  await vi.waitFor(async () => expect(await Promise.all(portsOf(description).map(isListening))).not.toContain(true), {
    timeout: 10_000,
    interval: 100,
  });
}

describe('the sandbox', () => {
  let run: Run;
  const data = join(directory, 'data');

  beforeAll(async () => {
    run = await start(['--scale', '0.001', '--schemas', 'tpch,types', '--data-dir', data], 'pipe');
  });

  it('prints exactly one line on stdout', () => {
    expect(run.stdout().split('\n')).toEqual([JSON.stringify(run.description), '']);
  });

  it('has seeded TPC-H, and the schema of every type', async () => {
    const { host, port, database, user, password, caFile } = run.description.redshift as NonNullable<
      SandboxDescription['redshift']
    >;
    const client = new pg.Client({ host, port, database, user, password, ssl: { ca: readFileSync(caFile, 'utf8') } });
    await client.connect();
    const counts: Record<string, number> = {};
    for (const table of TPCH_TABLES) {
      const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM tpch.${table}`);
      counts[table] = Number(rows[0]?.n);
    }
    const { rows: types } = await client.query(
      "SELECT DISTINCT table_name FROM svv_tables WHERE table_schema = 'types'",
    );
    await client.end();
    expect(types.length).toBeGreaterThan(5);
    expect(counts).toEqual(tpchRowCounts(0.001));
  });

  it('carries a row from Redshift through the bucket to Snowflake', async () => {
    const { redshift, s3, snowflake } = run.description;
    if (!redshift || !s3) throw new Error('the sandbox described no Redshift or no S3');
    const client = new pg.Client({
      host: redshift.host,
      port: redshift.port,
      database: redshift.database,
      user: redshift.user,
      password: redshift.password,
    });
    await client.connect();
    await client.query(
      `UNLOAD ('SELECT r_regionkey AS c1, r_name AS c2 FROM tpch.region') TO 's3://${s3.bucket}/test/' IAM_ROLE '${s3.iamRoleArn}' FORMAT PARQUET MANIFEST VERBOSE`,
    );
    await client.end();
    const { accessUrl, account, role, warehouse, database, schema, stage } = snowflake;
    const table = `${database}.${schema}.R`;
    const [, , counted] = await runSnowflakeSql(
      { accessUrl, account, username: snowflake.user, password: snowflake.password, role, warehouse },
      [
        `CREATE TABLE ${table} (K INTEGER, N VARCHAR)`,
        `COPY INTO ${table} FROM (SELECT $1:c1::INTEGER, $1:c2::VARCHAR FROM @${database}.${schema}.${stage ?? ''}/test/) FILE_FORMAT = (TYPE = PARQUET) PATTERN = '.*[.]parquet'`,
        `SELECT COUNT(*) AS N FROM ${table}`,
      ],
    );
    expect(Number(counted?.[0]?.['N'])).toBe(5);
  });

  it('gives keys that read the bucket', async () => {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = run.description.s3 as NonNullable<
      SandboxDescription['s3']
    >;
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'test/' }));
    const manifest = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'test/manifest' }));
    expect(listed.Contents?.length).toBeGreaterThan(1);
    expect(JSON.parse((await manifest.Body?.transformToString()) ?? '')).toMatchObject({ meta: { record_count: 5 } });
  });

  it('writes no secret to stderr', () => {
    const { redshift, s3, snowflake } = run.description;
    for (const secret of [redshift?.password, s3?.secretAccessKey, snowflake.password, snowflake.token]) {
      expect(secret?.length).toBeGreaterThan(5);
      expect(run.stderr()).not.toContain(secret);
    }
  });

  it('fails on purpose when a line on its standard input says so, and tells when it did', async () => {
    const fault = { kind: 'error', code: '000603', message: 'on purpose' };
    const plan = { seed: 1, rules: [{ target: 'snowflake', where: { sql: 'SELECT 42*' }, times: 1, fault }] };
    run.process.stdin?.write(`${JSON.stringify({ faults: plan })}\n`);
    await vi.waitFor(() => expect(run.stdout()).toContain('{"faults":"set"}\n'), { timeout: 30_000, interval: 20 });
    const { accessUrl, account, user, password } = run.description.snowflake;
    const login = { accessUrl, account, username: user, password };
    await expect(runSnowflakeSql(login, ['SELECT 42 AS N'])).rejects.toThrow(/on purpose/);
    expect(await runSnowflakeSql(login, ['SELECT 42 AS N'])).toEqual([[{ N: 42 }]]);
    const last = JSON.parse(run.stdout().trimEnd().split('\n').at(-1) ?? '') as { fired: { info: { sql: string } } };
    expect(last.fired.info.sql).toBe('SELECT 42 AS N');
  });

  it('stops when its standard input is closed, and leaves nothing behind', async () => {
    expect(readdirSync(data).length).toBeGreaterThan(0);
    run.process.stdin?.end();
    expect(await run.ended).toBe(0);
    await expectGone(run);
    expect(readdirSync(data)).toEqual([]);
  });
});

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('by %s ends every process', async (signal) => {
    const run = await start(['--scale', '0.001']);
    run.process.kill(signal);
    await expectGone(run);
  });

  it('before it is ready ends what was started', async () => {
    const { child, text, ended } = launch(['--scale', '1'], 'ignore');
    await vi.waitFor(() => expect(text.err).toContain('Redshift is up.'), { timeout: 30_000, interval: 50 });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(text.out).toBe('');
  });
});

describe('bad arguments', () => {
  it.each([
    [['--scale', 'big'], /--scale takes a number/],
    [['--data-dir', directory], /is not empty/],
  ])('%j end with code 2 and a sentence', async (args, message) => {
    writeFileSync(join(directory, 'file'), '');
    const { ended, text } = launch(args, 'ignore');
    expect(await ended).toBe(2);
    expect(text.err).toMatch(message);
    expect(text.out).toBe('');
  });
});
