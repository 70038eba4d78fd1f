import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import pg from 'pg';
import { createIam } from '../aws/iam.ts';
import type { Iam, IamRole } from '../aws/iam.ts';
import { bucketPolicy, policy, principalTrust, serviceTrust, unloadRolePolicy } from '../aws/policy-presets.ts';
import { startS3 } from '../s3/server.ts';
import type { S3StandIn } from '../s3/server.ts';
import { createTemporaryDatabaseCredentials } from '../aws/temporary-database-credentials.ts';
import type { TemporaryDatabaseCredentialStore } from '../aws/temporary-database-credentials.ts';
import { startRedshift } from './server.ts';
import type { RedshiftOptions, RedshiftStandIn } from './server.ts';

/** Redshift, S3 and an account for the tests of this folder. */
export interface PracticeFixture {
  readonly redshift: RedshiftStandIn;
  readonly s3: S3StandIn;
  readonly iam: Iam;
  readonly roles: Record<'unload' | 'noPut' | 'stranger' | 'untrusting' | 'chainStart' | 'chainEnd', IamRole>;
  readonly temporaryCredentials: TemporaryDatabaseCredentialStore;
  /** A client of node-postgres that has connected, with every value as text. */
  connect(options?: { user?: string; caseSensitive?: boolean; ssl?: pg.ClientConfig['ssl'] }): Promise<pg.Client>;
  /** Parquet files under a prefix, read by DuckDB: every value as text. */
  readParquet(prefix: string): Promise<{ names: string[]; types: string[]; rows: (string | null)[][] }>;
  close(): Promise<void>;
}

export async function startFixture(options: Partial<RedshiftOptions> = {}): Promise<PracticeFixture> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sf-redshift-test-'));
  const iam = createIam({ accountId: '123456789012' });
  const trust = serviceTrust('redshift.amazonaws.com');
  const chainStart = iam.addRole({
    name: 'ChainStart',
    trust,
    policies: [policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })],
  });
  const roles = {
    unload: iam.addRole({ name: 'Unload', trust, policies: [unloadRolePolicy('lake'), unloadRolePolicy('far-lake')] }),
    noPut: iam.addRole({ name: 'NoPut', trust, policies: [bucketPolicy('lake', ['s3:ListBucket', 's3:GetObject'])] }),
    stranger: iam.addRole({ name: 'Stranger', trust, policies: [unloadRolePolicy('lake')] }),
    untrusting: iam.addRole({
      name: 'Untrusting',
      trust: serviceTrust('ec2.amazonaws.com'),
      policies: [unloadRolePolicy('lake')],
    }),
    chainStart,
    chainEnd: iam.addRole({
      name: 'ChainEnd',
      trust: principalTrust(chainStart.arn),
      policies: [unloadRolePolicy('lake')],
    }),
  };
  const s3 = await startS3({
    dataDirectory: path.join(directory, 's3'),
    region: 'us-east-1',
    buckets: [{ name: 'lake' }, { name: 'far-lake', region: 'eu-central-1' }],
    identities: iam,
  });
  const temporaryCredentials = createTemporaryDatabaseCredentials();
  const redshift = await startRedshift({
    iam,
    associatedRoleArns: [roles.unload.arn, roles.noPut.arn, roles.untrusting.arn, chainStart.arn],
    defaultRoleArn: roles.unload.arn,
    s3Endpoint: s3.endpoint,
    region: 'us-east-1',
    temporaryCredentials,
    ...options,
  });
  const clients: pg.Client[] = [];
  const asText = { getTypeParser: () => (value: string | Buffer) => String(value) };
  return {
    redshift,
    s3,
    iam,
    roles,
    temporaryCredentials,
    connect: async ({ user = 'awsuser', caseSensitive = false, ssl = false } = {}) => {
      const { host, port, database } = redshift;
      const client = new pg.Client({
        host,
        port,
        database,
        user,
        password: 'Practice1',
        ssl,
        types: asText as unknown as pg.CustomTypesConfig,
      });
      client.on('error', () => undefined);
      await client.connect();
      clients.push(client);
      if (caseSensitive) await client.query('SET enable_case_sensitive_identifier TO true');
      return client;
    },
    readParquet: (prefix) => readParquet(s3, prefix, directory),
    close: async () => {
      for (const client of clients) await client.end().catch(() => undefined);
      await redshift.close();
      await s3.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function readParquet(
  s3: S3StandIn,
  prefix: string,
  directory: string,
): ReturnType<PracticeFixture['readParquet']> {
  const target = mkdtempSync(path.join(directory, 'parquet-'));
  for (const { key } of s3.listObjects('lake', prefix)) {
    if (key.endsWith('.parquet'))
      writeFileSync(path.join(target, key.replaceAll('/', '!')), await s3.readObject('lake', key));
  }
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${target}/*.parquet')`);
    const columns = (described.getRowsJson() as string[][]).map(([name = '', type = '']) => ({ name, type }));
    // As bytes: the client library drops a byte order mark at the beginning of a text.
    const list = columns.map(({ name }) => `hex("${name.replaceAll('"', '""')}"::VARCHAR)`).join(', ');
    const read = await connection.runAndReadAll(`SELECT ${list} FROM read_parquet('${target}/*.parquet')`);
    return {
      names: columns.map(({ name }) => name),
      types: columns.map(({ type }) => type),
      rows: read.getRowsJson().map((row) => row.map(fromHex)),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function fromHex(hex: unknown): string | null {
  return typeof hex === 'string' ? Buffer.from(hex, 'hex').toString('utf8') : null;
}
