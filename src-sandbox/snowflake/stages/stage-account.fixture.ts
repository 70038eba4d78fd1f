import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'snowflake-sdk';
import { startControlPlane } from '../../aws/control-plane.ts';
import { createTemporaryDatabaseCredentials } from '../../aws/temporary-database-credentials.ts';
import {
  createPracticeAccount,
  PRACTICE_BUCKET,
  PRACTICE_REGION,
  toKeys,
  trustSnowflake,
} from '../../practice-account.ts';
import type { PracticeAccount } from '../../practice-account.ts';
import type { S3StandIn } from '../../s3/server.ts';
import { startS3 } from '../../s3/server.ts';
import type { SnowflakeStandIn } from '../server.ts';
import { startSnowflake } from '../server.ts';

export interface QueryAnswer {
  names: string[];
  /** Every value as text, NULL as null. */
  rows: (string | null)[][];
}

/** A Snowflake account with an empty schema and a bucket beside it, used through the vendor's driver. */
export interface StageAccount {
  account: PracticeAccount;
  s3: S3StandIn;
  server: SnowflakeStandIn;
  /** A session of its own in DB.S as ACCOUNTADMIN, or as the role given. */
  connect(role?: string): Promise<StageSession>;
  /** The session that is there from the start. */
  sql(text: string): Promise<QueryAnswer>;
  /** The error that a statement ends with. @throws when it succeeds */
  refusal(text: string): Promise<{ code: string; sqlState: string; message: string }>;
  /** Puts text or bytes onto a stage under exactly this name, through PUT. */
  put(stage: string, name: string, contents: string | Buffer): Promise<void>;
  /** Lets the practice role trust the external id of an integration. */
  trust(integration: string): Promise<void>;
  close(): Promise<void>;
}

export interface StageSession {
  sql(text: string): Promise<QueryAnswer>;
  connection: Connection;
}

/** Starts both endpoints on free ports. */
export async function startStageAccount(): Promise<StageAccount> {
  const directory = mkdtempSync(join(tmpdir(), 'stage-account-'));
  const account = createPracticeAccount();
  const s3 = await startS3({
    dataDirectory: join(directory, 's3'),
    region: PRACTICE_REGION,
    buckets: [{ name: PRACTICE_BUCKET, region: PRACTICE_REGION }],
    identities: account.iam,
  });
  const credentials = createTemporaryDatabaseCredentials();
  const controlPlane = await startControlPlane({ iam: account.iam, credentials, clusters: [], workgroups: [] });
  const server = await startSnowflake({
    users: [{ name: 'ADA', password: 'Right-1', roles: ['ACCOUNTADMIN', 'LOADER'], defaultRole: 'ACCOUNTADMIN' }],
    s3: {
      endpoint: s3.endpoint,
      region: PRACTICE_REGION,
      stsEndpoint: controlPlane.endpoint,
      iamUser: { arn: account.users.snowflake.arn, ...toKeys(account.users.snowflake) },
    },
  });
  const connections: Connection[] = [];
  const connect = async (role = 'ACCOUNTADMIN'): Promise<StageSession> => {
    const connection = await openConnection(server, role);
    connections.push(connection);
    return { connection, sql: (text) => execute(connection, text) };
  };
  const session = await connect();
  for (const text of ['CREATE WAREHOUSE WH', 'CREATE DATABASE DB', 'CREATE SCHEMA S']) {
    await session.sql(text);
  }
  let files = 0;
  return {
    account,
    s3,
    server,
    connect,
    sql: session.sql,
    refusal: (text) => refusalOf(() => session.sql(text)),
    put: async (stage, name, contents) => {
      const folder = join(directory, `put-${(files += 1)}`);
      const at = name.lastIndexOf('/');
      const file = join(folder, name.slice(at + 1));
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, contents);
      const target = at < 0 ? stage : `${stage}/${name.slice(0, at)}`;
      await session.sql(`PUT 'file://${file}' ${target} AUTO_COMPRESS=FALSE OVERWRITE=TRUE`);
    },
    trust: async (integration) => {
      const { rows } = await session.sql(`DESC INTEGRATION ${integration}`);
      trustSnowflake(account, rows.find(([property]) => property === 'STORAGE_AWS_EXTERNAL_ID')?.[2] ?? '');
    },
    close: async () => {
      for (const connection of connections) {
        await new Promise<void>((resolve) => connection.destroy(() => resolve()));
      }
      await server.close();
      await controlPlane.close();
      await s3.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The error that `work` ends with. @throws when it succeeds */
export async function refusalOf(
  work: () => Promise<unknown>,
): Promise<{ code: string; sqlState: string; message: string }> {
  try {
    await work();
  } catch (error) {
    const { code, sqlState, message } = error as { code: string | number; sqlState: string; message: string };
    return { code: String(code).padStart(6, '0'), sqlState, message };
  }
  throw new Error('the statement was accepted');
}

async function openConnection(server: SnowflakeStandIn, role: string): Promise<Connection> {
  // Read when the driver is loaded: no look around for a cloud's metadata service, no native add-on, no telemetry.
  process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true';
  process.env['SNOWFLAKE_DISABLE_MINICORE'] = '1';
  process.env['SF_TELEMETRY_DISABLE_CONNECTION_SHAPE'] = '1';
  const { default: snowflake } = await import('snowflake-sdk');
  snowflake.configure({ logLevel: 'OFF', useEnvProxy: false });
  const connection = snowflake.createConnection({
    accessUrl: server.accessUrl,
    account: server.account,
    username: 'ADA',
    password: 'Right-1',
    role,
    warehouse: 'WH',
    database: 'DB',
    schema: 'S',
    sfRetryMaxLoginRetries: 1,
    clientConfigFile: '',
    fetchAsString: ['Number', 'Date', 'Boolean', 'JSON', 'Buffer'],
  });
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

function execute(connection: Connection, sqlText: string): Promise<QueryAnswer> {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      rowMode: 'array',
      complete: (error, statement, rows) => {
        if (error) {
          reject(error);
          return;
        }
        const columns = statement.getColumns() ?? [];
        const isText = columns.map((column) => column.isString());
        // Asked for text, the driver gives "NULL" for the NULLs of other types.
        const cells = (row: unknown): (string | null)[] =>
          Object.values(row as object).map((value, i) => (value === 'NULL' && !isText[i] ? null : asText(value)));
        resolve({ names: columns.map((column) => column.getName()), rows: (rows ?? []).map(cells) });
      },
    });
  });
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
