import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Closers } from './closers.ts';
import type { FaultPlan, FiredFault } from './faults.ts';
import { PRACTICE_BUCKET, PRACTICE_REGION, toKeys, trustSnowflake } from './practice-account.ts';
import { runSnowflakeSql } from './run-snowflake-sql.ts';
import type { SnowflakeLogin } from './run-snowflake-sql.ts';
import type { SnowflakeDescription } from './sandbox-description.ts';
import type { SnowflakeChildOptions } from './snowflake-child.ts';
import type { PracticeAws } from './start-aws.ts';
import { startChild } from './start-child.ts';

const ACCOUNT = 'PRACTICE';
const ADMIN = { username: 'ADMIN', password: 'Practice-Admin-1' };
const USER = 'SNOWFERRY';
const PASSWORD = 'Practice-Snowferry-1';
/** May use the warehouse, and nothing in the practice database. */
const POWERLESS = { user: 'POWERLESS', password: 'Practice-Powerless-1', role: 'POWERLESS' };
const ROLE = 'MIGRATOR';
const WAREHOUSE = 'MIGRATION_WH';
const DATABASE = 'PRACTICE';
const SCHEMA = 'TPCH';
const TYPES_SCHEMA = 'TYPES';
const INTEGRATION = 'S3_PRACTICE';
const STAGE = 'MIGRATION_STAGE';
const STAGE_URL = `s3://${PRACTICE_BUCKET}/`;

type SnowflakeTarget = {
  description: SnowflakeDescription;
  processId: number;
  setFaults(plan: FaultPlan): void;
};

/** Starts the Snowflake endpoint in a process of its own and sets it up with SQL over the vendor's driver, as an administrator would. */
export async function startSnowflakeTarget(options: {
  dataDirectory: string;
  /** Null: no external stage. */
  aws: PracticeAws | null;
  faultPlan: FaultPlan;
  onFired: (fault: FiredFault) => void;
  closers: Closers;
  log: (line: string) => void;
}): Promise<SnowflakeTarget> {
  const { aws, closers, log } = options;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const token = `practice-${randomBytes(32).toString('base64url')}`;
  const child = await startChild<{ accessUrl: string }>({
    module: new URL('./snowflake-child.ts', import.meta.url),
    options: toChildOptions({ ...options, publicKey, token }),
    log: (line) => log(`snowflake: ${line}`),
    onReport: (value) => options.onFired(value as FiredFault),
    onUnexpectedExit: (reason) => log(`The Snowflake endpoint ended: ${reason}.`),
  });
  closers.add(() => child.close());
  log('Snowflake is up.');
  const { accessUrl } = child.value;
  const admin: SnowflakeLogin = { accessUrl, account: ACCOUNT, ...ADMIN, role: 'ACCOUNTADMIN' };
  await runSnowflakeSql(admin, accountStatements());
  if (aws) await addStage(admin, aws);
  log('Snowflake is set up.');
  const description: SnowflakeDescription = {
    accessUrl,
    account: ACCOUNT,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    schema: SCHEMA,
    warehouse: WAREHOUSE,
    role: ROLE,
    ...(aws ? { stage: STAGE, stageUrl: STAGE_URL, storageIntegration: INTEGRATION } : {}),
    token,
    privateKey,
    powerless: POWERLESS,
    admin: { user: ADMIN.username, password: ADMIN.password, role: 'ACCOUNTADMIN' },
  };
  return { description, processId: child.processId, setFaults: (plan) => child.tell(plan) };
}

function toChildOptions(input: {
  dataDirectory: string;
  aws: PracticeAws | null;
  faultPlan: FaultPlan;
  publicKey: string;
  token: string;
}): SnowflakeChildOptions {
  const { aws, publicKey, token } = input;
  return {
    options: {
      account: ACCOUNT,
      dataDirectory: join(input.dataDirectory, 'snowflake'),
      users: [
        { name: ADMIN.username, password: ADMIN.password, roles: ['ACCOUNTADMIN'], defaultRole: 'ACCOUNTADMIN' },
        {
          name: USER,
          password: PASSWORD,
          rsaPublicKey: publicKey,
          programmaticAccessTokens: [{ token }],
          roles: [ROLE],
          defaultRole: ROLE,
          defaultWarehouse: WAREHOUSE,
        },
        { name: POWERLESS.user, password: POWERLESS.password, roles: [POWERLESS.role], defaultRole: POWERLESS.role },
      ],
      ...(aws
        ? {
            s3: {
              endpoint: aws.s3.endpoint,
              region: PRACTICE_REGION,
              stsEndpoint: aws.controlPlane.endpoint,
              iamUser: { arn: aws.account.users.snowflake.arn, ...toKeys(aws.account.users.snowflake) },
            },
          }
        : {}),
    },
    faultPlan: input.faultPlan,
  };
}

function accountStatements(): string[] {
  return [
    `CREATE ROLE IF NOT EXISTS ${ROLE}`,
    `CREATE ROLE IF NOT EXISTS ${POWERLESS.role}`,
    `CREATE WAREHOUSE IF NOT EXISTS ${WAREHOUSE} WAREHOUSE_SIZE = XSMALL`,
    `CREATE DATABASE IF NOT EXISTS ${DATABASE}`,
    `CREATE SCHEMA IF NOT EXISTS ${DATABASE}.${SCHEMA}`,
    `CREATE SCHEMA IF NOT EXISTS ${DATABASE}.${TYPES_SCHEMA}`,
    `GRANT USAGE, OPERATE ON WAREHOUSE ${WAREHOUSE} TO ROLE ${ROLE}`,
    `GRANT USAGE ON WAREHOUSE ${WAREHOUSE} TO ROLE ${POWERLESS.role}`,
    `GRANT ALL PRIVILEGES ON DATABASE ${DATABASE} TO ROLE ${ROLE}`,
    `GRANT ALL PRIVILEGES ON SCHEMA ${DATABASE}.${SCHEMA} TO ROLE ${ROLE}`,
    `GRANT ALL PRIVILEGES ON SCHEMA ${DATABASE}.${TYPES_SCHEMA} TO ROLE ${ROLE}`,
    // The ledger's database is made by the first run.
    `GRANT CREATE DATABASE ON ACCOUNT TO ROLE ${ROLE}`,
  ];
}

/** https://docs.snowflake.com/en/user-guide/data-load-s3-config-storage-integration, steps 3 to 6 */
async function addStage(admin: SnowflakeLogin, aws: PracticeAws): Promise<void> {
  const [, described] = await runSnowflakeSql(admin, [
    `CREATE STORAGE INTEGRATION ${INTEGRATION} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
     STORAGE_AWS_ROLE_ARN = '${aws.account.roles.storage.arn}' STORAGE_ALLOWED_LOCATIONS = ('${STAGE_URL}')`,
    `DESC INTEGRATION ${INTEGRATION}`,
  ]);
  const externalId = described?.find((row) => row['property'] === 'STORAGE_AWS_EXTERNAL_ID')?.['property_value'];
  if (typeof externalId !== 'string') throw new Error('DESC INTEGRATION shows no STORAGE_AWS_EXTERNAL_ID');
  trustSnowflake(aws.account, externalId);
  await runSnowflakeSql(admin, [
    `GRANT USAGE ON INTEGRATION ${INTEGRATION} TO ROLE ${ROLE}`,
    `CREATE STAGE ${DATABASE}.${SCHEMA}.${STAGE} URL = '${STAGE_URL}' STORAGE_INTEGRATION = ${INTEGRATION}`,
    `GRANT USAGE ON STAGE ${DATABASE}.${SCHEMA}.${STAGE} TO ROLE ${ROLE}`,
    `LIST @${DATABASE}.${SCHEMA}.${STAGE}`,
  ]);
}
